"""The scribe: lets the store remember model versions that the catalog has numbered, without holding up the runner."""

from __future__ import annotations

import queue
import threading
import time

from dix.catalog.base import Models
from dix.errors import PlatformError, WrongUse
from dix.logs import get_logger
from dix.records.model_version import ModelVersion
from dix.registry.registry import Registry

PAUSE_S = 5.0

_logger = get_logger("engine")


class Scribe:
    """Writes manifests in a thread of its own, again and again until the store has taken them.

    What a scribe before this one did not come to is made up for: it begins with the newest version of each model.
    """

    def __init__(self, registry: Registry, models: Models) -> None:
        self._registry = registry
        self._models = models
        self._versions: queue.SimpleQueue[ModelVersion] = queue.SimpleQueue()
        threading.Thread(target=self._write_on, name="scribe", daemon=True).start()

    def write_soon(self, version: ModelVersion) -> None:
        """Never waits."""
        self._versions.put(version)

    def _write_on(self) -> None:
        while not self._catch_up():
            time.sleep(PAUSE_S)
        while True:
            version = self._versions.get()
            while not self._write(version):
                time.sleep(PAUSE_S)

    def _catch_up(self) -> bool:
        cursor = None
        try:
            while True:
                page = self._models.list_models(limit=200, cursor=cursor)
                if not all(self._write(version) for version in page.items):
                    return False
                cursor = page.next_cursor
                if cursor is None:
                    return True
        except PlatformError as error:
            _logger.warning("the manifests wait for the catalog: %s", error)
            return False

    def _write(self, version: ModelVersion) -> bool:
        """Whether that is settled."""
        try:
            self._registry.write_version_manifest(version)
        except PlatformError as error:
            _logger.warning("the manifest of %s waits for the store: %s", version.reference, error)
            return False
        except WrongUse:  # the store remembers something else under this name: trying again does not help
            _logger.exception("the manifest of %s cannot be written", version.reference)
        return True
