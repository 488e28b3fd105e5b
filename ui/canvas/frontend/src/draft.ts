// What has been drawn and is not kept by the server yet: in this browser, for this user, flow by flow.

import type { Doc } from "./document.ts";

export interface Draft {
  // The tag of the version that it was made of; null where the flow is new.
  base: string | null;
  doc: Doc;
  at: number;
}

const PREFIX = "dix-draft ";

export function keepDraft(key: string, draft: Draft): boolean {
  const text = JSON.stringify(draft);
  for (let left = listKeys().length; left >= 0; left -= 1) {
    try {
      localStorage.setItem(PREFIX + key, text);
      return true;
    } catch {
      if (!dropOldest(key)) return false;
    }
  }
  return false;
}

export function findDraft(key: string): Draft | undefined {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + key) ?? "null") as Draft | null;
    return draft && typeof draft.doc === "object" ? draft : undefined;
  } catch {
    return undefined;
  }
}

export function dropDraft(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

function listKeys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

// Make room in a full browser: the draft that was left alone for longest goes.
function dropOldest(kept: string): boolean {
  const others = listKeys().filter((key) => key !== PREFIX + kept);
  const ages = others.map((key) => ({ key, at: findDraft(key.slice(PREFIX.length))?.at ?? 0 }));
  const oldest = ages.sort((first, second) => first.at - second.at)[0];
  if (oldest) localStorage.removeItem(oldest.key);
  return oldest !== undefined;
}
