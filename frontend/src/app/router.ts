import { useSyncExternalStore } from "react";

/** The gallery, a board, a board beside another, a board's runs, the reference of all layers, worked examples, all data, and one data set. */
export type Route =
  | { page: "gallery" }
  | { page: "layers" }
  | { page: "learn"; id: string }
  | { page: "data" }
  | { page: "dataSet"; id: string }
  | { page: "board"; id: string }
  | { page: "compare"; id: string }
  | { page: "runs"; id: string }
  | { page: "classes" }
  | { page: "join"; code: string }
  | { page: "class"; id: string }
  | { page: "unknown" };

export function parse(path: string): Route {
  if (path === "/") return { page: "gallery" };
  if (/^\/layers\/?$/.test(path)) return { page: "layers" };
  const [learning, card] = /^\/learn(?:\/([a-z0-9-]{1,40}))?\/?$/.exec(path) ?? [];
  if (learning) return { page: "learn", id: card ?? "" };
  if (/^\/data\/?$/.test(path)) return { page: "data" };
  const [, set] = /^\/data\/([a-z0-9-]{1,32})\/?$/.exec(path) ?? [];
  if (set) return { page: "dataSet", id: set };
  if (/^\/classes\/?$/.test(path)) return { page: "classes" };
  const [whole, code = ""] = /^\/join(?:\/([A-Za-z0-9]{1,12}))?\/?$/.exec(path) ?? [];
  if (whole) return { page: "join", code };
  const [, klass] = /^\/class\/([a-z0-9]{1,32})\/?$/.exec(path) ?? [];
  if (klass) return { page: "class", id: klass };
  const [, id, beside] = /^\/b\/([A-Za-z0-9_-]{1,64})(\/compare|\/runs)?\/?$/.exec(path) ?? [];
  return id ? { page: beside === "/compare" ? "compare" : beside ? "runs" : "board", id } : { page: "unknown" };
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

/** Calls the page where one is by another address; the way back leads past it. */
export function call(path: string): void {
  window.history.replaceState(null, "", path);
  for (const listener of listeners) listener();
}

/** What stands behind the question mark under a name; empty where nothing does. */
export function useAsked(name: string): string {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  return new URLSearchParams(search).get(name) ?? "";
}

export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => window.location.pathname);
  return parse(path);
}
