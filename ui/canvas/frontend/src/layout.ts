// Where nodes lie: as the document says, else by columns from left to right.

import dagre from "@dagrejs/dagre";

import type { Doc, Point } from "./document.ts";
import type { Edge, Specs } from "./graph.ts";
import { listEdges } from "./graph.ts";
import type { Size } from "./shapes.ts";
import { measure } from "./shapes.ts";

const GAP = 60;

export function findPlaces(doc: Doc, specs: Specs): Record<string, Point> {
  const known = doc.layout?.nodes ?? {};
  const names = Object.keys(doc.nodes);
  const missing = names.filter((name) => !(name in known));
  if (missing.length === 0) return known;
  const edges = listEdges(doc, specs);
  if (missing.length === names.length) return arrange(doc, specs, names, edges);
  const bottom = Math.max(...names.filter((name) => name in known).map((name) => (known[name] as Point)[1]));
  const placed = arrange(doc, specs, missing, edges);
  const moved = Object.entries(placed).map(([name, [x, y]]) => [name, [x, y + bottom + 2 * GAP]]);
  return { ...Object.fromEntries(moved), ...known };
}

export function arrange(doc: Doc, specs: Specs, names: string[], edges: Edge[]): Record<string, Point> {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", ranksep: GAP, nodesep: GAP / 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  const sizes: Record<string, Size> = {};
  for (const name of names) {
    sizes[name] = measure(name, doc, specs, edges);
    graph.setNode(name, { ...sizes[name] });
  }
  for (const edge of edges) if (edge.source in sizes && edge.target in sizes) graph.setEdge(edge.source, edge.target);
  dagre.layout(graph);
  return Object.fromEntries(
    names.map((name) => {
      const { x, y } = graph.node(name);
      const { width, height } = sizes[name] as Size;
      return [name, [Math.round(x - width / 2), Math.round(y - height / 2)]];
    }),
  );
}
