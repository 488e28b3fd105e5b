"""How an estimate is shown: what is known of each node, and what is not."""

from __future__ import annotations

from typing import Any

from dix.cli.screen import say, show, show_table


def print_estimate(estimate: dict[str, Any], *, as_json: bool) -> None:
    """A row for each node; the sums, and what they leave out, as sentences."""
    if as_json:
        show(estimate)
        return
    show_table(("NODE", "TAKES", "FROM", "COST", ""), [_write_row(node, estimate) for node in estimate["nodes"]])
    cost = "" if estimate["cost"] is None else f", costs {_write_cost(estimate['cost'], estimate)}"
    path = " > ".join(estimate["path"])
    at_least = "at least " if estimate["unknown"] else ""
    say(f"it takes {at_least}{_write_time(estimate['seconds'])} ({path}){cost}, with no waiting and nothing cached")
    if estimate["unknown"]:
        say(f"not known, and not in these sums: no earlier run of {', '.join(estimate['unknown'])}")


def _write_row(node: dict[str, Any], estimate: dict[str, Any]) -> list[Any]:
    takes, source = None, None
    if node["attempts"]:
        takes = _write_time(node["seconds"])
        runs = "1 attempt" if node["attempts"] == 1 else f"{node['attempts']} attempts"
        source = f"{runs}: {_write_time(node['least_s'])} to {_write_time(node['most_s'])}"
    cost = None if node["cost"] is None else _write_cost(node["cost"], estimate)
    return [node["node"], takes, source, cost, node["note"]]


def _write_cost(cost: float, estimate: dict[str, Any]) -> str:
    return f"{cost:.2f} {estimate['currency']}".rstrip()


def _write_time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
