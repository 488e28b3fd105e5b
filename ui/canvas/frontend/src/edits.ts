// Edits of a document. Each takes one and gives another; nothing that was given is changed.

import type { Doc, Fields, FlowNode, Json, Point } from "./document.ts";
import { isFields } from "./document.ts";
import type { Ends, Specs } from "./graph.ts";
import { isIdentifier, listPorts, NEXT, readSource } from "./graph.ts";

export type Path = string[];

// A name that no node has yet, made of what it is called elsewhere.
export function freeName(taken: Record<string, unknown>, wish: string): string {
  const words = wish.normalize("NFKD").replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "");
  const base = (/^[A-Za-z_]/.test(words) ? words : `node_${words}`).replace(/_+$/, "").slice(0, 55) || "node";
  if (!(base in taken)) return base;
  for (let i = 2; ; i += 1) if (!(`${base}_${i}` in taken)) return `${base}_${i}`;
}

export function addNode(doc: Doc, wish: string, node: FlowNode, at: Point): { doc: Doc; name: string } {
  const name = freeName(doc.nodes, wish);
  return { doc: moveNodes({ ...doc, nodes: { ...doc.nodes, [name]: node } }, { [name]: at }), name };
}

export function moveNodes(doc: Doc, places: Record<string, Point>): Doc {
  return { ...doc, layout: { ...doc.layout, nodes: { ...doc.layout?.nodes, ...places } } };
}

export function removeNodes(doc: Doc, names: string[]): Doc {
  const gone = new Set(names);
  const nodes = Object.fromEntries(
    Object.entries(doc.nodes)
      .filter(([name]) => !gone.has(name))
      .map(([name, node]) => [name, mapSources(node, (source) => (gone.has(source) ? undefined : source))]),
  );
  return { ...doc, nodes, layout: withoutPlaces(doc, gone) };
}

export function clear(doc: Doc): Doc {
  return { ...doc, nodes: {}, layout: withoutPlaces(doc, new Set(Object.keys(doc.nodes))) };
}

export function connect(doc: Doc, specs: Specs, ends: Ends): Doc {
  const target = doc.nodes[ends.target];
  const source = doc.nodes[ends.source];
  if (!target || !source) return doc;
  if (target.kind === "model" && ends.targetPort === "model") return setField(doc, ends.target, ["model"], ends.source);
  const isDefault = listPorts(source, specs).outputs[0]?.name === ends.sourcePort;
  const text = isDefault ? ends.source : `${ends.source}.${ends.sourcePort}`;
  const inputs = target.inputs ?? {};
  const port = ends.targetPort === NEXT ? freeName(inputs, isDefault ? ends.source : ends.sourcePort) : ends.targetPort;
  return withNode(doc, ends.target, { ...target, inputs: { ...inputs, [port]: text } });
}

export function disconnect(doc: Doc, ends: { target: string; targetPort: string }[]): Doc {
  let next = doc;
  for (const { target, targetPort } of ends) {
    const node = next.nodes[target];
    if (!node) continue;
    const isModel = node.kind === "model" && targetPort === "model";
    next = setField(next, target, isModel ? ["model"] : ["inputs", targetPort], isModel ? "" : undefined);
  }
  return next;
}

// Set what lies at a path of a node (null: of the flow itself); undefined takes it away, and what is empty then.
export function setField(doc: Doc, name: string | null, path: Path, value: Json | undefined): Doc {
  if (name === null) return setPath(doc as unknown as Fields, path, value) as unknown as Doc;
  const node = doc.nodes[name];
  return node ? withNode(doc, name, setPath(node as Fields, path, value) as FlowNode) : doc;
}

export function getField(value: unknown, path: Path): Json | undefined {
  let found = value as Json | undefined;
  for (const part of path) found = isFields(found) ? found[part] : undefined;
  return found;
}

// Another name for a node, everywhere that it is named; the order of the nodes stays.
export function renameNode(doc: Doc, from: string, to: string): Doc {
  if (from === to || !isIdentifier(to) || to in doc.nodes || !(from in doc.nodes)) return doc;
  const rename = (source: string) => (source === from ? to : source);
  const nodes = Object.entries(doc.nodes).map(([name, node]) => [rename(name), mapSources(node, rename)]);
  const places = Object.entries(doc.layout?.nodes ?? {}).map(([name, place]) => [rename(name), place]);
  const layout = doc.layout && { ...doc.layout, nodes: Object.fromEntries(places) };
  return { ...doc, nodes: Object.fromEntries(nodes), ...(layout && { layout }) };
}

export interface Clip {
  nodes: Record<string, FlowNode>;
  places: Record<string, Point>;
}

export function copyNodes(doc: Doc, names: string[], places: Record<string, Point>): Clip {
  const kept = names.filter((name) => name in doc.nodes);
  return {
    nodes: Object.fromEntries(kept.map((name) => [name, doc.nodes[name] as FlowNode])),
    places: Object.fromEntries(kept.map((name) => [name, places[name] ?? [0, 0]])),
  };
}

// Put copies down; what joins them among each other stays joined.
export function paste(doc: Doc, clip: Clip, by: Point): { doc: Doc; names: string[] } {
  const names: Record<string, string> = {};
  for (const name of Object.keys(clip.nodes)) names[name] = freeName({ ...doc.nodes, ...invert(names) }, name);
  let next = doc;
  for (const [name, node] of Object.entries(clip.nodes)) {
    const [x, y] = clip.places[name] ?? [0, 0];
    const copy = mapSources(node, (source) => names[source]);
    next = addNode(next, names[name] as string, copy, [x + by[0], y + by[1]]).doc;
  }
  return { doc: next, names: Object.values(names) };
}

// The node with each of its sources under another name; undefined takes the connection away.
function mapSources(node: FlowNode, map: (source: string) => string | undefined): FlowNode {
  let next = node;
  if (node.kind === "model" && typeof node.model === "string" && isIdentifier(node.model)) {
    const model = map(node.model) ?? "";
    if (model !== node.model) next = { ...next, model };
  }
  const inputs = Object.entries(node.inputs ?? {});
  const mapped = inputs.flatMap(([port, text]) => {
    const [source, output] = readSource(text);
    const to = map(source);
    return to === undefined ? [] : [[port, output === undefined ? to : `${to}.${output}`] as [string, string]];
  });
  const isSame = mapped.length === inputs.length && mapped.every(([, text], i) => text === inputs[i]?.[1]);
  return isSame ? next : setInputs(next, Object.fromEntries(mapped));
}

function setInputs(node: FlowNode, inputs: Record<string, string>): FlowNode {
  const { inputs: _before, ...rest } = node;
  return (Object.keys(inputs).length > 0 ? { ...node, inputs } : rest) as FlowNode;
}

function withNode(doc: Doc, name: string, node: FlowNode): Doc {
  return { ...doc, nodes: { ...doc.nodes, [name]: node } };
}

function withoutPlaces(doc: Doc, gone: Set<string>): Doc["layout"] {
  const places = Object.entries(doc.layout?.nodes ?? {}).filter(([name]) => !gone.has(name));
  return { ...doc.layout, nodes: Object.fromEntries(places) };
}

function setPath(value: Fields, path: Path, to: Json | undefined): Fields {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const before = value[first];
  const after = rest.length === 0 ? to : setPath(isFields(before) ? before : {}, rest, to);
  const isGone = after === undefined || (rest.length > 0 && isFields(after) && Object.keys(after).length === 0);
  if (!isGone) return { ...value, [first]: after };
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== first));
}

function invert(names: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.values(names).map((name) => [name, name]));
}
