"""Speech recognition of keywords: learns to tell short sounds apart."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.lesson import OUTPUTS, Lesson, train_lesson
from dix.algorithms.media import read_media_sets
from dix.algorithms.speech_params import SPEECH_PARAMS
from dix.data.labelled_media import MediaOptions
from dix.data.sounds import Sounds
from dix.flow.spec import AlgorithmSpec, PortSpec
from dix.frameworks.intakes.speech import SpeechIntake, fit_speech
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import Examples


class Speech(Algorithm):
    """Trains on the sounds of `train`, each made a spectrogram once; stops by those of `valid`, or by a part."""

    spec = AlgorithmSpec(
        name="speech",
        title="Speech net",
        help="Learns to tell spoken words apart: class folders of WAV files, or a table with a sound and a label.",
        inputs=(
            PortSpec("train", help="Labelled sounds to learn from."),
            PortSpec("valid", required=False, help="Labelled sounds to stop by; otherwise a part of train."),
        ),
        outputs=OUTPUTS,
        frameworks=("torch",),
        params=SPEECH_PARAMS,
        trains=True,
        spreads=("torch",),
    )

    def run(self, context: StepContext) -> StepResult:
        params = context.params
        raw = SpeechIntake(params["sample_rate"], float(params["seconds"]), params["mels"])

        def prepare(sound: NDArray[Any]) -> NDArray[Any]:
            mels: NDArray[Any] = raw.compute_mels([sound])[0]
            return mels

        options = MediaOptions(Sounds(raw.sample_rate), params["audio_column"], params["label_column"], prepare)
        sets = read_media_sets(context, "mel", options)
        intake = fit_speech(raw, sets.train.tensors["mel"])
        valid = _normalize(intake, sets.valid) if sets.valid is not None else None
        lesson = Lesson(intake, ClassesOutcome(sets.labels), _normalize(intake, sets.train), valid)
        card = train_lesson(context, "speech", lesson)
        return StepResult(metrics={**card.metrics, "classes": len(sets.labels), **sets.left_out})


def _normalize(intake: SpeechIntake, examples: Examples) -> Examples:
    return Examples({"mel": intake.normalize(examples.tensors["mel"])}, examples.targets)
