"""What a model node does: predict a whole data set with a trained model."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.forecast_ahead import forecast_ahead
from dix.algorithms.media import find_medium
from dix.data.bulk import BATCH_ROWS, Bulk, BulkOrder, BulkProgress, BulkReport, WantedTensor
from dix.data.choose import choose_bulk
from dix.data.matching import find_columns
from dix.errors import BadModel
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec
from dix.frameworks.base import ModelCard, Predictor
from dix.frameworks.card import CARD_FILE, check_answers, parse_card
from dix.frameworks.checking import NUMPY_TYPES
from dix.frameworks.intakes.lookup import read_intake
from dix.frameworks.intakes.series import SeriesIntake
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store


class Score(Algorithm):
    """Input `data`, model `model`; writes Parquet with `prediction` and `probabilities` into `context.target`."""

    spec = AlgorithmSpec(
        name="score",
        title="Model",
        help="Predicts all rows, or all files, of a data set; a forecast, the next steps of each series.",
        inputs=(PortSpec("data"), PortSpec("model", PortKind.MODEL)),
        outputs=(PortSpec("data", help="The input's rows with prediction and probabilities."),),
        params={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "batch_size": {
                    "type": "integer", "default": BATCH_ROWS, "minimum": 1, "maximum": 1_048_576,
                    "description": "How many rows the model is asked at a time.",
                },
            },
        },
    )  # fmt: skip

    def __init__(self, bulk: Bulk | None = None) -> None:
        self._bulk = bulk

    def run(self, context: StepContext) -> StepResult:
        model = context.models["model"]
        card = parse_card(model, context.store.read_bytes(f"{model.rstrip('/')}/{CARD_FILE}"))
        trusted = "model" in context.trusted
        check_answers(context.inputs.get("model", model), card.format, card.loading, trusted=trusted)
        if not card.inputs:
            raise BadModel(model, "its card does not say what it takes; let its script save it again")
        intake = read_intake(model, card) if card.preprocessing.get("kind") == SeriesIntake.KIND else None
        if isinstance(intake, SeriesIntake):
            return _forecast(context, model, intake)
        tensors = _list_wanted(card)
        order = BulkOrder(
            source=context.inputs["data"],
            target=context.target,
            tensors=find_columns(context.store, context.inputs["data"], tensors) if card.format else tensors,
            make_predictor=_LoadFrom(context.store, model, context.gpus, trusted=trusted),
            batch_rows=context.params.get("batch_size", BATCH_ROWS),
            cpus=context.cpus,
            gpus=context.gpus,
            classes=tuple(card.labels),
        )

        def tell(progress: BulkProgress) -> None:
            speed = progress.rows / progress.seconds if progress.seconds > 0 else 0.0
            context.report(progress.parts, progress.parts / progress.of, rows=progress.rows, rows_per_second=speed)

        return _finish(context, (self._bulk or choose_bulk())(context.store, order, tell))


def _forecast(context: StepContext, model: str, intake: SeriesIntake) -> StepResult:
    """A forecast answers for each series, not for each row, so it is made here, and not cut into parts."""
    began = time.monotonic()
    predictor = _LoadFrom(context.store, model, context.gpus)(max(1, int(context.cpus)))
    startup_s = time.monotonic() - began
    batch_rows = context.params.get("batch_size", BATCH_ROWS)
    done = forecast_ahead(
        context.store, context.inputs["data"], context.target, predictor, intake, batch_rows=batch_rows
    )
    return _finish(context, replace(done, startup_seconds=startup_s))


def _finish(context: StepContext, done: BulkReport) -> StepResult:
    metrics = {
        "rows": done.rows,
        "parts": done.parts,
        "rows_per_second": round(done.rows_per_second, 1),
        "startup_seconds": round(done.startup_seconds, 3),
    }
    return StepResult(metrics=metrics, uris={"data": context.target})


@dataclass(frozen=True, slots=True)
class _LoadFrom:
    """Loads the model in the process that predicts; picklable, as it travels there."""

    store: Store
    uri: str
    gpus: float
    trusted: bool = False

    def __call__(self, threads: int) -> Predictor:
        local = self.store.local_path(self.uri)
        if local is not None:
            return load_predictor(local, threads, self.gpus, trusted=self.trusted)
        with tempfile.TemporaryDirectory() as scratch:
            folder = self.store.fetch(self.uri, Path(scratch) / "model")
            return load_predictor(folder, threads, self.gpus, trusted=self.trusted)


def _list_wanted(card: ModelCard) -> tuple[WantedTensor, ...]:
    """The model's inputs; an image, sound, clip, text, sequence or user comes from the column of the training."""
    kinds, medium = ("image", "audio", "video", "text", "sequence", "user"), find_medium(card)
    renamed = {name: str(card.params.get(f"{name}_column") or name) for name in kinds}
    return tuple(
        WantedTensor(
            spec.name,
            renamed.get(spec.name, spec.name),
            NUMPY_TYPES[spec.datatype],
            spec.shape[1:],
            spec.optional,
            medium,
        )
        for spec in card.inputs
    )
