import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import page from "../page.module.css";
import { go } from "../router";

/** The bar of a page of classes: where one came from, what it is called, what can be done. */
export function Top({ back, label, children }: { back: string; label: string; children: ReactNode }) {
  return (
    <header className={page.top}>
      <a
        href={back}
        className={page.back}
        aria-label={label}
        title={label}
        onClick={(event) => {
          event.preventDefault();
          go(back);
        }}
      >
        <ArrowLeft size={18} aria-hidden />
      </a>
      {children}
    </header>
  );
}
