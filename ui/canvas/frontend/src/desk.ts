// One flow on the canvas: the drawing with its history, what is known of it, and the questions that are under way.
//
// The browser owns the drawing. A version that comes from the server replaces it only where nothing was drawn since.

import type { Doc } from "./document.ts";
import { areEqual } from "./document.ts";
import { dropDraft, findDraft, keepDraft } from "./draft.ts";
import type { Spec, Specs } from "./graph.ts";
import type { History } from "./history.ts";
import { begin, record, redo, undo } from "./history.ts";
import type { AnswerData, Ask, CanvasData, Entry, Estimate, Kept, Live, Palette, Problem, Question, Reply, Selection } from "./protocol.ts";
import type { Say } from "./words.ts";
import { makeSay } from "./words.ts";

const REST_MS = 150;
const PATIENCE_MS = 30_000;

export interface Notice {
  text: string;
  tone: "plain" | "bad";
}

export type Dialog =
  | { kind: "run"; selection: Selection; estimate: Estimate | null; failure: string }
  | { kind: "changed"; kept: Kept; during: string }
  | { kind: "keys" };

export interface State {
  history: History<Doc>;
  kept: Kept;
  // A version that somebody else has saved since the drawing was begun.
  newer: Kept | null;
  specs: Specs;
  palette: Palette;
  listed: Record<string, Entry[]>;
  selected: string[];
  revision: number;
  // The problems and the text of the revision that was looked at last.
  problems: Problem[];
  checked: number;
  text: string | null;
  live: Live | null;
  side: "fields" | "text";
  dialog: Dialog | null;
  notice: Notice | null;
  busy: string;
  readProblems: Problem[];
  say: Say;
}

export class Desk {
  state: State;
  send: (ask: Ask) => void = () => undefined;

  private readonly key: string;
  private readonly listeners = new Set<() => void>();
  private readonly waiting: Question[] = [];
  private asked: (Ask & { until: number }) | null = null;
  private heard = "";
  private count = 0;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;

  constructor(data: CanvasData) {
    this.key = `${data.user} ${data.flow}`;
    const draft = findDraft(this.key);
    const isMore = draft !== undefined && !areEqual(draft.doc, data.kept.doc);
    const isStale = isMore && draft.base !== data.kept.tag;
    const say = makeSay(data.words);
    this.state = {
      history: isMore ? record(begin(data.kept.doc), draft.doc) : begin(data.kept.doc),
      kept: isStale ? { ...data.kept, tag: draft.base } : data.kept,
      newer: isStale ? data.kept : null,
      specs: {},
      palette: data.palette,
      listed: {},
      selected: [],
      revision: 1,
      problems: [],
      checked: 0,
      text: null,
      live: null,
      side: "fields",
      dialog: null,
      notice: isMore ? { text: say("restored"), tone: "plain" } : null,
      busy: "",
      readProblems: [],
      say,
    };
    this.receive(data);
    this.settle();
  }

  get doc(): Doc {
    return this.state.history.now;
  }

  get isDirty(): boolean {
    return this.state.kept.tag === null || !areEqual(this.doc, this.state.kept.doc);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(some: Partial<State>): void {
    this.state = { ...this.state, ...some };
    for (const listener of this.listeners) listener();
  }

  // What Python knows, at each of its runs; mostly what it was before.
  receive(data: CanvasData): void {
    const specs = Object.fromEntries(data.specs.map((spec: Spec) => [spec.name, spec]));
    if (!areEqual(specs, this.state.specs)) this.set({ specs });
    if (!areEqual(data.palette, this.state.palette)) this.set({ palette: data.palette });
    this.set({ say: makeSay(data.words) });
    this.meet(data.kept);
  }

  hear(data: AnswerData): void {
    const live = merge(this.state.live, data.live);
    if (live !== this.state.live) this.set({ live });
    if (data.reply && data.reply.id === this.asked?.id && data.reply.id !== this.heard) {
      const { asked } = this;
      this.heard = data.reply.id;
      this.asked = null;
      this.take(data.reply, "doc" in asked ? asked.doc : null);
      this.next();
    }
  }

  edit(doc: Doc, mark = "", selected: string[] = this.state.selected): void {
    this.move(record(this.state.history, doc, mark), selected);
  }

  undo(): void {
    this.move(undo(this.state.history), this.state.selected);
  }

  redo(): void {
    this.move(redo(this.state.history), this.state.selected);
  }

  select(selected: string[]): void {
    if (areEqual(selected, this.state.selected)) return;
    this.set({ selected });
    this.settle();
  }

  tell(text: string, tone: Notice["tone"] = "plain"): void {
    this.set({ notice: { text, tone } });
  }

  save(): void {
    if (!this.isDirty) return this.tell(this.state.say("saved_already"));
    this.set({ busy: "save" });
    this.ask({ kind: "save", doc: this.doc, tag: this.state.kept.tag });
  }

  prepare(selection: Selection): void {
    this.set({ dialog: { kind: "run", selection, estimate: null, failure: "" } });
    this.ask({ kind: "estimate", doc: this.doc, selection });
  }

  run(selection: Selection): void {
    this.set({ busy: "run", dialog: null });
    this.ask({ kind: "run", doc: this.doc, tag: this.state.kept.tag, selection });
  }

  // Somebody else's version: show it and let go of what was drawn, which can be undone, or go on over it.
  takeTheirs(kept: Kept): void {
    dropDraft(this.key);
    this.set({ kept, newer: null, dialog: null });
    this.edit(kept.doc, "", []);
  }

  keepMine(kept: Kept, during: string): void {
    this.set({ kept: { ...this.state.kept, tag: kept.tag, version: kept.version, doc: kept.doc }, newer: null, dialog: null });
    if (during === "save") this.save();
    else if (during === "run") this.prepare({});
  }

  ask(question: Question): void {
    const same = this.waiting.findIndex((each) => each.kind === question.kind);
    if (same >= 0) this.waiting.splice(same, 1);
    this.waiting.push(question);
    this.next();
  }

  private meet(kept: Kept): void {
    const { kept: mine } = this.state;
    if (kept.tag === mine.tag || kept.tag === this.state.newer?.tag) return;
    if ((kept.version ?? 0) < (mine.version ?? 0)) return;
    if (this.isDirty) return this.set({ newer: kept });
    this.set({ kept });
    this.edit(kept.doc);
    this.tell(this.state.say("theirs_shown", { version: kept.version ?? "", who: kept.by }));
  }

  private move(history: History<Doc>, selected: string[]): void {
    if (history === this.state.history) return;
    const there = selected.filter((name) => name in history.now.nodes);
    this.set({ history, selected: there, revision: this.state.revision + 1 });
    this.settle();
  }

  // After a moment without edits, what was drawn is kept here and looked at there.
  private settle(): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      if (!this.isDirty) dropDraft(this.key);
      else if (!keepDraft(this.key, { base: this.state.kept.tag, doc: this.doc, at: Date.now() })) {
        this.tell(this.state.say("draft_failed"), "bad");
      }
      const { revision, selected } = this.state;
      this.ask({ kind: "check", doc: this.doc, revision, selected });
    }, REST_MS);
  }

  private next(): void {
    if (this.asked !== null) return;
    const question = this.waiting.shift();
    if (question === undefined) return;
    this.count += 1;
    const ask = { ...question, id: `${Date.now()}-${this.count}` };
    this.asked = { ...ask, until: Date.now() + PATIENCE_MS };
    this.send(ask);
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.giveUp(ask.id), PATIENCE_MS);
  }

  private giveUp(id: string): void {
    if (this.asked?.id !== id) return;
    const { kind } = this.asked;
    this.asked = null;
    this.set({ busy: "" });
    if (kind !== "check") this.tell(this.state.say("no_answer"), "bad");
    this.next();
  }

  private take(reply: Reply, sent: Doc | null): void {
    const { say, dialog } = this.state;
    switch (reply.kind) {
      case "checked":
        return this.set({ problems: reply.problems, text: reply.text ?? this.state.text, checked: reply.revision });
      case "saved":
        this.settleKept(reply.kept, sent);
        return this.set({ busy: "", notice: { text: say("saved", { version: reply.kept.version ?? "" }), tone: "plain" } });
      case "started":
        this.settleKept(reply.kept, sent);
        return this.set({ busy: "", notice: { text: say("started", { run: reply.run }), tone: "plain" } });
      case "changed":
        return this.set({ busy: "", dialog: { kind: "changed", kept: reply.kept, during: reply.during } });
      case "estimated":
        return dialog?.kind === "run" ? this.set({ dialog: { ...dialog, estimate: reply.estimate } }) : undefined;
      case "read":
        this.set({ readProblems: reply.problems });
        return reply.doc ? this.edit(reply.doc, "text") : undefined;
      case "listed":
        return this.set({ listed: { ...this.state.listed, [reply.uri]: reply.entries } });
      case "failed":
        if (reply.problems.length > 0) this.set({ problems: reply.problems });
        if (dialog?.kind === "run") return this.set({ busy: "", dialog: { ...dialog, failure: reply.message } });
        return this.set({ busy: "", notice: { text: reply.message, tone: "bad" } });
      case "done":
        return this.set({ busy: "" });
    }
  }

  // The drawing, as it was sent, is the latest version now; what was drawn meanwhile stays on top of it.
  private settleKept(kept: Kept, sent: Doc | null): void {
    const { history } = this.state;
    this.set({ kept, newer: null, history: history.now === sent ? { ...history, now: kept.doc } : history });
    this.settle();
  }
}

function merge(before: Live | null, after: Live | null): Live | null {
  if (before === null || after === null) return after;
  if (areEqual(before, after)) return before;
  const nodes = Object.entries(after.nodes).map(([name, step]) => {
    const known = before.nodes[name];
    return [name, known && areEqual(known, step) ? known : step];
  });
  return { ...after, nodes: Object.fromEntries(nodes) };
}
