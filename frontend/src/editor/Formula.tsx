import { useEffect, useRef } from "react";

let katex: Promise<typeof import("katex")> | null = null;

/** KaTeX and its style come with the first formula. */
function load() {
  katex ??= Promise.all([import("katex"), import("katex/dist/katex.min.css")]).then(([module]) => module);
  return katex;
}

/** A formula; until KaTeX is there its source stands in its place, unseen, so that nothing jumps. */
export function Formula({ text, label }: { text: string; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let wanted = true;
    void load().then(({ default: tex }) => {
      // Built node by node: a style in markup would be against the page's content policy.
      if (wanted && box.current) {
        tex.render(text, box.current, { throwOnError: false, displayMode: false, output: "htmlAndMathml" });
      }
    });
    return () => {
      wanted = false;
    };
  }, [text]);
  return (
    <div
      ref={box}
      role="math"
      aria-label={label}
      style={{ minHeight: "1.6em", overflowX: "auto", overflowY: "hidden" }}
    />
  );
}
