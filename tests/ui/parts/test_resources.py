"""What the Resources page computes: shares of machines, parts of quotas, hours of usage."""

from __future__ import annotations

from dix.client.projects import ClientProject
from dix.client.usage import UsageSum
from dix.records.moments import now
from dix.records.project import Quota
from ui.parts.cluster import find_share
from ui.parts.quotas import list_parts
from ui.parts.usage_view import make_row, measure_use


def test_what_is_not_there_is_not_in_use() -> None:
    assert find_share({"total": 0.0, "free": 0.0}) == 0.0
    assert find_share({"total": 4.0, "free": 1.0}) == 0.75
    assert find_share({"total": 4.0, "free": 5.0}) == 0.0


def test_what_goes_beyond_the_quota_is_borrowed() -> None:
    project = ClientProject(name="p", created=now(), quotas={"cpu": Quota(8.0), "gpu": Quota(0.0)}, used={"cpu": 10.0})
    parts = {(row["what"], row["part"]): row["share"] for row in list_parts([project])}
    assert parts["p · cpu", "used of its own"] == 100.0
    assert parts["p · cpu", "borrowed"] == 25.0
    assert parts["p · cpu", "left"] == 0.0
    assert parts["p · gpu", "borrowed"] == 0.0


def test_usage_is_told_in_hours() -> None:
    nothing = {"day": None, "flow": None, "cpu_used_s": 0.0, "peak_memory_bytes": None, "gpu_utilisation": None}
    one = UsageSum(
        project="p",
        user="ana",
        runs=1,
        attempts=1,
        running=0,
        run_s=3600.0,
        cpu_s=7200.0,
        gpu_s=1800.0,
        gpu_s_by_type={},
        memory_gib_s=3600.0,
        cost=1.5,
        currency="EUR",
        **nothing,
    )
    assert [measure_use(one, measure) for measure in ("cpu", "gpu", "memory", "cost")] == [2.0, 0.5, 1.0, 1.5]
    assert make_row(one)["cost"] == "1.50 EUR"
