"""The example of an unchanged script: it reaches what its README says, and what a plain run of it reaches."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dix.client.local_code import check_local, put_addresses
from dix.data.digits import write_digits
from dix.records.states import RunState
from dix.store.kept_code import keep_code
from tests.engine.conftest import Workshop

FOLDER = Path(__file__).parents[2] / "examples" / "script"
FLOW = (FOLDER / "flow.yaml").read_text()


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    write_digits(tmp_path / "digits")
    return tmp_path / "digits"


def test_the_flow_and_the_script_fit() -> None:
    assert check_local(FLOW, FOLDER) == ()
    (problem,) = check_local(FLOW.replace("batch_size", "batchsize"), FOLDER)
    assert problem.nearest == "batch_size"


def test_in_a_step_it_learns_what_it_learns_by_hand(workshop: Workshop, digits: Path, tmp_path: Path) -> None:
    for name in ("train", "test"):
        workshop.store.put(digits / name, f"digits/{name}")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_bytes((FOLDER / "train.py").read_bytes())
    kept = keep_code(workshop.store, tmp_path / "code", "train.py")
    run = workshop.do(put_addresses(FLOW, {"train.py": str(kept)}), params={"epochs": 3})
    assert run.state is RunState.SUCCEEDED, workshop.steps(run.id)["train"]
    metrics = workshop.steps(run.id)["train"].metrics
    by_hand = run_by_hand(digits, tmp_path / "out")
    assert metrics["accuracy"] == pytest.approx(by_hand, abs=0.02)
    assert metrics["accuracy"] > 0.9
    version = workshop.catalog.models.get_model("digits-script")
    assert {"files/model.pth", "files/labels.json", "code/train.py"} <= {
        file["path"] for file in version.manifest["files"]
    }


def run_by_hand(digits: Path, out: Path) -> float:
    """The accuracy that the same script prints without any of us."""
    out.mkdir()
    command = [sys.executable, str(FOLDER / "train.py"), "--epochs", "3", "--model-dir", str(out)]
    command += ["--train", str(digits / "train"), "--test", str(digits / "test")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.findall(r"accuracy=([\d.]+)", said)[-1])
