"""Draws a node as an SVG picture: hexagon, rectangle with or without its flask, circle.

The picture is used as an image, where a browser runs no script; text is escaped all the same.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from dix.client.pictures.looks import Look
from dix.client.pictures.words import clean, measure, shorten

WIDTH, HEIGHT = 184, 64
CIRCLE = 96
FLASK_WIDTH = 26
COLUMN_WIDTH = 8.6
INK = "#1f2733"
SOFT_INK = "#5b6675"


class Kind(StrEnum):
    """What a node is, as its shape says it."""

    DATA = "data"
    ALGORITHM = "algorithm"
    MODEL = "model"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Shape:
    """One node to be drawn; `flask` is None without one, else whether it is full."""

    name: str
    kind: Kind
    title: str
    subtitle: str
    look: Look
    flask: bool | None = None


def draw_shape(shape: Shape) -> str:
    """The picture as a data URI."""
    return "data:image/svg+xml;base64," + base64.b64encode(make_svg(shape).encode()).decode()


def make_svg(shape: Shape) -> str:
    """The picture as SVG."""
    width, height = (CIRCLE, CIRCLE) if shape.kind is Kind.MODEL else (WIDTH, HEIGHT)
    middle = (width - (FLASK_WIDTH if shape.flask is not None else 0)) / 2
    columns = int((middle - 12) * 2 / COLUMN_WIDTH)
    lines = break_title(shape.title, columns)
    top = height / 2 - (1 if len(lines) == 1 else 11)
    texts = [
        f'<text x="{middle}" y="{top + row * 16}" fill="{INK}" font-size="13.5" font-weight="600">{escape(line)}</text>'
        for row, line in enumerate(lines)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"{_draw_outline(shape)}{_draw_flask(shape)}"
        f'<g font-family="system-ui, sans-serif" text-anchor="middle">{"".join(texts)}'
        f'<text x="{middle}" y="{top + len(lines) * 16}" fill="{SOFT_INK}" font-size="11">'
        f"{escape(shorten(clean(shape.subtitle), columns + 3))}</text></g></svg>"
    )


def break_title(title: str, columns: int) -> list[str]:
    """One line, or two where it is longer; what does not fit then is left out."""
    words = clean(title).split()
    first = ""
    while words and measure(f"{first} {words[0]}".strip()) <= columns:
        first = f"{first} {words.pop(0)}".strip()
    rest = " ".join(words)
    return [shorten(line, columns) for line in (first, rest) if line] or [""]


def _draw_outline(shape: Shape) -> str:
    paint = f'fill="{shape.look.fill}" stroke="{shape.look.line}" stroke-width="2" stroke-linejoin="round"'
    if shape.kind is Kind.DATA:
        points = (
            f"2,{HEIGHT / 2} 20,2 {WIDTH - 20},2 {WIDTH - 2},{HEIGHT / 2} {WIDTH - 20},{HEIGHT - 2} 20,{HEIGHT - 2}"
        )
        return f'<polygon points="{points}" {paint}/>'
    if shape.kind is Kind.MODEL:
        return f'<circle cx="{CIRCLE / 2}" cy="{CIRCLE / 2}" r="{CIRCLE / 2 - 2}" {paint}/>'
    inner = (
        f'<rect x="6" y="6" width="{WIDTH - 12}" height="{HEIGHT - 12}" rx="5" fill="none" stroke="{shape.look.line}"/>'
    )
    outline = f'<rect x="2" y="2" width="{WIDTH - 4}" height="{HEIGHT - 4}" rx="8" {paint}/>'
    return outline + (inner if shape.kind is Kind.FLOW else "")


def _draw_flask(shape: Shape) -> str:
    """The flask at the tail of the rectangle: empty before the model is there, full after."""
    if shape.flask is None:
        return ""
    x, y, line = WIDTH - 34, HEIGHT / 2 - 13, shape.look.line
    glass = f"M{x + 8},{y} h8 M{x + 9.5},{y} v9 l-7.5,13 q-1.5,4 3,4 h14 q4.5,0 3,-4 l-7.5,-13 v-9"
    content = f"M{x + 5.5},{y + 16} h13 l3.5,6 q1.5,4 -3,4 h-14 q-4.5,0 -3,-4 z" if shape.flask else ""
    return (
        f'<path d="{content}" fill="{line}" fill-opacity=".75"/>'
        f'<path d="{glass}" fill="none" stroke="{line}" stroke-width="1.6" stroke-linecap="round"/>'
    )
