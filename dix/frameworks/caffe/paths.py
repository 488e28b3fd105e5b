"""Find the files that prototxts name: beside the file that names them, or further up, as Caffe's users lay them out.

Caffe takes every path from the folder it is started in, so files name each other from the top of a project
(`examples/mnist/lenet.prototxt`). Where that is, is not written anywhere; it is looked for upwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dix.errors import DataMissing


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders that a relative path may start from, nearest first."""

    folders: tuple[Path, ...]

    def find(self, name: str) -> Path:
        """The file or folder of that name; raises DataMissing."""
        for folder in self.folders:
            if (folder / name).exists():
                return folder / name
        places = ", ".join(str(folder) for folder in self.folders)
        raise DataMissing(name, f"it is not under {places}", "put it there, or correct the path in the prototxt")


def find_paths(file: Path, root: Path | None = None) -> Paths:
    """From the folder of `file` upwards to `root`, which is that folder itself unless given."""
    folder = file.resolve().parent
    top = folder if root is None else root.resolve()
    if top != folder and top not in folder.parents:
        return Paths((folder, top))
    return Paths((folder, *(parent for parent in folder.parents if parent == top or top in parent.parents)))
