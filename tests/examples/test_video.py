"""The example of moving digits does better than a linear model of the differences between frames."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dix.data.clips import Clips
from dix.records.states import RunState
from tests.engine.conftest import Workshop

EXAMPLE = Path(__file__).parents[2] / "examples" / "video"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fewer than the README of the example asks for."""
    folder = tmp_path_factory.mktemp("clips")
    runpy.run_path(str(EXAMPLE / "make_clips.py"))["make_clips"](folder, 40)
    return folder


def test_it_does_better_than_a_linear_model(workshop: Workshop, clips: Path) -> None:
    workshop.store.put(clips, "video")
    run = workshop.do((EXAMPLE / "flow.yaml").read_text(), params={"epochs": 8})
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    reference = measure_reference(clips)
    print(steps["evaluate"].metrics["accuracy"], reference)
    assert steps["evaluate"].metrics["accuracy"] >= max(0.7, reference + 0.1)


def measure_reference(clips: Path) -> float:
    """Logistic regression on what changes from frame to frame."""
    medium, sets = Clips(8, 32, 32, 0), []
    for part in ("train", "test"):
        files = sorted((clips / part).glob("*/*.mp4"))
        frames = np.stack([medium.decode([file.read_bytes()], file.name) for file in files]).astype(np.float32) / 255
        sets.append((np.diff(frames, axis=1).reshape(len(files), -1), [file.parent.name for file in files]))
    return float(LogisticRegression(max_iter=300).fit(*sets[0]).score(*sets[1]))
