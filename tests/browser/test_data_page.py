"""The Data page with a real browser: browse, look, upload."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.store import EVIL_NAME
from tests.browser.test_pages import cells, choose, main
from tests.browser.world import World

pytestmark = pytest.mark.browser


def test_a_click_leads_down_and_the_crumbs_lead_up(visit: Visit) -> None:
    page = visit.open("/data")
    expect(cells(page).filter(has_text="shop")).to_have_count(1)
    page = visit.open("/data?uri=shop")
    expect(cells(page).filter(has_text=EVIL_NAME)).to_have_count(1)
    main(page).get_by_test_id("stDataFrame").click(position={"x": 60, "y": 55})
    expect(main(page).get_by_role("button", name="Download")).to_be_visible()
    expect(main(page).get_by_text(EVIL_NAME).first).to_be_visible()
    expect(cells(page).filter(has_text="<b>粗体</b>")).to_have_count(1)
    choose(page, "Profile")
    expect(cells(page).filter(has_text="width")).to_have_count(1)
    main(page).get_by_role("link", name="shop").click()
    expect(cells(page).filter(has_text="sales.csv")).to_have_count(1)


def test_pictures_and_sounds_are_shown(visit: Visit) -> None:
    page = visit.open("/data?uri=digits%2Fimages")
    choose(page, "Preview")
    expect(main(page).locator("img")).to_have_count(8)
    page = visit.open("/data?uri=sounds%2Ftone.wav")
    expect(main(page).locator("audio")).to_be_visible()


def test_files_are_uploaded_and_downloaded_as_they_are(visit: Visit, world: World) -> None:
    page = visit.open("/data?uri=fresh-<b>")
    expect(main(page).get_by_text("no data")).to_be_visible()
    page = visit.open("/data?uri=notes")
    main(page).get_by_text("Upload", exact=True).click()
    content = "a,b\n1,名\n".encode()
    main(page).locator("input[type=file]").set_input_files(
        {"name": EVIL_NAME, "mimeType": "text/csv", "buffer": content}
    )
    main(page).get_by_role("button", name="Upload 1").click()
    expect(main(page).get_by_text("1 uploaded.")).to_be_visible()
    expect(cells(page).filter(has_text=EVIL_NAME)).to_have_count(1)
    assert world.server.parts.store.read_bytes(f"notes/{EVIL_NAME}") == content
    page = visit.open("/data?uri=notes%2Fread%20me.txt")
    expect(main(page).get_by_test_id("stCode").first).to_contain_text("<script>window.hurt=1</script>")
    with page.expect_download() as download:
        main(page).get_by_role("button", name="Download").click()
    assert download.value.path().read_bytes() == world.server.parts.store.read_bytes("notes/read me.txt")
