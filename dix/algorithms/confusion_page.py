"""The evaluation as a page to read: one HTML file that needs nothing else."""

from __future__ import annotations

from html import escape

from dix.algorithms.confusion import Confusion

# A larger table of classes by classes cannot be read any more.
_MOST_CLASSES = 40
_MOST_MISTAKES = 20
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #d8dee4; }
th:first-child, td:first-child { text-align: left; }
.right { background: #dafbe1; } .wrong { background: #ffebe9; }
"""


def write_page(title: str, confusion: Confusion, more: str = "") -> str:
    """The whole page as HTML, with `more` HTML at its end; class names may be any text."""
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{confusion.rows:,} predictions, {confusion.accuracy:.2%} of them right.</p>",
        "<h2>Classes</h2>",
        _write_classes(confusion),
        "<h2>Confusion</h2>",
        _write_counts(confusion) if len(confusion.classes) <= _MOST_CLASSES else _write_mistakes(confusion),
        more,
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _write_classes(confusion: Confusion) -> str:
    rows = [
        f"<tr><td>{escape(one['class'])}</td><td>{one['precision']:.1%}</td><td>{one['recall']:.1%}</td>"
        f"<td>{one['f1']:.1%}</td><td>{one['count']:,}</td></tr>"
        for one in confusion.describe_classes()
    ]
    head = "<tr><th>class</th><th>precision</th><th>recall</th><th>F1</th><th>count</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _write_counts(confusion: Confusion) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in confusion.classes)
    rows = []
    for i, name in enumerate(confusion.classes):
        cells = "".join(_write_cell(int(count), i == j) for j, count in enumerate(confusion.counts[i]))
        rows.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    return f"<p>Rows are the truth, columns the prediction.</p><table><tr><th></th>{head}</tr>{''.join(rows)}</table>"


def _write_cell(count: int, is_right: bool) -> str:  # noqa: FBT001  # both are said by position in one place
    mark = "" if not count else ' class="right"' if is_right else ' class="wrong"'
    return f"<td{mark}>{count or ''}</td>"


def _write_mistakes(confusion: Confusion) -> str:
    rows = [
        f"<tr><td>{escape(truth)}</td><td>{escape(guess)}</td><td>{count:,}</td></tr>"
        for truth, guess, count in confusion.list_mistakes()[:_MOST_MISTAKES]
    ]
    return f"<table><tr><th>truth</th><th>prediction</th><th>how often</th></tr>{''.join(rows)}</table>"
