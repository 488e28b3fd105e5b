"""Every page with a real browser: it shows what there is, and texts of users stay texts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.world import EVIL, World, finish

pytestmark = pytest.mark.browser

# The beginning of the text that tries to be more, as it has to be read on the page.
SHOWN = "<script>window.hurt=1</script><img src=x onerror='window.hurt=1'> **bold** [link](javascript:window.hurt=1)"


def main(page: Page) -> Locator:
    return page.get_by_test_id("stMain")


def cells(page: Page) -> Locator:
    """The cells of a table: it is painted, and readers of screens find them here."""
    return main(page).locator("canvas [role=gridcell]")


def choose(page: Page, option: str) -> None:
    main(page).get_by_test_id("stButtonGroup").get_by_text(option, exact=True).click()


def test_home_shows_what_runs_waits_and_failed(visit: Visit) -> None:
    page = visit.open("/")
    expect(main(page).get_by_text(re.compile(r"^score: 2 cores are wanted and 0 are free <script>"))).to_be_visible()
    expect(main(page).get_by_text(re.compile(r"^parts: ValueError: <script>"))).to_be_visible()
    expect(main(page).get_by_text("models:/digits/3")).to_be_visible()


def test_home_leads_to_a_run(visit: Visit, world: World) -> None:
    page = visit.open("/")
    main(page).get_by_role("link", name="digits").first.click()
    expect(main(page).get_by_text("Logical date")).to_be_visible()
    assert "/runs?run=r" in page.url


def test_flows_come_page_by_page(visit: Visit) -> None:
    page = visit.open("/flows")
    expect(cells(page).filter(has_text="flow-59")).to_have_count(1)
    main(page).get_by_role("button", name="More").click()
    expect(cells(page).filter(has_text="flow-34")).to_have_count(1)
    main(page).get_by_role("button", name="Back to the first").click()
    expect(cells(page).filter(has_text="flow-59")).to_have_count(1)


def test_an_earlier_version_shows_its_text_graph_and_runs(visit: Visit) -> None:
    page = visit.open("/flows?flow=digits&version=1")
    expect(main(page).get_by_text("This is an earlier version")).to_be_visible()
    expect(main(page).get_by_test_id("stCode").first).to_contain_text("algorithm: split")
    expect(page.frame_locator("iframe").locator("canvas")).to_be_visible()
    expect(main(page).get_by_role("link", name=re.compile(r"^\d{4}-"))).not_to_have_count(0)


def test_a_double_click_on_a_node_opens_nothing(visit: Visit) -> None:
    page = visit.open("/flows?flow=digits&version=1")
    canvas = page.frame_locator("iframe").locator("canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    # streamlit-agraph takes what a node has as its title for an address. It finds none, and says so in its own way.
    trips = [f"Cannot read properties of undefined (reading '{what}')" for what in ("div", "innerHTML")]
    for place in range(1, 20):
        canvas.dblclick(position={"x": box["width"] * place / 20, "y": box["height"] / 2})
        if trips[1] in visit.complaints:
            break
    assert trips[1] in visit.complaints, "no node was hit, or one opened something"
    assert len(page.context.pages) == 1
    visit.complaints[:] = [complaint for complaint in visit.complaints if complaint not in trips]


def test_runs_are_filtered_by_state(visit: Visit, world: World) -> None:
    page = visit.open("/runs")
    expect(cells(page).filter(has_text=world.failed)).to_have_count(1)
    expect(cells(page).filter(has_text=world.succeeded)).to_have_count(1)
    choose(page, "failed")
    expect(cells(page).filter(has_text=world.succeeded)).to_have_count(0)
    expect(cells(page).filter(has_text=world.failed)).to_have_count(1)
    page.wait_for_url("**/runs?state=failed")


def test_a_filter_can_be_linked_to(visit: Visit, world: World) -> None:
    page = visit.open("/runs?state=succeeded&flow=digits")
    expect(cells(page).filter(has_text=world.succeeded)).to_have_count(1)
    expect(cells(page).filter(has_text=world.failed)).to_have_count(0)


def test_a_click_on_a_row_opens_the_run(visit: Visit, world: World) -> None:
    page = visit.open("/runs?state=failed")
    expect(cells(page).filter(has_text=world.failed)).to_have_count(1)
    main(page).get_by_test_id("stDataFrame").click(position={"x": 40, "y": 55})
    expect(main(page).get_by_role("button", name="Retry")).to_be_visible()
    assert page.url.endswith(f"/runs?run={world.failed}")


def test_a_failed_run_says_why(visit: Visit, world: World) -> None:
    page = visit.open(f"/runs?run={world.failed}")
    expect(main(page).get_by_text(f"parts: ValueError: {SHOWN}")).to_be_visible()
    main(page).get_by_text("Where parts failed").click()
    expect(main(page).get_by_test_id("stCode")).to_contain_text('File "train.py", line 3')


def test_curves_and_parameters_are_shown(visit: Visit, world: World) -> None:
    page = visit.open(f"/runs?run={world.succeeded}")
    choose(page, "Curves")
    expect(main(page).get_by_test_id("stVegaLiteChart")).to_have_count(3)
    expect(main(page).get_by_text(SHOWN)).to_be_visible()
    choose(page, "Parameters")
    expect(main(page).get_by_test_id("stJson")).to_contain_text("<script>")


def test_logs_are_searched(visit: Visit, world: World) -> None:
    page = visit.open(f"/runs?run={world.running}")
    choose(page, "Logs")
    log = main(page).get_by_test_id("stCode")
    expect(log).to_contain_text("cnn  epoch 40 ok")
    expect(log).to_contain_text(f"epoch 3 {SHOWN}")
    main(page).get_by_label("Search").fill("EPOCH 40")
    page.keyboard.press("Enter")
    expect(log).not_to_contain_text("epoch 39")
    expect(log).to_contain_text("epoch 40 ok")


def appears(locator: Locator) -> bool:
    """Whether it is seen within a few seconds."""
    try:
        expect(locator).to_be_visible(timeout=5000)
    except AssertionError:
        return False
    return True


def test_a_run_is_cancelled_after_a_question(visit: Visit, world: World) -> None:
    page = visit.open(f"/runs?run={world.queued}")
    expect(main(page).get_by_role("heading", name="digits queued")).to_be_visible()
    confirm = page.get_by_role("button", name="Cancel this run")
    main(page).get_by_role("button", name="Cancel").click()
    if not appears(confirm):  # a page that is still being put together may lose a click; people click again
        main(page).get_by_role("button", name="Cancel").click()
    confirm.click()
    expect(main(page).get_by_role("heading", name="digits cancelled")).to_be_visible()
    main(page).get_by_role("button", name="Retry").click()
    expect(main(page).get_by_text("This is a retry of")).to_be_visible()
    expect(main(page).get_by_role("link", name=world.queued)).to_be_visible()


def test_a_model_shows_its_card(visit: Visit) -> None:
    page = visit.open("/models?model=digits")
    expect(main(page).get_by_text("models:/digits/3")).to_be_visible()
    expect(main(page).get_by_text("0.9833")).to_be_visible()
    expect(main(page).get_by_text(re.compile(r"^0, 1, 2, .*<script>"))).to_be_visible()
    expect(cells(page).filter(has_text="any × 8 × 8")).to_have_count(1)


def test_a_model_without_a_card_is_shown_all_the_same(visit: Visit) -> None:
    page = visit.open("/models")
    expect(cells(page).filter(has_text="faces")).to_have_count(1)
    page = visit.open("/models?model=faces")
    expect(main(page).get_by_text("models:/faces/1")).to_be_visible()


def test_endpoints_say_how_they_are_asked(visit: Visit, world: World) -> None:
    page = visit.open("/endpoints")
    expect(main(page).get_by_text(f"its replicas ended: {SHOWN}")).to_be_visible()
    main(page).get_by_text("Ask it").click()
    expect(main(page).get_by_test_id("stCode")).to_contain_text(f"curl {world.server.url}/v2/models/digits/infer")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/runs?run=<b>nope", "no run <b>nope"),
        ("/flows?flow=digit", "no flow digit; did you mean digits?"),
        ("/models?model=digit", "no model digit; did you mean digits?"),
    ],
)
def test_what_is_not_there_is_a_sentence(visit: Visit, path: str, sentence: str) -> None:
    page = visit.open(path)
    expect(main(page).get_by_test_id("stAlert")).to_have_text(re.compile(re.escape(sentence)))


def test_a_run_is_live_until_it_ends(visit: Visit, world: World) -> None:
    page = visit.open(f"/runs?run={world.running}")
    expect(main(page).get_by_role("heading", name="digits running")).to_be_visible()
    finish(world.server, world.running)
    expect(main(page).get_by_role("heading", name="digits succeeded")).to_be_visible()
    expect(main(page).get_by_role("button", name="Retry")).to_be_visible()
    assert EVIL.startswith(SHOWN)
