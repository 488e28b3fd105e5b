"""Answers what the canvas asks: is it right, keep it, what will it take, run it, end it.

Each answer names its question, so that the canvas knows which it is when it sees it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dix.client.connection import Client
from dix.client.run import ClientRun
from dix.errors import BadDocument, Changed, DixError, NotFound, Problem
from dix.flow.text import read_flow
from dix.records.estimate import Estimate
from dix.records.flow_version import FlowVersion
from ui.canvas.drawing import draw, write_drawing
from ui.editor.desk import Desk
from ui.editor.kept import describe_kept
from ui.editor.stock import list_entries
from ui.parts.clock import say_seconds
from ui.words.text import Text

Ask = Mapping[str, Any]
Reply = dict[str, Any]


class Words:
    """What this file says."""

    KEEP_NAME = Text("this is the flow {name}; keep its name", "这是流程 {name}；请保留其名称")


class Answers:
    """Answers for one flow."""

    def __init__(self, client: Client, desk: Desk) -> None:
        self._client = client
        self._desk = desk

    def answer(self, ask: Ask) -> None:
        """Leave the reply on the desk; a question that was answered already is not done again."""
        if ask["id"] == self._desk.answered:
            return
        self._desk.answered = ask["id"]
        self._desk.reply = {"id": ask["id"], **self._find_reply(ask)}

    def _find_reply(self, ask: Ask) -> Reply:
        known: dict[str, Callable[[Ask], Reply]] = {
            "check": self._check,
            "save": self._save,
            "estimate": self._estimate,
            "run": self._run,
            "read": self._read,
            "list": self._list,
            "cancel": self._cancel,
            "forget": self._forget,
        }
        try:
            return known[ask["kind"]](ask)
        except Changed:
            latest = describe_kept(self._client.flows.get(self._desk.flow))
            return {"kind": "changed", "kept": latest, "during": ask["kind"]}
        except BadDocument as error:
            return {"kind": "failed", "message": str(error), "problems": _list_problems(error.problems)}
        except DixError as error:
            return {"kind": "failed", "message": str(error), "problems": []}

    def _check(self, ask: Ask) -> Reply:
        self._desk.selected = [str(name) for name in ask["selected"]]
        nodes = ask["doc"]["nodes"]
        self._desk.uris = {name: str(node.get("uri", "")) for name, node in nodes.items() if node["kind"] == "data"}
        text = write_drawing(ask["doc"])
        problems: tuple[Problem, ...] = ()
        try:
            self._client.flows.check(text)
        except BadDocument as error:
            problems = error.problems
        return {
            "kind": "checked",
            "revision": ask["revision"],
            "problems": _list_problems(problems),
            "text": text,
        }

    def _save(self, ask: Ask) -> Reply:
        self._check_free(ask)
        kept = self._client.flows.push(write_drawing(ask["doc"]), if_match=ask["tag"])
        return {"kind": "saved", "kept": describe_kept(kept)}

    def _estimate(self, ask: Ask) -> Reply:
        found = self._client.runs.estimate(write_drawing(ask["doc"]), selection=ask["selection"])
        return {"kind": "estimated", "estimate": _describe_estimate(found)}

    def _run(self, ask: Ask) -> Reply:
        self._check_free(ask)
        run = self._client.runs.start(write_drawing(ask["doc"]), selection=ask["selection"], if_match=ask["tag"])
        self._desk.run = run.id
        kept = self._client.flows.get(run.flow, run.flow_version)
        return {"kind": "started", "run": run.id, "kept": describe_kept(kept)}

    def _read(self, ask: Ask) -> Reply:
        try:
            doc = read_flow(ask["text"])
        except BadDocument as error:
            return {"kind": "read", "doc": None, "problems": _list_problems(error.problems)}
        if doc.name != self._desk.flow:
            told = {"node": None, "field": "name", "message": Words.KEEP_NAME.format(name=self._desk.flow)}
            return {"kind": "read", "doc": None, "problems": [told]}
        return {"kind": "read", "doc": draw(doc), "problems": []}

    def _list(self, ask: Ask) -> Reply:
        return {"kind": "listed", "uri": ask["uri"], "entries": list_entries(self._client, ask["uri"])}

    def _cancel(self, ask: Ask) -> Reply:
        self._client.runs.cancel(ask["run"])
        return {"kind": "done"}

    def _forget(self, _ask: Ask) -> Reply:
        self._desk.run = None
        return {"kind": "done"}

    def _check_free(self, ask: Ask) -> None:
        """A flow that was new when it was begun must not go over one that somebody has made meanwhile."""
        if ask["tag"] is not None:
            return
        found = self._find_latest()
        if found is not None:
            raise Changed("flow", found.flow, found.user, None, found.tag)

    def _find_latest(self) -> FlowVersion | None:
        try:
            return self._client.flows.get(self._desk.flow)
        except NotFound:
            return None


def find_run(client: Client, desk: Desk) -> ClientRun | None:
    """The run that the desk looks at; None where there is none."""
    if desk.run is None:
        return None
    try:
        return client.runs.get(desk.run)
    except NotFound:
        return None


def _list_problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "node": problem.node,
            "field": problem.field,
            "message": str(Problem(None, None, problem.rule, problem.message, problem.nearest)),
        }
        for problem in problems
    ]


def _describe_estimate(found: Estimate) -> dict[str, Any]:
    is_known = len(found.unknown) < len(found.nodes)
    cost = "" if found.cost is None else f"{found.cost:.2f} {found.currency or ''}".strip()
    return {
        "took": say_seconds(found.seconds) if is_known else "",
        "cost": cost,
        "unknown": list(found.unknown),
        "skipped": [node.node for node in found.nodes if node.seconds == 0 and node.note],
    }
