import { useEffect } from "react";

/** Marks the page as ready (`data-app-ready` on the root) when its content and its fonts are there and drawn. */
export function useReady(content: boolean): void {
  useEffect(() => {
    if (!content) return;
    let wanted = true;
    const root = document.documentElement;
    const fonts = ["400 14px 'Inter Variable'", "600 14px 'Inter Variable'", "500 12px 'JetBrains Mono Variable'"];
    void Promise.all(fonts.map((font) => document.fonts.load(font))).then(() => {
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (wanted) root.dataset.appReady = "";
        }),
      );
    });
    return () => {
      wanted = false;
      delete root.dataset.appReady;
    };
  }, [content]);
}
