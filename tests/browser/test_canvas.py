"""The canvas with a real browser: what is drawn becomes a document, is kept, and runs before one's eyes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from dix.records.moments import now
from dix.records.states import RunState, StepState
from tests.browser.conftest import Visit
from tests.browser.test_pages import SHOWN, main
from tests.browser.world import World

pytestmark = pytest.mark.browser

FLOW = """\
dix: 1
name: {name}
nodes:
  train_set: {{kind: data, uri: digits/images/}}
  cnn:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {{train: train_set}}
    model: digits
layout: {{nodes: {{train_set: [0, 0], cnn: [260, 0]}}, notes: [{{text: 'mine'}}]}}
"""


def keep(world: World, name: str, text: str = FLOW, version: str = "1") -> None:
    world.server.parts.catalog.flows.push_flow(name, text.format(name=name), f"{name}{version}", "default")


def read_document(world: World, name: str) -> str:
    return world.server.parts.catalog.flows.get_flow(name).text


def node(page: Page, name: str) -> Locator:
    return page.locator(f"[data-node={name}]")


def port(page: Page, name: str, port: str, way: str = "source") -> Locator:
    return node(page, name).locator(f".port.{way}[data-handleid='{port}']")


def drag(page: Page, source: Locator, target: Locator | tuple[float, float]) -> None:
    """With the mouse, in steps as a hand does."""
    begin = source.bounding_box()
    end = target if isinstance(target, tuple) else target.bounding_box()
    assert begin is not None
    assert end is not None
    to = end if isinstance(end, tuple) else (end["x"] + end["width"] / 2, end["y"] + end["height"] / 2)
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(*to, steps=8)
    page.mouse.up()


def pick(page: Page, tab: str, item: str) -> Locator:
    """An item of the palette."""
    page.get_by_role("tab", name=tab).click()
    page.locator(".palette input").fill(item)
    return page.locator(".palette .item", has_text=item).first


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place on the board, as parts of its width and height."""
    box = page.locator(".board").bounding_box()
    assert box is not None
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def open_flow(visit: Visit, name: str) -> Page:
    page = visit.open(f"/flows?flow={name}")
    expect(page.locator(".health")).to_have_text(re.compile("ready to run|problem"))
    return page


def test_a_flow_is_drawn_from_nothing_kept_and_run(visit: Visit, world: World) -> None:
    page = visit.open("/flows")
    main(page).get_by_role("button", name="New flow").click()
    page.get_by_label("Name").fill("drawn")
    page.get_by_role("button", name="Draw it").click()
    expect(page.locator(".welcome")).to_be_visible()

    drag(page, pick(page, "Data", "Data by address"), place(page, 0.12, 0.3))
    expect(node(page, "data")).to_be_visible()
    page.get_by_label("Address").fill("digits/images/")
    drag(page, pick(page, "Frameworks", "Convolutional net"), place(page, 0.55, 0.3))
    drag(page, pick(page, "Algorithms", "Evaluate"), place(page, 0.55, 0.75))
    expect(page.locator(".node")).to_have_count(3)

    drag(page, port(page, "data", "data"), port(page, "cnn", "train", "target"))
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    drag(page, port(page, "cnn", "metrics"), port(page, "evaluate", "data", "target"))
    expect(page.get_by_role("alert")).to_have_text("cnn.metrics gives metrics and evaluate.data takes data.")
    expect(page.locator(".react-flow__edge")).to_have_count(1)

    node(page, "evaluate").click()
    page.keyboard.press("Delete")
    expect(page.locator(".node")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator(".node")).to_have_count(3)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".node")).to_have_count(2)

    drag(page, port(page, "cnn", "model"), place(page, 0.9, 0.6))
    expect(node(page, "cnn_model")).to_be_visible()
    drag(page, port(page, "data", "data"), port(page, "cnn_model", "data", "target"))
    expect(page.locator(".react-flow__edge")).to_have_count(3)

    node(page, "cnn").click()
    page.get_by_label("epochs", exact=True).fill("0")
    expect(page.locator(".wrong-text")).to_contain_text("expected 1 or more, got the number 0")
    page.get_by_label("epochs", exact=True).fill("7")
    page.get_by_label("Register as").fill("drawn")
    expect(page.locator(".health")).to_have_text("ready to run")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".save")).to_have_text("Saved")
    assert "epochs: 7" in read_document(world, "drawn")
    assert "inputs: {data: data}" in read_document(world, "drawn")

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Run the whole flow")
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".run-line")).to_contain_text("is queued")
    run = page.locator(".run-line").get_attribute("data-run")
    assert run is not None
    watch_the_flask_fill(page, world, run)


def watch_the_flask_fill(page: Page, world: World, run: str) -> None:
    engine = world.server.engine
    engine.move(run, RunState.RUNNING)
    engine.move_step(run, "data", StepState.SUCCEEDED, attempt=1, started=now(), ended=now())
    engine.move_step(run, "cnn", StepState.WAITING, reason="2 cores are wanted and 0 are free")
    expect(node(page, "cnn")).to_have_attribute("title", "2 cores are wanted and 0 are free")
    engine.move_step(run, "cnn", StepState.RUNNING, attempt=1, started=now(), progress=0.4)
    expect(node(page, "cnn").locator(".flask")).to_have_attribute("data-level", "0.40")
    expect(node(page, "cnn").locator(".badge")).to_contain_text("running 40 %")
    # What is typed meanwhile is not lost to the states that come twice a second.
    page.get_by_label("Title").fill("while it runs")
    engine.move_step(run, "cnn", StepState.RUNNING, progress=0.8)
    expect(node(page, "cnn").locator(".flask")).to_have_attribute("data-level", "0.80")
    expect(node(page, "cnn").locator(".title")).to_have_text("while it runs")
    engine.move_step(run, "cnn", StepState.SUCCEEDED, ended=now())
    engine.move_step(run, "cnn_model", StepState.SUCCEEDED, attempt=1, started=now(), ended=now())
    engine.move(run, RunState.SUCCEEDED)
    expect(node(page, "cnn").locator(".flask")).to_have_class(re.compile("full"))
    expect(page.locator(".run-line")).to_contain_text("has succeeded")
    expect(page.locator(".run")).to_have_count(2)


def test_a_title_is_a_text_whatever_it_says(visit: Visit) -> None:
    page = open_flow(visit, "digits")
    expect(node(page, "cnn").locator(".title")).to_contain_text(SHOWN.replace("'", ""))
    node(page, "cnn").click()
    page.get_by_label("Title").fill("<script>window.hurt=1</script><b>x</b>")
    expect(node(page, "cnn").locator(".title")).to_have_text("<script>window.hurt=1</script><b>x</b>")
    page.get_by_role("radio", name="YAML").click()
    expect(page.get_by_label("The document as YAML")).to_have_value(
        re.compile(r"<script>window.hurt=1</script><b>x</b>")
    )


def test_a_draft_outlives_a_reload_and_keeps_what_it_does_not_know(visit: Visit, world: World) -> None:
    keep(world, "drafted")
    page = open_flow(visit, "drafted")
    node(page, "train_set").click()
    page.get_by_label("Address").fill("digits/others/")
    expect(page.locator(".save")).to_have_text("Save")
    expect(page.locator(".health")).to_have_text("ready to run")
    page.reload()
    expect(page.get_by_text("Your unsaved drawing is here again.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".save")).to_have_text("Saved")
    kept = read_document(world, "drafted")
    assert "digits/others/" in kept
    assert "- {text: mine}" in kept


def test_nobody_overwrites_what_somebody_else_has_saved(visit: Visit, world: World) -> None:
    keep(world, "shared")
    page = open_flow(visit, "shared")
    node(page, "cnn").click()
    page.get_by_label("epochs", exact=True).fill("5")
    expect(page.locator(".health")).to_have_text("ready to run")
    theirs = FLOW.replace("model: digits", "model: theirs")
    keep(world, "shared", theirs, "2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("Nothing was overwritten")
    assert "model: theirs" in read_document(world, "shared")
    page.get_by_role("button", name="Take theirs").last.click()
    expect(page.get_by_label("Register as")).to_have_count(0)
    node(page, "cnn").click()
    expect(page.get_by_label("Register as")).to_have_value("theirs")


def test_the_text_and_the_drawing_are_one_document(visit: Visit, world: World) -> None:
    keep(world, "written")
    page = open_flow(visit, "written")
    page.get_by_role("radio", name="YAML").click()
    text = page.get_by_label("The document as YAML")
    expect(text).to_have_value(re.compile("algorithm: cnn"))
    text.fill(
        FLOW.format(name="written")
        .replace("inputs: {train: train_set}", "inputs: {train: train_set, valid: more}")
        .replace("  cnn:", "  more: {kind: data, uri: x}\n  cnn:")
    )
    expect(node(page, "more")).to_be_visible()
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    text.fill("dix: 1\nname: written\nnodes: {a: {kind: nothing}}\n")
    expect(page.locator(".text-side .wrong-text")).to_be_visible()
    expect(page.locator(".node")).to_have_count(3)


def test_keys_copy_clear_and_bring_back(visit: Visit, world: World) -> None:
    keep(world, "keyed")
    page = open_flow(visit, "keyed")
    node(page, "cnn").click()
    for key in ("Control+a", "Control+c", "Control+v"):
        page.keyboard.press(key)
    expect(page.locator(".node")).to_have_count(4)
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    page.get_by_label("Clear the canvas").click()
    expect(page.locator(".node")).to_have_count(0)
    page.get_by_label("Undo (Ctrl+Z)").click()
    expect(page.locator(".node")).to_have_count(4)
    # Streamlit's own keys: r would run the page again, c would ask about its cache.
    page.keyboard.press("c")
    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".health")).to_have_text("ready to run")
    assert "dix-draft admin keyed" in page.evaluate("Object.keys(localStorage)")
