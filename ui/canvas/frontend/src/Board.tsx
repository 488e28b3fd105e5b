// The board: nodes and edges under the hand. What is done here becomes edits of the document.

import type { Connection, EdgeChange, FinalConnectionState, NodeChange, Edge as RFEdge } from "@xyflow/react";
import { Background, Controls, MiniMap, ReactFlow, applyEdgeChanges, applyNodeChanges, useReactFlow } from "@xyflow/react";
import { useEffect, useMemo, useState } from "react";

import type { Point } from "./document.ts";
import { areEqual } from "./document.ts";
import { addNode, connect, disconnect, moveNodes } from "./edits.ts";
import type { Edge, Ends } from "./graph.ts";
import { listEdges, refuse } from "./graph.ts";
import { useDesk, useLook } from "./hooks.ts";
import { findPlaces } from "./layout.ts";
import type { DrawnNode } from "./nodes.tsx";
import { NodeView } from "./nodes.tsx";
import { shape } from "./shapes.ts";

const TYPES = { data: NodeView, algorithm: NodeView, model: NodeView, flow: NodeView };
const GRID: [number, number] = [10, 10];
// From so many nodes on only those in sight are drawn.
const MANY = 250;

export function Board({ isSnapping, isDark }: { isSnapping: boolean; isDark: boolean }) {
  const desk = useDesk();
  const flow = useReactFlow();
  const doc = useLook((state) => state.history.now);
  const specs = useLook((state) => state.specs);
  const selected = useLook((state) => state.selected);
  const live = useLook((state) => state.live);
  const say = useLook((state) => state.say);
  const edges = useMemo(() => listEdges(doc, specs), [doc, specs]);
  const [nodes, setNodes] = useState<DrawnNode[]>([]);
  const [lines, setLines] = useState<RFEdge[]>([]);

  useEffect(() => {
    const places = findPlaces(doc, specs);
    setNodes((before) => drawNodes(before));
    function drawNodes(before: DrawnNode[]): DrawnNode[] {
      const known = new Map(before.map((node) => [node.id, node]));
      return Object.entries(doc.nodes).map(([name, node]) => {
        const [x, y] = places[name] ?? [0, 0];
        const drawn = shape(name, node, specs, edges);
        const old = known.get(name);
        const data = old?.data.node === node && areEqual(old.data.shape, drawn) ? old.data : { name, node, shape: drawn };
        const isSelected = selected.includes(name);
        if (old && old.data === data && old.position.x === x && old.position.y === y && old.selected === isSelected) return old;
        const { width, height } = drawn;
        return { ...old, id: name, type: node.kind, position: { x, y }, data, width, height, selected: isSelected };
      });
    }
  }, [doc, specs, edges, selected]);

  useEffect(() => {
    setLines((before) => {
      const known = new Map(before.map((line) => [line.id, line]));
      return edges.map((edge) => drawLine(edge, known.get(edge.id), live?.nodes[edge.target]?.state === "running"));
    });
  }, [edges, live]);

  function changeNodes(changes: NodeChange<DrawnNode>[]): void {
    setNodes((before) => applyNodeChanges(changes, before));
    const places: Record<string, Point> = {};
    for (const change of changes) {
      if (change.type === "position" && change.position && change.dragging === false) {
        places[change.id] = [Math.round(change.position.x), Math.round(change.position.y)];
      }
    }
    const known = findPlaces(doc, specs);
    const moved = Object.entries(places).filter(([name, place]) => !areEqual(known[name], place));
    if (moved.length > 0) desk.edit(moveNodes(doc, { ...known, ...Object.fromEntries(moved) }));
    const choices = changes.filter((change) => change.type === "select");
    if (choices.length > 0) {
      const chosen = new Set(desk.state.selected);
      for (const change of choices) change.selected ? chosen.add(change.id) : chosen.delete(change.id);
      desk.select([...chosen]);
    }
  }

  function finish(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
    const { fromNode, fromHandle, toNode, toHandle, isValid } = state;
    if (!fromNode || !fromHandle?.id) return;
    if (toNode && toHandle?.id && isValid === false) {
      const isFrom = fromHandle.type === "source";
      if (fromHandle.type === toHandle.type) return desk.tell(say("refuse_direction"), "bad");
      const ends = {
        source: isFrom ? fromNode.id : toNode.id,
        sourcePort: isFrom ? fromHandle.id : toHandle.id,
        target: isFrom ? toNode.id : fromNode.id,
        targetPort: isFrom ? toHandle.id : fromHandle.id,
      };
      const refusal = refuse(doc, specs, ends);
      if (refusal) desk.tell(say(refusal.key, refusal.facts), "bad");
    } else if (!toNode && fromHandle.type === "source" && fromHandle.id === "model") {
      const { clientX, clientY } = "changedTouches" in event ? (event.changedTouches[0] as Touch) : event;
      const { x, y } = flow.screenToFlowPosition({ x: clientX, y: clientY });
      const made = addNode(doc, `${fromNode.id}_model`, { kind: "model", model: fromNode.id }, [Math.round(x), Math.round(y - 46)]);
      desk.edit(made.doc, "", [made.name]);
    }
  }

  return (
    <ReactFlow
      nodes={nodes}
      edges={lines}
      nodeTypes={TYPES}
      onNodesChange={changeNodes}
      onEdgesChange={(changes: EdgeChange[]) => setLines((before) => applyEdgeChanges(changes, before))}
      onConnect={(connection) => desk.edit(connect(doc, specs, readEnds(connection)))}
      onConnectEnd={finish}
      isValidConnection={(connection) => refuse(doc, specs, readEnds(connection)) === undefined}
      onReconnect={(line, connection) => {
        const edge = edges.find((each) => each.id === line.id);
        if (edge) desk.edit(connect(disconnect(doc, [edge]), specs, readEnds(connection)));
      }}
      // Without nodes it would wait for the first one and move the board under the hand.
      onInit={() => void (Object.keys(doc.nodes).length > 0 && flow.fitView({ maxZoom: 1, padding: 0.15 }))}
      fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
      colorMode={isDark ? "dark" : "light"}
      snapToGrid={isSnapping}
      snapGrid={GRID}
      minZoom={0.1}
      maxZoom={2.5}
      deleteKeyCode={null}
      onlyRenderVisibleElements={nodes.length > MANY}
      connectionRadius={28}
      ariaLabelConfig={{
        "node.a11yDescription.default": say("node_keys"),
        "controls.zoomIn.ariaLabel": say("zoom_in"),
        "controls.zoomOut.ariaLabel": say("zoom_out"),
        "controls.fitView.ariaLabel": say("fit"),
      }}
    >
      <Background gap={20} />
      <Controls showInteractive={false} position="bottom-left" />
      <MiniMap style={{ width: 132, height: 88 }} position="bottom-right" pannable zoomable nodeClassName={(node) => `mini ${node.type ?? ""} ${live?.nodes[node.id]?.state ?? ""}`} />
    </ReactFlow>
  );
}

// Lines that are selected on the board.
export function listSelectedEnds(lines: RFEdge[]): { target: string; targetPort: string }[] {
  return lines.filter((line) => line.selected).map((line) => ({ target: line.target, targetPort: line.targetHandle ?? "" }));
}

function readEnds(connection: Connection | RFEdge): Ends {
  return {
    source: connection.source,
    sourcePort: connection.sourceHandle ?? "",
    target: connection.target,
    targetPort: connection.targetHandle ?? "",
  };
}

function drawLine(edge: Edge, old: RFEdge | undefined, isLive: boolean): RFEdge {
  const className = `line ${edge.kind}`;
  const isSame = old && old.source === edge.source && old.sourceHandle === edge.sourcePort && old.className === className && old.animated === isLive;
  if (isSame) return old;
  return {
    ...old,
    id: edge.id,
    source: edge.source,
    sourceHandle: edge.sourcePort,
    target: edge.target,
    targetHandle: edge.targetPort,
    className,
    animated: isLive,
  };
}
