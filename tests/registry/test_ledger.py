"""The versions that the store remembers."""

from dataclasses import replace

import pytest

from dix.errors import Conflict, StoreError
from dix.records.model_version import ModelVersion
from dix.records.moments import now
from dix.registry.ledger import list_versions, write_version
from dix.store.store import Store

VERSION = ModelVersion(
    "digits", 10, "default", "file:///store/dix/models/digits/artifacts/ab", now(), "r1", "cnn", {"labels": ["数"]}
)


def test_what_was_written_is_read_back(store: Store) -> None:
    other = replace(VERSION, model="faces", version=1, run=None, node=None)
    second = replace(VERSION, version=2)
    for version in (VERSION, other, second):
        write_version(store, version)
    store.write_bytes("dix/models/half/artifacts/ab/model.json", b"{}")
    assert list_versions(store) == [second, VERSION, other]


def test_an_empty_store_remembers_nothing(store: Store) -> None:
    assert list_versions(store) == []


def test_writing_again_changes_nothing(store: Store) -> None:
    write_version(store, VERSION)
    write_version(store, replace(VERSION, project="other"))
    assert list_versions(store) == [VERSION]


def test_a_number_never_gets_another_model(store: Store) -> None:
    write_version(store, VERSION)
    with pytest.raises(Conflict, match="models:/digits/10"):
        write_version(store, replace(VERSION, uri="file:///store/dix/models/digits/artifacts/cd"))
    assert list_versions(store) == [VERSION]


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"created": null}', b'{"created": "now"}'])
def test_a_file_that_is_no_version_is_told(store: Store, text: bytes) -> None:
    store.write_bytes("dix/models/digits/versions/1.json", text)
    with pytest.raises(StoreError, match="no model version"):
        list_versions(store)
