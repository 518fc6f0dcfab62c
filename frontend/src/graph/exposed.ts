/** Fields of inner nodes that a block offers on its instances, and copies of a block's definition. */
import type { Edit, FieldInfo, LayerInfo } from "../wire/types";
import { remove, set } from "./apply";
import {
  type Document,
  type Exposed,
  exposing,
  type Json,
  nodesOf,
  positionKey,
  positionsOf,
  rootOf,
  type Scope,
  targetsOf,
} from "./document";
import { freeId } from "./ids";

/** The key under which a block offers a node's field; null where it does not. */
export function exposedAs(document: Document, scope: Scope, node: string, field: string): string | null {
  for (const [key, exposed] of Object.entries((scope && document.blocks?.[scope]?.exposed) || {})) {
    if (targetsOf(exposed).some((each) => each.node === node && each.field === field)) return key;
  }
  return null;
}

/** Offers a node's field on the instances, or takes the offer back with the values that instances gave. */
export function expose(document: Document, scope: Scope, node: string, field: string, title: string): Edit[] {
  const block = document.blocks?.[scope];
  if (!scope || !block) return [];
  const path = ["blocks", scope, "exposed"];
  const key = exposedAs(document, scope, node, field);
  if (key === null) {
    const name = freeId(field, (id) => id in (block.exposed ?? {}));
    return [set([...path, name], { node, field, title: title.slice(0, 80), others: [] })];
  }
  const exposed = block.exposed?.[key] as Exposed;
  const left = exposing(
    exposed,
    targetsOf(exposed).filter((each) => each.node !== node || each.field !== field),
  );
  if (left) return [set([...path, key], left)];
  const given = ["", ...Object.keys(document.blocks ?? {})].flatMap((at) =>
    Object.entries(nodesOf(document, at))
      .filter(([, each]) => each.block === scope && each.fields && key in each.fields)
      .map(([id]) => remove([...rootOf(at), "nodes", id, "fields", key])),
  );
  return [...given, remove([...path, key])];
}

/** A field that is offered already and that a node's field of the same name could follow; null where there is none. */
export function leader(document: Document, scope: Scope, node: string, field: string): string | null {
  if (exposedAs(document, scope, node, field) !== null) return null;
  const offered = Object.entries((scope && document.blocks?.[scope]?.exposed) || {});
  return offered.find(([, exposed]) => exposed.field === field)?.[0] ?? null;
}

/** Lets a node's field follow one that is offered already: one rate for three Dropouts. */
export function follow(document: Document, scope: Scope, key: string, node: string, field: string): Edit[] {
  const exposed = document.blocks?.[scope]?.exposed?.[key];
  const next = exposed && exposing(exposed, [...targetsOf(exposed), { node, field }]);
  return next ? [set(["blocks", scope, "exposed", key], next)] : [];
}

export interface Offer {
  key: string;
  field: FieldInfo;
  /** What stands inside where the instance says nothing. */
  inner: Json | undefined;
}

/** What a block offers on its instances, with the forms of the fields; through blocks inside it too. */
export function offers(document: Document, block: string, layers: ReadonlyMap<string, LayerInfo>, deep = 0): Offer[] {
  const { exposed = {}, nodes = {} } = document.blocks?.[block] ?? {};
  return Object.entries(exposed).flatMap(([key, { node, field, title }]) => {
    const inner = nodes[node];
    if (!inner) return [];
    if (inner.type === "block") {
      const below = deep < 16 && inner.block ? offers(document, inner.block, layers, deep + 1) : [];
      const found = below.find((each) => each.key === field);
      if (!found) return [];
      const named = { ...found.field, name: key, title: title || found.field.title };
      return [{ key, field: named, inner: inner.fields?.[field] ?? found.inner }];
    }
    const info = layers.get(inner.type)?.fields.find((each) => each.name === field);
    if (!info) return [];
    const value = inner.fields?.[field] ?? (info.default as Json);
    return [{ key, field: { ...info, name: key, title: title || info.title }, inner: value }];
  });
}

/** How many instances of a block stand on the board. */
export const usesOf = (document: Document, block: string): number =>
  ["", ...Object.keys(document.blocks ?? {})].reduce(
    (count, scope) => count + Object.values(nodesOf(document, scope)).filter((node) => node.block === block).length,
    0,
  );

/** A definition of its own for one instance; empty where it has no other to share with. */
export function fork(document: Document, scope: Scope, id: string, mark = ""): Edit[] {
  const name = nodesOf(document, scope)[id]?.block ?? "";
  const block = document.blocks?.[name];
  if (!block || usesOf(document, name) < 2) return [];
  const copy = freeId(name, (each) => each in (document.blocks ?? {}), mark);
  const nodes = Object.fromEntries(
    Object.entries(block.nodes ?? {}).map(([inner, node]) => [inner, { fields: {}, ...node }]),
  );
  const positions = positionsOf(document);
  return [
    set(["blocks", copy], { edges: {}, exposed: {}, ...block, nodes }),
    ...Object.keys(nodes).flatMap((inner) => {
      const point = positions[positionKey(name, inner)];
      return point ? [set(["drawing", "positions", positionKey(copy, inner)], point)] : [];
    }),
    set([...rootOf(scope), "nodes", id, "block"], copy),
  ];
}
