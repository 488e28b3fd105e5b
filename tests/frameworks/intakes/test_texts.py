"""Texts are cut into words and numbered by a vocabulary."""

from __future__ import annotations

import numpy as np
import pytest

from dix.frameworks.intakes.texts import cut_words, fit_texts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, ever!", ["don't", "stop", "ever"]),
        ("深度学习 is DEEP学", ["深", "度", "学", "习", "is", "deep", "学"]),
        ("Straße — ÉTÉ 3.5 x_1", ["straße", "été", "3", "5", "x_1"]),
        ("ＡＢＣ，全角", ["abc", "全", "角"]),
        ("... !", []),
    ],
)
def test_words_are_those_of_any_script(text: str, words: list[str]) -> None:
    assert cut_words(text, lower=True) == words


def test_capitals_may_count() -> None:
    assert cut_words("To TO", lower=False) == ["To", "TO"]


def test_the_most_frequent_words_are_known_in_a_fixed_order() -> None:
    texts = [["b", "a", "c"], ["a", "b", "d"], ["d", "e"]]
    assert fit_texts(texts, max_length=9, max_words=2, min_count=2, lower=True).vocabulary == ("a", "b")
    assert fit_texts(texts, max_length=9, max_words=9, min_count=2, lower=True).vocabulary == ("a", "b", "d")


def test_unknown_words_padding_and_the_longest_text() -> None:
    intake = fit_texts([["a", "b"], ["a"]], max_length=3, max_words=9, min_count=1, lower=True)
    tensors = intake.prepare({"text": np.array(["a b zebra a a", "B", "", "?!"], dtype=object)})
    assert tensors["tokens"].tolist() == [[2, 3, 1], [3, 0, 0], [1, 0, 0], [1, 0, 0]]
    assert tensors["lengths"].tolist() == [3, 1, 1, 1]
