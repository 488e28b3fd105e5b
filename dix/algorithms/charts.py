"""Draw curves, bars and points as SVG that stands in a page by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

_WIDTH, _HEIGHT, _EDGE = 420, 320, 52
_COLOURS = (
    "#0969da",
    "#cf222e",
    "#1a7f37",
    "#8250df",
    "#bf8700",
    "#1b7c83",
    "#bc4c00",
    "#6e7781",
    "#a40e26",
    "#4d2d00",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A curve with the name it has in the legend; names may be any text."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is written around a picture, and which numbers lie at its edges."""

    title: str
    x_label: str
    y_label: str
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)

    def place(self, x: ArrayLike, y: ArrayLike) -> str:
        """Points as SVG writes them."""
        across = _EDGE + (np.asarray(x) - self.x_range[0]) / _spread(self.x_range) * (_WIDTH - 2 * _EDGE)
        down = _HEIGHT - _EDGE - (np.asarray(y) - self.y_range[0]) / _spread(self.y_range) * (_HEIGHT - 2 * _EDGE)
        return " ".join(f"{one:.1f},{other:.1f}" for one, other in zip(across, down, strict=True))


def draw_lines(frame: Frame, lines: Sequence[Line], *, diagonal: bool = False) -> str:
    """Curves in one picture, with a legend below it; `diagonal` is drawn for comparison."""
    parts = [_draw_diagonal(frame)] if diagonal else []
    legend = []
    for line, colour in zip(lines, _COLOURS, strict=False):
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{frame.place(line.x, line.y)}"/>'
        )
        legend.append(f'<span style="color:{colour}">&#9632;</span> {escape(line.name)}')
    return _wrap(frame, parts, "&emsp;".join(legend))


def draw_bars(frame: Frame, edges: NDArray[np.float64], counts: NDArray[np.int64]) -> str:
    """A histogram: `counts[i]` lie between `edges[i]` and `edges[i + 1]`."""
    bars = []
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        corners = frame.place([low, low, high, high], [0, count, count, 0])
        bars.append(f'<polygon fill="{_COLOURS[0]}" stroke="#fff" points="{corners}"/>')
    return _wrap(frame, bars)


def draw_points(frame: Frame, x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """A cloud of points, with the diagonal on which both are equal."""
    dots = [
        f'<circle r="2" fill="{_COLOURS[0]}" fill-opacity="0.5" cx="{across}" cy="{down}"/>'
        for across, down in (point.split(",") for point in frame.place(x, y).split())
    ]
    return _wrap(frame, [_draw_diagonal(frame), *dots])


def _draw_diagonal(frame: Frame) -> str:
    low, high = max(frame.x_range[0], frame.y_range[0]), min(frame.x_range[1], frame.y_range[1])
    return f'<polyline stroke="#8c959f" stroke-dasharray="4" points="{frame.place([low, high], [low, high])}"/>'


def _wrap(frame: Frame, parts: Sequence[str], legend: str = "") -> str:
    left, bottom, middle = _EDGE, _HEIGHT - _EDGE, _HEIGHT / 2
    texts = [
        (left, bottom + 16, "start", f"{frame.x_range[0]:.4g}"),
        (_WIDTH - _EDGE, bottom + 16, "end", f"{frame.x_range[1]:.4g}"),
        (left - 6, bottom, "end", f"{frame.y_range[0]:.4g}"),
        (left - 6, _EDGE + 10, "end", f"{frame.y_range[1]:.4g}"),
        (_WIDTH / 2, bottom + 34, "middle", escape(frame.x_label)),
        (_WIDTH / 2, 24, "middle", escape(frame.title)),
    ]
    written = "".join(f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>' for x, y, anchor, text in texts)
    turned = f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(frame.y_label)}</text>'
    box = f'<rect x="{left}" y="{_EDGE}" width="{_WIDTH - 2 * _EDGE}" height="{_HEIGHT - 2 * _EDGE}" '
    box += 'fill="none" stroke="#d8dee4"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{_WIDTH}" height="{_HEIGHT}" font-size="12">'
    return f"<figure>{svg}{box}{''.join(parts)}{written}{turned}</svg><figcaption>{legend}</figcaption></figure>"


def _spread(edges: tuple[float, float]) -> float:
    return edges[1] - edges[0] or 1.0
