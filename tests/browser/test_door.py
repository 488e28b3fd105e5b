"""Signing in with a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import TOKEN, World

pytestmark = pytest.mark.browser


def test_a_stranger_sees_the_form_and_nothing_else(stranger: Page, base: str, world: World) -> None:
    stranger.goto(f"{base}/runs?run={world.failed}")
    expect(stranger.get_by_label("Token")).to_be_focused()
    assert "digits" not in stranger.content()
    assert stranger.locator("script").count() == 0


def test_the_token_leads_to_the_page_that_was_asked_for(stranger: Page, base: str, world: World) -> None:
    stranger.goto(f"{base}/runs?run={world.failed}")
    stranger.get_by_label("Token").fill("wrong")
    stranger.get_by_role("button", name="Enter").click()
    expect(stranger.get_by_role("alert")).to_have_text("That is not the token of this installation.")
    stranger.get_by_label("Token").fill(TOKEN)
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("button", name="Retry")).to_be_visible()
    assert stranger.url == f"{base}/runs?run={world.failed}"


def test_a_visit_survives_a_reload_and_the_token_is_not_in_the_address(stranger: Page, base: str) -> None:
    stranger.goto(f"{base}/?token={TOKEN}")
    expect(stranger.get_by_role("heading", name="Home")).to_be_visible()
    assert TOKEN not in stranger.url
    stranger.reload()
    expect(stranger.get_by_role("heading", name="Home")).to_be_visible()
