"""Who shares the world's cluster: machines, projects with quotas, and usage of some days."""

from __future__ import annotations

from datetime import timedelta

from dix.engine.base import RunOrder
from dix.records.attempt import Allocated
from dix.records.moments import now
from dix.records.project import Project, Quota
from dix.records.states import RunState
from tests.api.fakes import FakeCluster
from tests.api.server import Server

GIB = 2**30


def share_cluster(server: Server) -> None:
    """Put it there."""
    assert isinstance(server.parts.cluster, FakeCluster)
    server.parts.cluster.facts = {
        "cpu": {"total": 32.0, "free": 11.5},
        "gpu": {"total": 4.0, "free": 1.0},
        "memory_gib": {"total": 256.0, "free": 120.0},
        "hosts": [_make_host("gpu-1", "H100", 4.0, 1.0), _make_host("cpu-1", None, 0.0, 0.0)],
    }
    quotas = {"cpu": Quota(8.0), "gpu": Quota(1.0), "memory": Quota(64.0 * GIB)}
    for name in ("speech", "vision"):
        server.parts.catalog.projects.create_project(Project(name, now(), "lab", quotas=quotas))
    server.engine.usage = {"speech": {"cpu": 11.0, "gpu": 0.5, "memory": 20.0 * GIB}, "vision": {"cpu": 3.0}}
    for days in range(5):
        run = server.engine.start_run(RunOrder("digits", project="speech" if days % 2 else "default"))
        server.engine.move(run.id, RunState.RUNNING)
        began = now() - timedelta(days=days, hours=2)
        held = Allocated(cpu=2.0 + days, gpu=0.5, gpu_type="H100", memory_bytes=4 * GIB)
        server.engine.try_step(run.id, "images", began, began + timedelta(hours=1), allocated=held)
        server.engine.move(run.id, RunState.SUCCEEDED)


def _make_host(name: str, card: str | None, gpus: float, free: float) -> dict[str, object]:
    return {
        "name": name,
        "accelerator": card,
        "cpu": {"total": 16.0, "free": 5.75},
        "gpu": {"total": gpus, "free": free},
        "memory_gib": {"total": 128.0, "free": 60.0},
    }
