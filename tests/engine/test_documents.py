"""Documents are read once for many runs, and each version is its own."""

from __future__ import annotations

import pytest

from dix.catalog.direct import DirectCatalog
from dix.engine.documents import Documents
from dix.errors import NotFound

TEXT = "dix: 1\nname: small\ndescription: '{}'\nnodes: {{rows: {{kind: data, uri: rows.csv}}}}\n"


def test_a_version_is_read_once_and_others_are_others(catalog: DirectCatalog) -> None:
    for number in ("1", "2"):
        catalog.flows.push_flow("small", TEXT.format(number), number, "default")
    documents = Documents(catalog.flows)
    assert documents.get("small", 1) is documents.get("small", 1)
    assert [documents.get("small", number).description for number in (1, 2)] == ["1", "2"]
    with pytest.raises(NotFound):
        documents.get("small", 3)
