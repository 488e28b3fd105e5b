"""The scribe: lets the store remember model versions that the catalog has numbered, without holding up the runner."""

from __future__ import annotations

import queue
import threading
import time

from dix.errors import PlatformError
from dix.logs import get_logger
from dix.records.model_version import ModelVersion
from dix.registry.registry import Registry

_PAUSE_S = 5.0

_logger = get_logger("engine")


class Scribe:
    """Writes manifests in a thread of its own, again and again until the store has taken them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._versions: queue.SimpleQueue[ModelVersion] = queue.SimpleQueue()
        threading.Thread(target=self._write_on, name="scribe", daemon=True).start()

    def write_soon(self, version: ModelVersion) -> None:
        """Never waits."""
        self._versions.put(version)

    def _write_on(self) -> None:
        while True:
            version = self._versions.get()
            while not self._write(version):
                time.sleep(_PAUSE_S)

    def _write(self, version: ModelVersion) -> bool:
        try:
            self._registry.write_version_manifest(version)
        except PlatformError as error:
            _logger.warning("the manifest of %s waits for the store: %s", version.reference, error)
            return False
        return True
