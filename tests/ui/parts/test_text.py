"""Text of users stays text."""

from __future__ import annotations

import pytest

from ui.parts.text import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("digits", "digits"),
        ("名前 🧪", "名前 🧪"),
        ("**a**", r"\*\*a\*\*"),
        ("<b>", r"\<b\>"),
        (":red[a]", r"\:red\[a\]"),
        ("$x$ `y` ~z~", r"\$x\$ \`y\` \~z\~"),
        ("a\n\n# b\n- c", r"a \# b \- c"),
        (r"a\b", r"a\\b"),
        (12, "12"),
    ],
)
def test_markdown_is_escaped(text: object, shown: str) -> None:
    assert plain(text) == shown
