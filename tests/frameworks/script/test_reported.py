"""Numbers in what a script prints, and in what it reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import dix
from dix.errors import BadValue
from dix.frameworks.script.reported import NumberReader, ReportFile

Rows = list[tuple[int, dict[str, float]]]


def read(*lines: str) -> Rows:
    rows: Rows = []

    def tell(position: int, row: Mapping[str, float]) -> None:
        rows.append((position, dict(row)))

    reader = NumberReader(tell)
    for line in lines:
        reader.hear(line)
    return rows


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ('{"epoch": 3, "loss": 0.5, "note": "x", "ok": true}', [(3, {"loss": 0.5})]),
        ("loss=0.25 val/acc=1e-3, lr = .5;", [(1, {"loss": 0.25, "val/acc": 0.001, "lr": 0.5})]),
        ("Epoch 4/10 loss=0.1", [(4, {"loss": 0.1})]),
        ("step=20 loss=2", [(20, {"loss": 2.0})]),
        ("step=1e300 loss=2", [(1, {"loss": 2.0})]),
        ('{"epoch": -1, "step": 4, "loss": 2}', [(4, {"loss": 2.0})]),
        ("Namespace(epochs=3, lr=0.1)", []),
        ("loss=nan", []),
        ('{"loss": NaN, "acc": 1}', [(1, {"acc": 1.0})]),
        ("a==3 path=/x/3 version=1.2.3 when=12:30 f(x=3)", []),
        ("[1, 2]", []),
        ("{broken", []),
        ('{"epoch": 3}', []),
        ("x=1" * 3000, []),
    ],
)
def test_numbers_are_found_and_nothing_else(line: str, rows: Rows) -> None:
    assert read(line) == rows


def test_rows_without_a_position_are_counted() -> None:
    assert [position for position, _row in read("a=1", "a=2", '{"epoch": 7, "a": 3}', "a=4")] == [1, 2, 7, 8]


def test_what_is_reported_comes_through_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ReportFile(tmp_path / "reports")
    monkeypatch.setenv("DIX_REPORT_FILE", str(file.path))
    dix.report(epoch=1, loss=0.5)
    (first,) = file.read_lines()
    with file.path.open("a") as half:
        half.write('{"epoch": 2, "lo')
    assert file.read_lines() == []
    assert read(first) == [(1, {"loss": 0.5})]
    with pytest.raises(BadValue):
        dix.report(loss="high")


def test_outside_of_a_step_a_report_is_printed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    monkeypatch.delenv("DIX_REPORT_FILE", raising=False)
    dix.report(loss=1)
    assert capfd.readouterr().out == '{"loss": 1.0}\n'
