"""Shows a run while it goes on: a live table on a terminal, a card in a notebook, lines or nothing elsewhere."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from dix.client.cells import clean, make_table, write_cell
from dix.records.states import RunState, StepState

if TYPE_CHECKING:
    from dix.records.step import Step

# Which steps are worth a line when there are more than lines.
_RANK = {StepState.FAILED: 0, StepState.RUNNING: 1, StepState.WAITING: 2}


class Shown(Protocol):
    """What a view wants to know of a run."""

    @property
    def id(self) -> str: ...
    @property
    def flow(self) -> str: ...
    @property
    def state(self) -> RunState: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...


class View(Protocol):
    """Somewhere to show a run."""

    def update(self, run: Shown) -> None:
        """Show it as it is now."""


def say(sentence: str) -> None:
    """One sentence for a person, on standard error."""
    sys.stderr.write(f"{clean(sentence, keep=chr(10))}\n")
    sys.stderr.flush()


@contextmanager
def open_view(*, progress: bool | None = None) -> Iterator[View]:
    """Where a run is shown: on a terminal and in a notebook; with `progress` elsewhere too, if false nowhere."""
    if progress is False:
        yield Nowhere()
    elif is_notebook():
        yield Card()
    elif sys.stderr.isatty():
        with open_table() as table:
            yield table
    else:
        yield Lines(say) if progress else Nowhere()


def is_notebook() -> bool:
    """Whether there is a notebook around us."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


class Nowhere:
    """Shows nothing."""

    def update(self, run: Shown) -> None:
        pass


class Card:
    """Draws the run again in the output of its cell."""

    def __init__(self) -> None:
        self._handle: Any = None

    def update(self, run: Shown) -> None:
        if self._handle is None:
            self._handle = import_module("IPython.display").display(run, display_id=True)
        else:
            self._handle.update(run)


class Lines:
    """Says once what has changed since the last look."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._tell = say
        self._said: dict[str, str] = {}

    def update(self, run: Shown) -> None:
        """Say what is new."""
        self._say(f"run {run.id}", " ".join(filter(None, (run.state.value, run.reason))))
        for step in run.steps:
            self._say(step.node, _describe(step))

    def _say(self, who: str, what: str) -> None:
        if self._said.get(who) != what:
            self._said[who] = what
            self._tell(f"{who}: {what}")


def open_table() -> Table:
    """A table on the terminal that standard error is."""
    from rich.console import Console
    from rich.live import Live

    return Table(Live(console=Console(stderr=True), refresh_per_second=8, transient=True))


class Table:
    """Draws the steps again in the same place."""

    def __init__(self, live: Any) -> None:
        self._live = live

    def __enter__(self) -> Table:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def update(self, run: Shown) -> None:
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
