"""Classification of video: learns to tell clips apart."""

from __future__ import annotations

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.lesson import OUTPUTS, Lesson, train_lesson
from dix.algorithms.media import read_media_sets
from dix.algorithms.video_params import VIDEO_PARAMS
from dix.data.clips import Clips
from dix.data.labelled_media import MediaOptions
from dix.flow.spec import AlgorithmSpec, PortSpec
from dix.frameworks.intakes.clips import fit_clips
from dix.frameworks.outcomes.classes import ClassesOutcome


class Video(Algorithm):
    """Trains on the clips of `train`, each decoded once; stops by those of `valid`, or by a part of `train`."""

    spec = AlgorithmSpec(
        name="video",
        title="Video net",
        help="Learns to tell clips apart: class folders of videos, or a table with a clip and a label column.",
        inputs=(
            PortSpec("train", help="Labelled clips to learn from."),
            PortSpec("valid", required=False, help="Labelled clips to stop by; otherwise a part of train."),
        ),
        outputs=OUTPUTS,
        frameworks=("torch",),
        params=VIDEO_PARAMS,
        trains=True,
        spreads=("torch",),
    )

    def run(self, context: StepContext) -> StepResult:
        params, size = context.params, context.params["image_size"]
        height, width = (size, size) if isinstance(size, int) else size
        clips = Clips(params["frames"], height, width, 3 if params["colour"] else 0)
        options = MediaOptions(clips, params["video_column"], params["label_column"], lambda clip: clip)
        sets = read_media_sets(context, "video", options)
        intake = fit_clips(sets.train.tensors["video"])
        card = train_lesson(context, "video", Lesson(intake, ClassesOutcome(sets.labels), sets.train, sets.valid))
        return StepResult(metrics={**card.metrics, "classes": len(sets.labels), **sets.left_out})
