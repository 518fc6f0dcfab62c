import { useComputedColorScheme } from "@mantine/core";
import type { Theme } from "../charts/colours";
import type { NodeFacts } from "../wire/types";

/** What every view is given: whose output it shows, and how much room there is. */
export interface ViewProps {
  /** The node's path, e.g. `encoder/0/attention`. */
  node: string;
  /** The node's name as the canvas shows it. */
  title: string;
  facts: NodeFacts;
  /** A whole screen instead of a part of the dock. */
  large: boolean;
  /** Beside other pictures in the overview: no controls of its own. */
  brief?: boolean;
}

export const useTheme = (): Theme => useComputedColorScheme("light");
