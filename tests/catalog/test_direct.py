"""The file itself: who may have it open, and what is in it after the worst."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.errors import CatalogError
from dix.records.run import RunFilter
from dix.records.states import RunState
from tests.contracts.catalog_records import NOON, change, make_run, make_steps, start

ROOT = Path(__file__).parents[2]
# Says a number only after what belongs to it was written: all of that must be there whenever it is killed.
WRITER = """
import sys
from pathlib import Path
from dix.catalog.direct import DirectCatalog
from dix.records.model_version import ModelDraft
from dix.records.states import StepState
from tests.contracts.catalog_records import change, make_run, make_steps, move, start

catalog = DirectCatalog(Path(sys.argv[1]))
for i in range(int(sys.argv[2]), 100_000):
    run = f"r{i}"
    catalog.runs.create_run(make_run(run), make_steps(run, "a"))
    catalog.runs.apply_changes(change(start(run)))
    catalog.runs.apply_changes(change(move(StepState.PENDING, StepState.RUNNING, run=run)))
    catalog.models.register_model(ModelDraft("digits", f"file:///{run}"), "default", run)
    print(i, flush=True)
"""

FILLER = """
import random, resource, signal, sys
from pathlib import Path
from dix.catalog.direct import DirectCatalog
from dix.errors import CatalogError
from dix.records.run import RunFilter
from tests.contracts.catalog_records import make_run

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
catalog = DirectCatalog(Path(sys.argv[1]))
room = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (17_000_000, room[1]))
count = 0
try:
    while True:
        catalog.runs.create_run(make_run(f"r{count}", params={"x": random.randbytes(100_000).hex()}), ())
        count += 1
except CatalogError:
    pass
try:
    catalog.runs.create_run(make_run("more", params={"x": random.randbytes(100_000).hex()}), ())
    sys.exit("there was room")
except CatalogError:
    pass
resource.setrlimit(resource.RLIMIT_FSIZE, room)
kept = {run.id for run in catalog.runs.list_runs(RunFilter(), 1000).items}
assert {f"r{i}" for i in range(count)} <= kept <= {f"r{i}" for i in range(count + 1)} | {"more"}, kept
catalog.runs.create_run(make_run("more again"), ())
catalog.close()
again = DirectCatalog(Path(sys.argv[1]))
assert again.runs.get_run("more again")
print(count, len([run for run in kept if run in {f"r{i}" for i in range(count)}]), "more")
"""


def test_everything_survives_a_close(path: Path) -> None:
    catalog = DirectCatalog(path)
    catalog.runs.create_run(make_run(params={"a": 1.0}), make_steps("r1", "a"))
    catalog.runs.apply_changes(change(start()))
    events = catalog.telemetry.list_events()
    catalog.close()
    again = DirectCatalog(path)
    run = again.runs.get_run("r1")
    assert (run.state, run.params, run.created) == (RunState.RUNNING, {"a": 1.0}, NOON)
    assert again.telemetry.list_events() == events
    again.runs.create_run(make_run("r2"), ())
    again.runs.apply_changes(change(start("r2")))
    assert again.telemetry.list_events()[-1].seq > events[-1].seq
    again.close()


def test_closed_catalog_says_so(catalog: DirectCatalog) -> None:
    catalog.close()
    catalog.close()
    for ask in (lambda: catalog.runs.get_run("r1"), lambda: catalog.runs.create_run(make_run(), ())):
        with pytest.raises(CatalogError, match="closed"):
            ask()


def test_file_that_is_not_a_catalog_is_refused(path: Path) -> None:
    path.write_bytes(b"something else" * 1000)
    with pytest.raises(CatalogError, match=r"catalog\.duckdb cannot be opened"):
        DirectCatalog(path)


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CatalogError, match=r"file/catalog\.duckdb cannot be opened"):
        DirectCatalog(tmp_path / "file" / "catalog.duckdb")


def test_second_process_is_kept_out(path: Path, catalog: DirectCatalog) -> None:
    code = f"from pathlib import Path; from dix.catalog.direct import DirectCatalog; DirectCatalog(Path({str(path)!r}))"
    second = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=_environment(), check=False
    )
    assert second.returncode != 0
    assert "CatalogError" in second.stderr
    assert "cannot be opened" in second.stderr


@pytest.mark.fault
def test_what_was_answered_is_there_after_kill_9(path: Path) -> None:
    said: set[int] = set()
    first = 0
    for _round in range(3):
        last = _write_until_killed(path, first, count=10)
        said |= set(range(first, last + 1))
        catalog = DirectCatalog(path)
        runs = {run.id for run in catalog.runs.list_runs(RunFilter(), 1000).items}
        # The one that was under way may be there as well, whole or in part.
        assert {f"r{i}" for i in range(last + 1)} <= runs <= {f"r{i}" for i in range(last + 2)}
        for i in said:
            assert [event.kind for event in catalog.telemetry.list_events(f"r{i}")] == ["running", "running"]
        versions = [one.version for one in catalog.models.list_model_versions("digits")]
        assert versions == list(range(len(versions), 0, -1))
        assert len(versions) >= len(said)
        first = len(runs)
        catalog.close()


def _write_until_killed(path: Path, first: int, count: int) -> int:
    """The last number that the writer said; it is killed in the middle of a later write."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first)], stdout=subprocess.PIPE, cwd=ROOT, env=_environment()
    )
    assert writer.stdout is not None
    said = -1
    for line in writer.stdout:
        said = int(line)
        if said == first + count:
            writer.send_signal(signal.SIGKILL)
    writer.wait(timeout=30)
    assert writer.returncode == -signal.SIGKILL
    return said


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_full_disk_is_named_and_work_goes_on_when_there_is_room_again(path: Path) -> None:
    """In a process of its own, whose files may not grow: a stand-in for a disk that is full."""
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=_environment(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written, *rest = done.stdout.split()
    assert rest == [written, "more"]


def test_a_file_that_others_could_read_is_its_owners_alone_once_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    DirectCatalog(path).close()
    path.chmod(0o644)
    DirectCatalog(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
