// Questions that stand in front of everything else: what a run will take, and whose version shall stay.

import type { ReactNode } from "react";
import { useEffect, useRef } from "react";

import type { Dialog } from "./desk.ts";
import { useDesk, useLook } from "./hooks.ts";
import { Icon } from "./icons.tsx";

const KEYS = ["undo", "redo", "copy", "paste", "duplicate", "all", "box", "delete", "move", "save", "run", "fit", "arrange"];

export function Dialogs() {
  const dialog = useLook((state) => state.dialog);
  if (dialog === null) return null;
  if (dialog.kind === "run") return <RunDialog dialog={dialog} />;
  return dialog.kind === "changed" ? <ChangedDialog dialog={dialog} /> : <KeysDialog />;
}

function RunDialog({ dialog }: { dialog: Extract<Dialog, { kind: "run" }> }) {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const { selection, estimate, failure } = dialog;
  const [part, name] = Object.entries(selection)[0] ?? ["all", ""];
  return (
    <Window title={say(`run_${part}`, { name: name as string })}>
      {failure && <p className="wrong-text">{failure}</p>}
      {!estimate && !failure && <p className="help">{say("estimating")}</p>}
      {estimate && (
        <dl>
          <dt>{say("estimate_time")}</dt>
          <dd>{estimate.took || say("unknown")}</dd>
          {estimate.cost && <dt>{say("estimate_cost")}</dt>}
          {estimate.cost && <dd>{estimate.cost}</dd>}
          {estimate.skipped.length > 0 && <dt>{say("estimate_skipped")}</dt>}
          {estimate.skipped.length > 0 && <dd>{estimate.skipped.join(", ")}</dd>}
          {estimate.unknown.length > 0 && <dt>{say("estimate_unknown")}</dt>}
          {estimate.unknown.length > 0 && <dd>{estimate.unknown.join(", ")}</dd>}
        </dl>
      )}
      {desk.isDirty && <p className="help">{say("run_saves")}</p>}
      <footer>
        <button type="button" onClick={() => desk.set({ dialog: null })}>
          {say("not_now")}
        </button>
        <button type="button" className="run" disabled={estimate === null} onClick={() => desk.run(selection)}>
          <Icon name="run" />
          {say("start")}
        </button>
      </footer>
    </Window>
  );
}

function ChangedDialog({ dialog }: { dialog: Extract<Dialog, { kind: "changed" }> }) {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const { kept, during } = dialog;
  return (
    <Window title={say("changed_title")}>
      <p>{say("changed_text", { who: kept.by, version: kept.version ?? "", when: kept.at })}</p>
      <footer>
        <button type="button" onClick={() => desk.set({ dialog: null })}>
          {say("not_now")}
        </button>
        <button type="button" onClick={() => desk.takeTheirs(kept)}>
          {say("take_theirs")}
        </button>
        <button type="button" className="run" onClick={() => desk.keepMine(kept, during)}>
          {say("keep_mine")}
        </button>
      </footer>
    </Window>
  );
}

function KeysDialog() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  return (
    <Window title={say("keys")}>
      <dl className="keys">
        {KEYS.map((each) => (
          <div key={each}>
            <dt>{say(`key_${each}`)}</dt>
            <dd>{say(`means_${each}`)}</dd>
          </div>
        ))}
      </dl>
      <footer>
        <button type="button" onClick={() => desk.set({ dialog: null })}>
          {say("close")}
        </button>
      </footer>
    </Window>
  );
}

function Window({ title, children }: { title: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div className="veil">
      <div className="window" role="dialog" aria-modal="true" aria-label={title} tabIndex={-1} ref={box}>
        <h3>{title}</h3>
        {children}
      </div>
    </div>
  );
}
