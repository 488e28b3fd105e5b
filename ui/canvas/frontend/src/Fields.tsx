// Fields of the panel. Each shows what the document says, its default where it says nothing, and what is wrong with it.

import type { ReactNode } from "react";
import { useEffect, useId, useState } from "react";

import type { Json } from "./document.ts";
import { areEqual } from "./document.ts";
import type { Path } from "./edits.ts";
import { getField, renameNode, setField } from "./edits.ts";
import type { Property } from "./graph.ts";
import { isIdentifier } from "./graph.ts";
import { useDesk, useLook } from "./hooks.ts";
import { Icon } from "./icons.tsx";
import { isTemplate, listTypes, readValue, showValue } from "./values.ts";

interface FieldProps {
  // The node, or null for the flow itself.
  name: string | null;
  path: Path;
  label: string;
  property: Property;
  help?: string;
  isNeeded?: boolean;
  // What holds where the field says nothing.
  fallback?: string;
  // Whether it stays when nothing is in it.
  isKept?: boolean;
}

export function Field(props: FieldProps) {
  const { name, path, label, property, help, isNeeded } = props;
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const owner = useLook((state) => (name === null ? state.history.now : state.history.now.nodes[name]));
  const field = path.join(".");
  const trouble = useLook((state) => state.problems.find((each) => each.node === name && isAbout(each.field, field))?.message);
  const value = getField(owner, path);
  const id = useId();
  const change = (next: Json | undefined) => desk.edit(setField(desk.doc, name, path, next ?? (props.isKept ? "" : undefined)), `${name} ${field}`);
  const options = property.enum ?? (listTypes(property).join() === "boolean" ? [true, false] : undefined);
  const [isFree, setFree] = useState(isTemplate(value));
  const fallback = props.fallback ?? (property.default === undefined || property.default === null ? "" : showValue(property.default as Json));
  return (
    <div className={`field ${trouble ? "wrong" : ""}`}>
      <label htmlFor={id}>
        {label}
        {isNeeded && <span className="needed"> *</span>}
      </label>
      <div className="entry">
        {options && !isFree ? (
          <select id={id} value={value === undefined ? "" : String(value)} onChange={(event) => change(options.find((each) => String(each) === event.target.value) as Json | undefined)}>
            <option value="">{fallback === "" ? say("not_set") : say("default_is", { value: fallback })}</option>
            {options.map((each) => (
              <option key={String(each)} value={String(each)}>
                {String(each)}
              </option>
            ))}
            {value !== undefined && !options.some((each) => each === value) && <option value={String(value)}>{showValue(value)}</option>}
          </select>
        ) : (
          <TextEntry id={id} value={value} property={property} placeholder={fallback} onChange={change} />
        )}
        {options && (
          <button type="button" className={`small ${isFree ? "on" : ""}`} title={say("use_template")} aria-label={say("use_template")} onClick={() => setFree(!isFree)}>
            <Icon name="template" />
          </button>
        )}
      </div>
      {trouble && <p className="wrong-text">{trouble}</p>}
      {help && <p className="help">{[help, sayRange(property)].filter(Boolean).join(" ")}</p>}
    </div>
  );
}

// A text while it is typed: what it means goes into the document, and the text stays as it is.
function TextEntry(props: { id: string; value: Json | undefined; property: Property; placeholder: string; onChange: (value: Json | undefined) => void }) {
  const { id, value, property, placeholder, onChange } = props;
  const [text, setText] = useState(showValue(value));
  useEffect(() => {
    setText((before) => (areEqual(readValue(before, property), value) ? before : showValue(value)));
  }, [value, property]);
  const type = (next: string) => {
    setText(next);
    onChange(readValue(next, property));
  };
  const isLong = text.includes("\n") || text.length > 60;
  return isLong ? (
    <textarea id={id} value={text} rows={4} placeholder={placeholder} onChange={(event) => type(event.target.value)} />
  ) : (
    <input id={id} value={text} placeholder={placeholder} autoComplete="off" spellCheck={false} onChange={(event) => type(event.target.value)} />
  );
}

// A node's name, which others refer to; it is changed when one leaves the field, because half a name is a name as well.
export function NameField({ name }: { name: string }) {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const nodes = useLook((state) => state.history.now.nodes);
  const [text, setText] = useState(name);
  const id = useId();
  useEffect(() => setText(name), [name]);
  const trouble = !isIdentifier(text) ? say("bad_name") : text !== name && text in nodes ? say("taken_name", { name: text }) : "";
  const settle = () => {
    if (trouble || text === name) return setText(name);
    desk.edit(renameNode(desk.doc, name, text), "", [text]);
  };
  return (
    <div className={`field ${trouble ? "wrong" : ""}`}>
      <label htmlFor={id}>{say("field_name")}</label>
      <input id={id} value={text} autoComplete="off" spellCheck={false} onChange={(event) => setText(event.target.value)} onBlur={settle} onKeyDown={(event) => event.key === "Enter" && settle()} />
      {trouble && <p className="wrong-text">{trouble}</p>}
    </div>
  );
}

export function Section({ title, isOpen = false, children }: { title: string; isOpen?: boolean; children: ReactNode }) {
  return (
    <details open={isOpen}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

function isAbout(found: string | null, field: string): boolean {
  return found === field || (found?.startsWith(`${field}.`) ?? false);
}

function sayRange({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Property): string {
  const least = minimum !== undefined ? `≥ ${minimum}` : exclusiveMinimum !== undefined ? `> ${exclusiveMinimum}` : "";
  const most = maximum !== undefined ? `≤ ${maximum}` : exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : "";
  return [least, most].filter(Boolean).join(", ");
}
