import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "@mantine/core/styles.css";
import "../theme/tokens.css";
import "../theme/mantine.css";
import "../theme/base.css";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { startWords } from "./words";

startWords();
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
