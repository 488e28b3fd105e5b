// The document as a graph: the ports of each node, the edges between them, and why two ports may not be joined.

import type { Doc, FlowNode } from "./document.ts";

export type Kind = "data" | "model" | "metrics";

export interface Port {
  name: string;
  kind: Kind;
  required: boolean;
  help: string;
}

export interface Spec {
  name: string;
  title: string;
  help: string;
  inputs: Port[];
  outputs: Port[];
  frameworks: string[];
  params: Schema;
  trains: boolean;
  open_ports: boolean;
  open_inputs: boolean;
}

export interface Schema {
  properties?: Record<string, Property>;
  required?: string[];
}

export interface Property {
  type?: string | string[];
  default?: unknown;
  enum?: unknown[];
  items?: Property;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  description?: string;
}

export type Specs = Record<string, Spec>;

export interface Ports {
  inputs: Port[];
  outputs: Port[];
  // Whether further inputs may be named as one likes; then there is a place where the next one comes in.
  isOpen: boolean;
}

export interface Edge {
  id: string;
  source: string;
  sourcePort: string;
  target: string;
  targetPort: string;
  kind: Kind;
}

export interface Ends {
  source: string;
  sourcePort: string;
  target: string;
  targetPort: string;
}

// What is wrong with a connection: a key of the table of words, and the facts of the sentence.
export interface Refusal {
  key: string;
  facts: Record<string, string>;
}

// Where the next input of an open node comes in. It has a character that no port's name has.
export const NEXT = "+";

const DATA = (name: string, required = true): Port => ({ name, kind: "data", required, help: "" });
const MODEL: Port = { name: "model", kind: "model", required: false, help: "" };
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

export function readSource(text: string): [string, string | undefined] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}

export function findSpec(node: FlowNode, specs: Specs): Spec | undefined {
  return node.kind === "algorithm" && typeof node.algorithm === "string" ? specs[node.algorithm] : undefined;
}

// Whether it trains a model: it has a flask.
export function hasFlask(node: FlowNode, specs: Specs): boolean {
  return findSpec(node, specs)?.trains ?? false;
}

export function listPorts(node: FlowNode, specs: Specs): Ports {
  const spec = findSpec(node, specs);
  const isOpen = spec ? spec.open_ports || spec.open_inputs : node.kind === "algorithm" || node.kind === "flow";
  const known = node.kind === "model" ? [MODEL, DATA("data")] : (spec?.inputs ?? []);
  const more = Object.keys(node.inputs ?? {}).filter((name) => !known.some((port) => port.name === name));
  const outputs = node.kind === "data" || node.kind === "model" ? [DATA("data")] : (spec?.outputs ?? [DATA("data")]);
  return { inputs: [...known, ...more.map((name) => DATA(name, false))], outputs, isOpen };
}

export function listEdges(doc: Doc, specs: Specs): Edge[] {
  const edges: Edge[] = [];
  for (const [target, node] of Object.entries(doc.nodes)) {
    const inputs: [string, string][] = Object.entries(node.inputs ?? {});
    if (node.kind === "model" && typeof node.model === "string" && isIdentifier(node.model)) {
      inputs.unshift(["model", `${node.model}.model`]);
    }
    for (const [targetPort, text] of inputs) {
      const [source, named] = readSource(text);
      const from = doc.nodes[source];
      if (!from) continue;
      const outputs = listPorts(from, specs).outputs;
      const port = named === undefined ? outputs[0] : outputs.find((each) => each.name === named);
      const sourcePort = port?.name ?? named ?? "data";
      edges.push({ id: `${target}.${targetPort}`, source, sourcePort, target, targetPort, kind: port?.kind ?? "data" });
    }
  }
  return edges;
}

// The outputs that a node shows: its own, and those that others take from it all the same.
export function listShownOutputs(name: string, node: FlowNode, specs: Specs, edges: Edge[]): Port[] {
  const outputs = listPorts(node, specs).outputs;
  const taken = new Set(edges.filter((edge) => edge.source === name).map((edge) => edge.sourcePort));
  const more = [...taken].filter((port) => !outputs.some((each) => each.name === port));
  return [...outputs, ...more.map((port) => DATA(port))];
}

// Every node that needs `name`, directly or not, and itself.
export function listAfter(name: string, edges: Ends[]): Set<string> {
  const reached = new Set([name]);
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const edge of edges) {
      if (edge.source === next && !reached.has(edge.target)) {
        reached.add(edge.target);
        waiting.push(edge.target);
      }
    }
  }
  return reached;
}

// Why these ends may not be joined; undefined where they may.
export function refuse(doc: Doc, specs: Specs, ends: Ends): Refusal | undefined {
  const source = doc.nodes[ends.source];
  const target = doc.nodes[ends.target];
  if (!source || !target) return { key: "refuse_gone", facts: {} };
  const output = listPorts(source, specs).outputs.find((port) => port.name === ends.sourcePort);
  const input = listPorts(target, specs).inputs.find((port) => port.name === ends.targetPort);
  const gives = output?.kind ?? "data";
  const takes = ends.targetPort === NEXT ? "data" : (input?.kind ?? "data");
  const facts = { source: ends.source, output: ends.sourcePort, gives, target: ends.target, input: ends.targetPort, takes };
  if (listAfter(ends.target, listEdges(doc, specs)).has(ends.source)) return { key: "refuse_cycle", facts };
  if (gives !== takes) return { key: ends.targetPort === NEXT ? "refuse_open" : "refuse_kind", facts };
  return undefined;
}
