"""Something done in a thread while something else goes on, with its result or error later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from dix.errors import DixError

Result = TypeVar("Result")


class Background(Generic[Result]):
    """Begins at once; `wait` joins it."""

    def __init__(self, act: Callable[[], Result]) -> None:
        """`act` may raise a DixError, which `wait` then raises."""
        self._act = act
        self._result: Result | None = None
        self._error: DixError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self) -> Result | None:
        """The result, when it is there; raises the error."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._act()
        except DixError as error:
            self._error = error
