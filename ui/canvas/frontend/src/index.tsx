// The door to Streamlit. The component stands on the page twice: once as the canvas, with what rarely changes, and once
// as the answer, which is small, changes often and is only handed on. So looking at a run every half second sends states.

import type { Root } from "react-dom/client";
import { createRoot } from "react-dom/client";

import "@xyflow/react/dist/style.css";
import "./style.css";
import { Desk } from "./desk.ts";
import { Editor } from "./Editor.tsx";
import type { AnswerData, Ask, CanvasData } from "./protocol.ts";

interface Mounted {
  data: CanvasData | AnswerData;
  parentElement: HTMLElement | ShadowRoot;
  setTriggerValue: (name: string, value: Ask) => void;
}

const roots = new WeakMap<object, Root>();
// The desks of this page, by user and flow: a drawing and its history stay while one looks at another page.
const desks = new Map<string, Desk>();

export default function mount({ data, parentElement, setTriggerValue }: Mounted): () => void {
  const key = `${data.user} ${data.flow}`;
  if (data.role === "answer") {
    desks.get(key)?.hear(data);
    return () => undefined;
  }
  const known = desks.get(key);
  const desk = known ?? new Desk(data);
  desks.set(key, desk);
  desk.send = (ask) => setTriggerValue("ask", ask);
  if (known) known.receive(data);
  const root = roots.get(parentElement) ?? createRoot(makeHost(parentElement));
  roots.set(parentElement, root);
  root.render(<Editor key={key} desk={desk} height={data.height} isDark={data.dark} />);
  return () => {
    // Streamlit calls this also for updates that it gives up; only who has left the page is gone.
    setTimeout(() => {
      if (isOnPage(parentElement)) return;
      roots.get(parentElement)?.unmount();
      roots.delete(parentElement);
    }, 0);
  };
}

function makeHost(parent: HTMLElement | ShadowRoot): HTMLElement {
  const host = document.createElement("div");
  parent.appendChild(host);
  return host;
}

function isOnPage(parent: HTMLElement | ShadowRoot): boolean {
  return "host" in parent ? parent.host.isConnected : parent.isConnected;
}
