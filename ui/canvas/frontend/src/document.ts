// The flow document as plain values: what Python reads and writes, what is drawn, and what is edited.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Fields = { [name: string]: Json };
export type Point = [number, number];

export interface FlowNode {
  kind: "data" | "algorithm" | "model" | "flow";
  title?: string;
  muted?: boolean;
  inputs?: Record<string, string>;
  params?: Fields;
  [field: string]: Json | undefined;
}

export interface Layout {
  nodes?: Record<string, Point>;
  notes?: Json[];
  frames?: Json[];
}

export interface Doc {
  dix: 1;
  name: string;
  description?: string;
  params?: Fields;
  defaults?: Fields;
  nodes: Record<string, FlowNode>;
  layout?: Layout;
}

// A number that JavaScript cannot hold as it was written: 2.0, or 12345678901234567890. Python sends it like this, and
// no document has such a key of its own, because none has U+0000 in it.
export const EXACT = "\u0000number";

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// A number of any length as it was written; undefined where the value is none.
export function readExact(value: Json | undefined): string | undefined {
  const text = isFields(value) ? value[EXACT] : undefined;
  return typeof text === "string" ? text : undefined;
}

export function makeNumber(text: string): Json {
  const number = Number(text);
  const isExact = !/^-?\d+$/.test(text) || Number.isSafeInteger(number);
  return isExact ? number : { [EXACT]: text };
}

export function areEqual(first: unknown, second: unknown): boolean {
  return first === second || JSON.stringify(first) === JSON.stringify(second);
}
