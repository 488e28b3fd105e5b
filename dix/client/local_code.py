"""Code on this machine that a flow document names: found, looked at, and named by where it has gone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dix.errors import BadDocument, BadValue, Problem
from dix.flow.argument_reader import read_arguments
from dix.flow.document import AlgorithmNode
from dix.flow.template import is_template
from dix.flow.text import read_flow

MAX_BYTES = 256 * 1024 * 1024
_BESIDE = "requirements.txt"
# What lies in folders of code and is none.
_LEFT_OUT = frozenset(
    {".git", ".hg", ".svn", "__pycache__", ".venv", "venv", "node_modules", ".ipynb_checkpoints", ".mypy_cache",
     ".ruff_cache", ".pytest_cache", ".DS_Store"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LocalCode:
    """What a node names as its code: a file or a folder of this machine."""

    named: str
    path: Path

    def list_files(self) -> list[tuple[str, Path]]:
        """Name and place of each file of it; of a file alone, it and the requirements.txt beside it.

        Raises BadValue for more than code can be.
        """
        if self.path.is_file():
            beside = self.path.with_name(_BESIDE)
            files = [path for path in dict.fromkeys((self.path, beside)) if path.is_file()]
            found = [(path.name, path) for path in files]
        else:
            found = sorted(_walk(self.path))
        size = sum(path.stat().st_size for _name, path in found)
        if not found or size > MAX_BYTES:
            most = f"files of code, at most {MAX_BYTES // 2**20} MiB together"
            raise BadValue("code", most, f"{len(found)} files, {size} bytes in {self.path}")
        return found

    def find_script(self, entry: str | None) -> Path | None:
        """The file that would be run, where that is plain to see."""
        script = self.path if self.path.is_file() else self.path / (entry or "train.py")
        return script if script.is_file() and script.suffix == ".py" else None


def find_local(named: Any, base: Path | None) -> LocalCode | None:
    """The local code that a text names, seen from a folder; None for an address in a store, or what is not there.

    Raises BadValue for what lies neither below that folder nor below the current one: a document of somebody else
    shall not take any file of this machine along.
    """
    if base is None or not isinstance(named, str) or is_template(named) or "://" in named or "\0" in named:
        return None
    path = base / Path(named)
    try:
        if not path.exists():
            return None
        place = path.resolve()
    except OSError:  # a name that no file can have
        return None
    if not any(place.is_relative_to(folder.resolve()) for folder in (base, Path())):
        raise BadValue("code", "a file or folder below the flow's own folder, or below the current one", named)
    return LocalCode(named, path)


def list_local(text: str, base: Path | None) -> list[LocalCode]:
    """All local code of a document, each once; none for text that is no document (the server says why)."""
    found = (find_local(node.value, base) for node in _find_nodes(text))
    return list({code.named: code for code in found if code is not None}.values())


def put_addresses(text: str, addresses: Mapping[str, str]) -> str:
    """The document with an address in place of each local name, and otherwise as it was written."""
    nodes = [node for node in _find_nodes(text) if node.value in addresses]
    places = {(node.start_mark.index, node.end_mark.index): addresses[node.value] for node in nodes}
    for (begin, end), address in sorted(places.items(), reverse=True):
        text = text[:begin] + json.dumps(address) + text[end:]
    return text


def check_local(text: str, base: Path | None) -> tuple[Problem, ...]:
    """What is wrong with the parameters of nodes whose scripts are on this machine."""
    try:
        doc = read_flow(text)
    except BadDocument:  # the server tells
        return ()
    nodes = [(name, node) for name, node in doc.nodes.items() if isinstance(node, AlgorithmNode)]
    return tuple(problem for name, node in nodes if node.algorithm == "script" for problem in _check(name, node, base))


def _check(name: str, node: AlgorithmNode, base: Path | None) -> list[Problem]:
    try:
        code = find_local(node.code, base)
    except BadValue as error:
        return [Problem(name, "code", "code", f"expected {error.fact('expected')}, got {node.code!r}; move it there")]
    script = code.find_script(node.entry) if code is not None else None
    if script is None:
        return []
    try:
        return read_arguments(script.read_bytes()).check(name, script.name, node.params, rendered=False)
    except BadValue as error:
        return [Problem(name, "code", "code", f"{script.name} is no Python ({error.fact('got')}); correct it")]


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        for name in names:
            path = Path(place) / name
            if name not in _LEFT_OUT and not name.endswith(".pyc") and path.is_file():
                yield path.relative_to(folder).as_posix(), path


def _find_nodes(text: str) -> list[yaml.ScalarNode]:
    """The texts that stand after `code:` in nodes that run a script, with their places."""
    if "script" not in text or "code" not in text:
        return []
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return []
    nodes = _get(root, "nodes")
    inner = [value for _key, value in nodes.value] if isinstance(nodes, yaml.MappingNode) else []
    scripts = [node for node in inner if getattr(_get(node, "algorithm"), "value", None) == "script"]
    found = (_get(node, "code") for node in scripts)
    return [node for node in found if isinstance(node, yaml.ScalarNode)]


def _get(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if getattr(key, "value", None) == name), None)
