"""What can be copied is what the page does, and a shell and Python read it as it was meant."""

from __future__ import annotations

import ast
import json
import shlex

from ui.parts.as_code import Call, LocalFile, write_curl, write_python

ADDRESS = "http://127.0.0.1:8000"


def test_a_shell_reads_the_command_as_it_was_meant() -> None:
    name = "it's $(rm) `x` 名?&#"
    body = {"name": name, "expires": None}
    call = Call("tokens.create", (name,), verb="POST", path=("tokens",), query={"uri": name}, body=body)
    words = shlex.split(write_curl(ADDRESS, call))
    assert words[:3] == ["curl", "-X", "POST"]
    assert words[3].startswith(f"{ADDRESS}/api/v1/tokens?uri=it%27s+")
    assert "Authorization: Bearer $DIX_TOKEN" in words
    assert json.loads(words[-1]) == {"name": name}


def test_python_reads_the_program_as_it_was_meant() -> None:
    call = Call("data.put", (LocalFile("a'b.csv"), "x/\n名"), {"rows": 3, "cursor": None})
    last = ast.parse(write_python(ADDRESS, call)).body[-1]
    assert ast.unparse(last) == """print(client.data.put(Path("a'b.csv"), 'x/\\n名', rows=3))"""
