"""Endpoints, as the client sees them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dix.client.reading import read_page, read_record
from dix.client.tags import IfMatch
from dix.client.wire import Wire, join
from dix.records.endpoint import Endpoint

# A replica loads its framework and its model before it answers.
DEPLOY_TIMEOUT_S = 600.0


class Endpoints:
    """`client.endpoints`: let models answer under a name, and ask them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def deploy(
        self, name: str, model: str, replicas: int = 1, project: str | None = None, *, if_match: IfMatch = None
    ) -> Endpoint:
        """Let `models:/digits/3`, `models:/digits@champion` or `digits` (its latest version) answer under a name.

        With `if_match`, the endpoint as it was read or its tag, Changed when it is another one by now.
        """
        body = {"name": name, "model": model, "replicas": replicas, "project": project}
        return _read(self._wire.post(join("endpoints"), body, timeout_s=DEPLOY_TIMEOUT_S, if_match=if_match))

    def list(self) -> tuple[Endpoint, ...]:
        """Every endpoint, by name."""
        return read_page(self._wire.get(join("endpoints")), _read).items

    def get(self, name: str) -> Endpoint:
        """One endpoint."""
        return _read(self._wire.get(join("endpoints", name)))

    def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """End an endpoint and forget it."""
        self._wire.delete(join("endpoints", name), if_match=if_match)

    def infer(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Ask an endpoint in the Open Inference Protocol v2; raises WrongUse for what it does not take."""
        answer: dict[str, Any] = self._wire.post(f"/v2/models/{quote(name, safe='')}/infer", request)
        return answer

    def describe(self, name: str) -> dict[str, Any]:
        """What an endpoint takes and answers: its metadata in the Open Inference Protocol v2."""
        answer: dict[str, Any] = self._wire.get(f"/v2/models/{quote(name, safe='')}")
        return answer


def _read(document: Any) -> Endpoint:
    return read_record(Endpoint, document)
