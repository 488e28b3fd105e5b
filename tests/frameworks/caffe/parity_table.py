"""The parity table: `python -m tests.frameworks.caffe.parity_table` measures and writes it into the room's README."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import torch

from dix.frameworks.caffe.layers.lookup import list_types, list_unsupported
from tests.frameworks.caffe import measuring
from tests.frameworks.caffe.measuring import Row

README = Path(__file__).parents[3] / "dix" / "frameworks" / "caffe" / "README.md"
START, END = "<!-- parity table: written by tests/frameworks/caffe/parity_table.py -->", "<!-- end of the table -->"


def sum_up(rows: Iterable[Row]) -> list[tuple[str, str, int, float, float]]:
    """By part and what it is about: how many cases, the worst number, the gate."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        about = row.about if row.part in {"layers", "solvers", "data"} else f"{row.case}: {row.about}"
        found.setdefault((row.part, about), []).append(row)
    return [
        (part, about, len(group), max(row.worst for row in group), group[0].gate)
        for (part, about), group in sorted(found.items())
    ]


def format_rows(rows: Iterable[Row]) -> str:
    """The table for a terminal."""
    return "\n".join(
        f"{part:8} {about:45} {count:4} cases  worst {worst:8.1e}  gate {gate:g}"
        for part, about, count, worst, gate in sum_up(rows)
    )


def format_table(rows: Iterable[Row]) -> str:
    """The table for the README, with the types that nothing was measured for, and those not supported."""
    found = list(rows)
    lines = ["| part | what | cases | worst | gate |", "|---|---|---|---|---|"]
    lines += [
        f"| {part} | {about} | {count} | {worst:.1e} | {gate:g} |" for part, about, count, worst, gate in sum_up(found)
    ]
    measured = {row.about for row in found}
    rest = [name for name in list_types() if name not in measured]
    lines += ["", f"Supported and not measured by a case of their own: {', '.join(rest)}.", ""]
    lines += ["Not supported, said in one error before anything is computed:", ""]
    lines += [f"- {name}: {why}." for name, why in sorted(list_unsupported().items())]
    lines += ["- Pooling with STOCHASTIC.", "- Data with LEVELDB."]
    return "\n".join(lines)


def measure_all(output: Path) -> list[Row]:
    """Everything the folder holds."""
    rows = [measuring.measure_layer(case) for case in measuring.list_layers()]
    rows += [measuring.measure_data_layer(case) for case in measuring.list_data_layers()]
    for case in measuring.list_solvers():
        rows += measuring.measure_solver(case, output)
    for case in measuring.list_nets():
        rows += measuring.measure_net_forward(case)
        if measuring.has_data(case):
            rows += measuring.measure_net_run(case, output)
    for run in measuring.list_lenet_runs():
        rows += measuring.measure_lenet(run, output)
    return rows


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure_all(Path(folder))
    head, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{START}\n\n{format_table(rows)}\n\n{END}{tail}", encoding="utf-8")
    print(format_rows(rows))


if __name__ == "__main__":
    main()
