"""A text in English and in Chinese: read from its class, it is in the language of the person who looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ui.words.language import Language, find_language

_Key = TypeVar("_Key", bound=str)


class Text:
    """`TITLE = Text("Runs", "运行")` in a class; `Words.TITLE` is a plain text then. Both have the same `{names}`."""

    def __init__(self, english: str, chinese: str) -> None:
        self._in = {Language.ENGLISH: english, Language.CHINESE: chinese}

    def __get__(self, instance: object, owner: type | None = None) -> str:
        return self.say(find_language())

    def say(self, language: Language) -> str:
        """It in one language."""
        return self._in[language]


class Texts(dict[_Key, Text]):
    """Texts by the word that stands for each in the program."""

    def __get__(self, instance: object, owner: type | None = None) -> Mapping[_Key, str]:
        language = find_language()
        return {key: text.say(language) for key, text in self.items()}
