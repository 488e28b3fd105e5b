"""Which model folders may come from elsewhere: those that are read, and never run, and that read nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from dix.errors import BadValue
from dix.frameworks.card import CARD_FILE, read_card

_NET_FILE = "deploy.prototxt"
# What a Caffe net was trained by, which nobody reads again.
_TRAINED_BY = ("train_val.prototxt", "solver.prototxt", "class_weights.binaryproto")
# The files that a framework's loader reads as data. What else could lie in a folder (pickles, code) is not let in.
_FILES = {
    "torch": frozenset({CARD_FILE, "weights.safetensors"}),
    "tensorflow": frozenset({CARD_FILE, "weights.safetensors"}),
    "caffe": frozenset({CARD_FILE, _NET_FILE, "weights.caffemodel", "mean.binaryproto", *_TRAINED_BY}),
}
# Fields of a Caffe net that name files of the machine that loads it.
_NAMES_FILES = re.compile(r"\b(source|root_folder|mean_file|file_name)\s*:")


def check_foreign(folder: Path) -> None:
    """Raises BadModel for a card that is none, BadValue for a folder that need not be harmless to load."""
    framework = read_card(folder).framework
    if framework not in _FILES:
        raise BadValue("archive", f"a model of {' or '.join(sorted(_FILES))}", framework)
    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    unknown = sorted(paths - _FILES[framework])
    if unknown:
        known = ", ".join(sorted(_FILES[framework]))
        raise BadValue("archive", f"nothing beside {known} in a model of {framework}", unknown[0])
    if framework == "caffe" and (folder / _NET_FILE).is_file():
        named = _NAMES_FILES.search((folder / _NET_FILE).read_text(errors="replace"))
        if named is not None:
            raise BadValue("archive", f"a net that names no other files in {_NET_FILE}", named.group())
