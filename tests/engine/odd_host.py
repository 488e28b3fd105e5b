"""A step host that knows the odd algorithms, and an actor that hears its beats as the supervisor would."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import ray

from dix.engine.host import NAMESPACE, SUPERVISOR_NAME, StepHost
from dix.engine.hosting import HostSize
from dix.engine.messages import Beat
from tests.engine.ears import Ears
from tests.engine.oddities import install


class OddHost(StepHost):
    """Installs them for as long as its process lives."""

    def __init__(self, name: str, size: HostSize, life: str) -> None:
        install(pytest.MonkeyPatch())
        super().__init__(name, size, life)


class Listening:
    """Keeps beats until they are fetched."""

    def __init__(self) -> None:
        self._beats: list[Beat] = []

    def hear_beat(self, beat: Beat) -> None:
        self._beats.append(beat)

    def fetch(self) -> list[Beat]:
        taken, self._beats = self._beats, []
        return taken


class Beats:
    """Stands in for the supervisor: what hosts tell it, `ears` hear."""

    def __init__(self, ears: Ears) -> None:
        actor: Any = ray.remote(num_cpus=0)(Listening)
        self._actor = actor.options(name=SUPERVISOR_NAME, namespace=NAMESPACE).remote()
        self._ears = ears
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._fetch_on, daemon=True)
        self._thread.start()

    def _fetch_on(self) -> None:
        while not self._is_closed.wait(0.02):
            for beat in ray.get(self._actor.fetch.remote(), timeout=30):
                self._ears.on_beat(beat)

    def close(self) -> None:
        self._is_closed.set()
        self._thread.join()
        ray.kill(self._actor)
        end = time.monotonic() + 10
        while time.monotonic() < end:  # its name must be free for the next one
            try:
                ray.get_actor(SUPERVISOR_NAME, namespace=NAMESPACE)
            except ValueError:
                return
            time.sleep(0.01)
