"""Models as files: brought to this machine from the server, and from here to the server."""

from __future__ import annotations

import tempfile
from pathlib import Path

from dix.client.model import ClientModel, read_model
from dix.client.packing import read_chunks
from dix.client.wire import Wire, join
from dix.errors import BadValue, NotFound, Unreachable

# How often a transfer that brings nothing more is taken up again.
_PATIENCE = 3


class Archives:
    """What `client.models` does with files; where the connection breaks off, a transfer to here goes on from there."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def export(self, name: str, version: int, target: Path) -> Path:
        """Write a version as one file, at `target` or into that folder; it appears whole or not at all."""
        place = target / f"{name}-{version}.dixmodel" if target.is_dir() else target
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent, prefix=".export-") as folder:
                part = Path(folder) / "part"
                self._bring(join("models", name, "versions", version, "archive"), part)
                part.replace(place)
        except OSError as error:
            raise BadValue("file", "a file that can be written", str(place), error.strerror or "") from None
        return place

    def import_file(self, source: Path, name: str | None = None, project: str | None = None) -> ClientModel:
        """The version that a file of this machine became."""
        if not source.is_file():
            raise NotFound("file", str(source))
        content = read_chunks(source)
        return read_model(self._wire.post_bytes(join("models", "import"), content, name=name, project=project))

    def import_uri(self, uri: str, name: str | None = None, project: str | None = None) -> ClientModel:
        """The version that a file in the store became."""
        path = join("models", "import")
        return read_model(self._wire.post_bytes(path, (), name=name, project=project, uri=uri))

    def _bring(self, path: str, part: Path) -> None:
        tries = 0
        while True:
            before = part.stat().st_size if part.exists() else 0
            try:
                with self._wire.stream(path, begin=before) as chunks, part.open("ab") as out:
                    for chunk in chunks:
                        out.write(chunk)
            except Unreachable:
                tries = 0 if part.exists() and part.stat().st_size > before else tries + 1
                if tries >= _PATIENCE:
                    raise
            else:
                return
