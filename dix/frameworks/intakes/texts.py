"""Texts: cut into words, and each word replaced by its place in a vocabulary learned from the training data."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake

PADDING, UNKNOWN = 0, 1
# The places of words begin after padding and unknown.
FIRST_WORD = 2
# Signs of Han are words of their own (these blocks of Unicode hold them); other letters and digits stand together.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+(?:['’][^\W{_HAN}]+)*")


@dataclass(frozen=True, slots=True)
class TextsIntake:
    """One input `text`, BYTES [n]; the tensors are `tokens`, int32 [n, most words of these texts], and `lengths`.

    A word of the `vocabulary` is its place there + 2; 1 is any other word, 0 stands after the end of a text. Words
    after the first `max_length` are not looked at; a text without any is one unknown word. With `lower` capitals count
    as small letters.
    """

    KIND: ClassVar[str] = "texts"

    vocabulary: tuple[str, ...]
    max_length: int
    lower: bool

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        return (TensorSpec("text", "BYTES", (-1,)),)

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        return self.place_words([cut_words(text, lower=self.lower) for text in columns["text"]])

    def place_words(self, texts: Sequence[Sequence[str]]) -> dict[str, NDArray[Any]]:
        """The tensors of texts that are cut into words already."""
        places = _number_words(self.vocabulary)
        lengths = np.fromiter((min(max(1, len(words)), self.max_length) for words in texts), np.int64, len(texts))
        tokens = np.zeros((len(texts), int(lengths.max(initial=1))), np.int32)
        flat = [places.get(word, UNKNOWN) for words in texts for word in words[: self.max_length] or ("",)]
        tokens[np.arange(tokens.shape[1]) < lengths[:, None]] = flat
        return {"tokens": tokens, "lengths": lengths}


def cut_words(text: str, *, lower: bool) -> list[str]:
    """The words of a text, in the form NFKC (so wide and narrow letters are the same); punctuation is left out."""
    plain = unicodedata.normalize("NFKC", str(text))
    return _WORD.findall(plain.lower() if lower else plain)


def fit_texts(
    texts: Iterable[Sequence[str]], *, max_length: int, max_words: int, min_count: int, lower: bool
) -> TextsIntake:
    """The intake for a training with `texts`, cut into words: the most frequent `max_words` that come `min_count` times
    or more, in order of their frequency and then of their letters.
    """
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update(words)
    frequent = sorted((-count, word) for word, count in counts.items() if count >= min_count)
    return TextsIntake(tuple(word for _, word in frequent[:max_words]), max_length, lower)


@lru_cache(maxsize=4)
def _number_words(vocabulary: tuple[str, ...]) -> dict[str, int]:
    """Kept, so that a request of one text does not pay for all words."""
    return {word: place for place, word in enumerate(vocabulary, FIRST_WORD)}


_: type[Intake] = TextsIntake
