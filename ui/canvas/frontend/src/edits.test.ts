import assert from "node:assert/strict";
import { test } from "node:test";

import { addNode, clear, connect, copyNodes, disconnect, freeName, paste, removeNodes, renameNode, setField } from "./edits.ts";
import { listEdges, NEXT } from "./graph.ts";
import { DOC, SPECS } from "./graph.test.ts";

const ends = (source: string, sourcePort: string, target: string, targetPort: string) => ({ source, sourcePort, target, targetPort });

test("a name is free, and one that a document may have", () => {
  assert.equal(freeName(DOC.nodes, "cnn"), "cnn_2");
  assert.equal(freeName({}, "3 Tage <b>"), "node_3_Tage_b");
  assert.equal(freeName({}, "数字"), "node");
});

test("a default output is written without its port", () => {
  const doc = connect(DOC, SPECS, ends("set", "data", "cnn", "train"));
  assert.equal(doc.nodes.cnn?.inputs?.train, "set");
  assert.equal(connect(DOC, SPECS, ends("parts", "valid", "cnn", "train")).nodes.cnn?.inputs?.train, "parts.valid");
});

test("an open node names its next input after what comes in", () => {
  const once = connect(DOC, SPECS, ends("set", "data", "ask", NEXT));
  const twice = connect(once, SPECS, ends("set", "data", "ask", NEXT));
  assert.deepEqual(twice.nodes.ask?.inputs, { set: "set", set_2: "set" });
});

test("a flask fills a circle, and can be taken away again", () => {
  const made = addNode(DOC, "circle", { kind: "model", model: "" }, [1, 2]);
  const joined = connect(made.doc, SPECS, ends("cnn", "model", made.name, "model"));
  assert.equal(joined.nodes.circle?.model, "cnn");
  assert.equal(disconnect(joined, [{ target: "circle", targetPort: "model" }]).nodes.circle?.model, "");
});

test("what is removed is nowhere named any more, and the rest of the layout stays", () => {
  const doc = removeNodes(DOC, ["set", "cnn"]);
  assert.deepEqual(listEdges(doc, SPECS), []);
  assert.deepEqual(doc.layout, { nodes: {}, notes: [{ text: "mine" }] });
  assert.deepEqual(clear(DOC).layout?.notes, [{ text: "mine" }]);
});

test("another name is another name everywhere", () => {
  const doc = renameNode(DOC, "parts", "pieces");
  assert.deepEqual(doc.nodes.cnn?.inputs, { train: "pieces.train", valid: "pieces.valid" });
  assert.deepEqual(Object.keys(doc.nodes), ["set", "pieces", "cnn", "score", "ask"]);
  assert.equal(renameNode(doc, "cnn", "net").nodes.score?.model, "net");
  assert.equal(renameNode(DOC, "cnn", "score"), DOC);
});

test("copies are joined among each other, and to nothing else", () => {
  const { doc, names } = paste(DOC, copyNodes(DOC, ["parts", "cnn"], {}), [10, 10]);
  assert.deepEqual(names, ["parts_2", "cnn_2"]);
  assert.deepEqual(doc.nodes.cnn_2?.inputs, { train: "parts_2.train", valid: "parts_2.valid" });
  assert.equal(doc.nodes.parts_2?.inputs, undefined);
});

test("a field that says nothing is not there, nor what held it", () => {
  const doc = setField(DOC, "cnn", ["resources", "cpu"], 2);
  assert.deepEqual(doc.nodes.cnn?.resources, { cpu: 2 });
  assert.equal(setField(doc, "cnn", ["resources", "cpu"], undefined).nodes.cnn?.resources, undefined);
  assert.equal(DOC.nodes.cnn?.resources, undefined);
});
