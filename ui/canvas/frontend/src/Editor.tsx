// The whole editor of one flow: bar, palette, board, panel, and what stands in front of them.

import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import type { KeyboardEvent } from "react";
import { useEffect, useRef, useState } from "react";

import { isForField, press } from "./actions.ts";
import { Bar } from "./Bar.tsx";
import { Board } from "./Board.tsx";
import type { Desk } from "./desk.ts";
import { Dialogs } from "./Dialogs.tsx";
import { DeskContext, useDesk, useLook } from "./hooks.ts";
import { Icon } from "./icons.tsx";
import { Palette } from "./Palette.tsx";
import { Panel } from "./Panel.tsx";
import { TextSide } from "./TextSide.tsx";

const NOTICE_MS = 6000;

export function Editor({ desk, height, isDark }: { desk: Desk; height: number; isDark: boolean }) {
  return (
    <DeskContext.Provider value={desk}>
      <ReactFlowProvider>
        <Frame height={height} isDark={isDark} />
      </ReactFlowProvider>
    </DeskContext.Provider>
  );
}

function Frame({ height, isDark }: { height: number; isDark: boolean }) {
  const desk = useDesk();
  const flow = useReactFlow();
  const say = useLook((state) => state.say);
  const side = useLook((state) => state.side);
  const isEmpty = useLook((state) => Object.keys(state.history.now.nodes).length === 0);
  const [isSnapping, setSnapping] = useState(false);
  const root = useRef<HTMLDivElement>(null);

  function onKeyDown(event: KeyboardEvent): void {
    // Streamlit has keys of its own on the page around, and would hear these.
    event.stopPropagation();
    if (isForField(event.nativeEvent)) return;
    if (press(event.nativeEvent, desk, flow)) {
      event.preventDefault();
      // What had the focus may be gone, and the next key shall be heard as well.
      root.current?.focus({ preventScroll: true });
    }
  }

  return (
    <div className={`editor ${isDark ? "dark" : "light"}`} style={{ height }} ref={root} tabIndex={-1} onKeyDown={onKeyDown}>
      <Bar isSnapping={isSnapping} onSnap={() => setSnapping(!isSnapping)} />
      <Newer />
      <div className="middle">
        <Palette />
        <div className="board">
          <Board isSnapping={isSnapping} isDark={isDark} />
          {isEmpty && <p className="welcome">{say("welcome")}</p>}
          <RunLine />
          <NoticeLine />
        </div>
        <div className="side">{side === "text" ? <TextSide /> : <Panel />}</div>
      </div>
      <Dialogs />
    </div>
  );
}

function Newer() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const newer = useLook((state) => state.newer);
  if (newer === null) return null;
  return (
    <div className="newer" role="status">
      <span>{say("newer", { who: newer.by, version: newer.version ?? "", when: newer.at })}</span>
      <button type="button" onClick={() => desk.takeTheirs(newer)}>
        {say("take_theirs")}
      </button>
      <button type="button" onClick={() => desk.keepMine(newer, "")}>
        {say("go_on")}
      </button>
    </div>
  );
}

function RunLine() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const live = useLook((state) => state.live);
  if (live === null) return null;
  const steps = Object.values(live.nodes);
  const over = steps.filter((step) => !["pending", "waiting", "running"].includes(step.state)).length;
  return (
    <div className={`run-line is-${live.state}`} role="status" data-run={live.run}>
      <Icon name={live.state === "queued" ? "waiting" : live.state} />
      <span>{say(`run_is_${live.state}`, { run: live.run, over, all: steps.length })}</span>
      {live.why && <span className="why">{live.why}</span>}
      {live.isOver && (
        <button type="button" className="small" aria-label={say("forget_run")} title={say("forget_run")} onClick={() => desk.ask({ kind: "forget" })}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function NoticeLine() {
  const desk = useDesk();
  const notice = useLook((state) => state.notice);
  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(() => desk.set({ notice: null }), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice, desk]);
  if (notice === null) return null;
  return (
    <div className={`notice ${notice.tone}`} role={notice.tone === "bad" ? "alert" : "status"}>
      {notice.text}
    </div>
  );
}
