// What Python sends to the canvas, and what the canvas asks of it.

import type { Doc } from "./document.ts";
import type { Spec } from "./graph.ts";
import type { Words } from "./words.ts";

// A version of the flow as the server keeps it. A new flow has no tag yet.
export interface Kept {
  tag: string | null;
  version: number | null;
  by: string;
  at: string;
  doc: Doc;
}

export interface Entry {
  name: string;
  uri: string;
  folder: boolean;
}

export interface ModelEntry {
  name: string;
  version: number;
  about: string;
}

export interface Palette {
  data: Entry[];
  mine: ModelEntry[];
  shared: ModelEntry[];
}

export interface CanvasData {
  role: "canvas";
  flow: string;
  user: string;
  height: number;
  dark: boolean;
  words: Words;
  kept: Kept;
  specs: Spec[];
  palette: Palette;
}

export interface Problem {
  node: string | null;
  field: string | null;
  message: string;
}

export interface StepLive {
  state: string;
  progress: number | null;
  why: string;
  took: string;
}

export interface Live {
  run: string;
  state: string;
  isOver: boolean;
  why: string;
  nodes: Record<string, StepLive>;
}

export interface Estimate {
  took: string;
  cost: string;
  unknown: string[];
  skipped: string[];
}

export type Reply = { id: string } & (
  | { kind: "checked"; revision: number; problems: Problem[]; text: string | null }
  | { kind: "saved"; kept: Kept }
  | { kind: "changed"; kept: Kept; during: string }
  | { kind: "estimated"; estimate: Estimate }
  | { kind: "started"; run: string; kept: Kept }
  | { kind: "read"; doc: Doc | null; problems: Problem[] }
  | { kind: "listed"; uri: string; entries: Entry[] }
  | { kind: "done" }
  | { kind: "failed"; message: string; problems: Problem[] }
);

export interface AnswerData {
  role: "answer";
  flow: string;
  user: string;
  reply: Reply | null;
  live: Live | null;
}

export interface Selection {
  from?: string;
  to?: string;
  only?: string;
}

export type Question =
  | { kind: "check"; doc: Doc; revision: number; selected: string[] }
  | { kind: "save"; doc: Doc; tag: string | null }
  | { kind: "estimate"; doc: Doc; selection: Selection }
  | { kind: "run"; doc: Doc; tag: string | null; selection: Selection }
  | { kind: "read"; text: string }
  | { kind: "list"; uri: string }
  | { kind: "cancel"; run: string }
  | { kind: "forget" };

export type Ask = Question & { id: string };
