// What can be put onto the board: dragged there with mouse or finger, or added by a double click or Enter.

import { useReactFlow } from "@xyflow/react";
import type { PointerEvent } from "react";
import { useRef, useState } from "react";

import type { FlowNode, Point } from "./document.ts";
import { addNode } from "./edits.ts";
import { useDesk, useLook } from "./hooks.ts";
import { Icon } from "./icons.tsx";
import type { Entry, Palette as Stock } from "./protocol.ts";
import type { Specs } from "./graph.ts";
import type { Say } from "./words.ts";

const TABS = ["data", "algorithms", "frameworks", "mine", "shared"] as const;
type Tab = (typeof TABS)[number];

interface Item {
  key: string;
  group: string;
  name: string;
  about: string;
  wish: string;
  node: FlowNode;
  folder?: string;
  depth?: number;
}

export function Palette() {
  const desk = useDesk();
  const flow = useReactFlow();
  const say = useLook((state) => state.say);
  const specs = useLook((state) => state.specs);
  const stock = useLook((state) => state.palette);
  const listed = useLook((state) => state.listed);
  const [tab, setTab] = useState<Tab>("algorithms");
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<string[]>([]);
  const [ghost, setGhost] = useState<{ item: Item; x: number; y: number } | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const wanted = search.trim().toLowerCase();
  const items = listItems(tab, specs, stock, listed, open, say).filter((item) =>
    `${item.name} ${item.about} ${item.group}`.toLowerCase().includes(wanted),
  );

  function put(item: Item, at: Point): void {
    const made = addNode(desk.doc, item.wish, item.node, at);
    desk.edit(made.doc, "", [made.name]);
  }

  function putInTheMiddle(item: Item): void {
    const board = findBoard();
    if (!board) return;
    const { left, top, width, height } = board.getBoundingClientRect();
    const count = Object.keys(desk.doc.nodes).length;
    const { x, y } = flow.screenToFlowPosition({ x: left + width / 2, y: top + height / 2 });
    put(item, [Math.round(x - 90) + 24 * (count % 5), Math.round(y - 40) + 24 * (count % 5)]);
  }

  function findBoard(): Element | null {
    return root.current?.closest(".editor")?.querySelector(".react-flow") ?? null;
  }

  function drop(event: PointerEvent, item: Item): void {
    setGhost(null);
    const box = findBoard()?.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (!box || x < box.left || x > box.right || y < box.top || y > box.bottom) return;
    const place = flow.screenToFlowPosition({ x, y });
    put(item, [Math.round(place.x - 90), Math.round(place.y - 30)]);
  }

  function toggle(uri: string): void {
    setOpen(open.includes(uri) ? open.filter((each) => each !== uri) : [...open, uri]);
    if (!(uri in listed)) desk.ask({ kind: "list", uri });
  }

  let group = "";
  return (
    <div className="palette" ref={root}>
      <div className="tabs" role="tablist">
        {TABS.map((each) => (
          <button key={each} type="button" role="tab" aria-selected={each === tab} onClick={() => setTab(each)}>
            {say(`tab_${each}`)}
          </button>
        ))}
      </div>
      <label className="search">
        <Icon name="search" />
        <input value={search} placeholder={say("search")} aria-label={say("search")} onChange={(event) => setSearch(event.target.value)} />
      </label>
      <div className="items">
        {items.map((item) => {
          const isFirst = item.group !== group;
          group = item.group;
          return (
            <div key={item.key}>
              {isFirst && item.group && <div className="group">{item.group}</div>}
              <div
                className={`item ${item.node.kind}`}
                role="button"
                tabIndex={0}
                title={item.about}
                style={{ paddingLeft: 8 + 14 * (item.depth ?? 0) }}
                onDoubleClick={() => putInTheMiddle(item)}
                onKeyDown={(event) => event.key === "Enter" && putInTheMiddle(item)}
                onPointerDown={(event) => {
                  if (event.button === 0) event.currentTarget.setPointerCapture(event.pointerId);
                }}
                onPointerMove={(event) => {
                  if (event.currentTarget.hasPointerCapture(event.pointerId)) {
                    setGhost({ item, x: event.clientX, y: event.clientY });
                  }
                }}
                onPointerUp={(event) => ghost && drop(event, item)}
                onPointerCancel={() => setGhost(null)}
              >
                <Mark kind={item.node.kind} />
                <span className="name">{item.name}</span>
                {item.folder !== undefined && (
                  <button
                    type="button"
                    className={`fold ${open.includes(item.folder) ? "open" : ""}`}
                    aria-label={say("open_folder", { name: item.name })}
                    onPointerDown={(event) => event.stopPropagation()}
                    onDoubleClick={(event) => event.stopPropagation()}
                    onClick={() => toggle(item.folder as string)}
                  >
                    <Icon name="more" />
                  </button>
                )}
              </div>
            </div>
          );
        })}
        {items.length === 0 && <p className="empty">{say(wanted ? "nothing_found" : `empty_${tab}`)}</p>}
      </div>
      <p className="hint">{say("palette_hint")}</p>
      {ghost && (
        <div className="ghost" style={{ left: ghost.x, top: ghost.y }}>
          <Mark kind={ghost.item.node.kind} />
          {ghost.item.name}
        </div>
      )}
    </div>
  );
}

export function Mark({ kind }: { kind: FlowNode["kind"] }) {
  return (
    <svg className={`mark ${kind}`} width="18" height="14" viewBox="0 0 18 14" aria-hidden="true">
      {kind === "data" && <path d="M4.500 1h9L17 7l-3.500 6h-9L1 7z" />}
      {kind === "model" && <circle cx="9" cy="7" r="6" />}
      {kind !== "data" && kind !== "model" && <rect x="1" y="1.500" width="16" height="11" rx="2.500" />}
    </svg>
  );
}

function listItems(tab: Tab, specs: Specs, stock: Stock, listed: Record<string, Entry[]>, open: string[], say: Say): Item[] {
  if (tab === "data") {
    const blank = { key: "blank", group: "", name: say("any_data"), about: say("any_data_help"), wish: "data", node: { kind: "data", uri: "" } as FlowNode };
    return [blank, ...listEntries(stock.data, listed, open, 0, say("in_store"))];
  }
  if (tab === "algorithms") {
    return Object.values(specs).map((spec) => ({
      key: spec.name,
      group: say(spec.trains ? "group_trains" : "group_prepares"),
      name: spec.title,
      about: spec.help,
      wish: spec.name,
      node: makeNode(spec.name, spec.frameworks[0]),
    })).sort((first, second) => second.group.localeCompare(first.group) || first.name.localeCompare(second.name));
  }
  if (tab === "frameworks") {
    return Object.values(specs).flatMap((spec) =>
      (spec.name === "caffe" ? ["caffe"] : spec.frameworks).map((framework) => ({
        key: `${framework} ${spec.name}`,
        group: say(`framework_${framework}`),
        name: spec.title,
        about: spec.help,
        wish: spec.name,
        node: makeNode(spec.name, spec.frameworks.length > 0 ? framework : undefined),
      })),
    ).sort((first, second) => first.group.localeCompare(second.group) || first.name.localeCompare(second.name));
  }
  return stock[tab].map((model) => ({
    key: model.name,
    group: "",
    name: `${model.name} ${model.version}`,
    about: model.about,
    wish: model.name,
    node: { kind: "model", model: `models:/${model.name}/${model.version}` },
  }));
}

function makeNode(algorithm: string, framework: string | undefined): FlowNode {
  return { kind: "algorithm", algorithm, ...(framework && { framework }) };
}

function listEntries(entries: Entry[], listed: Record<string, Entry[]>, open: string[], depth: number, group: string): Item[] {
  return entries.flatMap((entry) => {
    const item: Item = {
      key: `data ${entry.uri}`,
      group,
      name: entry.name,
      about: entry.uri,
      wish: entry.name.replace(/\.[a-z0-9]+$/i, ""),
      node: { kind: "data", uri: entry.uri },
      depth,
      ...(entry.folder && { folder: entry.uri }),
    };
    const inside = open.includes(entry.uri) ? listEntries(listed[entry.uri] ?? [], listed, open, depth + 1, group) : [];
    return [item, ...inside];
  });
}
