"""Pictures of nodes: well-formed, and text stays text in them."""

from __future__ import annotations

import base64
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from dix.client.pictures.looks import BLUE
from dix.client.pictures.shapes import Kind, Shape, break_title, draw_shape, make_svg

SVG = "{http://www.w3.org/2000/svg}"
SHAPE = Shape("cnn", Kind.ALGORITHM, "cnn", "cnn · torch", BLUE)


def count(shape: Shape, tag: str) -> int:
    return len(list(ET.fromstring(make_svg(shape)).iter(SVG + tag)))


@pytest.mark.parametrize(("kind", "tag"), [(Kind.DATA, "polygon"), (Kind.ALGORITHM, "rect"), (Kind.MODEL, "circle")])
def test_a_kind_has_its_shape(kind: Kind, tag: str) -> None:
    assert count(replace(SHAPE, kind=kind), tag) == 1


def test_a_flask_is_there_only_where_one_trains_and_fills() -> None:
    empty = make_svg(replace(SHAPE, flask=False))
    full = make_svg(replace(SHAPE, flask=True))
    assert count(SHAPE, "path") == 0
    assert 'd=""' in empty
    assert 'd=""' not in full


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "a & b", '"', "]]>", "数" * 300, "\x00\x1b[3m", ""])
def test_any_title_gives_a_well_formed_picture(title: str) -> None:
    shape = replace(SHAPE, title=title)
    assert count(shape, "script") == 0
    assert count(shape, "text") in {2, 3}


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("cnn", ["cnn"]),
        ("Images to learn from", ["Images to", "learn from"]),
        ("Images to learn everything from", ["Images to", "learn eve…"]),
        ("Convolutional", ["Convoluti…"]),
        ("", [""]),
    ],
)
def test_a_long_title_takes_two_lines(title: str, lines: list[str]) -> None:
    assert break_title(title, 10) == lines


def test_the_picture_travels_as_an_image() -> None:
    head, _, body = draw_shape(SHAPE).partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(body).decode() == make_svg(SHAPE)
