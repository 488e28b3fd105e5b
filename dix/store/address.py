"""Addresses: how URIs are read, joined and refused.

The rule is one: a URI is a scheme and then the name exactly as it is. Nothing in it is percent-encoded or decoded, so
`file:///data/100%/a b#1?.png` names the file `a b#1?.png` in the folder `100%`, and `f"{folder_uri}/{name}"` is right
for every name. (`Path.as_uri()` encodes: write `f"file://{path}"`.) A name that cannot mean the same on a folder and on
S3 is refused: empty parts, `.`, `..` and NUL. A slash at the end is dropped.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dix.errors import BadValue
from dix.names import is_model_reference

Scheme = Literal["file", "s3"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PATH_RULE = "names in UTF-8 between single slashes, none of them empty, . or .., and no NUL"
_EXPECTED = "a name in the store, file:///path or s3://bucket/path"


@dataclass(frozen=True, slots=True)
class Address:
    """`path` is an absolute path (`/data/x`) for file, and bucket and key (`bucket/x`) for s3."""

    scheme: Scheme
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.path}"

    @property
    def name(self) -> str:
        """The last part."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def parent(self) -> Address:
        """The folder that holds it; the top is its own parent."""
        above = self.path.rpartition("/")[0]
        if self.scheme == "file":
            return Address("file", above or "/")
        return Address("s3", above or self.path)

    def join(self, below: str) -> Address:
        """What lies below it at a relative path; the address itself for an empty one."""
        return Address(self.scheme, f"{self.path.rstrip('/')}/{below}") if below else self

    def is_within(self, folder: Address) -> bool:
        """Whether it is that folder, or lies in it at any depth."""
        return self == folder or self.is_below(folder)

    def is_below(self, folder: Address) -> bool:
        """Whether it lies in that folder at any depth."""
        return self.scheme == folder.scheme and self.path.startswith(folder.path.rstrip("/") + "/") and self != folder

    def relative_to(self, folder: Address) -> str:
        """Its path within a folder that holds it; empty for the folder itself."""
        return self.path[len(folder.path.rstrip("/")) + 1 :]


def read_address(text: str, root: Address) -> Address:
    """The address that a text names, relative names being below `root`; raises BadValue with the rule it breaks."""
    scheme = _SCHEME.match(text)
    if scheme is not None:
        return _read_absolute(text, scheme[1], text[scheme.end() :])
    if is_model_reference(text):
        raise BadValue("uri", _EXPECTED, text, "a model is given to the nodes that take models")
    if text.startswith("/"):
        raise BadValue("uri", _EXPECTED, text, f"for a path on this machine write file://{text}")
    if not text:
        raise BadValue("uri", _EXPECTED, text)
    return root.join(_check_path(text.removesuffix("/"), text))


def read_store_url(url: str) -> Address:
    """The root of a store: a URI, or a path on this machine; raises BadValue otherwise."""
    if url and not _SCHEME.match(url):
        url = f"file://{os.path.abspath(Path(url).expanduser())}"  # noqa: PTH100 - Path cannot take `..` out
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise BadValue("DIX_STORE", "file:///folder or s3://bucket/prefix", url)
    return _read_absolute(url, scheme[1], url[scheme.end() :], "DIX_STORE")


def check_part_names(path: str) -> bool:
    """Whether every part of a relative path is a name that means the same everywhere."""
    if "\0" in path or any(part in {"", ".", ".."} for part in path.split("/")):
        return False
    # Names on a disk can hold bytes that are no text; Python reads those as lone surrogates.
    return not any("\ud800" <= letter <= "\udfff" for letter in path)


def _read_absolute(text: str, scheme: str, rest: str, field: str = "uri") -> Address:
    if scheme == "file":
        if not rest.startswith("/"):
            raise BadValue(field, "three slashes, as in file:///data/x", text)
        inner = rest[1:].removesuffix("/")
        return Address("file", "/" + (_check_path(inner, text, field) if inner else ""))
    if scheme == "s3":
        return Address("s3", _check_path(rest.removesuffix("/"), text, field))
    hint = f"write s3://{rest}" if scheme in {"s3a", "s3n", "S3"} else ""
    raise BadValue(field, _EXPECTED, text, hint)


def _check_path(path: str, text: str, field: str = "uri") -> str:
    if not check_part_names(path):
        raise BadValue(field, _PATH_RULE, text)
    return path
