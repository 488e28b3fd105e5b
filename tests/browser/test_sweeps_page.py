"""Sweeps in the dashboard: trials side by side, as a table and as pictures, and the best one named."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dix.records.sweep import SweepFilter
from tests.api.test_sweeps import finish
from tests.browser.conftest import Visit
from tests.browser.world import World


@pytest.fixture
def sweep(world: World) -> str:
    name = "learning-rates"
    if not world.server.parts.catalog.sweeps.list_sweeps(SweepFilter(), 1).items:
        finish(world.server, name, [4.0, 1.0, 2.0, 8.0, 6.0])
    return name


def test_trials_are_compared_in_every_picture_and_the_best_is_named(visit: Visit, sweep: str) -> None:
    page = visit.open(f"/sweeps?sweep={sweep}")
    expect(page.get_by_text("Best: trial 2, 0.5")).to_be_visible()
    expect(page.get_by_text("epochs = 2")).to_be_visible()
    for section in ("Parallel coordinates", "Scatter", "Importance", "Curves"):
        page.get_by_role("radio", name=section).click()
        expect(page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg")).to_be_visible()
    page.get_by_role("button", name="Name it", exact=True).click()
    expect(page.get_by_text("champion of digits is version")).to_be_visible()


def test_sweeps_are_listed_and_one_that_is_not_there_is_a_sentence(visit: Visit, sweep: str) -> None:
    page = visit.open("/sweeps")
    expect(page.get_by_role("heading", name="Sweeps")).to_be_visible()
    visit.open("/sweeps?sweep=learning-rate")
    expect(page.get_by_text(f"no sweep learning-rate; did you mean {sweep}?")).to_be_visible()
