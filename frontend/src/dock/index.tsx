/** Below the canvas: curves and live views. */
export function Dock() {
  return <section data-testid="dock" />;
}

/** In the bar above the canvas: Train, and what can be done while it runs. */
export function TrainControls() {
  return null;
}
