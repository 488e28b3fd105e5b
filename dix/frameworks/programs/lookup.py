"""Find what loads a program of a format."""

from __future__ import annotations

from pathlib import Path

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
from dix.frameworks.programs.base import Program


def load_program(
    folder: Path, card: ModelCard, threads: int = 1, gpus: float = 0.0, *, trusted: bool = False
) -> Program:
    """The program of a model's folder. Unless `trusted`, nothing of it is run while it is loaded.

    Raises BadModel for one that is damaged, that needs code which is not here, or that does not say what it takes.
    """
    path = folder / str(card.net.get("file", ""))
    if not path.is_file():
        raise BadModel(str(folder), f"it has no {card.net.get('file')}")
    if card.format == "keras":
        from dix.frameworks.tensorflow.entry import load_keras_program

        return load_keras_program(path, threads, gpus, trusted=trusted)
    if trusted and card.format == "savedmodel":
        from dix.frameworks.tensorflow.entry import load_saved_model_program

        return load_saved_model_program(path.parent, threads, gpus)
    if trusted and card.format == "torch.export":
        from dix.frameworks.torch.exported import load_exported_program

        return load_exported_program(path, threads, gpus)
    raise BadModel(str(folder), f"nothing here loads {card.format}")
