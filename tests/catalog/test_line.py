"""The line without a cluster at its other end."""

from __future__ import annotations

import pickle

import pytest
import ray

from dix.catalog.owner import find_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.errors import Unreachable


def test_process_that_is_not_connected_says_so_and_starts_no_cluster() -> None:
    assert not ray.is_initialized()
    proxy = pickle.loads(pickle.dumps(ProxyCatalog()))
    with pytest.raises(Unreachable, match="not connected to a Ray cluster"):
        proxy.runs.get_run("r1")
    assert find_owner() is None
    stop_owner()
    assert not ray.is_initialized()
