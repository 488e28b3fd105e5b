import assert from "node:assert/strict";
import { test } from "node:test";

import { begin, record, redo, undo } from "./history.ts";

test("what was undone can be redone, until something else is done", () => {
  const two = record(record(begin("a"), "b"), "c");
  assert.equal(undo(two).now, "b");
  assert.equal(undo(undo(undo(two))).now, "a");
  assert.equal(redo(undo(two)).now, "c");
  assert.equal(redo(record(undo(two), "d")).now, "d");
});

test("typing in one field is one step", () => {
  const typed = record(record(record(begin(""), "1", "epochs"), "12", "epochs"), "x", "title");
  assert.equal(undo(typed).now, "12");
  assert.equal(undo(undo(typed)).now, "");
});
