"""Short steps stand behind each other, long ones have nobody behind them, and nobody is lost in a line."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from dix.engine.messages import StepKey
from dix.engine.queueing import AHEAD_S, OVERDUE_S, TURN_S, Queueing


def key(node: str, run: str = "r") -> StepKey:
    return StepKey(run, node, 1)


def taught(**seconds: float) -> Queueing:
    queueing = Queueing()
    for kind, took in seconds.items():
        queueing.learn(kind, took)
    return queueing


def test_short_steps_join_until_there_is_enough_work_before_them() -> None:
    queueing = taught(short=0.06)
    queueing.open(key("a"), "g", "short", 0.0)
    for node in "bcdefg":
        after = queueing.find("g", "short", 0.0)
        if after is None:
            break
        queueing.join(key(node), after, "short")
    assert node == "e", "0.06 s four times is more than 0.2 s"
    assert not queueing.is_queued(key("a"))
    assert queueing.is_queued(key("d"))


def test_those_behind_the_leads_of_some_runs_are_listed() -> None:
    queueing = taught(short=0.01)
    for run in ("r1", "r2"):
        queueing.open(key("a", run), run, "short", 0.0)
        for node, after in (("b", "a"), ("c", "b")):
            queueing.join(key(node, run), key(after, run), "short")
    assert queueing.list_behind({"r1"}) == [key("b", "r1"), key("c", "r1")]
    assert queueing.list_behind(set()) == []


def test_nobody_joins_a_step_that_is_expected_to_take_long_or_of_which_nothing_is_known() -> None:
    queueing = taught(short=0.01, long=5.0)
    queueing.open(key("a"), "g", "long", 0.0)
    queueing.open(key("b"), "g", "unknown", 0.0)
    assert queueing.find("g", "short", 0.0) is None


def test_a_step_of_which_nothing_is_known_joins_nobody() -> None:
    queueing = taught(short=0.01)
    queueing.open(key("a"), "g", "short", 0.0)
    assert queueing.find("g", "unknown", 0.0) is None
    assert queueing.find("another run", "short", 0.0) is None
    assert queueing.find("g", "short", 0.0) == key("a")


def test_the_shorter_line_is_joined() -> None:
    queueing = taught(short=0.01, middle=0.1)
    queueing.open(key("a"), "g", "middle", 0.0)
    queueing.open(key("b"), "g", "short", 0.0)
    assert queueing.find("g", "short", 0.0) == key("b")


def test_a_line_that_stands_still_is_not_joined_and_those_in_it_are_taken_back() -> None:
    queueing = taught(short=0.01)
    queueing.open(key("a"), "g", "short", 0.0)
    queueing.join(key("b"), key("a"), "short")
    assert queueing.next_overdue() == OVERDUE_S
    assert queueing.list_overdue(OVERDUE_S - 0.1) == []
    assert queueing.list_overdue(OVERDUE_S) == [key("b")]
    assert queueing.list_overdue(OVERDUE_S) == [], "once is enough"
    assert queueing.find("g", "short", OVERDUE_S) is None
    assert queueing.leave(key("b"), OVERDUE_S) is None
    assert queueing.next_overdue() is None


def test_the_next_one_inherits_and_the_last_one_leaves_nothing() -> None:
    queueing = taught(short=0.01)
    queueing.open(key("a"), "g", "short", 0.0)
    queueing.join(key("b"), key("a"), "short")
    queueing.join(key("c"), key("b"), "short")
    assert queueing.leave(key("b"), 0.1) is None
    assert queueing.leave(key("a"), 0.2) == key("c")
    assert not queueing.has_queued()
    assert queueing.leave(key("c"), 0.3) is None
    assert queueing.leave(key("c"), 0.3) is None, "a second time does nothing"
    assert queueing.find("g", "short", 0.3) is None


def test_one_that_must_stand_alone_has_nobody_behind_it() -> None:
    queueing = taught(short=0.01)
    queueing.open(key("a"), "g", "short", 0.0, alone=True)
    assert queueing.find("g", "short", 0.0) is None


def test_a_line_that_has_had_its_turn_ends_when_others_wait() -> None:
    queueing = taught(short=0.01)
    queueing.open(key("a"), "g", "short", 0.0)
    assert queueing.find("g", "short", TURN_S - 0.1, yields=True) == key("a")
    assert queueing.find("g", "short", TURN_S, yields=True) is None
    assert queueing.find("g", "short", TURN_S) == key("a")


def test_what_is_expected_follows_what_was_seen() -> None:
    queueing = taught(step=10.0)
    for _ in range(20):
        queueing.learn("step", 0.01)
    queueing.open(key("a"), "g", "step", 0.0)
    assert queueing.find("g", "step", 0.0) == key("a")


class Lines(RuleBasedStateMachine):
    """Whatever happens, each attempt stands in one place, slots are never held twice, and nobody waits long unseen."""

    standing = Bundle("standing")

    def __init__(self) -> None:
        super().__init__()
        self.queueing = taught(short=0.01, middle=0.15, long=3.0)
        self.now = 0.0
        self.count = 0
        self.lines: list[tuple[str, float, list[tuple[StepKey, str]]]] = []  # a plain model of the same

    def _name(self) -> StepKey:
        self.count += 1
        return key(f"n{self.count}")

    @rule(target=standing, group=st.sampled_from("gh"), kind=st.sampled_from(["short", "middle", "long", "new"]))
    def place(self, group: str, kind: str) -> StepKey:
        fresh = self._name()
        self.queueing.open(fresh, group, kind, self.now)
        self.lines.append((group, self.now, [(fresh, kind)]))
        return fresh

    @rule(target=standing, group=st.sampled_from("gh"), kind=st.sampled_from(["short", "middle", "long", "new"]))
    def queue(self, group: str, kind: str) -> StepKey:
        after = self.queueing.find(group, kind, self.now)
        if after is None:
            return key("nobody")
        line = next(line for line in self.lines if line[2][-1][0] == after)
        assert (line[0], kind != "new") == (group, True)
        seconds = {"short": 0.01, "middle": 0.15, "long": 3.0}
        lead, *behind = [seconds[kind] for _key, kind in line[2]]
        assert max(0.0, lead - (self.now - line[1])) + sum(behind) < AHEAD_S + 1e-6
        fresh = self._name()
        self.queueing.join(fresh, after, kind)
        line[2].append((fresh, kind))
        return fresh

    @rule(gone=consumes(standing))
    def leave(self, gone: StepKey) -> None:
        heir = self.queueing.leave(gone, self.now)
        for i, (group, _since, steps) in enumerate(self.lines):
            if gone not in [key for key, _kind in steps]:
                continue
            was_leading, left = steps[0][0] == gone, [one for one in steps if one[0] != gone]
            assert heir == (left[0][0] if was_leading and left else None)
            self.lines[i] = (group, self.now if was_leading else _since, left)
            self.lines = [line for line in self.lines if line[2]]
            return
        assert heir is None

    @rule(seconds=st.floats(0, 2))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take_back(self) -> None:
        for late in self.queueing.list_overdue(self.now):
            self.leave(late)
        due = self.queueing.next_overdue()
        assert due is None or due > self.now

    @invariant()
    def who_is_queued_is_known(self) -> None:
        queued = {key for line in self.lines for key, _kind in line[2][1:]}
        leading = {line[2][0][0] for line in self.lines}
        assert all(self.queueing.is_queued(key) for key in queued)
        assert not any(self.queueing.is_queued(key) for key in leading)
        assert self.queueing.has_queued() == bool(queued)


TestLines = Lines.TestCase
