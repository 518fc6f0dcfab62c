/** The server's HTTP interface for classes. */
import { ask } from "./http";
import type { ClassInfo, HandoutKind, ReturnCard, Revision } from "./types";

const at = (id: string) => `/api/classes/${encodeURIComponent(id)}`;
const member = (id: string, person: string) => `${at(id)}/members/${encodeURIComponent(person)}`;

export interface ClassChange {
  title?: string;
  locked?: boolean;
  by_hand?: boolean;
  frozen?: boolean;
  keep_days?: number;
  /** A new code that lets people in for so many hours; 0: no code. */
  code_hours?: number;
}

export const classes = () => ask<ClassInfo[]>("GET", "/api/classes");
export const newClass = (title: string) => ask<ClassInfo>("POST", "/api/classes", { title });
export const joinClass = (code: string, name: string) => ask<ClassInfo>("POST", "/api/classes/join", { code, name });
export const comeBack = (code: string, words: string[]) =>
  ask<ClassInfo>("POST", "/api/classes/return", { code, words });
export const changeClass = (id: string, change: ClassChange) => ask<ClassInfo>("PATCH", at(id), change);
export const endClass = (id: string) => ask<void>("DELETE", at(id));
export const leaveClass = (id: string) => ask<void>("POST", `${at(id)}/leave`);
export const changeMember = (
  id: string,
  person: string,
  change: { name?: string; standing?: "in" | "removed"; role?: "helper" | "pupil" },
) => ask<void>("PATCH", member(id, person), change);
export const returnCard = (id: string, person: string) => ask<ReturnCard>("POST", `${member(id, person)}/card`);
export const light = (id: string, board: string, named: boolean) =>
  ask<ClassInfo>("PUT", `${at(id)}/spotlight`, { board, named });
export const darken = (id: string) => ask<ClassInfo>("DELETE", `${at(id)}/spotlight`);
export const handOut = (
  id: string,
  what: { board?: string; gallery?: string; kind: HandoutKind; groups?: string[][] },
) => ask<ClassInfo>("POST", `${at(id)}/handouts`, what);
export const handOutChange = (id: string, handout: string, what: { board?: string; gallery?: string }) =>
  ask<Revision>("POST", `${at(id)}/handouts/${encodeURIComponent(handout)}/change`, what);
export const takeBack = (id: string, handout: string) =>
  ask<ClassInfo>("DELETE", `${at(id)}/handouts/${encodeURIComponent(handout)}`);
