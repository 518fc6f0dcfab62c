import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Indigo; shade 8 is the one that white text may stand on. */
const indigo: MantineColorsTuple = [
  "#eef1fe",
  "#dde3fb",
  "#b9c4f6",
  "#93a3f1",
  "#7386ec",
  "#5f74e8",
  "#4f66e4",
  "#4560de",
  "#3b55d9",
  "#3149c2",
];

/** Mantine in our colours: every colour that carries text comes from tokens.css. */
export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: 8,
  colors: { indigo },
  fontFamily: "var(--font-sans)",
  fontFamilyMonospace: "var(--font-mono)",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});
