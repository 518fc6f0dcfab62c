/** The small live picture on a node; `node` is its path (`encoder/0/attention`). Fills the width and 28 px of height. */
export function NodeThumbnail(_: { node: string }) {
  return null;
}
