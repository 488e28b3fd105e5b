// The panel beside the board: what is selected, field by field; the flow itself where nothing is.

import { useState } from "react";

import type { FlowNode, Json } from "./document.ts";
import { isFields } from "./document.ts";
import { setField } from "./edits.ts";
import { Field, NameField, Section } from "./Fields.tsx";
import type { Property } from "./graph.ts";
import { findSpec, hasFlask, isIdentifier } from "./graph.ts";
import { useDesk, useLook } from "./hooks.ts";
import { Icon } from "./icons.tsx";
import { Mark } from "./Palette.tsx";
import { readAny, showValue } from "./values.ts";

const TEXT: Property = { type: "string" };
const NUMBER: Property = { type: ["number", "string"] };
const WHOLE: Property = { type: "integer" };
const ANY: Property = { type: ["number", "boolean", "object", "string"] };
const SWITCH: Property = { type: "boolean" };
const FORMATS = ["auto", "parquet", "csv", "json", "images", "audio", "video", "text", "numpy", "tfrecord", "lmdb", "hdf5", "files"];

export function Panel() {
  const selected = useLook((state) => state.selected);
  const [name] = selected;
  if (name !== undefined && selected.length === 1) return <NodePanel key={name} name={name} />;
  return selected.length > 1 ? <SeveralPanel names={selected} /> : <FlowPanel />;
}

function NodePanel({ name }: { name: string }) {
  const say = useLook((state) => state.say);
  const node = useLook((state) => state.history.now.nodes[name]);
  const specs = useLook((state) => state.specs);
  const troubles = useLook((state) => state.problems);
  if (!node) return null;
  const spec = findSpec(node, specs);
  const other = troubles.filter((each) => each.node === name && (!each.field || each.field.startsWith("inputs") || each.field === "kind"));
  return (
    <div className="fields">
      <header>
        <Mark kind={node.kind} />
        <span>{say(`kind_of_${node.kind}`)}</span>
        {spec && <b>{spec.title}</b>}
      </header>
      {spec && <p className="help">{spec.help}</p>}
      {other.map((each) => (
        <p key={`${each.field} ${each.message}`} className="wrong-text">
          {each.message}
        </p>
      ))}
      <Field name={name} path={["title"]} label={say("field_title")} property={TEXT} fallback={name} />
      <NameField name={name} />
      {node.kind === "data" && <DataFields name={name} />}
      {node.kind === "model" && <ModelFields name={name} />}
      {node.kind === "algorithm" && <AlgorithmFields name={name} node={node} />}
      <WorkFields name={name} node={node} />
    </div>
  );
}

function DataFields({ name }: { name: string }) {
  const say = useLook((state) => state.say);
  return (
    <>
      <Field name={name} path={["uri"]} label={say("field_uri")} property={TEXT} help={say("help_uri")} isNeeded />
      <Field name={name} path={["format"]} label={say("field_format")} property={{ type: "string", enum: FORMATS, default: "auto" }} />
      <Section title={say("section_wait")}>
        <Field name={name} path={["wait", "timeout"]} label={say("field_wait_timeout")} property={NUMBER} help={say("help_wait")} />
        <Field name={name} path={["wait", "every"]} label={say("field_wait_every")} property={NUMBER} fallback="30s" />
      </Section>
    </>
  );
}

function ModelFields({ name }: { name: string }) {
  const say = useLook((state) => state.say);
  return (
    <>
      <Field name={name} path={["model"]} label={say("field_model_in")} property={TEXT} help={say("help_model_in")} isNeeded />
      <Field name={name} path={["output"]} label={say("field_output")} property={TEXT} help={say("help_output")} />
    </>
  );
}

function AlgorithmFields({ name, node }: { name: string; node: FlowNode }) {
  const say = useLook((state) => state.say);
  const specs = useLook((state) => state.specs);
  const spec = findSpec(node, specs);
  const properties = Object.entries(spec?.params.properties ?? {});
  const unknown = Object.keys(node.params ?? {}).filter((each) => !spec?.params.properties?.[each]);
  const needed = spec?.params.required ?? [];
  const frameworks = spec?.frameworks ?? [];
  return (
    <>
      {!spec && <Field name={name} path={["algorithm"]} label={say("field_algorithm")} property={TEXT} isNeeded />}
      {frameworks.length > 0 && (
        <Field name={name} path={["framework"]} label={say("field_framework")} property={{ type: "string", enum: frameworks }} isNeeded={frameworks.length > 1} fallback={frameworks.length === 1 ? frameworks[0] : ""} />
      )}
      {node.algorithm === "script" && (
        <>
          <Field name={name} path={["code"]} label={say("field_code")} property={TEXT} help={say("help_code")} isNeeded />
          <Field name={name} path={["entry"]} label={say("field_entry")} property={TEXT} help={say("help_entry")} />
        </>
      )}
      {hasFlask(node, specs) && <Field name={name} path={["model"]} label={say("field_model_out")} property={TEXT} help={say("help_model_out")} />}
      <Section title={say("section_params")} isOpen>
        {properties.map(([each, property]) => (
          <Field key={each} name={name} path={["params", each]} label={each} property={property} help={property.description} isNeeded={needed.includes(each)} />
        ))}
        {unknown.map((each) => (
          <Field key={each} name={name} path={["params", each]} label={each} property={ANY} />
        ))}
        {(spec?.name === "script" || !spec) && <AddParam name={name} path={["params"]} />}
      </Section>
    </>
  );
}

function WorkFields({ name, node }: { name: string; node: FlowNode }) {
  const say = useLook((state) => state.say);
  const defaults = useLook((state) => state.history.now.defaults);
  const inherit = (section: string, field: string) => {
    const part = isFields(defaults?.[section]) ? defaults[section] : undefined;
    return showValue(isFields(part) ? part[field] : undefined);
  };
  const isWork = node.kind !== "data";
  return (
    <>
      <Section title={say("section_resources")}>
        <Field name={name} path={["resources", "cpu"]} label={say("field_cpu")} property={NUMBER} fallback={inherit("resources", "cpu") || "1"} />
        <Field name={name} path={["resources", "gpu"]} label={say("field_gpu")} property={NUMBER} fallback={inherit("resources", "gpu") || "0"} />
        <Field name={name} path={["resources", "memory"]} label={say("field_memory")} property={NUMBER} fallback={inherit("resources", "memory")} help={say("help_memory")} />
        {isWork && <Field name={name} path={["resources", "workers"]} label={say("field_workers")} property={NUMBER} fallback="1" />}
      </Section>
      <Section title={say("section_more")}>
        <Field name={name} path={["muted"]} label={say("field_muted")} property={{ ...SWITCH, default: false }} help={say("help_muted")} />
        <Field name={name} path={["retries"]} label={say("field_retries")} property={WHOLE} fallback={showValue(defaults?.retries) || "0"} />
        <Field name={name} path={["timeout"]} label={say("field_timeout")} property={NUMBER} fallback={showValue(defaults?.timeout)} help={say("help_timeout")} />
        <Field name={name} path={["cache"]} label={say("field_cache")} property={{ ...SWITCH, default: true }} help={say("help_cache")} />
        {node.kind === "algorithm" && <Field name={name} path={["output"]} label={say("field_output")} property={TEXT} help={say("help_output")} />}
      </Section>
    </>
  );
}

function SeveralPanel({ names }: { names: string[] }) {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const doc = useLook((state) => state.history.now);
  const isMuted = names.every((name) => doc.nodes[name]?.muted);
  const mute = () => desk.edit(names.reduce((next, name) => setField(next, name, ["muted"], isMuted ? undefined : true), doc));
  return (
    <div className="fields">
      <header>{say("several", { count: names.length })}</header>
      <button type="button" className="wide" onClick={mute}>
        {say(isMuted ? "unmute" : "mute")}
      </button>
    </div>
  );
}

function FlowPanel() {
  const say = useLook((state) => state.say);
  const doc = useLook((state) => state.history.now);
  const problems = useLook((state) => state.problems);
  const desk = useDesk();
  const lost = problems.filter((each) => each.node === null);
  return (
    <div className="fields">
      <header>
        {say("flow")} <b>{doc.name}</b>
      </header>
      {lost.map((each) => (
        <p key={`${each.field} ${each.message}`} className="wrong-text">
          {each.message}
        </p>
      ))}
      <Field name={null} path={["description"]} label={say("field_description")} property={TEXT} />
      <Section title={say("section_flow_params")} isOpen>
        <p className="help">{say("help_flow_params")}</p>
        {Object.keys(doc.params ?? {}).map((each) => (
          <div key={each} className="with-button">
            <Field name={null} path={["params", each]} label={each} property={ANY} isKept />
            <button type="button" className="small" aria-label={say("remove", { name: each })} onClick={() => desk.edit(setField(doc, null, ["params", each], undefined))}>
              <Icon name="close" />
            </button>
          </div>
        ))}
        <AddParam name={null} path={["params"]} />
      </Section>
      <Section title={say("section_defaults")}>
        <Field name={null} path={["defaults", "resources", "cpu"]} label={say("field_cpu")} property={NUMBER} fallback="1" />
        <Field name={null} path={["defaults", "resources", "gpu"]} label={say("field_gpu")} property={NUMBER} fallback="0" />
        <Field name={null} path={["defaults", "resources", "memory"]} label={say("field_memory")} property={NUMBER} help={say("help_memory")} />
        <Field name={null} path={["defaults", "retries"]} label={say("field_retries")} property={WHOLE} fallback="0" />
      </Section>
      {problems.length > 0 && <Troubles />}
    </div>
  );
}

function Troubles() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const problems = useLook((state) => state.problems);
  return (
    <Section title={say("section_problems", { count: problems.length })} isOpen>
      {problems
        .filter((each) => each.node !== null)
        .map((each) => (
          <button key={`${each.node} ${each.field} ${each.message}`} type="button" className="problem" onClick={() => desk.select([each.node as string])}>
            <b>{each.node}</b> {each.message}
          </button>
        ))}
    </Section>
  );
}

function AddParam({ name, path }: { name: string | null; path: string[] }) {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const [text, setText] = useState("");
  const [value, setValue] = useState("");
  const isGood = isIdentifier(text) && value.trim() !== "";
  const add = () => {
    if (!isGood) return;
    desk.edit(setField(desk.doc, name, [...path, text], readAny(value) as Json));
    setText("");
    setValue("");
  };
  return (
    <div className="adding">
      <input value={text} placeholder={say("param_name")} aria-label={say("param_name")} onChange={(event) => setText(event.target.value)} />
      <input value={value} placeholder={say("param_value")} aria-label={say("param_value")} onChange={(event) => setValue(event.target.value)} onKeyDown={(event) => event.key === "Enter" && add()} />
      <button type="button" className="small" disabled={!isGood} aria-label={say("add")} onClick={add}>
        <Icon name="add" />
      </button>
    </div>
  );
}
