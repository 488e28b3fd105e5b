"""Write into a model's card what its program takes and gives: `python -m dix.frameworks.programs.describe FOLDER`.

That takes loading it, and so may run code of the script that has left it; therefore it is done where and when that
script ran, in a process of its own, with the rights that the script had.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from dix.errors import DixError
from dix.frameworks.card import ANSWERING, read_card, write_card
from dix.frameworks.programs.lookup import load_program
from dix.settings import copy_environment

_TIMEOUT_S = 300


def describe_program(folder: Path, card_format: str) -> str | None:
    """Have the card of a folder filled in; answers why it could not be, None when it was or is not to be."""
    if card_format not in ANSWERING:
        return None
    command = [sys.executable, "-m", __spec__.name, str(folder)]
    environment = copy_environment() | {"CUDA_VISIBLE_DEVICES": ""}
    try:
        done = subprocess.run(  # noqa: S603 our own program
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"loading it took longer than {_TIMEOUT_S} s"
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return None if done.returncode == 0 else (lines or ["it ended without a word"])[-1]


def fill_in(folder: Path) -> None:
    """Load the program of a folder and write its inputs and outputs into the card beside it."""
    card = read_card(folder)
    program = load_program(folder, card, trusted=True)
    write_card(folder, replace(card, inputs=program.inputs, outputs=program.outputs))


if __name__ == "__main__":
    try:
        fill_in(Path(sys.argv[1]))
    except DixError as error:
        sys.exit(str(error))
