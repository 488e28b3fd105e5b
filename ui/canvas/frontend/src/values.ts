// Values of fields as the text that people type, and back. What was typed and is not of the field's type stays text,
// so that the check can say what is wrong with it.

import type { Json } from "./document.ts";
import { makeNumber, readExact } from "./document.ts";
import type { Property } from "./graph.ts";

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

export function listTypes(property: Property): string[] {
  return property.type === undefined ? [] : [property.type].flat();
}

export function isTemplate(value: Json | undefined): boolean {
  return typeof value === "string" && value.includes("{{");
}

export function showValue(value: Json | undefined): string {
  const exact = readExact(value);
  if (exact !== undefined) return exact;
  if (value === undefined || value === null) return "";
  if (Array.isArray(value) && value.every((item) => isPlain(item))) return value.map(showValue).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// Undefined for an empty text: the field says nothing, and its default holds.
export function readValue(text: string, property: Property): Json | undefined {
  const types = listTypes(property);
  const bare = text.trim();
  if (bare === "") return undefined;
  if (bare.includes("{{")) return text;
  if (types.includes("array") && (bare.startsWith("[") || bare.includes(",") || !types.some(isSingle))) {
    return readList(bare, property.items ?? {});
  }
  if (types.includes("object") && bare.startsWith("{")) return readJson(bare) ?? text;
  if (types.includes("integer") || types.includes("number")) {
    if (NUMBER.test(bare)) return makeNumber(bare);
  }
  if (types.includes("boolean") && (bare === "true" || bare === "false")) return bare === "true";
  return text;
}

// A value where no type is known, as it would be in a document.
export function readAny(text: string): Json {
  const bare = text.trim();
  if (NUMBER.test(bare)) return makeNumber(bare);
  if (bare === "true" || bare === "false") return bare === "true";
  if (bare.startsWith("[") || (bare.startsWith("{") && !bare.startsWith("{{"))) return readJson(bare) ?? text;
  return text;
}

function readList(text: string, items: Property): Json {
  if (text.startsWith("[")) return readJson(text) ?? text;
  const parts = text.split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "").map((part) => readValue(part, items) ?? part);
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isSingle(type: string): boolean {
  return type === "integer" || type === "number" || type === "string";
}

function isPlain(value: Json): boolean {
  return (typeof value === "string" && !value.includes(",")) || typeof value === "number";
}
