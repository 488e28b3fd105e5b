"""The convolutional net: learns to tell images apart."""

from __future__ import annotations

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.cnn_params import CNN_PARAMS
from dix.algorithms.image_lesson import read_image_lesson
from dix.algorithms.lesson import OUTPUTS, count_left_out, train_lesson
from dix.data.bad_rows import BadRows
from dix.flow.spec import AlgorithmSpec, PortSpec


class Cnn(Algorithm):
    """Trains on the images of `train`, and stops by those of `valid`, or by a part of `train` kept aside for it."""

    spec = AlgorithmSpec(
        name="cnn",
        title="Convolutional net",
        help="Learns to tell images apart: class folders of image files, or a table with an image and a label column.",
        inputs=(
            PortSpec("train", help="Labelled images to learn from."),
            PortSpec("valid", required=False, help="Labelled images to stop by; otherwise a part of train."),
        ),
        outputs=OUTPUTS,
        frameworks=("torch", "tensorflow", "caffe"),
        params=CNN_PARAMS,
        trains=True,
        spreads=("torch", "tensorflow"),
    )

    def run(self, context: StepContext) -> StepResult:
        bad_rows = BadRows(context.bad_rows), BadRows(context.bad_rows)
        lesson = read_image_lesson(context, *bad_rows)
        card = train_lesson(context, "cnn", lesson)
        return StepResult(metrics={**card.metrics, "classes": lesson.outcome.width, **count_left_out(*bad_rows)})
