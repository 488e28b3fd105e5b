// Small pictures, drawn in lines of the colour of the text.

const PATHS: Record<string, string> = {
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  delete: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6",
  layout: "M4 5h6v5H4zM14 3h6v5h-6zM14 15h6v5h-6zM10 7.500h2v10h2M12 5.500h2",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  clear: "M5 19h14M7 15l8-9 5 5-6 6H9z",
  snap: "M4 4h4v4H4zM16 4h4v4h-4zM4 16h4v4H4zM16 16h4v4h-4zM8 6h8M6 8v8M18 8v8M8 18h8",
  save: "M5 4h11l4 4v12H4V4zM8 4v5h7V4M8 20v-6h8v6",
  run: "M7 4.500v15l12-7.500z",
  stop: "M6 6h12v12H6z",
  more: "m6 9 6 6 6-6",
  keys: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  warning: "M12 4 2.500 20h19zM12 10v4M12 17h.01",
  close: "M6 6l12 12M18 6 6 18",
  folder: "M3 6h6l2 2h10v11H3z",
  add: "M12 5v14M5 12h14",
  template: "M8 4c-3 0-2 4-2 6s-2 2-2 2 2 0 2 2-1 6 2 6M16 4c3 0 2 4 2 6s2 2 2 2-2 0-2 2 1 6-2 6",
  pending: "M12 5v7l4 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  waiting: "M7 3h10M7 21h10M8 3c0 6 8 6 8 9s-8 3-8 9M16 3c0 6-8 6-8 9s8 3 8 9",
  running: "M12 3a9 9 0 1 1-8.500 6",
  succeeded: "m5 12.500 5 5 9-11",
  cached: "M13 3 5 14h6l-1 7 8-11h-6z",
  failed: "M6 6l12 12M18 6 6 18",
  skipped: "M5 5l8 7-8 7zM18 5v14",
  cancelled: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM6 6l12 12",
};

export function Icon({ name }: { name: string }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name] ?? ""} />
    </svg>
  );
}
