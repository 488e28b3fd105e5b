"""Makes the asynchronous twin of the client, `dix/client/aio/`: `python -m tests.house.async_twin`.

The client is written once, in plain calls. What sends something, calls what does, or follows it, becomes `async` in
the twin; everything else the twin imports. `data`, `archives` and `scripts` move local files, which would stop the
loop: their twins call them in threads.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "dix" / "client"
TARGET = SOURCE / "aio"
THREADED = ("archives", "data", "scripts")
# Without a twin: they send nothing, or are no part of the client object.
PLAIN = (
    "__init__",
    "building",
    "cells",
    "comparison",
    "data_looks",
    "fields",
    "local_code",
    "messages",
    "packing",
    "progress",
    "reading",
    "reporting",
    "rows",
    "tags",
)

# What sends, by how it is written: what becomes of the call, and of its last name.
SENDS = {
    "self._http.send": ("await", "send"),
    "self._http.close": ("await", "aclose"),
    "self._http.stream": ("with", "stream"),
    "response.read": ("await", "aread"),
    "response.iter_bytes": ("iterate", "aiter_bytes"),
    "time.sleep": ("await", "sleep"),
}
RENAMED = {"connect": "connect_async", "make_http": "make_async_http", "ClientRun": "AsyncRun", "Client": "AsyncClient"}
ITERATES = {"Iterator": "AsyncIterator", "Iterable": "AsyncIterable"}

Function = ast.FunctionDef


@dataclass
class Room:
    """One file of the client."""

    name: str
    text: bytes
    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)


class Twin:
    """Knows of all files which functions become asynchronous, and how."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        self.rooms = {room.name: room for room in rooms}
        self.classes = {name: node for room in self.rooms.values() for name, node in room.classes.items()}
        self.attributes = {name: dict(_find_attributes(node)) for name, node in self.classes.items()}
        self.kinds: dict[tuple[str, str], str] = {}
        while self._learn():
            pass
        self.renamed = dict(self._find_renamed())

    def find_kind(self, call: ast.AST | None, owner: str) -> str | None:
        """What becomes of a call made in a method of the class `owner`: await, with, iterate or nothing."""
        if not isinstance(call, ast.Call):
            return None
        written = ast.unparse(call.func)
        if written in SENDS:
            return SENDS[written][0]
        if not isinstance(call.func, ast.Attribute):
            return None
        return self._find_method(self._find_class(call.func.value, owner), call.func.attr)

    def _find_class(self, receiver: ast.expr, owner: str) -> str:
        if isinstance(receiver, ast.Name):
            return owner if receiver.id == "self" else ""
        if isinstance(receiver, ast.Attribute) and ast.unparse(receiver.value) == "self":
            return next(
                (
                    self.attributes[each][receiver.attr]
                    for each in self._with_bases(owner)
                    if receiver.attr in self.attributes[each]
                ),
                "",
            )
        return ""

    def _find_method(self, owner: str, name: str) -> str | None:
        return next((self.kinds[each, name] for each in self._with_bases(owner) if (each, name) in self.kinds), None)

    def _with_bases(self, owner: str) -> Iterator[str]:
        if owner in self.classes:
            yield owner
            for base in self.classes[owner].bases:
                yield from self._with_bases(ast.unparse(base))

    def _learn(self) -> bool:
        before = len(self.kinds)
        for owner, node in self.classes.items():
            for method in _methods(node):
                kind = self._judge(method, owner)
                if kind:
                    self.kinds[owner, method.name] = kind
        return len(self.kinds) > before

    def _judge(self, method: Function, owner: str) -> str | None:
        inside = list(walk(method))
        kinds = {self.find_kind(node, owner) for node in inside}
        sends = bool(kinds & {"await", "with"}) or any(
            self.find_kind(_iterated(node), owner) == "iterate" for node in inside
        )
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside):
            is_context = any(ast.unparse(each) == "contextmanager" for each in method.decorator_list)
            return ("with" if is_context else "iterate") if sends else None
        returns = {self.find_kind(node.value, owner) for node in inside if isinstance(node, ast.Return) and node.value}
        return "await" if sends else "iterate" if "iterate" in returns else None

    def _find_renamed(self) -> Iterator[tuple[str, str]]:
        for name in self.classes:
            if any(owner == name for owner, _ in self.kinds) or name in {"Data", "Client"}:
                yield name, RENAMED.get(name, f"Async{name}")
        yield from ((name, RENAMED[name]) for name in ("connect", "make_http"))


class Writer:
    """Writes the twin of one file: edits of its text, so that everything else stays as it is."""

    def __init__(self, twin: Twin, room: Room) -> None:
        self._twin = twin
        self._room = room
        self._starts = [0]
        for line in room.text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._edits: list[tuple[int, int, str]] = []
        self._from_source: list[str] = []

    def write(self) -> str:
        """The text of the twin."""
        for node in self._room.tree.body:
            self._write_top(node)
        if self._from_source:
            first = next(node for node in self._room.tree.body[2:] if isinstance(node, ast.Import | ast.ImportFrom))
            self._insert(
                self._begin(first), f"from dix.client.{self._room.name} import {', '.join(self._from_source)}\n"
            )
        text = self._room.text
        for begin, end, new in sorted(self._edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
            text = text[:begin] + new.encode() + text[end:]
        return text.decode().replace("  # noqa: SIM117", "")

    def _write_top(self, node: ast.stmt) -> None:
        if isinstance(node, ast.ImportFrom):
            self._edit(node, self._rename_import(node))
        elif isinstance(node, ast.Import):
            self._edit(node, f"{ast.unparse(node)}\n{'import asyncio' if node.names[0].name == 'time' else ''}")
        elif isinstance(node, ast.If):
            for each in node.body:
                if isinstance(each, ast.ImportFrom):
                    self._edit(each, self._rename_import(each).replace("\n", "\n    "))
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            self._write_definition(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            first, _, rest = str(node.value.value).partition("\n")
            made = f"Made from dix/client/{self._room.name}.py by `python -m tests.house.async_twin`."
            self._edit(node, f'"""{first}\n\nIts asynchronous twin. {made}{rest and chr(10) + rest}\n"""')
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self._take_from_source(node, ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target))

    def _write_definition(self, node: ast.ClassDef | ast.FunctionDef) -> None:
        if node.name not in self._twin.renamed:
            self._take_from_source(node, node.name)
            return
        self._rename_all(node)
        if isinstance(node, ast.ClassDef):
            for method in _methods(node):
                self._write_method(method, node.name)

    def _take_from_source(self, node: ast.stmt, name: str) -> None:
        """What sends nothing is there once; `ruff` takes away what is not needed, and puts the rest in order."""
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        while self._room.text[self._starts[first - 2] :].startswith(b"#"):  # what is said of it
            first -= 1
        self._edits.append((self._starts[first - 1], self._end(node), ""))
        self._from_source.append(name)

    def _write_method(self, method: Function, owner: str) -> None:
        kind = self._twin.kinds.get((owner, method.name))
        is_generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in walk(method))
        is_context = method.name in {"__enter__", "__exit__"}
        if kind in {"await", "with"} or (kind == "iterate" and is_generator) or is_context:
            self._insert(self._begin(method), "async ")
        if is_context:
            begin = self._begin(method) + len("def ")
            self._edits.append((begin, begin + len("__e"), "__ae"))
        if kind in {"iterate", "with"} and method.returns is not None:
            self._rename(method.returns, ITERATES)
        for each in method.decorator_list:
            if kind == "with" and ast.unparse(each) == "contextmanager":
                self._edit(each, "asynccontextmanager")
        for node in walk(method):
            self._write_node(node, owner)

    def _write_node(self, node: ast.AST, owner: str) -> None:
        opened = [item.context_expr for item in node.items] if isinstance(node, ast.With) else []
        gone_through = node.iter if isinstance(node, ast.For) else None
        kinds = {self._twin.find_kind(each, owner) for each in opened}
        if isinstance(node, ast.stmt) and ("with" in kinds or self._twin.find_kind(gone_through, owner) == "iterate"):
            self._insert(self._begin(node), "async ")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.YieldFrom):
            word = "async for" if self._twin.find_kind(node.value.value, owner) == "iterate" else "for"
            self._edits.append((self._begin(node), self._begin(node.value.value), f"{word} each in "))
            self._insert(self._end(node), f":\n{' ' * node.col_offset}    yield each")
        elif isinstance(node, ast.Call):
            self._write_call(node, owner)

    def _write_call(self, call: ast.Call, owner: str) -> None:
        written = ast.unparse(call.func)
        if written in SENDS and isinstance(call.func, ast.Attribute):
            new = "asyncio.sleep" if written == "time.sleep" else f"{ast.unparse(call.func.value)}.{SENDS[written][1]}"
            self._edit(call.func, new)
        if self._twin.find_kind(call, owner) == "await":
            tight = getattr(call, "is_part", False)
            self._insert(self._begin(call), "(await " if tight else "await ")
            if tight:
                self._insert(self._end(call), ")")

    def _rename_all(self, node: ast.ClassDef | ast.FunctionDef) -> None:
        new = self._twin.renamed[node.name]
        begin = self._begin(node) + len("class " if isinstance(node, ast.ClassDef) else "def ")
        self._edits.append((begin, begin + len(node.name), new))
        self._rename(node, self._twin.renamed)
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and ast.unparse(each) == "httpx.Client":
                self._edit(each, "httpx.AsyncClient")
        if self._room.name == "wire":
            self._rename(node, {"Iterable": "AsyncIterable"})

    def _rename(self, node: ast.AST, names: dict[str, str]) -> None:
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and each.id in names:
                self._edit(each, names[each.id])

    def _rename_import(self, node: ast.ImportFrom) -> str:
        module = node.module or ""
        lines = []
        for alias in node.names:
            name, place = alias.name, module
            if name in self._twin.renamed and module.startswith("dix.client."):
                name, place = self._twin.renamed[name], module.replace("dix.client.", "dix.client.aio.", 1)
            lines.append(f"from {place} import {name}" + (f" as {alias.asname}" if alias.asname else ""))
        twins = {"Iterator": "AsyncIterator", "Iterable": "AsyncIterable", "contextmanager": "asynccontextmanager"}
        lines += [f"from {module} import {twins[alias.name]}" for alias in node.names if alias.name in twins]
        return "\n".join(lines)

    def _edit(self, node: ast.stmt | ast.expr, new: str) -> None:
        self._edits.append((self._begin(node), self._end(node), new))

    def _insert(self, place: int, new: str) -> None:
        self._edits.append((place, place, new))

    def _begin(self, node: ast.stmt | ast.expr) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.stmt | ast.expr) -> int:
        return self._starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)


def write_threaded(room: Room) -> str:
    """The twin of a file whose class is called in threads."""
    (name,) = [each for each in room.classes if each.lower() == room.name]
    node = room.classes[name]
    doc = ast.get_docstring(room.tree) or ""
    lines = [f'"""{doc.partition(chr(10))[0]}', "", "Its asynchronous twin, in threads. Made from "]
    lines[-1] += f'dix/client/{room.name}.py by `python -m tests.house.async_twin`.\n"""'
    lines += ["from __future__ import annotations", "import asyncio", "from functools import cached_property"]
    lines += ["from dix.client.aio.wire import AsyncWire", "from dix.client.wire import Wire, copy_http"]
    lines += [f"from dix.client.{room.name} import {name}"]
    for each in room.tree.body:
        if isinstance(each, ast.ImportFrom) and each.module != "__future__":
            lines += [f"from {each.module} import {alias.name}" for alias in each.names]
        elif isinstance(each, ast.Import):
            lines.append(ast.unparse(each))
        elif isinstance(each, ast.ClassDef) and each.name != name:
            lines.append(f"from dix.client.{room.name} import {each.name}")
    lines += [
        f"class Async{name}:",
        f'    """{ast.get_docstring(node)}"""',
        "    def __init__(self, wire: AsyncWire) -> None:",
    ]
    lines += ["        self._wire = wire", "    @cached_property", f"    def _{room.name}(self) -> {name}:"]
    lines += [f"        return {name}(Wire(copy_http(self._wire.http)))"]
    for method in _methods(node):
        if method.name.startswith("_"):
            continue
        signature = ast.unparse(method.args)
        positional = [each.arg for each in method.args.args[1:]]
        passed = positional + [f"{each.arg}={each.arg}" for each in method.args.kwonlyargs]
        lines += [f"    async def {method.name}({signature}) -> {ast.unparse(method.returns or ast.Constant(None))}:"]
        lines += [f'        """{ast.get_docstring(method, clean=False)}"""']
        lines += [f"        return await asyncio.to_thread({', '.join([f'self._{room.name}.{method.name}', *passed])})"]
    return "\n".join(lines) + "\n"


def walk(function: Function) -> Iterator[ast.AST]:
    """All nodes of a function's body, without functions inside of it."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def read_rooms() -> list[Room]:
    """The files of the client that have a twin."""
    rooms = []
    for path in sorted(SOURCE.glob("*.py")):
        if path.stem not in PLAIN:
            text = path.read_bytes()
            tree = ast.parse(text)
            for node in ast.walk(tree):
                for child in ast.iter_child_nodes(node):
                    if isinstance(node, ast.Attribute | ast.Subscript):
                        child.is_part = True  # type: ignore[attr-defined]
            classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
            rooms.append(Room(path.stem, text, tree, classes))
    return rooms


def make_twin() -> dict[str, str]:
    """The text of each file of the twin, by its name."""
    rooms = read_rooms()
    twin = Twin(rooms)
    texts = {"__init__": '"""The client again, for programs with an event loop: `dix.connect_async()`."""\n'}
    for room in rooms:
        if room.name in THREADED:
            texts[room.name] = write_threaded(room)
        elif twin.renamed.keys() & (
            room.classes.keys() | {node.name for node in room.tree.body if isinstance(node, ast.FunctionDef)}
        ):
            texts[room.name] = Writer(twin, room).write()
    return {name: _tidy(text, name) for name, text in texts.items()}


def _methods(node: ast.ClassDef) -> list[Function]:
    return [each for each in node.body if isinstance(each, ast.FunctionDef)]


def _iterated(node: ast.AST) -> ast.AST | None:
    """What a node goes through, item by item."""
    if isinstance(node, ast.For | ast.comprehension):
        return node.iter
    return node.value if isinstance(node, ast.YieldFrom) else None


def _find_attributes(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """The classes of `self.x`, from annotations of the class and from what `__init__` is given or makes."""
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            yield ast.unparse(each.target), ast.unparse(each.annotation)
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            given = {arg.arg: ast.unparse(arg.annotation) for arg in each.args.args if arg.annotation}
            for line in each.body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Attribute):
                    value = line.value
                    made = ast.unparse(value.func) if isinstance(value, ast.Call) else given.get(ast.unparse(value), "")
                    yield line.targets[0].attr, made


def _tidy(text: str, name: str) -> str:
    place = str(TARGET / f"{name}.py")
    ruff = [sys.executable, "-m", "ruff"]
    for command in ([*ruff, "check", "--fix-only", "--select", "F401,I,F811", "-q"], [*ruff, "format", "-q"]):
        done = subprocess.run(
            [*command, "--stdin-filename", place, "-"],
            input=text,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.stdout, (name, done.stderr, text)
        text = done.stdout
    return text


def main() -> None:
    """Write the twin."""
    TARGET.mkdir(exist_ok=True)
    for room in read_rooms():  # ruff sorts imports by which modules there are
        (TARGET / f"{room.name}.py").touch()
    texts = make_twin()
    for path in TARGET.glob("*.py"):
        if path.stem not in texts:
            path.unlink()
    for name, text in texts.items():
        (TARGET / f"{name}.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
