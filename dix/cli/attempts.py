"""`dix runs attempts`: every try of every step of a run."""

from __future__ import annotations

from typing import Any

import typer

from dix.cli.options import Json, open_client
from dix.cli.runs import Id, NodeOption, find_duration
from dix.cli.screen import show_list

_COLUMNS = {
    "node": "NODE",
    "attempt": "ATTEMPT",
    "outcome": "OUTCOME",
    "machine": "MACHINE",
    "started": "STARTED",
    "took": "TOOK",
    "held": "HELD",
    "used": "USED",
    "error": "WHY",
}


def add_to(runs: typer.Typer) -> None:
    """Put the command in its place."""
    runs.command("attempts")(list_attempts)


def list_attempts(id: Id, node: NodeOption = None, json: Json = False) -> None:
    """List every attempt of the steps of a run: what became of it, what it held and what it used."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("runs", id, "attempts"), node=node)
    show_list(page if json else _sum_up(page), _COLUMNS, as_json=json, empty="nothing has been tried yet")


def _sum_up(page: dict[str, Any]) -> dict[str, Any]:
    items = [
        {
            **item,
            "outcome": item["outcome"] or "running",
            "took": find_duration(item),
            "held": _write_held(item["allocated"]),
            "used": _write_used(item["used"]),
        }
        for item in page["items"]
    ]
    return {**page, "items": items}


def _write_held(held: dict[str, Any]) -> str:
    cards = f"{held['gpu']:g} {held['gpu_type'] or 'gpu'}" if held["gpu"] else None
    return ", ".join(filter(None, [f"{held['cpu']:g} cpu", cards, _write_gib(held["memory_bytes"])]))


def _write_used(used: dict[str, Any]) -> str:
    cpu = None if used["cpu_s"] is None else f"{used['cpu_s']:.1f} cpu s"
    peak = None if used["peak_memory_bytes"] is None else _write_gib(used["peak_memory_bytes"])
    cards = None if used["gpu_utilisation"] is None else f"{used['gpu_utilisation']:.0%} gpu"
    return ", ".join(filter(None, [cpu, peak, cards]))


def _write_gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.3g} GiB"
