"""Scripts, as the client sees them: sent to the store, and looked at without being run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dix.client.local_code import LocalCode, list_local, put_addresses
from dix.client.packing import pack_files
from dix.client.wire import Wire, join
from dix.errors import BadValue, NotFound
from dix.flow.argument_reader import read_arguments


@dataclass(frozen=True, slots=True)
class SentCode:
    """Code that is in the store; `uri` is what stands after `code:` in a flow."""

    uri: str
    sha256: str
    files: int
    size_bytes: int


class Scripts:
    """`client.scripts`: bring code into the store, and see what arguments a script takes."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def send(self, path: Path | str) -> SentCode:
        """Bring a file (with the requirements.txt beside it) or a folder; the same code has the same address."""
        place = Path(path)
        if not place.exists():
            raise NotFound("local file or folder", str(path))
        return self._send(LocalCode(str(path), place))

    def settle(
        self, text: str, base: Path | None = None, tell: Callable[[LocalCode, SentCode], None] | None = None
    ) -> str:
        """Send the local code that a document names, seen from the folder `base`, and name where it lies instead.

        Without `base` there is none: a document from elsewhere shall not take files of this machine along.

        `tell` hears of each.
        """
        addresses = {}
        for code in list_local(text, base):
            sent = self._send(code)
            addresses[code.named] = sent.uri
            if tell is not None:
                tell(code, sent)
        return put_addresses(text, addresses) if addresses else text

    def inspect(self, path: Path | str) -> dict[str, Any]:
        """The JSON Schema of the parameters that a local script takes; `additionalProperties` where there may be more.

        Raises NotFound, and BadValue for what is not Python.
        """
        try:
            return read_arguments(Path(path).read_bytes()).to_schema()
        except FileNotFoundError:
            raise NotFound("file", str(path)) from None
        except OSError as error:
            raise BadValue("script", "a file that can be read", str(path), error.strerror or "") from None

    def _send(self, code: LocalCode) -> SentCode:
        answer = self._wire.post_bytes(join("scripts"), pack_files(code.list_files()))
        uri = f"{answer['uri']}/{code.path.name}" if code.path.is_file() else answer["uri"]
        return SentCode(uri, answer["sha256"], answer["files"], answer["bytes"])
