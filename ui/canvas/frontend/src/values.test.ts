import assert from "node:assert/strict";
import { test } from "node:test";

import { EXACT } from "./document.ts";
import { readAny, readValue, showValue } from "./values.ts";

test("numbers are numbers where the field takes numbers", () => {
  assert.equal(readValue("1e-3", { type: "number" }), 0.001);
  assert.equal(readValue("12", { type: "string" }), "12");
  assert.equal(readValue("twelve", { type: "integer" }), "twelve");
  assert.equal(readValue("  ", { type: "integer" }), undefined);
});

test("a template stays a text", () => {
  assert.equal(readValue("{{ params.epochs }}", { type: "integer" }), "{{ params.epochs }}");
  assert.equal(readAny("{{ ds }}"), "{{ ds }}");
});

test("lists are written with commas", () => {
  assert.deepEqual(readValue("32, 64", { type: "array", items: { type: "integer" } }), [32, 64]);
  assert.deepEqual(readValue("a,b", { type: ["string", "array"], items: { type: "string" } }), ["a", "b"]);
  assert.equal(readValue("a", { type: ["string", "array"], items: { type: "string" } }), "a");
  assert.equal(showValue([32, 64]), "32, 64");
  assert.equal(showValue(["a, b"]), '["a, b"]');
});

test("a number that cannot be held is kept as it is written", () => {
  const large = readValue("12345678901234567890", { type: "integer" });
  assert.deepEqual(large, { [EXACT]: "12345678901234567890" });
  assert.equal(showValue(large), "12345678901234567890");
});
