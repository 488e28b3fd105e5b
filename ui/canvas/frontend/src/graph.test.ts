import assert from "node:assert/strict";
import { test } from "node:test";

import type { Doc } from "./document.ts";
import type { Port, Spec, Specs } from "./graph.ts";
import { listEdges, listPorts, NEXT, refuse } from "./graph.ts";

const port = (name: string, kind: Port["kind"] = "data", required = true): Port => ({ name, kind, required, help: "" });
const spec = (name: string, inputs: Port[], outputs: Port[], more: Partial<Spec> = {}): Spec => ({
  name,
  title: name,
  help: "",
  inputs,
  outputs,
  frameworks: [],
  params: {},
  trains: false,
  open_ports: false,
  open_inputs: false,
  ...more,
});

export const SPECS: Specs = {
  cnn: spec("cnn", [port("train"), port("valid", "data", false)], [port("model", "model"), port("metrics", "metrics")], { trains: true }),
  split: spec("split", [port("data")], [port("train"), port("valid")]),
  sql: spec("sql", [], [port("data")], { open_inputs: true }),
};

export const DOC: Doc = {
  dix: 1,
  name: "digits",
  nodes: {
    set: { kind: "data", uri: "digits/" },
    parts: { kind: "algorithm", algorithm: "split", inputs: { data: "set" } },
    cnn: { kind: "algorithm", algorithm: "cnn", inputs: { train: "parts.train", valid: "parts.valid" } },
    score: { kind: "model", model: "cnn", inputs: { data: "set" } },
    ask: { kind: "algorithm", algorithm: "sql", inputs: {} },
  },
  layout: { nodes: { set: [0, 0] }, notes: [{ text: "mine" }] },
};

const ends = (source: string, sourcePort: string, target: string, targetPort: string) => ({ source, sourcePort, target, targetPort });

test("edges have the ports that the document means", () => {
  const edges = listEdges(DOC, SPECS).map((edge) => `${edge.source}.${edge.sourcePort} ${edge.target}.${edge.targetPort} ${edge.kind}`);
  assert.deepEqual(edges, [
    "set.data parts.data data",
    "parts.train cnn.train data",
    "parts.valid cnn.valid data",
    "cnn.model score.model model",
    "set.data score.data data",
  ]);
});

test("a model that is registered is no edge", () => {
  const doc = { ...DOC, nodes: { score: { kind: "model", model: "models:/digits/3" } } } as Doc;
  assert.deepEqual(listEdges(doc, SPECS), []);
});

test("an input that no port is called stays to be seen", () => {
  const ports = listPorts({ kind: "algorithm", algorithm: "split", inputs: { wrong: "set" } }, SPECS);
  assert.deepEqual(ports.inputs.map((each) => each.name), ["data", "wrong"]);
});

test("equal kinds connect, others say why not", () => {
  assert.equal(refuse(DOC, SPECS, ends("parts", "train", "cnn", "valid")), undefined);
  assert.equal(refuse(DOC, SPECS, ends("cnn", "metrics", "parts", "data"))?.key, "refuse_cycle");
  assert.equal(refuse(DOC, SPECS, ends("cnn", "metrics", "score", "data"))?.key, "refuse_kind");
  assert.equal(refuse(DOC, SPECS, ends("set", "data", "score", "model"))?.key, "refuse_kind");
  assert.equal(refuse(DOC, SPECS, ends("cnn", "model", "score", "model")), undefined);
});

test("an open node takes data under any name, and nothing else", () => {
  assert.equal(refuse(DOC, SPECS, ends("set", "data", "ask", NEXT)), undefined);
  assert.equal(refuse(DOC, SPECS, ends("cnn", "model", "ask", NEXT))?.key, "refuse_open");
});

test("nothing goes round in a circle", () => {
  assert.equal(refuse(DOC, SPECS, ends("parts", "train", "parts", "data"))?.key, "refuse_cycle");
});
