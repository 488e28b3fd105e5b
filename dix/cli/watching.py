"""Shows a run while it goes on: a live table on a terminal, a line for each change elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from dix.cli.runs import print_run
from dix.cli.screen import make_table, say, write_cell
from dix.client.wire import join
from dix.records.states import RunState, StepState

if TYPE_CHECKING:
    from dix.client.connection import Client
    from dix.client.runs import ClientRun
    from dix.records.step import Step

INTERRUPTED = 130

# Which steps are worth a line when there are more than lines.
_RANK = {StepState.FAILED: 0, StepState.RUNNING: 1, StepState.WAITING: 2}


class View(Protocol):
    """Somewhere to show a run."""

    def update(self, run: ClientRun) -> None:
        """Show it as it is now."""


def wait_for(client: Client, id: str, *, as_json: bool) -> int:
    """Stay until a run is over and print it; returns the exit code. Ctrl-C leaves the run alone."""
    try:
        run = follow(client, id)
    except KeyboardInterrupt:
        say(f"run {id} goes on: `dix runs logs --follow {id}` follows it, `dix runs cancel {id}` ends it")
        return INTERRUPTED
    print_run(client.wire.get(join("runs", id)), as_json=as_json)
    if run.state is RunState.SUCCEEDED:
        return 0
    say(f"dix: run {id} {run.state.value}" + (f": {run.error}" if run.error else ""))
    return 1


def follow(client: Client, id: str) -> ClientRun:
    """Show a run until it is over, and return it as it is then."""
    with _open_view() as view:
        for run in client.runs.watch(id):
            view.update(run)
    return run


def _open_view() -> AbstractContextManager[View]:
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    if not console.is_terminal:
        return nullcontext(Lines())
    return Table(Live(console=console, refresh_per_second=8, transient=True))


class Lines:
    """Says once what has changed since the last look."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def update(self, run: ClientRun) -> None:
        """Say what is new."""
        self._say(f"run {run.id}", " ".join(filter(None, (run.state.value, run.reason))))
        for step in run.steps:
            self._say(step.node, _describe(step))

    def _say(self, who: str, what: str) -> None:
        if self._said.get(who) != what:
            self._said[who] = what
            say(f"{who}: {what}")


class Table:
    """Draws the steps again in the same place."""

    def __init__(self, live: Any) -> None:
        self._live = live

    def __enter__(self) -> Table:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def update(self, run: ClientRun) -> None:
        """Draw it as it is now."""
        from rich.console import Group
        from rich.text import Text

        head = Text(write_cell(f"run {run.id} of {run.flow}: {run.state.value} {run.reason or ''}".rstrip()))
        counts = Counter(step.state.value for step in run.steps)
        foot = Text(", ".join(f"{count} {state}" for state, count in counts.items()))
        shown = _choose(run.steps, max(1, self._live.console.height - 4))
        self._live.update(Group(head, make_table(("NODE", "STATE", "PROGRESS", "METRICS", ""), _draw(shown)), foot))


def _choose(steps: tuple[Step, ...], room: int) -> list[Step]:
    """As many steps as there is room for, in their order: those that something happens to before all others."""
    ranked = sorted(range(len(steps)), key=lambda index: _RANK.get(steps[index].state, len(_RANK)))
    return [steps[index] for index in sorted(ranked[:room])]


def _draw(steps: Iterable[Step]) -> Iterable[tuple[Any, ...]]:
    for step in steps:
        state = step.state.value if step.attempt < 2 else f"{step.state.value} (attempt {step.attempt})"
        yield step.node, state, _draw_bar(step.progress), step.metrics, step.error or step.reason


def _draw_bar(progress: float | None) -> str:
    if progress is None:
        return ""
    full = round(max(0.0, min(1.0, progress)) * 10)
    return f"{'━' * full}{'╌' * (10 - full)} {progress:4.0%}"


def _describe(step: Step) -> str:
    done = "" if step.progress is None else f"{step.progress:.0%}"
    attempt = f"attempt {step.attempt}" if step.attempt > 1 else ""
    return " ".join(
        filter(None, (step.state.value, attempt, done, write_cell(step.metrics), step.error or step.reason))
    )
