// The bar above the board: history, arranging, what is wrong, saving and running.

import { useReactFlow } from "@xyflow/react";
import { useState } from "react";

import { arrangeAll, clearAll, copySelected, duplicateSelected, fit, removeSelected } from "./actions.ts";
import { useDesk, useLook } from "./hooks.ts";
import { Icon } from "./icons.tsx";
import type { Selection } from "./protocol.ts";

export function Bar({ isSnapping, onSnap }: { isSnapping: boolean; onSnap: () => void }) {
  const desk = useDesk();
  const flow = useReactFlow();
  const say = useLook((state) => state.say);
  const history = useLook((state) => state.history);
  const count = useLook((state) => state.selected.length);
  const isEmpty = useLook((state) => Object.keys(state.history.now.nodes).length === 0);
  return (
    <div className="bar" role="toolbar" aria-label={say("toolbar")}>
      <Tool icon="undo" label={say("undo")} isOff={history.past.length === 0} onClick={() => desk.undo()} />
      <Tool icon="redo" label={say("redo")} isOff={history.future.length === 0} onClick={() => desk.redo()} />
      <span className="rule" />
      <Tool icon="copy" label={say("duplicate")} isOff={count === 0} onClick={() => duplicateSelected(desk)} />
      <Tool icon="delete" label={say("delete")} onClick={() => removeSelected(desk, flow)} isOff={isEmpty} />
      <Tool icon="clear" label={say("clear")} isOff={isEmpty} onClick={() => clearAll(desk)} />
      <span className="rule" />
      <Tool icon="layout" label={say("arrange")} isOff={isEmpty} onClick={() => arrangeAll(desk, flow)} />
      <Tool icon="fit" label={say("fit")} onClick={() => fit(flow)} />
      <Tool icon="snap" label={say("snap")} isOn={isSnapping} onClick={onSnap} />
      <Tool icon="keys" label={say("keys")} onClick={() => desk.set({ dialog: { kind: "keys" } })} />
      <span className="space" />
      <Sides />
      <Health />
      <SaveButton />
      <RunButton onCopy={() => copySelected(desk)} />
    </div>
  );
}

function Tool(props: { icon: string; label: string; isOff?: boolean; isOn?: boolean; onClick: () => void }) {
  return (
    <button type="button" className={`tool ${props.isOn ? "on" : ""}`} title={props.label} aria-label={props.label} aria-pressed={props.isOn} disabled={props.isOff} onClick={props.onClick}>
      <Icon name={props.icon} />
    </button>
  );
}

function Sides() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const side = useLook((state) => state.side);
  return (
    <div className="choice" role="radiogroup" aria-label={say("sides")}>
      {(["fields", "text"] as const).map((each) => (
        <button key={each} type="button" role="radio" aria-checked={side === each} onClick={() => desk.set({ side: each })}>
          {say(`side_${each}`)}
        </button>
      ))}
    </div>
  );
}

function Health() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const problems = useLook((state) => state.problems);
  const isKnown = useLook((state) => state.checked === state.revision);
  const first = problems.find((each) => each.node !== null)?.node;
  if (!isKnown) return <span className="health">{say("checking")}</span>;
  if (problems.length === 0) return <span className="health good">{say("sound")}</span>;
  return (
    <button type="button" className="health bad" title={problems[0]?.message} onClick={() => desk.select(first ? [first] : [])}>
      {say(problems.length === 1 ? "problem" : "problems", { count: problems.length })}
    </button>
  );
}

function SaveButton() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const busy = useLook((state) => state.busy);
  useLook((state) => state.history);
  useLook((state) => state.kept);
  return (
    <button type="button" className="save" title={say("save_help")} disabled={busy !== "" || !desk.isDirty} onClick={() => desk.save()}>
      <Icon name="save" />
      {say(busy === "save" ? "saving" : desk.isDirty ? "save" : "is_saved")}
    </button>
  );
}

function RunButton({ onCopy: _onCopy }: { onCopy: () => void }) {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const busy = useLook((state) => state.busy);
  const live = useLook((state) => state.live);
  const selected = useLook((state) => state.selected);
  const [isOpen, setOpen] = useState(false);
  const [name] = selected;
  const prepare = (selection: Selection) => {
    setOpen(false);
    desk.prepare(selection);
  };
  if (live && !live.isOver) {
    return (
      <button type="button" className="run stop" disabled={busy !== ""} onClick={() => desk.ask({ kind: "cancel", run: live.run })}>
        <Icon name="stop" />
        {say("cancel_run")}
      </button>
    );
  }
  return (
    <div className="split" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}>
      <button type="button" className="run" disabled={busy !== ""} onClick={() => prepare({})}>
        <Icon name="run" />
        {say(busy === "run" ? "starting" : "run")}
      </button>
      <button type="button" className="run more" aria-label={say("run_part")} aria-expanded={isOpen} disabled={busy !== ""} onClick={() => setOpen(!isOpen)}>
        <Icon name="more" />
      </button>
      {isOpen && (
        <div className="menu" role="menu">
          {(["from", "to", "only"] as const).map((part) => (
            <button key={part} type="button" role="menuitem" disabled={selected.length !== 1} onClick={() => name !== undefined && prepare({ [part]: name })}>
              {say(`run_${part}`, { name: selected.length === 1 ? (name as string) : say("a_node") })}
            </button>
          ))}
          {selected.length !== 1 && <p className="help">{say("run_part_help")}</p>}
        </div>
      )}
    </div>
  );
}
