"""The example of spoken words does better than a linear model of how loud each band is."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dix.frameworks.intakes.speech import SpeechIntake
from dix.records.states import RunState
from tests.engine.conftest import Workshop

EXAMPLE = Path(__file__).parents[2] / "examples" / "speech"


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fewer than the README of the example asks for."""
    folder = tmp_path_factory.mktemp("words")
    runpy.run_path(str(EXAMPLE / "make_words.py"))["make_words"](folder, 40)
    return folder


def test_it_does_better_than_a_linear_model(workshop: Workshop, words: Path) -> None:
    workshop.store.put(words, "speech")
    run = workshop.do((EXAMPLE / "flow.yaml").read_text(), params={"epochs": 12})
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    assert steps["train_set"].metrics["classes"] == 6
    reference = measure_reference(words)
    print(steps["evaluate"].metrics["accuracy"], reference)
    assert steps["evaluate"].metrics["accuracy"] >= max(0.85, reference)


def measure_reference(words: Path) -> float:
    """Logistic regression on the mean of each band of the same spectrograms."""
    intake = SpeechIntake(16_000, 1.0, 40)
    sets = []
    for part in ("train", "test"):
        files = sorted((words / part).glob("*/*.wav"))
        sounds = [wavfile.read(file)[1].astype(np.float32) / 32768 for file in files]
        sets.append((intake.compute_mels(sounds).mean(axis=1), [file.parent.name for file in files]))
    net = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(*sets[0])
    return float(net.score(*sets[1]))
