"""Whatever fails, is cancelled or crashes: every attempt that is on disk counts once, and usage adds up to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from dix.catalog.direct import DirectCatalog
from dix.engine import course as course_file
from dix.engine.closing import list_under_way
from dix.engine.course import Course
from dix.engine.messages import Beat, Outcome, StepKey, StepReport
from dix.engine.meter import Meter
from dix.engine.plan import Plan, Retrying
from dix.names import make_run_id
from dix.records.run import Run
from dix.records.states import run_is_over
from dix.records.step import Step
from dix.records.usage import UsageKey, UsageQuery, add_up
from tests.engine.test_course import planned, start

MIDNIGHT = datetime(2026, 5, 17, tzinfo=UTC)
PLAN = Plan("f", 1, (planned("a", retrying=Retrying(2)), planned("b"), planned("c", "a", retrying=Retrying(1))))
ACTS = some.lists(
    some.tuples(
        some.sampled_from(["start", "beat", "beat", "end", "end", "fail", "break", "alive", "crash", "torn", "cancel"]),
        some.integers(0, 2),
        some.integers(1, 40_000),
    ),
    max_size=60,
)


@dataclass
class World:
    """A run, what happens to it, and what ought to be written down of its attempts."""

    catalog: DirectCatalog
    run: Run
    clock: datetime = MIDNIGHT
    alive: datetime = MIDNIGHT
    begun: dict[StepKey, datetime] = field(default_factory=dict)  # at work
    on_disk: dict[StepKey, datetime] = field(default_factory=dict)  # of those, begun there
    expected: dict[tuple[str, int], tuple[datetime, datetime]] = field(default_factory=dict)

    def take_up(self) -> Course:
        run = self.catalog.runs.get_run(self.run.id)
        meter = Meter(run, PLAN, list_under_way(self.catalog, run.id), self.catalog.attempts.find_alive())
        return Course(run, self.catalog.runs.list_steps(run.id), PLAN, meter)

    def write(self, course: Course) -> None:
        self.catalog.runs.apply_changes(course.take_moves())
        course.take_stops()
        for alarm in course.take_alarms():
            course.ring(alarm)

    def do(self, course: Course, act: str, chosen: int, passes: int) -> Course:
        """One thing happens; the course that goes on."""
        self.clock += timedelta(seconds=passes)
        at_work = sorted(self.begun, key=str)
        key = at_work[chosen % len(at_work)] if at_work else None
        match act:
            case "start":
                self.begun |= dict.fromkeys(start(course), self.clock)
            case "beat" if key:
                course.beat(Beat(key, self.begun[key]))
                self.on_disk[key] = self.begun[key]
            case "end" | "fail" | "break" if key:
                self.end(course, key, {"end": Outcome.SUCCEEDED, "fail": Outcome.FAILED}.get(act, Outcome.BROKEN))
            case "alive":
                self.alive = self.clock
                self.catalog.attempts.note_alive(self.clock)
            case "crash":
                return self.crash()
            case "torn" if key:  # the report is heard and never written down
                if key not in self.on_disk:
                    course.beat(Beat(key, self.begun[key]))
                    self.on_disk[key] = self.begun[key]
                    self.write(course)
                course.end(StepReport(key, Outcome.SUCCEEDED, self.begun[key], self.clock))
                return self.crash()
            case "cancel" if chosen == 0 and passes % 7 == 0:
                course.cancel()
                self.expected |= {(one.node, one.attempt): (since, self.clock) for one, since in self.on_disk.items()}
                self.begun, self.on_disk = {}, {}
        self.write(course)
        return course

    def end(self, course: Course, key: StepKey, outcome: Outcome) -> None:
        started = self.begun.pop(key)
        self.on_disk.pop(key, None)
        self.expected[key.node, key.attempt] = (started, self.clock)
        error = None if outcome is Outcome.SUCCEEDED else "it broke"
        course.end(StepReport(key, outcome, started, self.clock, error=error))

    def crash(self) -> Course:
        """All that is not on disk is gone."""
        lost = {(key.node, key.attempt): (since, max(since, self.alive)) for key, since in self.on_disk.items()}
        self.expected |= lost
        self.begun, self.on_disk = {}, {}
        course = self.take_up()
        self.write(course)
        return course


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectCatalog]:
    folder: Path = tmp_path_factory.mktemp("metering")
    catalog = DirectCatalog(folder / "catalog.duckdb")
    yield catalog
    catalog.close()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_usage_adds_up_whatever_happens(
    catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch, acts: list[tuple[str, int, int]]
) -> None:
    run = Run(make_run_id(), "f", 1, MIDNIGHT, project=f"p-{make_run_id()}")
    catalog.runs.create_run(run, tuple(Step(run.id, step.node) for step in PLAN.steps))
    catalog.attempts.note_alive(MIDNIGHT)
    world = World(catalog, run)
    monkeypatch.setattr(course_file, "now", lambda: world.clock)
    course = world.take_up()
    world.write(course)
    for act in acts:
        course = world.do(course, *act)
    check(world)
    world.crash()
    check(world)
    assert not [one for one in catalog.attempts.list_open_attempts() if one.run == run.id]
    if run_is_over(catalog.runs.get_run(run.id).state):
        assert world.take_up().is_over()


def check(world: World) -> None:
    """What is written down is what ought to be, and usage is the sum of it."""
    attempts = world.catalog.attempts.list_attempts(world.run.id)
    ended = {(one.node, one.attempt): (one.started, one.ended) for one in attempts if one.ended}
    assert ended == world.expected
    assert len(attempts) == len(ended) + len(world.on_disk)
    spans = [*world.expected.values(), *((since, world.clock) for since in world.on_disk.values())]
    micros = sum((end - since) // timedelta(microseconds=1) for since, end in spans)
    rows = world.catalog.usage.sum_usage(UsageQuery((UsageKey.DAY,), project=world.run.project), world.clock)
    total = add_up(rows)
    assert total.run_s == Fraction(micros, 10**6)
    assert (total.attempts, total.running) == (len(attempts), len(world.on_disk))
