"""Text of users is made fit to be shown."""

from __future__ import annotations

import pytest

from dix.client.pictures.words import clean, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[32mgreen\x1b[0m", "green"),
        ("\x1b]0;title\x07rest", "rest"),
        ("10 %\r20 %\r30 %", "30 %"),
        ("line\r\nline\r\n", "line\nline\n"),
        ("a\tb", "a\tb"),
        ("a\x00b\x08", "a�b�"),
    ],
)
def test_control_codes_do_not_get_through(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("digits", 6, "digits"),
        ("digits", 5, "digi…"),
        ("数字数字", 8, "数字数字"),
        ("数字数字", 7, "数字数…"),
        ("", 3, ""),
        ("a b c", 3, "a…"),
    ],
)
def test_long_text_is_cut(text: str, width: int, shown: str) -> None:
    assert shorten(text, width) == shown
