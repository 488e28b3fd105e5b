"""Who uses a version of a model now, so that it cannot be deleted, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from dix.catalog.aliases import list_aliases
from dix.catalog.writes import Connection
from dix.records.sight import Sight
from dix.records.states import RunState, run_is_over

_UNFINISHED = [state.value for state in RunState if not run_is_over(state)]
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that needs a version: an alias, an endpoint, or a run that is not over."""

    what: str
    name: str
    is_seen: bool = True

    def __str__(self) -> str:
        return f"{self.what} {self.name}"


def find_uses(connection: Connection, model: str, versions: Collection[int], sight: Sight) -> tuple[Use, ...]:
    """Everything that needs one of these versions of a model, each with whether somebody sees it."""
    return (
        *(Use("alias", one.alias) for one in list_aliases(connection, [model]) if one.version in versions),
        *_find_endpoints(connection, model, versions, sight),
        *sorted(set(_find_runs(connection, model, versions, sight)), key=str),
    )


def tell_uses(uses: Collection[Use]) -> str:
    """They, in words: `alias champion, run r12`; what is not seen is not named."""
    named = [str(use) for use in uses if use.is_seen]
    parts = named[:_MOST_NAMED]
    if len(named) > _MOST_NAMED:
        parts.append(f"{len(named) - _MOST_NAMED} more")
    if len(named) < len(uses):
        parts.append("what you do not see")
    return ", ".join(parts)


def _find_endpoints(connection: Connection, model: str, versions: Collection[int], sight: Sight) -> Iterator[Use]:
    rows = connection.execute(
        "SELECT name, version, project FROM endpoints WHERE model = ? ORDER BY name", [model]
    ).fetchall()
    return (
        Use("endpoint", name, sight.sees_project(project)) for name, version, project in rows if version in versions
    )


def _find_runs(connection: Connection, model: str, versions: Collection[int], sight: Sight) -> Iterator[Use]:
    """Runs under way that were accepted with one of them, or have a step that left it or took it over."""
    places = ", ".join("?" for _ in _UNFINISHED)
    begin = f'"models:/{model}/'
    rows = connection.execute(
        f"""
        SELECT runs.id, runs.project, runs.flow, runs.models, steps.outputs FROM runs
        LEFT JOIN steps ON steps.run = runs.id AND contains(steps.outputs, ?)
        WHERE runs.state IN ({places}) AND (contains(runs.models, ?) OR steps.outputs IS NOT NULL)
        """,
        [begin, *_UNFINISHED, begin],
    ).fetchall()
    references = [f'{begin}{version}"' for version in versions]
    for run, project, flow, models, outputs in rows:
        if any(reference in models or reference in (outputs or "") for reference in references):
            yield Use("run", run, sight.sees_run(project, flow))
