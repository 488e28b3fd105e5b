// How large each node is, and where its ports are. All that follows from the document, so nothing has to be measured.

import type { Doc, FlowNode } from "./document.ts";
import type { Edge, Port, Specs } from "./graph.ts";
import { hasFlask, listPorts, listShownOutputs, NEXT } from "./graph.ts";

export interface Size {
  width: number;
  height: number;
}

export interface Spot extends Port {
  x: number;
  y: number;
}

export interface Shape extends Size {
  // The width of the body; the flask stands beside it.
  body: number;
  inputs: Spot[];
  outputs: Spot[];
}

export const HEXAGON: Size = { width: 180, height: 60 };
export const CIRCLE = 92;
export const BODY = 176;
export const FLASK = 58;
export const HEAD = 52;
export const ROW = 18;
const FOOT = 8;

export function shape(name: string, node: FlowNode, specs: Specs, edges: Edge[]): Shape {
  const ports = listPorts(node, specs);
  const outputs = listShownOutputs(name, node, specs, edges);
  if (node.kind === "data") return { ...HEXAGON, body: HEXAGON.width, inputs: [], outputs: [spot(outputs[0], 180, 30)] };
  if (node.kind === "model") return shapeCircle(ports.inputs, outputs);
  const inputs = ports.isOpen ? [...ports.inputs, { name: NEXT, kind: "data", required: false, help: "" } as Port] : ports.inputs;
  const trains = hasFlask(node, specs);
  const inFlask = trains ? outputs.filter((port) => port.kind === "model") : [];
  const inBody = outputs.filter((port) => !inFlask.includes(port));
  const rows = Math.max(inputs.length, inBody.length, 1);
  const row = (i: number) => HEAD + ROW * i + ROW / 2;
  return {
    width: trains ? BODY + FLASK : BODY,
    height: HEAD + ROW * rows + FOOT,
    body: BODY,
    inputs: inputs.map((port, i) => spot(port, 0, row(i))),
    outputs: [
      ...inFlask.map((port) => spot(port, BODY + FLASK, 31)),
      ...inBody.map((port, i) => spot(port, BODY, row(i))),
    ],
  };
}

export function measure(name: string, doc: Doc, specs: Specs, edges: Edge[]): Size {
  const { width, height } = shape(name, doc.nodes[name] as FlowNode, specs, edges);
  return { width, height };
}

function shapeCircle(inputs: Port[], outputs: Port[]): Shape {
  const middle = CIRCLE / 2;
  const gap = 44 / Math.max(inputs.length - 1, 1);
  return {
    width: CIRCLE,
    height: CIRCLE,
    body: CIRCLE,
    inputs: inputs.map((port, i) => {
      const y = middle - 22 + gap * i;
      return spot(port, middle - Math.sqrt(Math.max(middle ** 2 - (y - middle) ** 2, 0)), y);
    }),
    outputs: outputs.map((port) => spot(port, CIRCLE, middle)),
  };
}

function spot(port: Port | undefined, x: number, y: number): Spot {
  return { name: "data", kind: "data", required: false, help: "", ...port, x, y };
}
