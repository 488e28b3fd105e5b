// What can be done with the keyboard and with the buttons above the board.

import type { ReactFlowInstance } from "@xyflow/react";

import { listSelectedEnds } from "./Board.tsx";
import type { Desk } from "./desk.ts";
import type { Clip } from "./edits.ts";
import { clear, copyNodes, disconnect, moveNodes, paste, removeNodes } from "./edits.ts";
import { listEdges } from "./graph.ts";
import { arrange, findPlaces } from "./layout.ts";

const STEP = 40;

// What was copied last, in whatever flow of this page.
let clipboard: Clip | null = null;

export function removeSelected(desk: Desk, flow: ReactFlowInstance): void {
  const ends = listSelectedEnds(flow.getEdges());
  desk.edit(removeNodes(disconnect(desk.doc, ends), desk.state.selected), "", []);
}

export function copySelected(desk: Desk): void {
  const { selected, specs } = desk.state;
  if (selected.length > 0) clipboard = copyNodes(desk.doc, selected, findPlaces(desk.doc, specs));
}

export function cutSelected(desk: Desk): void {
  copySelected(desk);
  desk.edit(removeNodes(desk.doc, desk.state.selected), "", []);
}

export function pasteCopied(desk: Desk): void {
  if (clipboard === null) return;
  const pasted = paste(desk.doc, clipboard, [STEP, STEP]);
  clipboard = copyNodes(pasted.doc, pasted.names, pasted.doc.layout?.nodes ?? {});
  desk.edit(pasted.doc, "", pasted.names);
}

export function duplicateSelected(desk: Desk): void {
  const { selected, specs } = desk.state;
  const pasted = paste(desk.doc, copyNodes(desk.doc, selected, findPlaces(desk.doc, specs)), [STEP, STEP]);
  desk.edit(pasted.doc, "", pasted.names);
}

export function arrangeAll(desk: Desk, flow: ReactFlowInstance): void {
  const { specs } = desk.state;
  const places = arrange(desk.doc, specs, Object.keys(desk.doc.nodes), listEdges(desk.doc, specs));
  desk.edit(moveNodes(desk.doc, places));
  setTimeout(() => fit(flow), 50);
}

export function clearAll(desk: Desk): void {
  desk.edit(clear(desk.doc), "", []);
}

export function fit(flow: ReactFlowInstance): void {
  void flow.fitView({ maxZoom: 1, padding: 0.15, duration: 200 });
}

// Whether the key meant something here.
export function press(event: KeyboardEvent, desk: Desk, flow: ReactFlowInstance): boolean {
  const isCommand = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const commands: Record<string, () => void> = {
    z: () => (event.shiftKey ? desk.redo() : desk.undo()),
    y: () => desk.redo(),
    c: () => copySelected(desk),
    x: () => cutSelected(desk),
    v: () => pasteCopied(desk),
    d: () => duplicateSelected(desk),
    a: () => desk.select(Object.keys(desk.doc.nodes)),
    s: () => desk.save(),
    enter: () => desk.prepare({}),
  };
  const plain: Record<string, () => void> = {
    delete: () => removeSelected(desk, flow),
    backspace: () => removeSelected(desk, flow),
    f: () => fit(flow),
    l: () => arrangeAll(desk, flow),
    "?": () => desk.set({ dialog: { kind: "keys" } }),
    escape: () => (desk.state.dialog ? desk.set({ dialog: null }) : desk.select([])),
  };
  const act = isCommand ? commands[key] : plain[key];
  act?.();
  return act !== undefined;
}

// Keys that a field has for itself; saving and running are meant for the flow even there.
export function isForField(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  const isField = target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  const isOurs = (event.ctrlKey || event.metaKey) && ["s", "enter"].includes(event.key.toLowerCase());
  return isField && !isOurs;
}
