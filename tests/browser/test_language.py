"""The dashboard in Chinese: at once, on every page, and the next time, too."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_the_language_is_switched_at_once_and_remembered(visit: Visit) -> None:
    page = visit.open("/")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_text("简体中文").click()
    expect(page.get_by_role("heading", name="首页")).to_be_visible()
    expect(page.get_by_role("link", name="模型")).to_be_visible()
    page.wait_for_function("document.cookie.includes('dix_language=zh')")
    visit.open("/runs")
    expect(page.get_by_role("heading", name="运行")).to_be_visible()
    page.get_by_text("English").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
