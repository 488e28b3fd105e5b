"""Asks a predictor from an event loop: at once where that is quick, in a thread where it is not, one call at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import Columns, Predictor, TensorSpec
from dix.frameworks.checking import NUMPY_TYPES

# Handing a call to a thread and back costs about 0.1 ms. Up to here other requests rather wait on the event loop.
INLINE_S = 0.003
# The fastest of so many calls says what a row costs: the others waited for a core, or for the interpreter's lock.
_REMEMBERED = 16


class Answerer:
    """A predictor is safe from one thread at a time, so calls take turns whatever thread they are on."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._turn = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="predict")
        # Seconds a row of the newest calls. Until the first is measured, none is taken for quick.
        self._row_s = deque([INLINE_S * 10], maxlen=_REMEMBERED)

    def warm_up(self) -> None:
        """Answer one row of zeros, so that the first request does not pay for what a framework does once."""
        columns = make_zeros(self._predictor.card.inputs)
        if columns is None:
            return
        self._predictor.predict(columns)
        began = time.perf_counter()
        self._predictor.predict(columns)
        self._row_s = deque([time.perf_counter() - began], maxlen=_REMEMBERED)

    async def answer(self, columns: Columns, rows: int) -> dict[str, NDArray[Any]]:
        """The predictor's answer; raises what it raises."""
        if rows * min(self._row_s) <= INLINE_S and self._turn.acquire(blocking=False):
            try:
                return self._predict(columns, rows)
            finally:
                self._turn.release()
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._predict_in_turn, columns, rows)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _predict_in_turn(self, columns: Columns, rows: int) -> dict[str, NDArray[Any]]:
        with self._turn:
            return self._predict(columns, rows)

    def _predict(self, columns: Columns, rows: int) -> dict[str, NDArray[Any]]:
        began = time.perf_counter()
        answers = self._predictor.predict(columns)
        self._row_s.append((time.perf_counter() - began) / max(1, rows))
        return answers


def make_zeros(inputs: tuple[TensorSpec, ...]) -> dict[str, NDArray[Any]] | None:
    """One row of zeros (or empty texts) for each input; None where a size is free, so that any row might be wrong."""
    if any(-1 in spec.shape[1:] for spec in inputs):
        return None
    return {
        spec.name: np.full((1, *spec.shape[1:]), "", dtype=object)
        if spec.datatype == "BYTES"
        else np.zeros((1, *spec.shape[1:]), dtype=NUMPY_TYPES[spec.datatype])
        for spec in inputs
    }
