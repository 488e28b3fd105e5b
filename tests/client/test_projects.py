"""Projects, as the client sees them."""

from __future__ import annotations

import pytest

from dix.client.connection import Client
from dix.errors import AlreadyExists, BadValue, NotFound
from dix.records.project import Quota, Reclaim


def test_a_project_from_its_beginning_to_its_end(client: Client) -> None:
    made = client.projects.create("vision", {"gpu": 4, "memory": "1GiB"}, cohort="research", reclaim="any")
    assert (made.cohort, made.reclaim, made.used) == ("research", Reclaim.ANY, {})
    assert made.quotas == {"gpu": Quota(4), "memory": Quota(2.0**30)}
    changed = client.projects.change(
        "vision", {"gpu": {"nominal": 8, "borrowing_limit": 1}, "memory": None}, cohort=None
    )
    assert (changed.quotas, changed.cohort) == ({"gpu": Quota(8, 1)}, None)
    assert client.projects.get("vision") == changed
    assert [project.name for project in client.projects.list()] == ["default", "vision"]
    with pytest.raises(AlreadyExists):
        client.projects.create("vision")
    with pytest.raises(BadValue, match="did you mean gpu"):
        client.projects.change("vision", {"gpus": 1})
    client.projects.delete("vision")
    with pytest.raises(NotFound):
        client.projects.get("vision")
