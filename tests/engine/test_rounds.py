"""A round gives slots to whose turn it is, and nobody waits for ever."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dix.engine.admission import Admission
from dix.engine.course import Course
from dix.engine.machines import Machine, Place
from dix.engine.messages import Outcome, StepKey, StepReport
from dix.engine.patience import PASSES
from dix.engine.plan import Plan, PlannedStep, Slice
from dix.engine.rounds import give_out
from dix.quota.book import QuotaBook
from dix.records.moments import now
from dix.records.project import Project, Quota, Reclaim
from dix.records.run import Run
from dix.records.states import StepState
from dix.records.step import Step
from tests.quota.test_book import check

GIB = 2**30
NOON = now()
CPU = Slice(1, 0, GIB)


class Floor:
    """Courses on one or more machines; what is started runs until the test ends it."""

    def __init__(self, machines: Iterable[Machine], projects: Iterable[Project] = ()) -> None:
        self.machines = tuple(machines)
        self.admission = Admission(self.machines, QuotaBook(projects))
        self.courses: dict[str, Course] = {}
        self.running: list[StepKey] = []
        self.stopped: list[StepKey] = []  # in the last round
        self.places: dict[StepKey, Place] = {}

    def add(self, run: str, *slices: Slice, project: str = "default", priority: int = 0) -> None:
        moment = NOON + timedelta(seconds=len(self.courses))
        steps = [PlannedStep(f"n{i}", "algorithm", algorithm="noop", slice=one) for i, one in enumerate(slices)]
        record = Run(run, "f", 1, moment, project, priority=priority)
        self.courses[run] = Course(record, [Step(run, step.node) for step in steps], Plan("f", 1, tuple(steps)))

    def go(self) -> list[str]:
        """Give out; those that have started, in order."""
        give_out(self.courses, self.admission)
        starts = [start for course in self.courses.values() for start in course.take_starts()]
        started = [start.key for start in starts]
        self.places |= {start.key: start.place for start in starts}
        self.stopped = [key for course in self.courses.values() for key in course.take_stops()]
        self.running = [key for key in self.running if key not in self.stopped] + started
        return [f"{key.run}.{key.node}" for key in started]

    def end(self, run: str, node: str = "n0") -> None:
        key = next(key for key in self.running if (key.run, key.node) == (run, node))
        self.running.remove(key)
        self.admission.release(key)
        self.courses[run].end(StepReport(key, Outcome.SUCCEEDED, now(), now()))

    def crash(self, projects: Iterable[Project]) -> None:
        """The ledgers are made anew from what is found running; the courses stand for the records."""
        self.admission = Admission(self.machines, QuotaBook(projects))
        for key in self.running:
            course = self.courses[key.run]
            self.admission.adopt(key, course.plan.step(key.node).slice, course.claim, self.places[key])

    def why(self, run: str) -> str:
        course = self.courses[run]
        wanted = course.plan.steps[0].slice
        return self.admission.explain(wanted, course.claim)


def machine(cpu: float = 2, name: str = "node-1") -> Machine:
    return Machine(name, name, cpu, 0, 64 * GIB)


def test_the_greater_priority_goes_first_then_the_older_run() -> None:
    floor = Floor([machine(1)])
    floor.add("busy", CPU)
    assert floor.go() == ["busy.n0"]
    for run, priority in (("old", 0), ("new", 0), ("urgent", 5), ("idle", -5)):
        floor.add(run, CPU, priority=priority)
    order = []
    for run in ("busy", "urgent", "old", "new"):
        floor.end(run)
        order += floor.go()
    assert order == ["urgent.n0", "old.n0", "new.n0", "idle.n0"]


def test_a_priority_that_is_changed_counts_in_the_next_round() -> None:
    floor = Floor([machine(1)])
    for run in ("busy", "old", "new"):
        floor.add(run, CPU)
    assert floor.go() == ["busy.n0"]
    floor.courses["new"].set_priority(1)
    assert floor.courses["new"].take_moves().runs[-1].priority == 1
    floor.end("busy")
    assert floor.go() == ["new.n0"]


def test_projects_of_a_cohort_share_fairly_whoever_came_first() -> None:
    quotas = {"cpu": Quota(2)}
    projects = [Project("vision", NOON, "c", quotas=quotas), Project("speech", NOON, "c", quotas=quotas)]
    floor = Floor([machine(4)], projects)
    floor.add("v", *[CPU] * 4, project="vision")
    floor.add("s", *[CPU] * 4, project="speech")
    assert sorted(floor.go()) == ["s.n0", "s.n1", "v.n0", "v.n1"]


def test_who_is_alone_borrows_and_who_waits_is_told_when_it_may() -> None:
    projects = [
        Project("vision", NOON, "c", quotas={"cpu": Quota(2)}),
        Project("speech", NOON, "c", quotas={"cpu": Quota(1)}),
    ]
    floor = Floor([machine(8)], projects)
    floor.add("v", *[CPU] * 4, project="vision")
    assert len(floor.go()) == 3
    floor.add("s", CPU, project="speech")
    assert floor.go() == []
    assert floor.why("s") == ("project speech uses 0 of 1 CPU; 1 of it are lent; goes on when v of project vision ends")
    floor.end("v", "n0")
    assert floor.go() == ["s.n0"], "the project with the smaller share goes first"


def test_a_small_step_passes_a_large_one_but_not_for_ever() -> None:
    floor = Floor([machine(2)])
    floor.add("first", CPU)
    floor.add("second", CPU)
    assert len(floor.go()) == 2
    floor.add("large", Slice(2, 0, GIB))
    passed = 0
    while True:
        floor.add(f"small{passed}", CPU)
        floor.end(floor.running[0].run)
        if not floor.go():
            break
        passed += 1
    assert passed == PASSES
    assert floor.why(f"small{passed}") == f"room is kept for large.n0, which {PASSES} others have passed"
    floor.add("urgent", CPU, priority=1)
    assert floor.go() == ["urgent.n0"], "who comes before it is not held up"
    for key in list(floor.running):
        floor.end(key.run)
    assert floor.go() == ["large.n0"]
    floor.end("large")
    assert len(floor.go()) == 1, "nothing is kept any more"


def test_a_large_step_is_not_passed_for_ever_within_its_projects_quota() -> None:
    floor = Floor([machine(64)], [Project("vision", NOON, quotas={"cpu": Quota(2)})])
    floor.add("first", CPU, project="vision")
    floor.add("second", CPU, project="vision")
    floor.go()
    floor.add("large", Slice(2, 0, GIB), project="vision")
    for i in range(PASSES):
        floor.add(f"small{i}", CPU, project="vision")
        floor.end(floor.running[0].run)
        assert floor.go() == [f"small{i}.n0"]
    floor.add("late", CPU, project="vision")
    floor.end(floor.running[0].run)
    assert floor.go() == []
    floor.add("other", CPU)
    assert floor.go() == ["other.n0"], "other projects go on"
    floor.end(floor.running[0].run)
    assert floor.go() == ["large.n0"]


def test_what_others_borrow_does_not_keep_a_project_from_its_own_for_ever() -> None:
    projects = [
        Project("vision", NOON, "c", quotas={"cpu": Quota(2)}),
        Project("speech", NOON, "c", quotas={"cpu": Quota(0)}),
    ]
    floor = Floor([machine(64)], projects)
    floor.add("s", *[CPU] * 100, project="speech")
    assert len(floor.go()) == 2
    floor.add("large", Slice(2, 0, GIB), project="vision")
    for _ in range(100):
        if "large.n0" in floor.go():
            return
        floor.end(floor.running[0].run, floor.running[0].node)
    raise AssertionError("it waits for ever")


def test_a_step_that_can_never_go_keeps_no_room() -> None:
    floor = Floor([machine(2)])
    floor.add("never", Slice(99, 0, GIB))
    for i in range(3 * PASSES):
        floor.add(f"small{i}", CPU)
        assert floor.go() == [f"small{i}.n0"]
        floor.end(f"small{i}")


def cohort(reclaim: Reclaim, **nominal: float) -> list[Project]:
    """Projects of one cohort; `vision` takes back as it is told."""
    return [
        Project(name, NOON, "c", reclaim if name == "vision" else Reclaim.NEVER, {"cpu": Quota(cpu)})
        for name, cpu in nominal.items()
    ]


def test_a_project_takes_back_what_is_its_own_from_the_newest_of_the_lowest_priority() -> None:
    floor = Floor([machine(64)], cohort(Reclaim.ANY, vision=2, speech=2))
    floor.add("older", CPU, project="speech")
    floor.add("own", CPU, project="speech", priority=5)
    floor.add("newer", CPU, project="speech")
    floor.add("urgent", CPU, project="speech", priority=1)
    assert len(floor.go()) == 4
    floor.courses["newer"].take_moves()
    floor.add("v", CPU, project="vision")
    assert floor.go() == ["v.n0"]
    assert [key.run for key in floor.stopped] == ["newer"]
    (move,) = floor.courses["newer"].take_moves().steps
    assert (move.step.state, move.step.reclaims, move.step.failures) == (StepState.WAITING, 1, 0)
    assert move.step.reason == (
        "stopped: project vision took back 1 CPU of its own, which project speech had borrowed; "
        "it begins anew when there is room"
    )
    assert floor.go() == [], "who has lost its slots does not take them back"
    floor.end("v")
    assert floor.go() == ["newer.n0"]
    assert floor.running[-1].attempt == 2


def test_as_much_is_taken_back_as_is_wanted() -> None:
    floor = Floor([machine(64)], cohort(Reclaim.ANY, vision=3, speech=1))
    floor.add("large", Slice(2, 0, GIB), project="speech")
    floor.add("small", *[CPU] * 2, project="speech")
    assert len(floor.go()) == 3
    floor.add("v", *[CPU] * 5, project="vision")
    assert floor.go() == ["v.n0", "v.n1", "v.n2", "v.n3"], "the last one has borrowed what became free besides"
    assert [str(key) for key in floor.stopped] == ["large.n0#1", "small.n1#1", "small.n0#1"]


def test_only_a_lower_priority_gives_way_where_the_project_says_so() -> None:
    floor = Floor([machine(64)], cohort(Reclaim.LOWER_PRIORITY, vision=1, speech=0))
    floor.add("s", CPU, project="speech")
    assert floor.go() == ["s.n0"]
    floor.add("same", CPU, project="vision")
    assert (floor.go(), floor.stopped) == ([], [])
    assert floor.why("same") == (
        "project vision uses 0 of 1 CPU; 1 of it are lent; goes on when s of project speech ends"
    )
    floor.add("higher", CPU, project="vision", priority=1)
    assert floor.go() == ["higher.n0"]
    assert [key.run for key in floor.stopped] == ["s"]


def test_nothing_is_taken_back_where_it_would_not_help() -> None:
    """The machine is taken by somebody who has borrowed nothing."""
    floor = Floor([machine(2)], [*cohort(Reclaim.ANY, vision=2, speech=0), Project("default", NOON)])
    floor.add("other", CPU)
    floor.add("s", CPU, project="speech")
    assert len(floor.go()) == 2
    floor.add("v", Slice(2, 0, GIB), project="vision")
    assert (floor.go(), floor.stopped) == ([], [])
    assert floor.admission.quotas.used("speech", "cpu") == 1
    floor.end("other")
    assert floor.go() == ["v.n0"]
    assert [key.run for key in floor.stopped] == ["s"]


def test_who_would_borrow_takes_nothing_back() -> None:
    floor = Floor([machine(64)], cohort(Reclaim.ANY, vision=1, speech=0, robots=1))
    floor.add("s", *[CPU] * 2, project="speech")
    assert len(floor.go()) == 2
    floor.add("v", *[CPU] * 2, project="vision")
    assert floor.go() == ["v.n0"]
    assert len(floor.stopped) == 1
    assert (floor.go(), floor.stopped) == ([], [])


def test_a_card_is_taken_back_on_the_machine_that_has_it() -> None:
    card = Machine("node-1", "m1", 8, 2, 64 * GIB, accelerator="H100")
    quotas = {"gpu:H100": Quota(1)}
    projects = [Project(name, NOON, "c", Reclaim.ANY, quotas) for name in ("vision", "speech")]
    floor = Floor([card], projects)
    for run in ("one", "two"):
        floor.add(run, Slice(1, 1, GIB), project="speech")
    assert len(floor.go()) == 2
    floor.add("v", Slice(1, 1, GIB), project="vision")
    assert floor.go() == ["v.n0"]
    assert [key.run for key in floor.stopped] == ["two"]


def check_floor(floor: Floor, projects: list[Project]) -> None:
    """What runs is what is counted, and nothing is exceeded."""
    book = floor.admission.quotas
    for one in projects:
        running = [key for key in floor.running if floor.courses[key.run].run.project == one.name]
        cpu = sum(floor.courses[key.run].plan.step(key.node).slice.cpu for key in running)
        assert abs(book.used(one.name, "cpu") - cpu) < 1e-6
        assert book.used(one.name, "steps") == len(running)
    check(book, projects)


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_everything_that_fits_goes_some_time(chance: random.Random, count: int) -> None:
    quotas = {"cpu": Quota(float(chance.randint(2, 4))), "steps": Quota(float(chance.randint(1, 3)))}
    projects = [
        Project("p", NOON, chance.choice([None, "c"]), chance.choice(list(Reclaim)), quotas),
        Project("q", NOON, chance.choice([None, "c"]), chance.choice(list(Reclaim)), {"cpu": Quota(2)}),
        Project("free", NOON),
    ]
    machines = [machine(chance.choice([2, 4]), f"node-{i}") for i in range(chance.randint(1, 3))]
    floor = Floor(machines, projects)
    for i in range(count):
        slices = [Slice(chance.choice([0.5, 1, 2]), 0, GIB) for _ in range(chance.randint(1, 3))]
        priority = chance.choice([0, 0, 3])
        floor.add(f"r{i}", *slices, project=chance.choice(["p", "q", "free"]), priority=priority)
        floor.go()
        check_floor(floor, projects)
        if chance.random() < 0.2:
            floor.crash(projects)
            check_floor(floor, projects)
        if floor.running and chance.random() < 0.7:
            gone = chance.choice(floor.running)
            floor.end(gone.run, gone.node)
    for _ in range(10 * count + 10):
        if floor.running:
            gone = chance.choice(floor.running)
            floor.end(gone.run, gone.node)
        floor.go()
        check_floor(floor, projects)
    waiting = [run for run, course in floor.courses.items() if course.has_ready()]
    assert not waiting, [floor.why(run) for run in waiting]
    assert all(not used for used in (floor.admission.quotas.list_used(one.name) for one in projects))
