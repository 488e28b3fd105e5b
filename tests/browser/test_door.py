"""Signing in and out with a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dix.access.passwords import hash_password
from dix.records.member import Role
from tests.api.people import add_person
from tests.browser.world import World

pytestmark = pytest.mark.browser

PASSWORD = "correct horse 名"


@pytest.fixture
def ana(world: World) -> str:
    """A colleague who may look at the project that everything is in."""
    add_person(world.server, "ana", {"default": Role.VIEWER})
    world.server.parts.catalog.users.set_password("ana", hash_password(PASSWORD))
    return "ana"


def test_a_stranger_sees_the_form_and_nothing_else(stranger: Page, base: str, world: World) -> None:
    stranger.goto(f"{base}/runs?run={world.failed}")
    expect(stranger.get_by_label("Name")).to_be_focused()
    assert "digits" not in stranger.content()
    assert stranger.locator("script").count() == 0


def test_a_password_leads_to_the_page_that_was_asked_for(stranger: Page, base: str, world: World, ana: str) -> None:
    stranger.goto(f"{base}/runs?run={world.failed}")
    stranger.get_by_label("Name").fill(ana)
    stranger.get_by_label("Password").fill("wrong")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_have_text("This name and this password do not belong together.")
    stranger.get_by_label("Name").fill(ana)
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("button", name="Retry")).to_be_visible()
    assert stranger.url == f"{base}/runs?run={world.failed}"


def test_what_the_visitor_may_not_do_is_a_sentence(stranger: Page, base: str, world: World, ana: str) -> None:
    stranger.goto(f"{base}/runs?run={world.failed}")
    stranger.get_by_label("Name").fill(ana)
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.keyboard.press("Enter")
    stranger.get_by_role("button", name="Retry").click()
    expect(stranger.get_by_text("you may not retry run in project default")).to_be_visible()


def test_a_visit_survives_a_reload_and_ends_with_signing_out(stranger: Page, base: str, world: World) -> None:
    code = world.make_code()
    stranger.goto(f"{base}/?login={code}")
    expect(stranger.get_by_role("heading", name="Home")).to_be_visible()
    assert code not in stranger.url
    stranger.reload()
    expect(stranger.get_by_role("heading", name="Home")).to_be_visible()
    stranger.goto(f"{base}/logout")
    stranger.get_by_role("button", name="Sign out").click()
    expect(stranger.get_by_label("Name")).to_be_visible()
    stranger.goto(f"{base}/?login={code}")
    expect(stranger.get_by_role("alert")).to_contain_text("has been used")
