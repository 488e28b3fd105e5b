"""The Resources page with a real browser: what there is, what waits, and how many runs may go at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from dix.engine.base import RunOrder
from dix.records.states import RunState, StepState
from tests.browser.conftest import Visit
from tests.browser.test_pages import cells, choose, main
from tests.browser.world import EVIL, World

pytestmark = pytest.mark.browser


def test_machines_queue_quotas_and_usage_are_shown(visit: Visit, world: World) -> None:
    engine = world.server.engine
    run = engine.start_run(RunOrder("digits"))
    engine.move(run.id, RunState.RUNNING)
    engine.move_step(run.id, "cnn", StepState.WAITING, reason=f"3 cards are wanted and 1 is free {EVIL}")
    page = visit.open("/resources")
    expect(main(page).get_by_text("11.5 of 32 free")).to_be_visible()
    expect(cells(page).filter(has_text="gpu-1")).to_have_count(1)
    choose(page, "Queue")
    expect(cells(page).filter(has_text=re.compile("3 cards are wanted and 1 is free <script>.*名前"))).to_have_count(1)
    choose(page, "Quotas")
    expect(main(page).get_by_test_id("stVegaLiteChart")).to_be_visible()
    choose(page, "Usage and cost")
    expect(main(page).get_by_test_id("stVegaLiteChart")).to_be_visible()
    expect(cells(page).filter(has_text="speech")).to_have_count(1)


def test_fewer_runs_of_a_flow_may_go_at_once(visit: Visit, world: World) -> None:
    page = visit.open("/resources?section=limits")
    main(page).get_by_role("spinbutton", name="timed").fill("2")
    main(page).get_by_role("button", name="Save").first.click()
    expect(main(page).get_by_text("Saved; it holds at once.")).to_be_visible()
    limits = world.server.parts.catalog.limits.list_limits("flows/digits/")
    assert {limit.key: limit.most for limit in limits} == {"flows/digits/timed": 2}
