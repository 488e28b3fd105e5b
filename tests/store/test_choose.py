"""The store that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadValue
from dix.settings import Settings
from dix.store.choose import StoreOptions, open_store, open_store_with


def test_without_a_setting_the_store_is_a_folder_at_home(tmp_path: Path) -> None:
    store = open_store(Settings(home=tmp_path / "my home 100%41"))
    store.write_bytes("a", b"1")
    assert (tmp_path / "my home 100%41" / "store" / "a").read_bytes() == b"1"


def test_settings_travel_as_options() -> None:
    settings = Settings(store="s3://bucket/x", s3_endpoint="http://127.0.0.1:9", s3_addressing="virtual")
    assert open_store(settings).options == StoreOptions("s3://bucket/x", "http://127.0.0.1:9", "virtual")
    assert open_store_with(StoreOptions("s3://bucket/x/")).url == "s3://bucket/x"


def test_a_store_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(BadValue, match="DIX_STORE: expected"):
        open_store(Settings(store="gs://bucket"))
