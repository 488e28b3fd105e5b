"""Documents of flows as they were read, for who plans many runs of the same one: a version never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict

from dix.catalog.base import Flows
from dix.flow.document import FlowDoc
from dix.flow.text import read_flow

_KEPT = 64


class Documents:
    """May be used from any thread; the least used are forgotten."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows
        self._lock = threading.Lock()
        self._docs: OrderedDict[tuple[str, int], FlowDoc] = OrderedDict()

    def get(self, flow: str, version: int) -> FlowDoc:
        """The document of a version; raises NotFound, and BadDocument for one that this DI-X cannot read."""
        with self._lock:
            if (flow, version) in self._docs:
                self._docs.move_to_end((flow, version))
                return self._docs[flow, version]
        doc = read_flow(self._flows.get_flow(flow, version).text)
        with self._lock:
            self._docs[flow, version] = doc
            if len(self._docs) > _KEPT:
                self._docs.popitem(last=False)
        return doc
