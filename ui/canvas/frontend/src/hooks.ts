// The desk, as components see it.

import { createContext, useContext, useSyncExternalStore } from "react";

import type { Desk, State } from "./desk.ts";

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("the canvas has no desk");
  return desk;
}

// A part of the state; it must be the same object as long as nothing in it changes.
export function useLook<T>(look: (state: State) => T): T {
  const desk = useDesk();
  return useSyncExternalStore(desk.subscribe, () => look(desk.state));
}
