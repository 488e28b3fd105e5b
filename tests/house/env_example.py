"""Writes the text of cluster/env.example from the settings: `python -m tests.house.env_example`."""

from __future__ import annotations

import textwrap
from pathlib import Path

from pydantic.fields import FieldInfo

from dix.settings import Settings

TARGET = Path(__file__).parents[2] / "cluster" / "env.example"
HEAD = """\
# Every setting of DI-X. Each line shows the default; take the # away before a name to change it.
# Written from dix/settings.py by `python -m tests.house.env_example`.
# An S3 store takes its credentials from the usual variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION.
"""


def write_default(name: str, field: FieldInfo) -> str:
    """The default as it stands in the environment; nothing where it is decided when DI-X starts."""
    if name == "home":
        return "~/.dix"
    default = field.get_default()
    return "" if default is None else str(default)


def write_entry(name: str, field: FieldInfo) -> str:
    """One setting: its docstring, then the variable with its default."""
    text = textwrap.fill(field.description or "", 118, initial_indent="# ", subsequent_indent="# ")
    return f"\n{text}\n#DIX_{name.upper()}={write_default(name, field)}\n"


def make_text() -> str:
    """The whole file."""
    return HEAD + "".join(write_entry(name, field) for name, field in Settings.model_fields.items())


if __name__ == "__main__":
    TARGET.write_text(make_text(), encoding="utf-8")
    print(f"wrote {TARGET}")
