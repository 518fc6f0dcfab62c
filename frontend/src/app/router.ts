import { useSyncExternalStore } from "react";

/** Three pages: the gallery, a board, and the reference of all layers. */
export type Route = { page: "gallery" } | { page: "layers" } | { page: "board"; id: string } | { page: "unknown" };

export function parse(path: string): Route {
  if (path === "/") return { page: "gallery" };
  if (/^\/layers\/?$/.test(path)) return { page: "layers" };
  const board = /^\/b\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path);
  return board?.[1] ? { page: "board", id: board[1] } : { page: "unknown" };
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

/** Goes to a page without loading it anew. */
export function go(path: string): void {
  window.history.pushState(null, "", path);
  for (const listener of listeners) listener();
}

export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => window.location.pathname);
  return parse(path);
}
