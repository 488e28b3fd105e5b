// The same document as text. What is typed is read by Python, and becomes an edit as soon as it is a document.

import { useEffect, useRef, useState } from "react";

import { useDesk, useLook } from "./hooks.ts";

const REST_MS = 400;

export function TextSide() {
  const desk = useDesk();
  const say = useLook((state) => state.say);
  const known = useLook((state) => state.text);
  const problems = useLook((state) => state.readProblems);
  const [text, setText] = useState(known ?? "");
  const [isTyping, setTyping] = useState(false);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    if (!isTyping && known !== null) setText(known);
  }, [known, isTyping]);

  function type(next: string): void {
    setText(next);
    setTyping(true);
    clearTimeout(rest.current);
    rest.current = setTimeout(() => desk.ask({ kind: "read", text: next }), REST_MS);
  }

  return (
    <div className="text-side">
      <p className="help">{say("text_help")}</p>
      <textarea
        aria-label={say("text_label")}
        spellCheck={false}
        value={text}
        onChange={(event) => type(event.target.value)}
        onBlur={() => problems.length === 0 && setTyping(false)}
      />
      {isTyping &&
        problems.map((each) => (
          <p key={`${each.node} ${each.field} ${each.message}`} className="wrong-text">
            {[each.node, each.field].filter(Boolean).join(".")} {each.message}
          </p>
        ))}
    </div>
  );
}
