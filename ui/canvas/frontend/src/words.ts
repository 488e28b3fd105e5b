// What the canvas says. The sentences come from Python, in the language of who looks.

export type Words = Record<string, string>;
export type Say = (key: string, facts?: Record<string, string | number>) => string;

export function makeSay(words: Words): Say {
  return (key, facts = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => (name in facts ? String(facts[name]) : whole));
}
