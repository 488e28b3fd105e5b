// What was there before each edit, and what an undone edit had made.

export interface History<T> {
  past: T[];
  now: T;
  future: T[];
  // What the last edit was about: another one about the same goes together with it. Empty where nothing shall.
  mark: string;
}

const MOST = 200;

export function begin<T>(now: T): History<T> {
  return { past: [], now, future: [], mark: "" };
}

export function record<T>(history: History<T>, now: T, mark = ""): History<T> {
  if (now === history.now) return history;
  const isMore = mark !== "" && mark === history.mark;
  const past = isMore ? history.past : [...history.past, history.now].slice(-MOST);
  return { past, now, future: [], mark };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], mark: "" };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, mark: "" };
}
