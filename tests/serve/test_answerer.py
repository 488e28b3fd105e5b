"""Predictions beside an event loop: quick ones at once, slow ones in a thread, never two at a time."""

import asyncio
import threading
import time

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.base import ModelCard, TensorSpec
from dix.serve.answerer import INLINE_S, Answerer, make_zeros

CARD = ModelCard("cnn", "torch", (TensorSpec("x", "FP32", (-1, 2)),), (TensorSpec("y", "FP32", (-1,)),))


class Summing:
    """Answers the sum of each row after `takes_s` for each; knows on which threads, and whether two met."""

    def __init__(self, takes_s: float) -> None:
        self.card = CARD
        self.takes_s = takes_s
        self.threads: set[int] = set()
        self.met = False
        self._inside = False

    def predict(self, columns):
        self.met |= self._inside
        self._inside = True
        self.threads.add(threading.get_ident())
        until = time.perf_counter() + self.takes_s * len(columns["x"])
        while time.perf_counter() < until:
            pass
        self._inside = False
        if np.isnan(columns["x"]).any():
            raise BadValue("x", "numbers", "NaN")
        return {"y": columns["x"].sum(axis=1)}


def ask(answerer: Answerer, rows: int = 1):
    return answerer.answer({"x": np.ones((rows, 2), dtype=np.float32)}, rows)


def test_a_quick_model_answers_on_the_event_loop() -> None:
    predictor = Summing(0.0)
    answerer = Answerer(predictor)
    answerer.warm_up()
    answer = asyncio.run(ask(answerer))
    assert answer["y"].tolist() == [2.0]
    assert predictor.threads == {threading.get_ident()}


def test_a_slow_model_leaves_the_event_loop_free() -> None:
    predictor = Summing(INLINE_S * 20)
    answerer = Answerer(predictor)
    answerer.warm_up()

    async def main() -> int:
        asked = asyncio.ensure_future(ask(answerer))
        turns = 0
        while not asked.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(main()) > 10
    assert len(predictor.threads) == 2
    answerer.close()


def test_many_rows_of_a_quick_model_go_to_the_thread() -> None:
    predictor = Summing(INLINE_S / 10)
    answerer = Answerer(predictor)
    answerer.warm_up()
    asyncio.run(ask(answerer, rows=100))
    assert len(predictor.threads) == 2
    answerer.close()


def test_calls_take_turns_wherever_they_run() -> None:
    predictor = Summing(INLINE_S / 4)
    answerer = Answerer(predictor)
    answerer.warm_up()

    async def main() -> list[float]:
        answers = await asyncio.gather(*(ask(answerer, rows) for rows in [1, 20, 1, 30, 1, 1, 10] * 3))
        return [float(answer["y"][0]) for answer in answers]

    assert asyncio.run(main()) == [2.0] * 21
    assert not predictor.met
    answerer.close()


def test_what_the_model_refuses_is_raised_and_the_next_call_works() -> None:
    answerer = Answerer(Summing(0.0))
    for warm in (False, True):
        if warm:
            answerer.warm_up()
        with pytest.raises(BadValue):
            asyncio.run(answerer.answer({"x": np.full((1, 2), np.nan)}, 1))
        assert asyncio.run(ask(answerer))["y"].tolist() == [2.0]
    answerer.close()


def test_a_row_of_zeros_is_made_only_where_all_sizes_are_known() -> None:
    zeros = make_zeros((TensorSpec("x", "UINT8", (-1, 2, 3)), TensorSpec("t", "BYTES", (-1,))))
    assert zeros is not None
    assert zeros["x"].shape == (1, 2, 3)
    assert zeros["t"].tolist() == [""]
    assert make_zeros((TensorSpec("x", "UINT8", (-1, -1, 3)),)) is None
