/** What the board's page takes from here. */
export { NodeThumbnail } from "../views/NodeThumbnail";
export { Dock } from "./Dock";
export { RunControls } from "./RunControls";
