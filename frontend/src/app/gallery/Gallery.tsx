/** The page that one starts from. */
export function Gallery() {
  return <main data-testid="gallery" />;
}
