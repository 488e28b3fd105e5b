"""Says what a page does as a call of the API: with curl, and in Python. Its token is always `$DIX_TOKEN`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dix.client.wire import join
from ui.parts.server import read_address
from ui.words.text import Text


class Words:
    """What this part says."""

    AS_CODE = Text("As code", "代码")
    HELP = Text("The same by way of the API, to be copied", "通过 API 完成同样的操作，可复制")
    TOKEN = Text(
        '`eval "$(dix env)"` sets `DIX_TOKEN`; elsewhere, `dix tokens create` makes one.',
        '`eval "$(dix env)"` 会设置 `DIX_TOKEN`；在其他机器上，可用 `dix tokens create` 创建令牌。',
    )


@dataclass(frozen=True, slots=True)
class Call:
    """`method` of `dix.connect()` with its arguments, and the request that it sends.

    `sends` is a local file whose bytes are the body.
    """

    method: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    verb: str = "GET"
    path: tuple[str | int, ...] = ()
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    sends: str | None = None


def write_curl(address: str, call: Call) -> str:
    """The command that sends it."""
    query = urlencode({name: value for name, value in call.query.items() if value is not None})
    url = f"{address}{join(*call.path)}" + (f"?{query}" if query else "")
    verb = "" if call.verb == "GET" else f"-X {call.verb} "
    lines = [f"curl {verb}{shlex.quote(url)}", '-H "Authorization: Bearer $DIX_TOKEN"']
    if call.body is not None:
        given = {name: value for name, value in call.body.items() if value is not None}
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(given, ensure_ascii=False))}"]
    if call.sends is not None:
        lines.append(f"--data-binary {shlex.quote(f'@{call.sends}')}")
    return " \\\n  ".join(lines)


def write_python(address: str, call: Call) -> str:
    """The program that does it."""
    options = [f"{name}={value!r}" for name, value in call.options.items() if value is not None]
    arguments = ", ".join([*map(repr, call.arguments), *options])
    lines = ["import dix", "", f"client = dix.connect({address!r})"]
    if "Path(" in arguments:
        lines.insert(0, "from pathlib import Path\n")
    return "\n".join([*lines, f"print(client.{call.method}({arguments}))"])


class LocalFile:
    """An argument that is written as `Path(...)`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"Path({self._name!r})"


def show_code(call: Call, key: str) -> None:
    """A small button; what it opens can be copied."""
    with st.popover(
        Words.AS_CODE, icon=":material/code:", type="tertiary", help=Words.HELP, key=f"code-{key}", on_change="rerun"
    ):
        address = read_address()
        st.code(write_curl(address, call), language="shell", wrap_lines=True, width=560)
        st.code(write_python(address, call), language="python", wrap_lines=True, width=560)
        st.caption(Words.TOKEN)
