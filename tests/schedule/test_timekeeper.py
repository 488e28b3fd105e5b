"""The timekeeper over a real catalog and a folder as the store; runs are written down and stay there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.errors import CatalogError
from dix.records.member import Member, Role
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.run import Run, RunFilter
from dix.records.schedule import EventKind, Overlap, Schedule, Watch
from dix.records.states import Driver, RunState
from dix.records.user import User
from dix.schedule.timekeeper import Timekeeper
from dix.settings import Settings
from dix.store.choose import open_store
from dix.store.store import Store
from tests.api.fakes import FakeEngine

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEXT = "dix: 1\nname: {0}\nnodes:\n  a: {{kind: data, uri: x}}\n"
HOURLY = Schedule("hourly", "digits", NOON, NOON, cron="@hourly", params={})


class House:
    """One installation, and a clock that stands where the test wants it."""

    def __init__(self, folder: Path) -> None:
        self.catalog = DirectCatalog(folder / "catalog.duckdb")
        (folder / "store").mkdir()
        self.store: Store = open_store(Settings(home=folder, store=f"file://{folder}/store"))
        self.engine = FakeEngine(self.catalog)
        for name in ("digits", "prepare"):
            self.catalog.flows.push_flow(name, TEXT.format(name), name, "default")
        self.keeper = Timekeeper(self.catalog, self.engine, self.store)

    def add(self, schedule: Schedule, at: datetime = NOON) -> None:
        self.catalog.schedules.create_schedule(schedule)
        self.keeper.reread(schedule.name, at)
        self.keeper.tick(at)

    def list_runs(self, name: str = "hourly") -> list[Run]:
        return list(self.catalog.runs.list_runs(RunFilter(origin=f"schedules/{name}")).items)[::-1]

    def begin_anew(self, at: datetime) -> None:
        """As after a crash."""
        self.keeper = Timekeeper(self.catalog, self.engine, self.store)
        self.keeper.load(at)
        self.keeper.tick(at)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.catalog.close()


def test_what_is_due_becomes_a_run_with_its_date_and_interval(house: House) -> None:
    house.add(HOURLY)
    assert house.keeper.tick(NOON) == NOON + timedelta(hours=1)
    assert house.list_runs() == []
    house.keeper.tick(NOON + timedelta(hours=1))
    (run,) = house.list_runs()
    assert (run.driver, run.logical_date, run.interval) == (Driver.TIMED, NOON, (NOON, NOON + timedelta(hours=1)))
    limit = house.catalog.limits.find_limit("schedules/hourly")
    assert limit is not None
    assert (limit.most, limit.is_paused) == (1, False)


def test_a_crash_between_the_decision_and_the_run_loses_and_doubles_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add(HOURLY)
    with monkeypatch.context() as broken:
        broken.setattr(house.engine, "hold_runs", _fail)
        with pytest.raises(CatalogError):
            house.keeper.tick(NOON + timedelta(hours=1))
    assert house.list_runs() == []
    house.begin_anew(NOON + timedelta(days=9))
    dates = [run.logical_date for run in house.list_runs()]
    assert dates[0] == NOON
    assert len(dates) == len(set(dates))
    house.begin_anew(NOON + timedelta(days=9))
    assert len(house.list_runs()) == len(dates)


def test_a_run_that_is_refused_is_missed_with_the_reason(house: House) -> None:
    house.add(replace(HOURLY, version=7))
    house.keeper.tick(NOON + timedelta(hours=1))
    (missed,) = house.catalog.firings.list_missed("hourly")
    assert (missed.count, "digits" in missed.reason) == (1, True)
    assert house.catalog.firings.list_firings() == ()


def test_nothing_is_started_for_somebody_who_may_not_any_more(house: House) -> None:
    house.catalog.users.create_user(User("ana", NOON))
    house.add(replace(HOURLY, user="ana"))
    house.keeper.tick(NOON + timedelta(hours=1))
    assert house.list_runs() == []
    assert "ana" in house.catalog.firings.list_missed("hourly")[0].reason
    house.catalog.members.put_member(Member("default", "ana", Role.USER, NOON))
    house.keeper.tick(NOON + timedelta(hours=2))
    assert len(house.list_runs()) == 1
    house.catalog.users.change_user("ana", {"is_disabled": True})
    house.keeper.tick(NOON + timedelta(hours=3))
    assert len(house.list_runs()) == 1


def test_replacing_cancels_what_goes_on_and_skipping_leaves_out(house: House) -> None:
    house.add(replace(HOURLY, overlap=Overlap.REPLACE))
    house.add(replace(HOURLY, name="skipping", overlap=Overlap.SKIP))
    for hour in (1, 2):
        house.keeper.tick(NOON + timedelta(hours=hour))
    assert [run.state for run in house.list_runs()] == [RunState.CANCELLED, RunState.QUEUED]
    assert len(house.list_runs("skipping")) == 1
    assert "was going on" in house.catalog.firings.list_missed("skipping")[0].reason


def test_a_schedule_that_is_gone_takes_what_waits_with_it(house: House) -> None:
    house.add(HOURLY)
    house.keeper.tick(NOON + timedelta(hours=1))
    house.catalog.schedules.delete_schedule("hourly")
    house.keeper.reread("hourly", NOON)
    assert house.list_runs()[0].state is RunState.CANCELLED
    assert house.catalog.limits.find_limit("schedules/hourly") is None
    assert house.keeper.tick(NOON + timedelta(days=1)) is None


def test_a_success_of_another_flow_starts_one_run_and_once(house: House) -> None:
    begin = now()
    watch = Watch(EventKind.FLOW, "prepare")
    house.add(replace(HOURLY, cron=None, watch=watch, created=begin, counts_from=begin), begin)
    run = Run("r1", "prepare", 1, begin)
    house.catalog.runs.create_run(run, ())
    house.engine.move("r1", RunState.RUNNING)
    house.engine.move("r1", RunState.SUCCEEDED)
    for _look in range(2):
        house.keeper.look_at_events(EventKind.FLOW, now())
        house.keeper.tick(now())
    (made,) = house.list_runs()
    assert made.event == "run r1 of flow prepare succeeded"


def test_an_alias_that_is_set_starts_a_run(house: House) -> None:
    begin = now()
    house.catalog.models.register_model(ModelDraft("digits", "file:///m"), "default")
    watch = Watch(EventKind.ALIAS, "models:/digits@champion")
    house.add(replace(HOURLY, cron=None, watch=watch, created=begin, counts_from=begin), begin)
    house.catalog.aliases.set_alias("digits", "champion", 1, "admin")
    house.keeper.look_at_events(EventKind.ALIAS, now())
    house.keeper.tick(now())
    assert "was set to version 1" in (house.list_runs()[0].event or "")


def test_data_that_appears_or_changes_starts_a_run_each_time(house: House) -> None:
    watch = Watch(EventKind.DATA, "inbox/a.txt", 10)
    house.add(replace(HOURLY, cron=None, watch=watch, overlap=Overlap.ALLOW))
    events = []
    for look, data in enumerate((None, b"1", None, b"22", None), start=1):
        if data is not None:
            house.store.write_bytes("inbox/a.txt", data)
        house.keeper.tick(NOON + timedelta(seconds=11 * look))
        events.append(len(house.list_runs()))
    assert events == [0, 1, 1, 2, 2]
    assert [(run.event or "").split(" (")[0] for run in house.list_runs()] == [
        "data inbox/a.txt appeared",
        "data inbox/a.txt changed",
    ]


def _fail(_orders: object) -> None:
    raise CatalogError("it is away")
