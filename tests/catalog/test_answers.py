"""Answers that are kept, and the oldest of them forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.catalog import answers
from dix.catalog.answers import Answers
from dix.catalog.file import CatalogFile


def test_oldest_answers_are_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "KEPT", 5)
    file = CatalogFile(path)
    with file.cursor() as cursor:
        kept = Answers(cursor)
        for i in range(23):
            kept.keep(f"request {i}", f"answer {i}")
            kept.write(cursor)
            kept.settle()
        known = [i for i in range(23) if kept.find(f"request {i}")]
        assert 5 <= len(known) <= 10
        assert known[-1] == 22
        assert known == list(range(known[0], 23))
        again = Answers(cursor)
        assert [i for i in range(23) if again.find(f"request {i}")] == known
    file.close()


def test_answer_of_a_lost_transaction_is_forgotten(path: Path) -> None:
    file = CatalogFile(path)
    with file.cursor() as cursor:
        kept = Answers(cursor)
        kept.keep("request", "answer")
        assert kept.find("request") == "answer"
        kept.forget()
        assert kept.find("request") is None
    file.close()
