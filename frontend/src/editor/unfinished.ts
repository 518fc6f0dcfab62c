/** What is merely not finished yet is no mistake, and is said quietly. */
export const UNFINISHED = new Set(["missing_input", "dangling", "no_loss", "no_data"]);
