/** A board in the spotlight comes on every pupil's screen, and goes again: back to where they were. */
import { useEffect } from "react";
import type { ClassInfo } from "../../wire/types";
import { go } from "../router";

const KEPT = "chalknet-before-spotlight";

function kept(path?: string | null): string {
  try {
    if (path === null) window.sessionStorage.removeItem(KEPT);
    else if (path !== undefined) window.sessionStorage.setItem(KEPT, path);
    return window.sessionStorage.getItem(KEPT) ?? "";
  } catch {
    // A browser may forbid the page to keep anything: then one stays on the board.
    return "";
  }
}

/** Goes back to where one was before the spotlight; false: there was none. */
export function backFromSpotlight(): boolean {
  const before = kept();
  kept(null);
  if (!before || before === window.location.pathname) return false;
  go(before);
  return true;
}

/** Follows the class's spotlight from wherever a page of the class is open. */
export function useSpotlight(info: ClassInfo): void {
  const lit = info.role === "pupil" ? (info.spotlight?.board ?? "") : "";
  useEffect(() => {
    const path = window.location.pathname;
    if (!lit) backFromSpotlight();
    else if (path !== `/b/${lit}`) {
      if (!kept()) kept(path);
      go(`/b/${lit}`);
    }
  }, [lit]);
}
