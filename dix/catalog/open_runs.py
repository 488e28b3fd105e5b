"""Where the runs that are not over stand, kept in memory: a move is judged without asking the file."""

from __future__ import annotations

from collections.abc import Collection

from dix.catalog.moves import StepKey, Verdict, judge_moves
from dix.catalog.writes import Connection
from dix.records.change import ChangeSet
from dix.records.states import RunState, StepState, run_is_over


class OpenRuns:
    """For the writer only; it says what the tables say once the inbox has been worked into them.

    A run is here from its first change on until its end is in the tables, and all its steps with it.
    """

    def __init__(self) -> None:
        self._runs: dict[str, RunState] = {}
        self._steps: dict[StepKey, StepState] = {}
        self._keys: dict[str, list[StepKey]] = {}  # of the steps, by run
        self._projects: dict[str, str] = {}
        self._ended: set[str] = set()  # may be dropped when all that was judged is in the tables

    def knows(self, runs: Collection[str]) -> bool:
        """Whether changes of all these can be judged without the file."""
        return all(run in self._runs for run in runs)

    def load(self, connection: Connection, runs: Collection[str]) -> None:
        """Read those that are not here yet; whatever was judged before must be in the tables."""
        missing = [run for run in runs if run not in self._runs]
        if not missing:
            return
        found = connection.execute("SELECT id, state, project FROM runs WHERE id = ANY(?::VARCHAR[])", [missing])
        for run, state, project in found.fetchall():
            self._runs[run], self._projects[run], self._keys[run] = RunState(state), project, []
            if run_is_over(self._runs[run]):
                self._ended.add(run)
        places = ", ".join("?" for _ in missing)  # a list of values finds them faster than an array does
        steps = connection.execute(f"SELECT run, node, state FROM steps WHERE run IN ({places})", missing)
        for run, node, state in steps.fetchall():
            self._steps[run, node] = StepState(state)
            self._keys[run].append((run, node))

    def judge(self, changes: ChangeSet) -> Verdict:
        """What comes of the changes; the states follow at once."""
        verdict = judge_moves(changes, self._steps, self._runs)
        self._ended.update(run for run, moves in verdict.runs.items() if run_is_over(moves[-1].to))
        return verdict

    def get_project(self, run: str) -> str:
        """Whose run it is; one of an unknown run is the default project's."""
        return self._projects.get(run, "default")

    def drop_ended(self) -> None:
        """Forget the runs that are over: their ends are in the tables."""
        for run in self._ended:
            del self._runs[run], self._projects[run]
            for key in self._keys.pop(run):
                del self._steps[key]
        self._ended = set()

    def clear(self) -> None:
        """Forget everything: what was judged last did not become durable."""
        for content in (self._runs, self._steps, self._keys, self._projects, self._ended):
            content.clear()
