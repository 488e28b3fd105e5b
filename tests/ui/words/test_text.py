"""Every text of the dashboard is there in each language, with the same names in it."""

from __future__ import annotations

import ast
import importlib
import string
from pathlib import Path

import pytest

from ui.words.language import Language, read_language
from ui.words.text import Text, Texts

ROOT = Path(__file__).parents[3]
FILES = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "ui").rglob("*.py")
    if "class Words" in path.read_text(encoding="utf-8")
)


def list_texts(file: str) -> dict[str, Text]:
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    found: dict[str, Text] = {}
    for name, value in vars(module.Words).items():
        if name.startswith("_"):
            continue
        assert isinstance(value, Text | Texts), f"{file}: {name} is in one language only"
        found |= {f"{name}.{key}": text for key, text in value.items()} if isinstance(value, Texts) else {name: value}
    return found


def list_fields(text: str) -> list[tuple[str, str]]:
    return sorted((field, spec or "") for _plain, field, spec, _how in string.Formatter().parse(text) if field)


@pytest.mark.parametrize("file", FILES)
def test_every_text_is_in_every_language(file: str) -> None:
    for name, text in list_texts(file).items():
        english, chinese = (text.say(language) for language in Language)
        assert bool(english) == bool(chinese), f"{file}: {name} is missing in a language"
        assert list_fields(english) == list_fields(chinese), f"{file}: {name} has other names in Chinese"


def test_pages_have_no_texts_beside_their_words() -> None:
    """A sentence that is given to Streamlit directly would stay English."""
    shown = {"title", "header", "subheader", "write", "caption", "info", "warning", "error", "success", "button"}
    for path in [*(ROOT / "ui/pages").glob("*.py"), *(ROOT / "ui/parts").glob("*.py"), ROOT / "ui/shell.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in shown:
                first = node.args[0] if node.args else None
                assert not isinstance(first, ast.Constant), f"{path.name}:{node.lineno}: put it into Words"


def test_a_text_is_plain_english_outside_of_a_visit() -> None:
    class Words:
        TITLE = Text("Runs", "运行")
        SECTIONS = Texts[str]({"a": Text("One", "一")})

    assert Words.TITLE == "Runs"
    assert Words.SECTIONS == {"a": "One"}


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("zh-CN", Language.CHINESE),
        ("zh", Language.CHINESE),
        ("en-GB", Language.ENGLISH),
        ("", Language.ENGLISH),
        ("fr", Language.ENGLISH),
    ],
)
def test_browsers_codes_are_understood(code: str, language: Language) -> None:
    assert read_language(code) is language
