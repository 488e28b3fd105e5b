"""What every catalog does, direct and through the owner on a real Ray."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import ray
from ray.actor import ActorHandle

from dix.catalog.base import Catalog
from dix.catalog.direct import DirectCatalog
from dix.catalog.owner import Owner, start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.errors import AlreadyExists, BadValue, CatalogError, Changed, Conflict, NotFound
from dix.records.attempt import Allocated, AttemptOutcome, Used
from dix.records.audit_entry import AuditEntry, AuditFilter
from dix.records.backfill import Backfill, BackfillState
from dix.records.change import ChangeResult, RunMove
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.limit import Limit
from dix.records.member import Member, Role
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelDraft
from dix.records.prices import PriceBook
from dix.records.project import Project, Quota, Reclaim
from dix.records.recipe import Recipe, make_key
from dix.records.reply import KeyedRequest, Reply
from dix.records.run import Run, RunFilter
from dix.records.schedule import EventKind, Firing, Mark, Missed, Schedule, ScheduleChange, Watch
from dix.records.share import Sharing, Visibility
from dix.records.sight import Sight
from dix.records.sort import SortKey
from dix.records.states import Driver, RunState, StepState
from dix.records.step import Step
from dix.records.stream import Stream
from dix.records.sweep import Budget, Mode, Objective, Sweep, SweepFilter, SweepState, Take
from dix.records.tag import Expected
from dix.records.trial import Trial, TrialFilter, TrialMove, TrialRun, TrialState
from dix.records.trial_table import NumberColumn
from dix.records.usage import UsageKey, UsageQuery
from tests.contracts.catalog_records import NOON, at, change, make_attempt, make_run, make_steps, move, start
from tests.fixtures_ray import local_ray  # noqa: F401

PENDING, WAITING, RUNNING, SUCCEEDED, FAILED = (
    StepState.PENDING,
    StepState.WAITING,
    StepState.RUNNING,
    StepState.SUCCEEDED,
    StepState.FAILED,
)


SAME = Recipe({"kind": "algorithm", "params.rate": 0.5, "inputs.data": ["rows", "data", "f" * 64]})
OTHER = Recipe({"kind": "algorithm", "params.rate": 1})


def succeed(catalog: Catalog, run: str, seconds: float, recipe: Recipe, fingerprint: Recipe | None = None) -> None:
    """A run of one step that has succeeded so long after noon."""
    catalog.runs.create_run(make_run(run, at(seconds)), make_steps(run, "a"), {"a": recipe})
    left = {"outputs": {"data": f"file:///{run}"}, "digests": {"data": "d1"}, "ended": at(seconds)}
    success = replace(move(PENDING, SUCCEEDED, run, **left), fingerprint=fingerprint)
    catalog.runs.apply_changes(change(start(run), success))


def make_held(id: str, **facts: object) -> Run:
    """A run that waits for a sweep's turn."""
    return make_run(id, **{"origin": "sweeps/s", "held": True} | facts)


def make_sweep(name: str, **facts: object) -> Sweep:
    return replace(Sweep(name, "digits", 1, "default", at(0), space={"x": [1, 2]}), **facts)


def make_sweep_trial(number: int, params: dict[str, object]) -> Trial:
    return Trial("s", number, params, at(0), place=number, runs=(TrialRun(f"s-{number}"),))


class CatalogContract:
    """Run once for each implementation, which gives the fixture `catalog`."""

    # Sweeps

    def test_a_sweep_and_its_trials_are_read_back(self, catalog: Catalog) -> None:
        sweep = make_sweep("s", objectives=(Objective("a", "loss", Mode.MIN, Take.STEP, 3),), budget=Budget(4, 1.5))
        trials = tuple(make_sweep_trial(number, {"x": number / 2}) for number in (1, 2))
        catalog.sweeps.create_sweep(sweep, trials)
        assert catalog.sweeps.get_sweep("s") == sweep
        assert catalog.trials.list_trials("s").items == trials
        assert catalog.sweeps.list_open_sweeps() == ("s",)
        with pytest.raises(AlreadyExists):
            catalog.sweeps.create_sweep(sweep, ())
        with pytest.raises(NotFound, match=r"no sweep zz$"):
            catalog.sweeps.get_sweep("zz")
        with pytest.raises(NotFound):
            catalog.trials.get_trial("s", 3)

    def test_a_sweep_changes_when_it_is_as_it_was_read(self, catalog: Catalog) -> None:
        sweep = make_sweep("s")
        catalog.sweeps.create_sweep(sweep, ())
        changed = replace(sweep, concurrency=9, changed=at(1), changed_by="ana")
        catalog.sweeps.change_sweep(changed, frozenset({sweep.tag}))
        with pytest.raises(Changed, match="was changed by ana"):
            catalog.sweeps.change_sweep(sweep, frozenset({sweep.tag}))
        assert catalog.sweeps.get_sweep("s") == changed
        with pytest.raises(Conflict, match="sweep s is running, so it cannot be deleted"):
            catalog.sweeps.delete_sweep("s")
        catalog.sweeps.change_sweep(replace(changed, state=SweepState.STOPPED, ended=at(2)))
        catalog.sweeps.delete_sweep("s")
        assert catalog.sweeps.list_sweeps(SweepFilter()).items == ()

    def test_a_move_of_a_trial_is_a_compare_and_set(self, catalog: Catalog) -> None:
        first, second = make_sweep_trial(1, {"x": 1}), make_sweep_trial(2, {"x": 2})
        catalog.sweeps.create_sweep(make_sweep("s"), (first,))
        ended = replace(first, state=TrialState.SUCCEEDED, values=(0.5,), ended=at(3))
        assert catalog.trials.move_trials("s", (TrialMove(second), TrialMove(ended, TrialState.HELD))) == ()
        again = replace(first, state=TrialState.SKIPPED)
        assert catalog.trials.move_trials("s", (TrialMove(again, TrialState.HELD), TrialMove(second))) == (1, 2)
        assert catalog.trials.list_trials("s").items == (ended, second)
        assert catalog.trials.count_trials(["s"]) == {"s": {"held": 1, "succeeded": 1}}

    def test_trials_come_in_pages_in_the_order_that_is_asked_for(self, catalog: Catalog) -> None:
        trials = tuple(
            replace(make_sweep_trial(number, {}), values=(value,), state=TrialState.SUCCEEDED)
            for number, value in enumerate((0.5, -1.0, 0.25, 0.5), start=1)
        )
        catalog.sweeps.create_sweep(make_sweep("s"), (*trials, make_sweep_trial(5, {})))
        order = (SortKey("value", is_descending=True),)
        found: list[int] = []
        page = catalog.trials.list_trials("s", TrialFilter(), 2, None, order)
        while page.next_cursor is not None:
            found += [trial.number for trial in page.items]
            page = catalog.trials.list_trials("s", TrialFilter(), 2, page.next_cursor, order)
        assert [*found, *(trial.number for trial in page.items)] == [4, 1, 3, 2, 5]
        wanted = TrialFilter((TrialState.SUCCEEDED,))
        assert [trial.number for trial in catalog.trials.list_trials("s", wanted, 3).items] == [1, 2, 3]

    def test_what_the_runs_of_trials_tell_is_read_with_few_questions(self, catalog: Catalog) -> None:
        trials = tuple(make_sweep_trial(number, {"x": number}) for number in (1, 2))
        catalog.sweeps.create_sweep(make_sweep("s"), trials)
        for run in ("s-1", "s-2"):
            catalog.runs.create_run(make_run(run, at(0)), make_steps(run, "a"))
        points = [MetricPoint("s-1", "a", 1, "loss", position, 1 / position, at(position)) for position in (1, 2)]
        catalog.telemetry.add_metrics((*points, MetricPoint("s-2", "a", 1, "speed", 1, 7.0, at(1))))
        success = move(PENDING, SUCCEEDED, "s-1", metrics={"final": 0.4, "word": "x"})
        catalog.runs.apply_changes(change(start("s-1"), success))
        reports = catalog.trials.read_reports(["s-1", "s-2", "nobody"], ["a.loss", "a.final"], at(0))
        assert {(report.run, report.state) for report in reports.runs} == {("s-1", "running"), ("s-2", "queued")}
        assert next(report.numbers for report in reports.runs if report.run == "s-1") == {"a.final": 0.4}
        found = [(point.run, point.position, point.value) for point in reports.points]
        assert found == [("s-1", 1, 1.0), ("s-1", 2, 0.5)]
        assert [trial.state for trial in catalog.trials.list_trials("s").items] == [TrialState.RUNNING, TrialState.HELD]
        table = catalog.trials.read_table("s")
        assert table.numbers == (1, 2)
        assert table.params == {"x": (1, 2)}
        assert table.metrics["a.loss"] == NumberColumn((0.5, None), (1.0, None), (0.5, None))
        assert table.metrics["a.final"].last == (0.4, None)
        assert table.metrics["a.speed"].last == (None, 7.0)
        curves = catalog.trials.read_curves("s", "a.loss", [1, 2]).curves
        assert [(curve.trial, curve.positions, curve.values) for curve in curves] == [(1, (1, 2), (1.0, 0.5))]

    # Flows

    def test_first_push_is_version_1_and_is_read_back(self, catalog: Catalog) -> None:
        text = "name: digits\n# Ziffern, 数字, 🙂\n"
        pushed = catalog.flows.push_flow("digits", text, "h1", "vision", "数字")
        assert (pushed.version, pushed.text, pushed.project, pushed.description) == (1, text, "vision", "数字")
        assert pushed.created.tzinfo is UTC
        assert catalog.flows.get_flow("digits") == pushed

    def test_pushing_the_latest_text_again_changes_nothing(self, catalog: Catalog) -> None:
        first = catalog.flows.push_flow("digits", "a", "h1", "default")
        assert catalog.flows.push_flow("digits", "a ", "h1", "default") == first

    def test_pushing_an_older_text_again_is_a_new_version(self, catalog: Catalog) -> None:
        for text in ("h1", "h2", "h1"):
            catalog.flows.push_flow("digits", text, text, "default")
        assert [(one.version, one.hash) for one in catalog.flows.list_flow_versions("digits")] == [
            (3, "h1"),
            (2, "h2"),
            (1, "h1"),
        ]
        assert catalog.flows.get_flow("digits", 2).hash == "h2"

    def test_unknown_flow_names_the_nearest(self, catalog: Catalog) -> None:
        catalog.flows.push_flow("digits", "a", "h1", "default")
        for ask in (catalog.flows.get_flow, catalog.flows.list_flow_versions):
            with pytest.raises(NotFound) as caught:
                ask("digit")
            assert caught.value.facts() == {"kind": "flow", "name": "digit", "nearest": "digits"}
        with pytest.raises(NotFound, match=r"no flow version digits/7; did you mean digits/1\?"):
            catalog.flows.get_flow("digits", 7)
        with pytest.raises(NotFound, match=r"no flow zzz$"):
            catalog.flows.get_flow("zzz")

    def test_list_of_flows_keeps_its_moment_while_flows_are_pushed(self, catalog: Catalog) -> None:
        for name in ("a", "b", "c", "d"):
            catalog.flows.push_flow(name, "1", "1", "default")
        first = catalog.flows.list_flows(limit=2)
        catalog.flows.push_flow("a", "2", "2", "default")
        catalog.flows.push_flow("new", "1", "1", "default")
        second = catalog.flows.list_flows(limit=2, cursor=first.next_cursor)
        assert [(one.flow, one.version) for one in first.items + second.items] == [
            ("d", 1),
            ("c", 1),
            ("b", 1),
            ("a", 1),
        ]
        assert second.next_cursor is None
        assert [one.flow for one in catalog.flows.list_flows().items] == ["new", "a", "d", "c", "b"]

    def test_list_of_flows_can_be_one_projects(self, catalog: Catalog) -> None:
        catalog.flows.push_flow("a", "1", "1", "vision")
        catalog.flows.push_flow("b", "1", "1", "default")
        assert [one.flow for one in catalog.flows.list_flows(project="vision").items] == ["a"]

    # Runs

    def test_run_comes_back_as_it_was_given(self, catalog: Catalog) -> None:
        params = {
            "i": 1,
            "f": 1.0,
            "none": None,
            "text": "ä\x00",
            "yes": True,
            "nested": {"a": [1, {"b": 2.5}]},
            "big": 2**70,
        }
        run = Run(
            "r1",
            "digits",
            3,
            NOON,
            "vision",
            RunState.QUEUED,
            Driver.TIMED,
            params,
            {"from": "cnn"},
            at(-5),
            None,
            None,
            "a slot",
            None,
            "r0",
            "file arrived",
            "møller",
        )
        catalog.runs.create_run(run, ())
        found = catalog.runs.get_run("r1")
        assert found == run
        assert {name: type(value) for name, value in found.params.items()} == {
            name: type(value) for name, value in params.items()
        }
        assert found.created.tzinfo is UTC

    def test_moments_of_other_zones_come_back_in_utc(self, catalog: Catalog) -> None:
        east = NOON.astimezone(timezone(timedelta(hours=8)))
        catalog.runs.create_run(
            make_run(created=east, logical_date=datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)), ()
        )
        found = catalog.runs.get_run("r1")
        assert (found.created, found.created.utcoffset()) == (NOON, timedelta(0))
        assert found.logical_date == datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)

    def test_step_comes_back_as_it_was_given(self, catalog: Catalog) -> None:
        step = Step(
            "r1", "a", RUNNING, 2, at(1), at(2), "réason", "error \udcff", "trace\n\x00", 0.25, {"model": "file:///x"}
        )
        catalog.runs.create_run(make_run(), (step,))
        (found,) = catalog.runs.list_steps("r1")
        assert found.error == "error \\udcff"
        assert (found.reason, found.trace, found.progress, found.outputs) == (
            "réason",
            "trace\n\x00",
            0.25,
            {"model": "file:///x"},
        )
        assert (found.started, found.ended, found.attempt) == (at(1), at(2), 2)

    def test_metrics_of_a_step_keep_nan_and_infinity(self, catalog: Catalog) -> None:
        step = Step("r1", "a", metrics={"nan": math.nan, "inf": -math.inf, "epoch": 3, "nested": {"x": [None, 1.5]}})
        catalog.runs.create_run(make_run(), (step,))
        metrics = catalog.runs.list_steps("r1")[0].metrics
        assert math.isnan(metrics.pop("nan"))
        assert metrics == {"inf": -math.inf, "epoch": 3, "nested": {"x": [None, 1.5]}}
        assert type(metrics["epoch"]) is int

    def test_values_that_json_cannot_hold_are_refused(self, catalog: Catalog) -> None:
        with pytest.raises(BadValue, match="params"):
            catalog.runs.create_run(make_run(params={"when": NOON}), ())
        with pytest.raises(NotFound):
            catalog.runs.get_run("r1")

    def test_run_with_a_taken_id_is_refused(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        with pytest.raises(AlreadyExists, match="run r1"):
            catalog.runs.create_run(make_run(), make_steps("r1", "b"))
        assert [step.node for step in catalog.runs.list_steps("r1")] == ["a"]

    def test_steps_keep_the_order_in_which_they_were_created(self, catalog: Catalog) -> None:
        nodes = [f"n{(i * 7) % 30}" for i in range(30)]
        catalog.runs.create_run(make_run(), make_steps("r1", *nodes))
        catalog.runs.apply_changes(change(move(PENDING, RUNNING, node="n7")))
        assert [step.node for step in catalog.runs.list_steps("r1")] == nodes

    def test_steps_of_several_runs_are_one_question(self, catalog: Catalog) -> None:
        for run, nodes in (("r1", "ba"), ("r2", ""), ("r3", "c")):
            catalog.runs.create_run(make_run(run), make_steps(run, *nodes))
        found = catalog.runs.list_steps_of(("r3", "r1", "r2", "r9"))
        assert {run: [step.node for step in steps] for run, steps in found.items()} == {
            "r1": ["b", "a"],
            "r2": [],
            "r3": ["c"],
            "r9": [],
        }
        assert found["r1"] == catalog.runs.list_steps("r1")
        assert catalog.runs.list_steps_of(()) == {}

    def test_unknown_run_is_not_found(self, catalog: Catalog) -> None:
        for ask in (catalog.runs.get_run, catalog.runs.list_steps):
            with pytest.raises(NotFound, match="no run r9"):
                ask("r9")

    def test_list_of_runs_is_newest_first_and_filtered(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run("r1", at(1), project="vision"), ())
        catalog.runs.create_run(make_run("r3", at(3), flow="speech"), ())
        catalog.runs.create_run(make_run("r2", at(2), driver=Driver.TIMED), make_steps("r2", "a"))
        catalog.runs.apply_changes(change(start("r2")))

        def ids(**wanted: object) -> list[str]:
            return [run.id for run in catalog.runs.list_runs(RunFilter(**wanted)).items]  # type: ignore[arg-type]

        assert ids() == ["r3", "r2", "r1"]
        assert ids(project="vision") == ["r1"]
        assert ids(flow="speech") == ["r3"]
        assert ids(state=RunState.RUNNING) == ["r2"]
        assert ids(driver=Driver.TIMED, project="default") == ["r2"]
        assert ids(flow="speech", project="vision") == []

    def test_pages_of_runs_stay_put_while_runs_come_in(self, catalog: Catalog) -> None:
        for i in range(7):
            catalog.runs.create_run(make_run(f"r{i}", at(i // 2)), ())
        seen: list[str] = []
        cursor = None
        for i in range(10):
            page = catalog.runs.list_runs(RunFilter(), 2, cursor)
            seen += [run.id for run in page.items]
            catalog.runs.create_run(make_run(f"rnew{i}", at(100 + i)), ())
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ["r6", "r5", "r4", "r3", "r2", "r1", "r0"]

    @pytest.mark.parametrize("cursor", ["", "x", "bm9uZQ", "W10", "WzEsMl0", "WyJhIiwxXQ", "ÿ", "W10=" * 500])
    def test_cursor_that_is_not_ours_is_refused(self, catalog: Catalog, cursor: str) -> None:
        with pytest.raises(BadValue, match="cursor"):
            catalog.runs.list_runs(RunFilter(), cursor=cursor)

    @pytest.mark.parametrize("limit", [0, -1, 1001])
    def test_limit_out_of_range_is_refused(self, catalog: Catalog, limit: int) -> None:
        for ask in (lambda: catalog.runs.list_runs(RunFilter(), limit), lambda: catalog.flows.list_flows(limit)):
            with pytest.raises(BadValue, match="limit"):
                ask()

    def test_unfinished_runs_are_listed_oldest_first(self, catalog: Catalog) -> None:
        for i in (2, 0, 1):
            catalog.runs.create_run(make_run(f"r{i}", at(i)), ())
        catalog.runs.apply_changes(
            change(start("r1"), RunMove("r0", RunState.QUEUED, RunState.CANCELLED, at(9), error="asked for"))
        )
        assert [(run.id, run.state) for run in catalog.runs.list_unfinished_runs()] == [
            ("r1", RunState.RUNNING),
            ("r2", RunState.QUEUED),
        ]

    # Changes

    def test_moves_set_started_and_ended_of_a_run(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), ())
        catalog.runs.apply_changes(change(RunMove("r1", RunState.QUEUED, RunState.QUEUED, at(0), reason="no slot")))
        assert catalog.runs.get_run("r1").reason == "no slot"
        catalog.runs.apply_changes(change(RunMove("r1", RunState.QUEUED, RunState.RUNNING, at(1))))
        running = catalog.runs.get_run("r1")
        assert (running.state, running.started, running.ended, running.reason) == (RunState.RUNNING, at(1), None, None)
        catalog.runs.apply_changes(change(RunMove("r1", RunState.RUNNING, RunState.FAILED, at(2), error="no luck")))
        failed = catalog.runs.get_run("r1")
        assert (failed.started, failed.ended, failed.error) == (at(1), at(2), "no luck")

    def test_run_that_was_never_started_has_an_end_only(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), ())
        catalog.runs.apply_changes(change(RunMove("r1", RunState.QUEUED, RunState.CANCELLED, at(2))))
        run = catalog.runs.get_run("r1")
        assert (run.started, run.ended) == (None, at(2))

    def test_second_claim_of_a_step_is_refused(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a", "b"))
        claim = change(move(PENDING, RUNNING, attempt=1), start())
        assert catalog.runs.apply_changes(claim) == ChangeResult()
        assert catalog.runs.apply_changes(claim) == ChangeResult((("r1", "a"),), ("r1",))

    def test_refused_move_does_not_hinder_the_others(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a", "b", "c"))
        result = catalog.runs.apply_changes(
            change(
                move(RUNNING, SUCCEEDED, node="a"),
                move(PENDING, RUNNING, node="b"),
                move(PENDING, RUNNING, node="nobody"),
                move(PENDING, RUNNING, run="r9"),
                start("r9"),
            )
        )
        assert result == ChangeResult((("r1", "a"), ("r1", "nobody"), ("r9", "a")), ("r9",))
        assert [step.state for step in catalog.runs.list_steps("r1")] == [PENDING, RUNNING, PENDING]

    def test_moves_that_the_table_does_not_know_are_refused(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        catalog.runs.apply_changes(change(move(PENDING, RUNNING), move(RUNNING, SUCCEEDED)))
        for to in StepState:
            assert catalog.runs.apply_changes(change(move(SUCCEEDED, to))).refused_steps == (("r1", "a"),)
        wrong = RunMove("r1", RunState.QUEUED, RunState.SUCCEEDED, at(1))
        assert catalog.runs.apply_changes(change(wrong)).refused_runs == ("r1",)

    def test_moves_of_one_change_set_see_each_other(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        result = catalog.runs.apply_changes(
            change(
                move(PENDING, RUNNING, attempt=1),
                move(RUNNING, SUCCEEDED, attempt=1, outputs={"data": "file:///x"}),
                start(),
                RunMove("r1", RunState.RUNNING, RunState.SUCCEEDED, at(5)),
            )
        )
        assert result == ChangeResult()
        assert catalog.runs.list_steps("r1")[0].outputs == {"data": "file:///x"}
        run = catalog.runs.get_run("r1")
        assert (run.state, run.started, run.ended) == (RunState.SUCCEEDED, at(1), at(5))
        assert [(event.node, event.kind) for event in catalog.telemetry.list_events("r1")] == [
            (None, "running"),
            ("a", "running"),
            ("a", "succeeded"),
            (None, "succeeded"),
        ]

    def test_move_to_the_same_state_changes_the_step_and_makes_no_event(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        catalog.runs.apply_changes(change(move(PENDING, RUNNING, attempt=1)))
        catalog.runs.apply_changes(change(move(RUNNING, RUNNING, attempt=1, progress=0.5, metrics={"loss": 0.1})))
        step = catalog.runs.list_steps("r1")[0]
        assert (step.progress, step.metrics) == (0.5, {"loss": 0.1})
        assert len(catalog.telemetry.list_events("r1")) == 1

    def test_step_that_goes_back_to_waiting_tells_that_it_retries(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        catalog.runs.apply_changes(change(move(PENDING, RUNNING, attempt=1)))
        catalog.runs.apply_changes(change(move(RUNNING, WAITING, attempt=1, reason="again in 10 s", error="oops")))
        event = catalog.telemetry.list_events("r1")[-1]
        assert (event.kind, event.attempt, event.data) == ("retrying", 1, {"reason": "again in 10 s", "error": "oops"})

    def test_many_moves_go_in_one_change_set(self, catalog: Catalog) -> None:
        nodes = [f"n{i}" for i in range(300)]
        for run in ("r1", "r2"):
            catalog.runs.create_run(make_run(run), make_steps(run, *nodes))
        moves = [move(PENDING, RUNNING, run=run, node=node) for run in ("r1", "r2") for node in nodes]
        assert catalog.runs.apply_changes(change(*moves, start("r1"), start("r2"))) == ChangeResult()
        for run in ("r1", "r2"):
            assert {step.state for step in catalog.runs.list_steps(run)} == {RUNNING}
            assert len(catalog.telemetry.list_events(run)) == 301

    def test_concurrent_claims_have_one_winner_each(self, catalog: Catalog) -> None:
        nodes = [f"n{i}" for i in range(10)]
        catalog.runs.create_run(make_run(), make_steps("r1", *nodes))

        def claim(_caller: int) -> int:
            return sum(
                not catalog.runs.apply_changes(change(move(PENDING, RUNNING, node=node))).refused_steps
                for node in nodes
            )

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(claim, range(8)))
        assert sum(won) == len(nodes)
        assert len(catalog.telemetry.list_events("r1")) == len(nodes)

    # Models with moves

    def test_move_with_a_model_registers_it(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(project="vision"), make_steps("r1", "cnn"))
        catalog.runs.apply_changes(change(move(PENDING, RUNNING, node="cnn")))
        done = move(RUNNING, SUCCEEDED, node="cnn")
        with_model = type(done)(done.expect, done.step, done.at, ModelDraft("digits", "file:///m1", {"labels": ["0"]}))
        result = catalog.runs.apply_changes(change(with_model))
        version = result.models["r1", "cnn"]
        assert (version.reference, version.project, version.run, version.node) == (
            "models:/digits/1",
            "vision",
            "r1",
            "cnn",
        )
        assert catalog.models.get_model("digits") == version

    def test_refused_move_registers_no_model(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "cnn"))
        done = move(RUNNING, SUCCEEDED, node="cnn")
        with_model = type(done)(done.expect, done.step, done.at, ModelDraft("digits", "file:///m1"))
        assert catalog.runs.apply_changes(change(with_model)) == ChangeResult((("r1", "cnn"),))
        with pytest.raises(NotFound):
            catalog.models.get_model("digits")

    # Held runs and limits

    def test_held_runs_are_written_once_and_are_not_unfinished_ones(self, catalog: Catalog) -> None:
        runs = tuple(make_held(f"r{i}", place=i) for i in range(3))
        catalog.held.hold_runs(runs[:2])
        catalog.held.hold_runs((replace(runs[0], params={"x": 9}), runs[2]))
        assert catalog.held.look(10).first == runs
        assert catalog.held.look(2).first == runs[:2]
        assert catalog.runs.list_unfinished_runs() == ()
        assert catalog.runs.list_runs(RunFilter(held=True, origin="sweeps/s")).items == runs[::-1]
        assert catalog.runs.list_runs(RunFilter(held=False)).items == ()

    def test_each_stream_of_held_runs_has_its_own_first(self, catalog: Catalog) -> None:
        one, two = make_held("r1", origin="sweeps/a"), make_held("r2", origin="sweeps/b", priority=7)
        catalog.held.hold_runs((one, make_held("r3", origin="sweeps/a", place=1), two))
        assert catalog.held.look(1).first == (two, one)

    def test_a_held_run_is_let_in_once_with_its_steps(self, catalog: Catalog) -> None:
        run = make_held("r1")
        catalog.held.hold_runs((run,))
        made = replace(run, models={"models:/a": "models:/a/1"})
        assert catalog.held.let_in(made, make_steps("r1", "a"), {"a": SAME})
        assert not catalog.held.let_in(made, make_steps("r1", "a"))
        assert catalog.runs.get_run("r1") == replace(made, held=False)
        assert [step.node for step in catalog.runs.list_steps("r1")] == ["a"]
        assert catalog.held.look(1).opened == {Stream("digits", Driver.MANUAL, "sweeps/s"): 1}
        assert not catalog.held.edit_held("r1", place=9)
        assert not catalog.held.end_held("r1", RunState.CANCELLED, at(5))
        catalog.runs.apply_changes(change(start("r1"), move(PENDING, SUCCEEDED)))
        catalog.runs.apply_changes(change(RunMove("r1", RunState.RUNNING, RunState.SUCCEEDED, at(3))))
        assert catalog.held.look(1).opened == {}

    def test_a_held_run_can_be_edited_explained_and_ended(self, catalog: Catalog) -> None:
        catalog.held.hold_runs((make_held("r1", params={"rate": 1}), make_held("r2", origin="sweeps/t")))
        assert catalog.held.edit_held("r1", params={"rate": 2}, place=4, priority=3)
        catalog.held.explain({Stream("digits", Driver.MANUAL, "sweeps/s"): "a reason, 数字"})
        found = catalog.runs.get_run("r1")
        assert (found.params, found.place, found.priority, found.reason) == ({"rate": 2}, 4, 3, "a reason, 数字")
        assert catalog.runs.get_run("r2").reason is None
        assert catalog.held.end_held("r1", RunState.FAILED, at(5), "it was bad")
        assert not catalog.held.end_held("r1", RunState.CANCELLED, at(6))
        ended = catalog.runs.get_run("r1")
        assert (ended.state, ended.error, ended.ended, ended.held) == (RunState.FAILED, "it was bad", at(5), False)
        assert [(event.kind, event.data) for event in catalog.telemetry.list_events("r1")] == [
            ("failed", {"error": "it was bad"})
        ]
        assert catalog.runs.list_steps("r1") == ()

    def test_limits_are_kept_by_their_key(self, catalog: Catalog) -> None:
        pool = Limit("pools/cards", 2, flows=("a", "b"))
        catalog.limits.put_limit(Limit("pools/cards", 1))
        catalog.limits.put_limit(pool)
        catalog.limits.put_limit(Limit("sweeps/s", None, is_paused=True))
        assert catalog.limits.list_limits("pools/") == (pool,)
        assert [limit.key for limit in catalog.limits.list_limits()] == ["pools/cards", "sweeps/s"]
        assert catalog.limits.find_limit("sweeps/s") == Limit("sweeps/s", None, is_paused=True)
        catalog.limits.delete_limit("sweeps/s")
        catalog.limits.delete_limit("sweeps/s")
        assert catalog.limits.find_limit("sweeps/s") is None

    # Results

    def test_successes_are_found_by_what_they_were_made_by_newest_first(self, catalog: Catalog) -> None:
        for number in range(1, 5):
            succeed(catalog, f"r{number}", number, SAME if number != 3 else OTHER)
        catalog.runs.create_run(make_run("r5", at(50)), make_steps("r5", "a"), {"a": SAME})
        found = catalog.results.find_results("digits", "default", [SAME], 2)
        assert [(one.step.run, one.step.node) for one in found] == [("r4", "a"), ("r2", "a")]
        assert found[0].recipe == SAME
        assert found[0].step == catalog.runs.list_steps("r4")[0]
        assert (found[0].step.outputs, found[0].step.digests) == ({"data": "file:///r4"}, {"data": "d1"})
        assert len(catalog.results.find_results("digits", "default", [SAME, OTHER])) == 4
        assert catalog.results.find_results("digits", "vision", [SAME]) == ()
        assert catalog.results.find_results("others", "default", [SAME]) == ()
        assert catalog.results.find_results("digits", "default", []) == ()

    def test_the_last_success_of_a_node_is_found_whatever_it_was_made_by(self, catalog: Catalog) -> None:
        succeed(catalog, "r1", 1, SAME)
        succeed(catalog, "r2", 2, OTHER)
        catalog.runs.create_run(make_run("r3", at(50)), make_steps("r3", "a"), {"a": SAME})
        last = catalog.results.find_last("digits", "default", ["a", "b"])
        assert {node: (one.step.run, one.recipe) for node, one in last.items()} == {"a": ("r2", OTHER)}
        assert catalog.results.find_last("others", "default", ["a"]) == {}
        assert catalog.results.find_last("digits", "default", []) == {}

    def test_successes_are_found_by_what_went_into_them(self, catalog: Catalog) -> None:
        for number in range(1, 5):
            succeed(catalog, f"r{number}", number, SAME, fingerprint=SAME if number != 3 else OTHER)
        succeed(catalog, "r5", 5, SAME)
        found = catalog.results.find_same([SAME], 2)
        assert [(one.step.run, one.recipe) for one in found] == [("r4", SAME), ("r2", SAME)]
        assert found[0].step == catalog.runs.list_steps("r4")[0]
        assert len(catalog.results.find_same([SAME, OTHER])) == 4
        assert catalog.results.find_same([Recipe({"kind": "data"})]) == catalog.results.find_same([]) == ()
        assert catalog.results.list_keys().tolist() == sorted(make_key(one.digest) for one in (SAME, OTHER))

    def test_the_last_fingerprint_of_a_node_is_found(self, catalog: Catalog) -> None:
        assert catalog.results.find_last_same("digits", "default") == {}
        assert catalog.results.list_keys().tolist() == []
        succeed(catalog, "r1", 1, SAME, fingerprint=SAME)
        succeed(catalog, "r2", 2, SAME, fingerprint=OTHER)
        succeed(catalog, "r3", 3, SAME)
        last = catalog.results.find_last_same("digits", "default")
        assert {node: (one.step.run, one.recipe) for node, one in last.items()} == {"a": ("r2", OTHER)}
        assert catalog.results.find_last_same("digits", "vision") == {}

    def test_a_move_that_is_refused_leaves_no_fingerprint(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        late = replace(move(RUNNING, SUCCEEDED), fingerprint=SAME)
        assert catalog.runs.apply_changes(change(late)).refused_steps
        assert catalog.results.list_keys().tolist() == []

    def test_recipes_of_a_run_are_read_back_and_may_be_missing(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a", "b"), {"a": SAME})
        assert catalog.results.list_recipes("r1") == {"a": SAME}
        assert catalog.results.list_recipes("r0") == {}

    # Attempts

    def test_attempt_comes_back_as_it_was_given(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        allocated = Allocated(0.5, 0.25, "H100", 2**41, 10**12)
        done = make_attempt(
            ended=at(3.25),
            outcome=AttemptOutcome.FAILED,
            machine="knoten-ä",
            error="no \udcff",
            allocated=allocated,
            used=Used(1.234567, 2**33, 0.75),
        )
        catalog.runs.apply_changes(change(move(PENDING, FAILED, attempt=done)))
        assert catalog.attempts.list_attempts("r1") == (replace(done, error="no \\udcff"),)
        assert catalog.attempts.list_open_attempts() == ()

    def test_attempt_that_begins_is_under_way_until_it_ends(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a", "b"))
        begun, other = make_attempt(), make_attempt(node="b")
        catalog.runs.apply_changes(
            change(move(PENDING, RUNNING, attempt=begun), move(PENDING, RUNNING, node="b", attempt=other))
        )
        assert set(catalog.attempts.list_open_attempts()) == {begun, other}
        assert set(catalog.attempts.list_attempts("r1")) == {begun, other}
        first = replace(begun, ended=at(5), outcome=AttemptOutcome.BROKEN, used=Used(2.0))
        catalog.runs.apply_changes(change(move(RUNNING, WAITING, attempt=first)))
        assert catalog.attempts.list_open_attempts() == (other,)
        again = make_attempt(attempt=2, started=at(6))
        done = replace(again, ended=at(8), outcome=AttemptOutcome.SUCCEEDED)
        catalog.runs.apply_changes(
            change(
                move(WAITING, RUNNING, attempt=again),
                move(RUNNING, SUCCEEDED, attempt=done),
                move(RUNNING, FAILED, node="b", attempt=replace(other, ended=at(9), outcome=AttemptOutcome.FAILED)),
            )
        )
        assert catalog.attempts.list_open_attempts() == ()
        assert [(one.node, one.attempt, one.outcome) for one in catalog.attempts.list_attempts("r1")] == [
            ("a", 1, "broken"),
            ("b", 1, "failed"),
            ("a", 2, "succeeded"),
        ]

    def test_many_attempts_end_at_once_and_others_go_on(self, catalog: Catalog) -> None:
        nodes = [f"n{i}" for i in range(30)]
        for run in ("r1", "r2"):
            catalog.runs.create_run(make_run(run), make_steps(run, *nodes))
            begun = [make_attempt(run=run, node=node) for node in nodes]
            catalog.runs.apply_changes(change(*(move(PENDING, RUNNING, run, one.node, attempt=one) for one in begun)))
        ended = [make_attempt(node=node, ended=at(2), outcome=AttemptOutcome.SUCCEEDED) for node in nodes[:20]]
        catalog.runs.apply_changes(change(*(move(RUNNING, SUCCEEDED, node=one.node, attempt=one) for one in ended)))
        left = {(one.run, one.node) for one in catalog.attempts.list_open_attempts()}
        assert left == {("r1", node) for node in nodes[20:]} | {("r2", node) for node in nodes}
        assert len(catalog.attempts.list_attempts("r1")) == 30

    def test_attempt_of_a_refused_move_does_not_count(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        done = move(RUNNING, SUCCEEDED, attempt=make_attempt(ended=at(2), outcome=AttemptOutcome.SUCCEEDED))
        assert catalog.runs.apply_changes(change(done)).refused_steps == (("r1", "a"),)
        assert catalog.attempts.list_attempts("r1") == ()
        catalog.runs.apply_changes(change(move(PENDING, RUNNING, attempt=make_attempt())))
        for _time in range(2):
            catalog.runs.apply_changes(change(done))
        assert len(catalog.attempts.list_attempts("r1")) == 1

    def test_looks_for_a_path_are_kept_and_not_listed(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a"))
        look = make_attempt(ended=at(1), outcome=AttemptOutcome.NOT_THERE)
        catalog.runs.apply_changes(change(move(PENDING, WAITING, attempt=look)))
        found = make_attempt(started=at(30), ended=at(31), outcome=AttemptOutcome.SUCCEEDED)
        catalog.runs.apply_changes(change(move(WAITING, SUCCEEDED, attempt=found)))
        assert catalog.attempts.list_attempts("r1") == (found,)

    def test_earlier_attempts_of_nodes_are_found_newest_first(self, catalog: Catalog) -> None:
        for number in range(1, 5):
            run = f"r{number}"
            catalog.runs.create_run(make_run(run), make_steps(run, "a", "b", "c"))
            outcome = AttemptOutcome.FAILED if number == 3 else AttemptOutcome.SUCCEEDED
            for node in ("a", "b"):
                done = make_attempt(run, node, ended=at(number), outcome=outcome)
                catalog.runs.apply_changes(change(move(PENDING, SUCCEEDED, run, node, attempt=done)))
        found = catalog.attempts.list_earlier("digits", ("a", "c"), 2)
        assert {node: [one.run for one in attempts] for node, attempts in found.items()} == {"a": ["r4", "r2"], "c": []}
        assert catalog.attempts.list_earlier("others", ("a",), 2) == {"a": ()}
        assert catalog.attempts.list_earlier("digits", (), 2) == {}
        mine, others = Sight(frozenset({"default"})), Sight(frozenset({"speech"}))
        assert catalog.attempts.list_earlier("digits", ("a",), 2, mine)["a"] == found["a"]
        assert catalog.attempts.list_earlier("digits", ("a",), 2, others) == {"a": ()}

    def test_attempts_of_an_unknown_run_are_not_found(self, catalog: Catalog) -> None:
        with pytest.raises(NotFound, match="no run r9"):
            catalog.attempts.list_attempts("r9")

    def test_last_sign_of_life_is_kept(self, catalog: Catalog) -> None:
        assert catalog.attempts.find_alive() is None
        for seconds in (1, 2):
            catalog.attempts.note_alive(at(seconds))
        assert catalog.attempts.find_alive() == at(2)

    # Usage

    def test_usage_adds_up_what_ended_and_what_goes_on(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(), make_steps("r1", "a", "b"))
        held = Allocated(0.5, 0.25, "H100", 2**30)
        done = make_attempt(ended=at(3.25), outcome=AttemptOutcome.FAILED, allocated=held, used=Used(1.5))
        goes_on = make_attempt(node="b", started=at(2), allocated=Allocated(1.0))
        catalog.runs.apply_changes(
            change(move(PENDING, FAILED, attempt=done), move(PENDING, RUNNING, node="b", attempt=goes_on))
        )
        (row,) = catalog.usage.sum_usage(UsageQuery((UsageKey.DAY, UsageKey.USER)), at(5))
        assert (row.day, row.user, row.project) == (NOON.date(), "admin", None)
        assert (row.runs, row.attempts, row.running) == (1, 2, 1)
        assert (row.run_s, row.cpu_s, row.gpu_s) == (Fraction(21, 4), Fraction(33, 8), {"H100": Fraction(9, 16)})
        assert (row.memory_byte_s, row.cpu_used_s) == (Fraction(9, 4) * 2**30, Fraction(3, 2))

    def test_prices_are_kept(self, catalog: Catalog) -> None:
        book = PriceBook("EUR", Decimal("0.1"), gpu_types={"H100": Decimal("4.5")})
        assert catalog.usage.get_prices().is_empty()
        catalog.usage.put_prices(book)
        assert catalog.usage.get_prices() == book

    # Telemetry

    def test_events_go_on_from_the_last_one_seen(self, catalog: Catalog) -> None:
        assert catalog.telemetry.find_last_event() == 0
        catalog.runs.create_run(make_run("r1"), make_steps("r1", "a", "b"))
        catalog.runs.create_run(make_run("r2"), make_steps("r2", "a"))
        catalog.runs.apply_changes(change(start("r1"), move(PENDING, RUNNING, attempt=1), start("r2")))
        everything = catalog.telemetry.list_events()
        assert catalog.telemetry.find_last_event() == everything[-1].seq
        assert [event.run for event in everything] == ["r1", "r2", "r1"]
        assert [event.seq for event in everything] == sorted({event.seq for event in everything})
        assert catalog.telemetry.list_events(after=everything[0].seq, limit=1) == everything[1:2]
        assert catalog.telemetry.list_events("r2") == everything[1:2]
        assert catalog.telemetry.list_events(after=everything[-1].seq) == ()
        first = everything[2]
        assert (first.node, first.attempt, first.kind, first.at, first.data) == ("a", 1, "running", at(1), {})

    def test_metric_points_are_sorted_and_the_last_one_counts(self, catalog: Catalog) -> None:
        def point(node: str, name: str, attempt: int, position: int, value: float) -> MetricPoint:
            return MetricPoint("r1", node, attempt, name, position, value, at(position))

        catalog.telemetry.add_metrics(())
        catalog.telemetry.add_metrics(tuple(point("b", "loss", 1, i, i / 2) for i in range(20)))
        catalog.telemetry.add_metrics(
            (point("a", "loss", 2, 1, 4), point("a", "loss", 1, 2, 5), point("a", "acc", 1, 1, 6))
        )
        catalog.telemetry.add_metrics((point("b", "loss", 1, 3, math.nan), point("b", "loss", 1, 4, math.inf)))
        catalog.telemetry.add_metrics((point("b", "loss", 1, 5, 1), point("b", "loss", 1, 5, 2)))
        found = catalog.telemetry.list_metrics("r1")
        assert [(one.node, one.name, one.attempt, one.position) for one in found[:3]] == [
            ("a", "acc", 1, 1),
            ("a", "loss", 1, 2),
            ("a", "loss", 2, 1),
        ]
        curve = catalog.telemetry.list_metrics("r1", "b", "loss")
        assert [one.position for one in curve] == list(range(20))
        assert math.isnan(curve[3].value)
        assert (curve[4].value, curve[5].value, curve[6].value) == (math.inf, 2.0, 3.0)
        assert curve[6].at == at(6)
        assert catalog.telemetry.list_metrics("r1", name="acc") == found[:1]
        last = max(one.seq for one in found)
        catalog.telemetry.add_metrics((point("a", "acc", 1, 2, 7), point("b", "loss", 1, 0, 8)))
        fresh = catalog.telemetry.list_metrics("r1", after=last)
        assert [(one.node, one.position, one.value) for one in fresh] == [("a", 2, 7.0), ("b", 0, 8.0)]
        assert catalog.telemetry.list_metrics("r2") == ()

    # Models

    def test_versions_have_no_gaps_or_clashes_among_50_callers(self, catalog: Catalog) -> None:
        def register(i: int) -> int:
            try:
                manifest = {"bad": {1, 2}} if i % 5 == 0 else {"i": i}
                return catalog.models.register_model(ModelDraft("digits", f"file:///m{i}", manifest), "default").version
            except BadValue:
                return 0

        with ThreadPoolExecutor(50) as pool:
            numbers = sorted(pool.map(register, range(75)))
        assert numbers == [0] * 15 + list(range(1, 61))
        assert [one.version for one in catalog.models.list_model_versions("digits")] == list(range(60, 0, -1))

    def test_folder_that_has_a_number_keeps_it(self, catalog: Catalog) -> None:
        first = catalog.models.register_model(ModelDraft("digits", "file:///m1", {"a": 1.0}), "default", "r1", "cnn")
        again = catalog.models.register_model(ModelDraft("digits", "file:///m1", {"a": 2}), "default")
        assert again == first
        assert (again.manifest, again.run, again.node) == ({"a": 1.0}, "r1", "cnn")

    def test_models_are_listed_by_their_latest_version(self, catalog: Catalog) -> None:
        for model, uri, project in (("a", "a1", "vision"), ("b", "b1", "default"), ("a", "a2", "vision")):
            catalog.models.register_model(ModelDraft(model, uri), project)
        assert [one.reference for one in catalog.models.list_models().items] == ["models:/a/2", "models:/b/1"]
        page = catalog.models.list_models(limit=1)
        assert [one.model for one in catalog.models.list_models(1, page.next_cursor).items] == ["b"]
        assert [one.model for one in catalog.models.list_models(project="vision").items] == ["a"]
        assert catalog.models.get_model("a", 1).uri == "a1"

    def test_trust_in_a_version_is_given_and_taken_back(self, catalog: Catalog) -> None:
        for uri in ("m1", "m2"):
            assert catalog.models.register_model(ModelDraft("digits", uri), "default").trusted_by is None
        assert catalog.models.trust_model("digits", 1, "ana").trusted_by == "ana"
        assert [one.trusted_by for one in catalog.models.list_model_versions("digits")] == [None, "ana"]
        assert catalog.models.trust_model("digits", 1, None) == catalog.models.get_model("digits", 1)
        assert catalog.models.get_model("digits", 1).trusted_by is None
        with pytest.raises(NotFound, match="digits/3"):
            catalog.models.trust_model("digits", 3, "ana")

    def test_unknown_model_names_the_nearest(self, catalog: Catalog) -> None:
        catalog.models.register_model(ModelDraft("digits", "u"), "default")
        for ask in (catalog.models.get_model, catalog.models.list_model_versions):
            with pytest.raises(NotFound, match="no model digitz; did you mean digits"):
                ask("digitz")
        with pytest.raises(NotFound, match="did you mean digits/1"):
            catalog.models.get_model("digits", 2)

    def test_deleted_version_is_nowhere_and_its_number_stays_taken(self, catalog: Catalog) -> None:
        for uri in ("m1", "m2", "m3"):
            catalog.models.register_model(ModelDraft("digits", uri), "vision")
        deleted = catalog.models.delete_model("digits", 3)
        assert [one.uri for one in deleted] == ["m3"]
        assert catalog.models.get_model("digits").version == 2
        with pytest.raises(NotFound, match="no model version digits/3; did you mean digits/2"):
            catalog.models.get_model("digits", 3)
        with pytest.raises(NotFound, match="digits/3"):
            catalog.models.delete_model("digits", 3)
        assert [one.version for one in catalog.models.list_model_versions("digits")] == [2, 1]
        assert [one.version for one in catalog.models.list_models().items] == [2]
        assert catalog.models.register_model(ModelDraft("digits", "m4"), "vision").version == 4
        assert [one.version for one in catalog.models.delete_model("digits")] == [1, 2, 4]
        assert catalog.models.list_models().items == ()
        with pytest.raises(NotFound, match=r"no model digits$"):
            catalog.models.delete_model("digits")
        assert catalog.models.register_model(ModelDraft("digits", "m5"), "vision").version == 5

    def test_what_is_needed_is_not_deleted(self, catalog: Catalog) -> None:
        for i in range(1, 5):
            catalog.models.register_model(ModelDraft("digits", f"m{i}"), "default")
        catalog.aliases.set_alias("digits", "champion", 1, "ana")
        catalog.endpoints.put_endpoint(Endpoint("lamp", "digits", 2, "default", EndpointState.READY, at(0), at(0)))
        pinned = {"models:/digits": "models:/digits/3"}
        catalog.runs.create_run(make_run("r1", models=pinned), make_steps("r1", "a"))
        taken = Step("r2", "a", StepState.CACHED, outputs={"model": "models:/digits/3"})
        catalog.runs.create_run(make_run("r2"), (taken,))
        for version, use in ((1, "alias champion"), (2, "endpoint lamp"), (3, "run r1, run r2")):
            with pytest.raises(Conflict, match=rf"model digits/{version} is in use \({use}\), so it cannot be deleted"):
                catalog.models.delete_model("digits", version)
        with pytest.raises(Conflict, match="alias champion, endpoint lamp, run r1, run r2"):
            catalog.models.delete_model("digits")
        assert catalog.models.delete_model("digits", 4)
        for run in ("r1", "r2"):
            catalog.runs.apply_changes(change(start(run), RunMove(run, RunState.RUNNING, RunState.FAILED, at(2))))
        assert catalog.models.delete_model("digits", 3)

    def test_what_was_made_from_a_version_is_found(self, catalog: Catalog) -> None:
        for i, models in enumerate(({}, {"weights": "models:/digits/1"}, {"weights": "models:/digits/11"})):
            manifest = {"lineage": {"models": models, "note": "models:/digits/1"}}
            catalog.models.register_model(ModelDraft("digits", f"m{i}", manifest), "default")
        made = catalog.models.list_made_from("digits", 1)
        assert [one.version for one in made] == [2]
        catalog.models.delete_model("digits", 2)
        assert catalog.models.list_made_from("digits", 1) == ()

    def test_files_of_deleted_versions_are_remembered_until_they_are_gone(self, catalog: Catalog) -> None:
        for uri in ("m1", "m2"):
            catalog.models.register_model(ModelDraft("digits", uri), "default")
        assert catalog.models.list_unerased() == ()
        deleted = catalog.models.delete_model("digits")
        assert catalog.models.list_unerased() == deleted
        catalog.models.note_erased("digits", 1)
        assert catalog.models.list_unerased() == deleted[1:]

    def test_project_of_deleted_models_is_empty(self, catalog: Catalog) -> None:
        catalog.projects.create_project(Project("vision", at(0)))
        catalog.models.register_model(ModelDraft("digits", "m1"), "vision")
        with pytest.raises(Conflict, match="1 models"):
            catalog.projects.delete_project("vision")
        catalog.models.delete_model("digits")
        catalog.projects.delete_project("vision")

    # Aliases

    def test_alias_names_a_version_and_can_be_moved(self, catalog: Catalog) -> None:
        for uri in ("m1", "m2"):
            catalog.models.register_model(ModelDraft("digits", uri), "default")
        first = catalog.aliases.set_alias("digits", "champion", 1, "ana")
        assert (first.version, first.user, first.reference) == (1, "ana", "models:/digits@champion")
        assert catalog.aliases.set_alias("digits", "champion", 1, "bo") == first
        assert catalog.models.get_model("digits", alias="champion").uri == "m1"
        second = catalog.aliases.set_alias("digits", "champion", 2, "bo")
        catalog.aliases.set_alias("digits", "冠军", 1, "<b>")
        assert catalog.models.get_model("digits", alias="champion").uri == "m2"
        assert catalog.aliases.get_alias("digits", "champion") == second
        listed = catalog.aliases.list_aliases(("digits", "other"))
        assert [(one.alias, one.version) for one in listed] == [("champion", 2), ("冠军", 1)]
        assert catalog.aliases.list_aliases(()) == ()

    def test_alias_moves_only_from_where_it_is_expected(self, catalog: Catalog) -> None:
        for uri in ("m1", "m2", "m3"):
            catalog.models.register_model(ModelDraft("digits", uri), "default")
        catalog.aliases.set_alias("digits", "champion", 1, "ana", expect=0)
        with pytest.raises(Conflict, match=r"alias digits@champion is at version 1, so .* moved to version 2 as a new"):
            catalog.aliases.set_alias("digits", "champion", 2, "ana", expect=0)

        def move_on(i: int) -> bool:
            try:
                catalog.aliases.set_alias("digits", "champion", 2 + i % 2, f"u{i}", expect=1)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(move_on, range(8))) == 1
        with pytest.raises(Conflict, match="deleted from version 1"):
            catalog.aliases.delete_alias("digits", "champion", "ana", expect=1)

    def test_what_an_alias_was_is_kept(self, catalog: Catalog) -> None:
        for uri in ("m1", "m2"):
            catalog.models.register_model(ModelDraft("digits", uri), "default")
        catalog.aliases.set_alias("digits", "champion", 1, "ana")
        catalog.aliases.set_alias("digits", "champion", 2, "bo")
        catalog.aliases.delete_alias("digits", "champion", "cy")
        moves = catalog.aliases.list_alias_moves("digits", "champion")
        told = [(one.before, one.after, one.user) for one in moves]
        assert told == [(2, None, "cy"), (1, 2, "bo"), (None, 1, "ana")]
        with pytest.raises(NotFound, match=r"no alias digits@champion$"):
            catalog.models.get_model("digits", alias="champion")
        catalog.aliases.set_alias("digits", "champion", 1, "ana", expect=0)
        assert catalog.models.get_model("digits", alias="champion").version == 1

    def test_unknown_alias_names_the_nearest(self, catalog: Catalog) -> None:
        catalog.models.register_model(ModelDraft("digits", "m1"), "default")
        catalog.aliases.set_alias("digits", "champion", 1, "ana")
        for ask in (catalog.aliases.get_alias, catalog.aliases.list_alias_moves):
            with pytest.raises(NotFound, match=r"no alias digits@champoin; did you mean digits@champion\?"):
                ask("digits", "champoin")
            with pytest.raises(NotFound, match="no model digitz; did you mean digits"):
                ask("digitz", "champion")
        with pytest.raises(NotFound, match="did you mean digits@champion"):
            catalog.models.get_model("digits", alias="champoin")
        with pytest.raises(NotFound, match="did you mean digits/1"):
            catalog.aliases.set_alias("digits", "champion", 2, "ana")
        with pytest.raises(NotFound, match="no alias digits@other"):
            catalog.aliases.delete_alias("digits", "other", "ana")

    # Favourites

    def test_models_are_collected_by_each_for_themselves(self, catalog: Catalog) -> None:
        for model, user in (("a", "ana"), ("b", "bo"), ("c", "bo")):
            catalog.models.register_model(ModelDraft(model, f"file:///{model}"), "default", user=user)
        for _ in range(2):
            catalog.favorites.put_favorite("ana", "b")
        assert catalog.favorites.list_favorites("ana") == ("b",)
        assert catalog.favorites.list_mine("ana") == ("a", "b")
        assert catalog.favorites.list_mine("bo") == ("b", "c")
        catalog.favorites.delete_favorite("ana", "b")
        catalog.favorites.delete_favorite("ana", "b")
        assert catalog.favorites.list_favorites("ana") == ()
        with pytest.raises(NotFound, match="no model bb; did you mean b"):
            catalog.favorites.put_favorite("ana", "bb")

    def test_favorites_of_a_deleted_model_are_gone(self, catalog: Catalog) -> None:
        for uri in ("m1", "m2"):
            catalog.models.register_model(ModelDraft("digits", uri), "default", user="bo")
        catalog.favorites.put_favorite("ana", "digits")
        catalog.models.delete_model("digits", 1)
        assert catalog.favorites.list_mine("ana") == ("digits",)
        catalog.models.delete_model("digits")
        assert catalog.favorites.list_mine("ana") == ()

    def test_list_of_models_can_be_of_some_names(self, catalog: Catalog) -> None:
        for uri, project in (("a1", "vision"), ("b1", "vision"), ("c1", "speech"), ("a2", "vision")):
            catalog.models.register_model(ModelDraft(uri[0], uri), project)

        def ask(names: tuple[str, ...], **more: object) -> list[str]:
            return [one.reference for one in catalog.models.list_models(names=names, **more).items]  # type: ignore[arg-type]

        assert ask(("a", "c", "none")) == ["models:/a/2", "models:/c/1"]
        assert ask(()) == []
        assert ask(("a", "c"), project="speech") == ["models:/c/1"]
        assert ask(("a", "c"), sight=Sight(frozenset({"speech"}))) == ["models:/c/1"]

    # Endpoints

    def test_endpoint_is_put_changed_and_deleted(self, catalog: Catalog) -> None:
        first = Endpoint("digits", "digits", 1, "default", EndpointState.STARTING, at(0), at(0))
        catalog.endpoints.put_endpoint(first)
        assert catalog.endpoints.get_endpoint("digits") == first
        second = Endpoint("digits", "digits", 2, "vision", EndpointState.FAILED, at(0), at(1), 3, "nö \udc80")
        catalog.endpoints.put_endpoint(second)
        found = catalog.endpoints.get_endpoint("digits")
        assert (found.version, found.state, found.replicas, found.error) == (2, EndpointState.FAILED, 3, "nö \\udc80")
        catalog.endpoints.put_endpoint(Endpoint("a", "digits", 1, "default", EndpointState.READY, at(0), at(0)))
        assert [one.name for one in catalog.endpoints.list_endpoints()] == ["a", "digits"]
        catalog.endpoints.delete_endpoint("digits")
        assert [one.name for one in catalog.endpoints.list_endpoints()] == ["a"]
        catalog.endpoints.put_endpoint(first)
        assert catalog.endpoints.get_endpoint("digits") == first

    def test_unknown_endpoint_names_the_nearest(self, catalog: Catalog) -> None:
        catalog.endpoints.put_endpoint(Endpoint("digits", "m", 1, "default", EndpointState.READY, at(0), at(0)))
        for ask in (catalog.endpoints.get_endpoint, catalog.endpoints.delete_endpoint):
            with pytest.raises(NotFound, match="no endpoint digit; did you mean digits"):
                ask("digit")

    # The file

    def test_snapshot_is_whole_while_others_write(self, catalog: Catalog, tmp_path: Path) -> None:
        def write(i: int) -> None:
            catalog.runs.create_run(make_run(f"r{i}"), make_steps(f"r{i}", "a", "b"))
            catalog.runs.apply_changes(change(move(PENDING, RUNNING, run=f"r{i}"), start(f"r{i}")))

        with ThreadPoolExecutor(4) as pool:
            writing = [pool.submit(write, i) for i in range(40)]
            writing[5].result()
            catalog.save_snapshot(tmp_path / "snapshots" / "copy.duckdb")
            for one in writing:
                one.result()
        copy = DirectCatalog(tmp_path / "snapshots" / "copy.duckdb")
        runs = copy.runs.list_runs(RunFilter()).items
        assert 5 < len(runs) <= 40
        for run in runs:
            assert len(copy.runs.list_steps(run.id)) == 2
            assert len(copy.telemetry.list_events(run.id)) == (0 if run.state is RunState.QUEUED else 2)
        copy.close()

    def test_snapshot_that_cannot_be_written_says_so(self, catalog: Catalog, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(CatalogError, match="snapshot"):
            catalog.save_snapshot(tmp_path / "file" / "copy.duckdb")

    # Projects

    def test_the_project_default_is_always_there(self, catalog: Catalog) -> None:
        (project,) = catalog.projects.list_projects()
        assert (project.name, project.cohort, project.quotas) == ("default", None, {})
        with pytest.raises(Conflict, match="project default is always there, so it cannot be deleted"):
            catalog.projects.delete_project("default")

    def test_a_project_is_read_back_and_changed(self, catalog: Catalog) -> None:
        quotas = {"gpu": Quota(4, 2.5, 0), "gpu:H100": Quota(1), "memory": Quota(2.0**40)}
        project = Project("vision", NOON, "research", Reclaim.LOWER_PRIORITY, quotas, "数字")
        catalog.projects.create_project(project)
        assert catalog.projects.get_project("vision") == project
        assert [one.name for one in catalog.projects.list_projects()] == ["default", "vision"]
        changed = Project("vision", NOON, quotas={"gpu": Quota(8)})
        catalog.projects.update_project(changed)
        assert catalog.projects.get_project("vision") == changed
        with pytest.raises(AlreadyExists, match="already a project vision"):
            catalog.projects.create_project(project)

    def test_a_document_is_changed_only_while_it_is_what_was_expected(self, catalog: Catalog) -> None:
        pushed = catalog.flows.push_flow("f", "1", "1", "default", user="ada")
        read = frozenset({pushed.tag})
        assert catalog.flows.push_flow("f", "2", "2", "default", user="bob", expected=read).version == 2
        with pytest.raises(Changed, match=r"flow f was changed by bob at 2\S+Z and is not what you have read"):
            catalog.flows.push_flow("f", "3", "3", "default", expected=read)
        with pytest.raises(Changed, match="flow g is not there"):
            catalog.flows.push_flow("g", "1", "1", "default", expected=read)
        assert catalog.flows.push_flow("g", "1", "1", "default", expected=frozenset()).version == 1
        with pytest.raises(Changed):
            catalog.flows.push_flow("g", "2", "2", "default", expected=frozenset())
        project = Project("vision", NOON)
        catalog.projects.create_project(project)
        changed = replace(project, description="x", changed=at(1), changed_by="ada")
        catalog.projects.update_project(changed, frozenset({project.tag}))
        with pytest.raises(Changed, match="project vision was changed by ada at 2026-05-17T12:00:01"):
            catalog.projects.update_project(replace(project, description="y"), frozenset({project.tag}))
        assert catalog.projects.get_project("vision") == changed
        book = PriceBook("EUR", Decimal("1.5"), changed=at(2), changed_by="ada")
        catalog.usage.put_prices(book, frozenset({catalog.usage.get_prices().tag}))
        assert catalog.usage.get_prices() == book
        with pytest.raises(Changed, match="price book of the installation was changed by ada"):
            catalog.usage.put_prices(PriceBook("USD"), frozenset({PriceBook().tag}))

    def test_a_request_with_a_key_is_answered_once(self, catalog: Catalog) -> None:
        asked = KeyedRequest("ada", "k", "f1")
        assert catalog.replies.claim_key(asked, NOON) is None
        with pytest.raises(Conflict, match="request k is not answered"):
            catalog.replies.claim_key(asked, NOON)
        reply = Reply(201, b"\x00\xff{}", {"etag": '"1"'})
        catalog.replies.keep_reply(asked, reply)
        assert catalog.replies.claim_key(asked, NOON) == reply
        with pytest.raises(BadValue, match="Idempotency-Key: expected another key for another request"):
            catalog.replies.claim_key(replace(asked, fingerprint="f2"), NOON)
        assert catalog.replies.claim_key(replace(asked, user="bob"), NOON) is None
        catalog.replies.keep_reply(replace(asked, user="bob"), Reply(201, None))
        assert catalog.replies.claim_key(replace(asked, user="bob"), NOON) == Reply(201, None)
        catalog.replies.release_key(asked)
        assert catalog.replies.claim_key(asked, NOON) is None
        assert catalog.replies.claim_key(asked, NOON + timedelta(hours=25)) is None

    def test_an_unknown_project_names_the_nearest(self, catalog: Catalog) -> None:
        catalog.projects.create_project(Project("vision", NOON))
        for ask in (catalog.projects.get_project, catalog.projects.delete_project):
            with pytest.raises(NotFound, match=r"no project visoin; did you mean vision\?"):
                ask("visoin")
        with pytest.raises(NotFound):
            catalog.projects.update_project(Project("visoin", NOON))

    def test_only_an_empty_project_is_deleted(self, catalog: Catalog) -> None:
        catalog.projects.create_project(Project("vision", NOON))
        catalog.projects.create_project(Project("empty", NOON))
        catalog.flows.push_flow("digits", "a", "h1", "vision")
        catalog.runs.create_run(make_run(project="vision"), make_steps("r1", "a"))
        with pytest.raises(Conflict, match=r"project vision is not empty \(it has 1 flows, 1 runs\), so it cannot be"):
            catalog.projects.delete_project("vision")
        catalog.projects.delete_project("empty")
        assert [one.name for one in catalog.projects.list_projects()] == ["default", "vision"]

    def test_what_steps_left_in_the_store_is_added_up_by_project(self, catalog: Catalog) -> None:
        for run, project in (("r1", "vision"), ("r2", "vision"), ("r3", "default")):
            catalog.runs.create_run(make_run(run, project=project), make_steps(run, "a", "b"))
        assert catalog.projects.measure_stored() == {}
        moves = [move(PENDING, SUCCEEDED, run, "a", stored_bytes=size) for run, size in (("r1", 5), ("r2", 2**40))]
        cached = move(PENDING, StepState.CACHED, "r3", "a", stored_bytes=7)
        catalog.runs.apply_changes(change(*moves, cached))
        assert catalog.projects.measure_stored() == {"vision": 5 + 2**40}

    def test_what_a_later_step_has_written_over_counts_once_with_its_last_size(self, catalog: Catalog) -> None:
        sizes = {"r1": 50, "r2": 30, "r3": 40}
        for day, (run, size) in enumerate(sizes.items()):
            catalog.runs.create_run(make_run(run), make_steps(run, "a", "b", "c"))
            ended = NOON + timedelta(days=day)
            fixed, own = {"data": "file:///store/scores"}, {"data": f"file:///store/dix/runs/{run}/steps/b/1/data"}
            for node, outputs in {"a": fixed, "b": own, "c": {"model": f"models:/m/{day}"}}.items():
                facts = {"stored_bytes": size, "outputs": outputs, "ended": ended}
                catalog.runs.apply_changes(change(move(PENDING, SUCCEEDED, run, node, **facts)))
        assert catalog.projects.measure_stored() == {"default": 40 + 120 + 120}

    def test_a_priority_is_changed_without_an_event(self, catalog: Catalog) -> None:
        catalog.runs.create_run(make_run(priority=3), make_steps("r1", "a"))
        assert catalog.runs.get_run("r1").priority == 3
        queued = RunMove("r1", RunState.QUEUED, RunState.QUEUED, at(1), reason="it waits", priority=-7)
        catalog.runs.apply_changes(change(queued))
        run = catalog.runs.get_run("r1")
        assert (run.priority, run.reason, run.state) == (-7, "it waits", RunState.QUEUED)
        catalog.runs.apply_changes(change(start()))
        assert (catalog.runs.get_run("r1").priority, catalog.runs.get_run("r1").reason) == (-7, None)
        assert [event.kind for event in catalog.telemetry.list_events("r1")] == ["running"]

    # Secrets

    def test_a_secret_is_read_back_by_name_and_replaced(self, catalog: Catalog) -> None:
        catalog.secrets.put_secret("default", "KEY", "first 🔑", "ana")
        made = catalog.secrets.get_secret("default", "KEY")
        catalog.secrets.put_secret("default", "KEY", "second\n", "bo")
        catalog.secrets.put_secret("default", "ANOTHER", "x", "ana")
        assert catalog.secrets.read_values("default", ("KEY",)) == {"KEY": "second\n"}
        (other, key) = catalog.secrets.list_secrets("default")
        assert (other.name, key.name, key.updated_by, key.created) == ("ANOTHER", "KEY", "bo", made.created)
        assert key.updated > made.updated
        assert "second" not in repr(key)

    def test_a_secret_belongs_to_one_project(self, catalog: Catalog) -> None:
        catalog.projects.create_project(Project("vision", NOON))
        catalog.secrets.put_secret("vision", "KEY", "v", "ana")
        assert catalog.secrets.list_secrets("default") == ()
        with pytest.raises(NotFound, match="no secret KEY in project default"):
            catalog.secrets.read_values("default", ("KEY",))
        with pytest.raises(NotFound, match=r"no secret KEX in project vision; did you mean KEY\?"):
            catalog.secrets.delete_secret("vision", "KEX")
        catalog.projects.delete_project("vision")
        catalog.projects.create_project(Project("vision", NOON))
        assert catalog.secrets.list_secrets("vision") == ()

    def test_a_deleted_secret_is_gone(self, catalog: Catalog) -> None:
        catalog.secrets.put_secret("default", "KEY", "v", "ana")
        catalog.secrets.delete_secret("default", "KEY")
        assert catalog.secrets.list_secrets("default") == ()
        with pytest.raises(NotFound):
            catalog.secrets.get_secret("default", "KEY")

    # Tags

    def test_what_somebody_else_has_changed_is_neither_replaced_nor_deleted(self, catalog: Catalog) -> None:
        catalog.models.register_model(ModelDraft("digits", "m1"), "default")
        late = frozenset({"another"})
        catalog.projects.create_project(Project("vision", NOON))
        catalog.secrets.put_secret("default", "KEY", "v", "ana")
        catalog.aliases.set_alias("digits", "champion", 1, "ana")
        catalog.members.put_member(Member("vision", "admin", Role.USER, NOON))
        refused: list[Callable[[Expected], object]] = [
            lambda tag: catalog.projects.delete_project("vision", tag),
            lambda tag: catalog.secrets.put_secret("default", "KEY", "w", "bo", tag),
            lambda tag: catalog.secrets.delete_secret("default", "KEY", tag),
            lambda tag: catalog.aliases.set_alias("digits", "champion", 1, "bo", expected=tag),
            lambda tag: catalog.aliases.delete_alias("digits", "champion", "bo", expected=tag),
            lambda tag: catalog.members.put_member(Member("vision", "admin", Role.VIEWER, NOON), tag),
            lambda tag: catalog.members.delete_member("vision", "admin", tag),
            lambda tag: catalog.shares.put_sharing(Sharing("model", "digits", "ana", Visibility.PRIVATE), tag),
            lambda tag: catalog.shares.delete_sharing("model", "digits", tag),
        ]
        for write in refused:
            with pytest.raises(Changed):
                write(late)
        member = catalog.members.get_member("vision", "admin")
        assert member.role is Role.USER
        catalog.members.put_member(Member("vision", "admin", Role.VIEWER, at(1)), frozenset({member.tag}))
        assert catalog.members.get_member("vision", "admin").role is Role.VIEWER
        catalog.shares.delete_sharing("model", "digits", frozenset({Sharing("model", "digits", "ana").tag}))

    # Audit

    def test_entries_come_back_newest_first_and_in_pages(self, catalog: Catalog) -> None:
        entries = [_make_entry(name=f"r{i}", at=at(i)) for i in range(5)]
        for entry in entries:
            catalog.audit.add_entry(entry)
        first = catalog.audit.list_entries(AuditFilter(), limit=3)
        rest = catalog.audit.list_entries(AuditFilter(), limit=3, cursor=first.next_cursor)
        assert [*first.items, *rest.items] == entries[::-1]
        assert rest.next_cursor is None
        with pytest.raises(BadValue, match="cursor"):
            catalog.audit.list_entries(AuditFilter(), cursor="x")

    def test_entries_come_in_the_order_that_is_asked_for_in_pages(self, catalog: Catalog) -> None:
        for i, user in enumerate(("bo", "ana", None, "bo", "ana")):
            catalog.audit.add_entry(_make_entry(user=user, name=f"r{i}", at=at(i)))
        catalog.audit.add_entry(_make_entry(user="cy", project="vision"))
        found, cursor = list[AuditEntry](), None
        while len(found) < 6:
            wanted, sort = AuditFilter(project="default"), (SortKey("user"), SortKey("at", is_descending=True))
            page = catalog.audit.list_entries(wanted, 2, cursor, sort)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert [entry.name for entry in found] == ["r2", "r4", "r1", "r3", "r0"]
        with pytest.raises(BadValue, match="any of seq, at"):
            catalog.audit.list_entries(AuditFilter(), sort=(SortKey("token"),))

    def test_entries_that_are_wanted(self, catalog: Catalog) -> None:
        for entry in (
            _make_entry(user="ana", name="r1"),
            _make_entry(user="bo", name="r1", status=403, problem="urn:dix:problem:not-allowed", at=at(10)),
            _make_entry(user="bo", action="delete_model", kind="model", name="digits", project="vision", at=at(20)),
            _make_entry(user=None, action="log_in", kind=None, name=None, project=None, status=401, at=at(30)),
        ):
            catalog.audit.add_entry(entry)

        def find(**wanted: object) -> list[str]:
            found = catalog.audit.list_entries(AuditFilter(**wanted)).items  # type: ignore[arg-type]
            return [f"{entry.user} {entry.action}" for entry in found]

        assert find(user="bo") == ["bo delete_model", "bo cancel_run"]
        assert find(kind="run", name="r1", failed=True) == ["bo cancel_run"]
        assert find(since=at(10), until=at(30)) == ["bo delete_model", "bo cancel_run"]
        assert find(projects=("vision",)) == ["bo delete_model"]
        assert find(projects=()) == []
        assert find(action="log_in") == ["None log_in"]

    # Schedules and backfills

    def test_a_schedule_comes_back_as_it_was_written(self, catalog: Catalog) -> None:
        watch = Watch(EventKind.ALIAS, "models:/digits@champion")
        schedule = replace(
            SCHEDULE, params={"rate": 0.1, "nan": math.inf, "names": ["ä"]}, watch=watch, end=at(9), grace_s=1.5
        )
        catalog.schedules.create_schedule(schedule)
        catalog.schedules.create_schedule(replace(schedule, name="a"))
        assert catalog.schedules.get_schedule("nightly") == schedule
        assert [one.name for one in catalog.schedules.list_schedules()] == ["a", "nightly"]
        with pytest.raises(AlreadyExists):
            catalog.schedules.create_schedule(schedule)
        with pytest.raises(NotFound, match="no schedule nightli; did you mean nightly"):
            catalog.schedules.get_schedule("nightli")

    def test_a_schedule_is_changed_only_by_who_has_seen_it(self, catalog: Catalog) -> None:
        catalog.schedules.create_schedule(SCHEDULE)
        catalog.schedules.update_schedule(replace(SCHEDULE, cron="@hourly", changed=at(1)), frozenset({SCHEDULE.tag}))
        with pytest.raises(Changed):
            catalog.schedules.update_schedule(SCHEDULE, frozenset({SCHEDULE.tag}))
        with pytest.raises(Changed):
            catalog.schedules.delete_schedule(SCHEDULE.name, frozenset({SCHEDULE.tag}))
        catalog.schedules.delete_schedule(SCHEDULE.name)
        with pytest.raises(NotFound):
            catalog.schedules.update_schedule(SCHEDULE)

    def test_decisions_are_kept_until_they_are_settled(self, catalog: Catalog) -> None:
        catalog.schedules.create_schedule(SCHEDULE)
        firings = tuple(Firing("nightly", f"r{i}", at(i), at(i), at(i + 1), None, i) for i in (2, 1))
        missed = Missed("nightly", at(-9), at(-1), 7, "catch-up is off", at(0))
        change = ScheduleChange(Mark("nightly", at(3), "seen"), firings, (missed,))
        gone = ScheduleChange(Mark("gone", at(3)), (replace(firings[0], schedule="gone"),))
        catalog.firings.keep_changes([change, gone])
        assert catalog.firings.list_marks() == {"nightly": Mark("nightly", at(3), "seen")}
        assert catalog.firings.list_firings() == firings[::-1]
        refused = replace(missed, count=1, reason="no such flow", at=at(4))
        catalog.firings.settle_firings(["r1", "r2"], [refused])
        assert catalog.firings.list_firings() == ()
        assert catalog.firings.list_missed("nightly") == (refused, missed)
        catalog.schedules.delete_schedule("nightly")
        assert catalog.firings.list_marks() == {}
        assert catalog.firings.list_missed("nightly") == ()

    def test_a_backfill_comes_back_as_it_was_written(self, catalog: Catalog) -> None:
        backfill = Backfill("b1", "digits", 3, at(0), params={"a": 1}, dates=(at(1), at(2)), step_s=60)
        catalog.backfills.create_backfill(backfill)
        catalog.backfills.create_backfill(replace(backfill, id="b2", created=at(9)))
        assert [one.id for one in catalog.backfills.list_backfills()] == ["b2", "b1"]
        opened = replace(backfill, state=BackfillState.OPEN, changed=at(5))
        catalog.backfills.update_backfill(opened, frozenset({backfill.tag}))
        assert catalog.backfills.get_backfill("b1") == opened
        with pytest.raises(Changed):
            catalog.backfills.update_backfill(opened, frozenset({backfill.tag}))
        with pytest.raises(NotFound):
            catalog.backfills.get_backfill("b9")
        with pytest.raises(AlreadyExists):
            catalog.backfills.create_backfill(backfill)

    def test_runs_of_dates_are_found_and_counted_by_what_made_them(self, catalog: Catalog) -> None:
        day = timedelta(days=1)
        held = [
            make_run("r1", at(1), logical_date=NOON, interval_end=NOON + day, origin="backfills/b1", held=True),
            make_run("r2", at(2), logical_date=NOON + day, origin="backfills/b1", selection={"from": "a"}, held=True),
            make_run("r3", at(3), logical_date=NOON + day, driver=Driver.PARAMETER, held=True),
            make_run("r4", at(4), logical_date=NOON + 2 * day, selection={"only": "a"}, held=True),
            make_run("r5", at(5), logical_date=NOON + 3 * day, held=True),
        ]
        catalog.held.hold_runs(tuple(held))
        catalog.held.end_held("r4", RunState.FAILED, at(6))
        found = catalog.backfills.list_dated("digits", "default", NOON, NOON + 2 * day)
        assert [one.run for one in found] == ["r2", "r1"]
        assert (found[1].interval_start, found[1].interval_end) == (NOON, NOON + day)
        catalog.held.end_held("r1", RunState.CANCELLED, at(6))
        assert catalog.held.cancel_origin("backfills/b9", at(7)) == 0
        counted = catalog.backfills.count_runs(["backfills/b1", "backfills/b2"])
        assert counted == {"backfills/b1": {RunState.QUEUED: 1, RunState.CANCELLED: 1}}
        assert catalog.held.cancel_origin("backfills/b1", at(7)) == 1
        ended = catalog.runs.get_run("r2")
        assert (ended.state, ended.ended, ended.held) == (RunState.CANCELLED, at(7), False)
        assert catalog.telemetry.list_events("r2")[-1].kind == "cancelled"


SCHEDULE = Schedule("nightly", "digits", NOON, NOON, cron="0 0 * * *", zone="Europe/Vienna")


def _make_entry(**facts: object) -> AuditEntry:
    given = {
        "at": at(0),
        "user": "ana",
        "token": "t1",
        "action": "cancel_run",
        "kind": "run",
        "name": "r1",
        "project": "default",
        "address": "127.0.0.1",
        "status": 200,
    }
    return AuditEntry(**(given | facts))  # type: ignore[arg-type]


class TestDirectCatalog(CatalogContract):
    @pytest.fixture
    def catalog(self, tmp_path: Path) -> Iterator[Catalog]:
        catalog = DirectCatalog(tmp_path / "catalog.duckdb")
        yield catalog
        catalog.close()


@pytest.fixture(scope="module")
def owner(local_ray: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActorHandle[Owner]]:  # noqa: F811
    yield start_owner(tmp_path_factory.mktemp("owner") / "catalog.duckdb")
    stop_owner()


@pytest.mark.ray
class TestProxyCatalog(CatalogContract):
    @pytest.fixture
    def catalog(self, owner: ActorHandle[Owner], tmp_path: Path) -> Catalog:
        ray.get(owner.__ray_call__.remote(_change_file, str(tmp_path / "catalog.duckdb")), timeout=30)
        return ProxyCatalog()


def _change_file(owner: Owner, path: str) -> None:
    """A new file for each test, without the second that a new process would take."""
    owner.close()
    owner.__init__(path)  # type: ignore[misc]
