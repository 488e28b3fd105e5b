// A node as it is drawn: hexagon, rectangle with its flask, circle; its ports, its state, and that something is wrong.

import type { NodeProps, Node as RFNode } from "@xyflow/react";
import { Handle, Position } from "@xyflow/react";
import { memo } from "react";

import type { FlowNode } from "./document.ts";
import { Flask } from "./flask.tsx";
import { NEXT } from "./graph.ts";
import { useLook } from "./hooks.ts";
import { Icon } from "./icons.tsx";
import type { Shape, Spot } from "./shapes.ts";

export type DrawnNode = RFNode<{ name: string; node: FlowNode; shape: Shape }>;

export const NodeView = memo(function NodeView({ data, selected }: NodeProps<DrawnNode>) {
  const { name, node, shape } = data;
  const live = useLook((state) => state.live?.nodes[name]);
  const say = useLook((state) => state.say);
  const trouble = useLook((state) => state.problems.find((problem) => problem.node === name)?.message);
  const classes = ["node", node.kind, live ? `is-${live.state}` : "", selected ? "selected" : "", node.muted ? "muted" : ""];
  return (
    <div
      className={classes.join(" ")}
      style={{ width: shape.width, height: shape.height }}
      data-node={name}
      data-state={live?.state}
      title={live?.why || undefined}
    >
      <Outline node={node} shape={shape} />
      {shape.width > shape.body && <Flask x={shape.body} live={live} title={say("flask")} />}
      <div className="face" style={{ width: shape.body }}>
        <div className="title">{node.title || name}</div>
        <div className="about">{describe(node)}</div>
      </div>
      {node.kind !== "data" && node.kind !== "model" && <Labels shape={shape} />}
      {shape.inputs.map((spot) => (
        <Port key={`in ${spot.name}`} spot={spot} isInput label={spot.name === NEXT ? say("next_input") : `${spot.name}: ${say(`kind_${spot.kind}`)}`} />
      ))}
      {shape.outputs.map((spot) => (
        <Port key={`out ${spot.name}`} spot={spot} label={`${spot.name}: ${say(`kind_${spot.kind}`)}`} />
      ))}
      {live && <Badge state={live.state} progress={live.progress} took={live.took} word={say(`state_${live.state}`)} />}
      {trouble && (
        <div className="trouble" title={trouble}>
          <Icon name="warning" />
        </div>
      )}
    </div>
  );
});

function describe(node: FlowNode): string {
  const parts = { data: [node.uri], algorithm: [node.algorithm, node.framework], model: [node.model], flow: [node.flow] };
  return parts[node.kind].filter((part) => typeof part === "string" && part !== "").join(" · ");
}

function Outline({ node, shape }: { node: FlowNode; shape: Shape }) {
  const { body: width, height } = shape;
  return (
    <svg className="outline" width={width} height={height} aria-hidden="true">
      {node.kind === "data" && (
        <path d={`M16,1 H${width - 16} L${width - 1},${height / 2} L${width - 16},${height - 1} H16 L1,${height / 2} Z`} />
      )}
      {node.kind === "model" && <circle cx={width / 2} cy={height / 2} r={width / 2 - 1} />}
      {node.kind !== "data" && node.kind !== "model" && <rect x="1" y="1" width={width - 2} height={height - 2} rx="9" />}
    </svg>
  );
}

function Labels({ shape }: { shape: Shape }) {
  return (
    <>
      {shape.inputs.map((spot) => (
        <span key={`in ${spot.name}`} className={`port-name ${spot.required ? "needed" : ""}`} style={{ left: 11, top: spot.y - 8 }}>
          {spot.name}
        </span>
      ))}
      {shape.outputs
        .filter((spot) => spot.x === shape.body)
        .map((spot) => (
          <span key={`out ${spot.name}`} className="port-name out" style={{ right: shape.width - shape.body + 11, top: spot.y - 8 }}>
            {spot.name}
          </span>
        ))}
    </>
  );
}

function Port({ spot, isInput = false, label }: { spot: Spot; isInput?: boolean; label: string }) {
  return (
    <Handle
      id={spot.name}
      type={isInput ? "target" : "source"}
      position={isInput ? Position.Left : Position.Right}
      className={`port ${spot.kind} ${spot.name === NEXT ? "next" : ""}`}
      style={{ left: spot.x, top: spot.y, right: "auto" }}
      title={label}
      aria-label={label}
    />
  );
}

function Badge({ state, progress, took, word }: { state: string; progress: number | null; took: string; word: string }) {
  const share = state === "running" && progress !== null ? ` ${Math.round(progress * 100)} %` : "";
  return (
    <div className="badge">
      <Icon name={state} />
      <span>{`${word}${share}`}</span>
      {took && <span className="took">{took}</span>}
    </div>
  );
}
