// The flask at the tail of an algorithm that trains: it bubbles while it does, and fills with its progress.

import { useId } from "react";

import type { StepLive } from "./protocol.ts";
import { FLASK } from "./shapes.ts";

const GLASS = "M20,6 H34 M23,6 V22 L9.5,45 Q7,50.5 13,51 H41 Q47,50.5 44.5,45 L31,22 V6";
const TOP = 12;
const BOTTOM = 51;

export function findLevel(live: StepLive | undefined): number {
  if (!live) return 0;
  if (live.state === "succeeded" || live.state === "cached") return 1;
  return live.state === "running" || live.state === "failed" ? (live.progress ?? 0) : 0;
}

export function Flask({ x, live, title }: { x: number; live: StepLive | undefined; title: string }) {
  const clip = useId();
  const level = findLevel(live);
  const isBusy = live?.state === "running";
  const height = (BOTTOM - TOP) * (isBusy ? Math.max(level, 0.08) : level);
  return (
    <svg
      className={`flask ${isBusy ? "busy" : ""} ${level >= 1 ? "full" : ""}`}
      style={{ left: x }}
      width={FLASK}
      height="58"
      role="img"
      aria-label={title}
      data-level={level.toFixed(2)}
    >
      <clipPath id={clip}>
        <path d={GLASS} />
      </clipPath>
      <path className="neck" d={`M0,31 H14 M40,31 H${FLASK}`} />
      <path className="glass" d={GLASS} />
      <g clipPath={`url(#${clip})`}>
        <rect className="liquid" x="0" width="54" y={TOP} height={BOTTOM - TOP} style={{ transform: `translateY(${BOTTOM - TOP - height}px)` }} />
        {isBusy && [18, 27, 35].map((at, i) => <circle key={at} className="bubble" cx={at} cy="49" r={1.6 + 0.5 * i} style={{ animationDelay: `${i * 0.45}s` }} />)}
      </g>
      <path className="rim" d={GLASS} />
    </svg>
  );
}
