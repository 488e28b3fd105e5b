"""Several workers train the net that one trains with the same batches; whoever loses the others says so."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from dix.engine.crew_host import find_port
from dix.errors import BadValue, DixError, StepFailed
from dix.frameworks.intakes.images import fit_images
from dix.frameworks.lookup import find_trainer
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import TrainOrder
from dix.frameworks.worker_group import WorkerGroup, all_is_well
from tests.frameworks.conftest import PARAMS, make_stripes
from tests.frameworks.torch.lessons import LESSONS, learn

PARAMS_OF_ALL = {**PARAMS, "epochs": 3, "dropout": 0.2, "channels": [4, 4], "batch_norm": True, "optimizer": "sgd"}
# By name: how many workers there are, and what the case changes.
CASES: dict[str, tuple[int, dict[str, Any]]] = {
    "even": (2, {}),
    "uneven": (2, {"batch_size": 17, "class_weights": "balanced", "augment_shift": 1}),
    "one has no row of the last batch": (3, {"batch_size": 21, "class_weights": "balanced"}),
    "the same without batch norm": (3, {"batch_size": 21, "batch_norm": False}),
    "stops early": (2, {"epochs": 9, "patience": 1, "learning_rate": 0.3, "dropout": 0.0}),
    "adam": (2, {"optimizer": "adam"}),
}
# Two workers in trouble; see `get_into`.
TROUBLE = ("cut off", "go on", "one has no checkpoint", "one fails", "one is stuck")


class Interrupted(Exception):
    """The power went."""


def make_order(folder: Path, changes: Mapping[str, Any], workers: WorkerGroup | None = None) -> TrainOrder:
    stripes, valid = make_stripes(65), make_stripes(21, seed=1)
    examples = stripes.take(np.arange(65) != 4)  # 64, more of one class than of the other
    outcome = ClassesOutcome(("column", "row"))
    intake = fit_images(examples.tensors["image"], resized=False)
    folder.mkdir(parents=True)
    return TrainOrder("cnn", intake, outcome, examples, valid, PARAMS_OF_ALL | changes, folder, workers=workers)


def train(order: TrainOrder, after: Callable[[int], None] | None = None) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []

    def report(position: int, progress: float | None = None, **metrics: float) -> None:
        rows.append({"epoch": position, **metrics})
        if after is not None:
            after(position)

    find_trainer("cnn", "torch")(order, report)
    return rows


def make_group(rank: int, world_size: int, port: int, check: Callable[[], None] = all_is_well) -> WorkerGroup:
    addresses = (f"127.0.0.1:{port}",) * world_size
    return WorkerGroup(rank, world_size, rank, world_size, 0, 1, addresses, "lo", "job", check=check)


def work(rank: int, folder: Path, ports: Mapping[str, int]) -> None:
    """One of the workers: everything one after the other in one process, as a step's host does it."""
    for name, (count, changes) in CASES.items():
        if rank < count:
            order = make_order(folder / name / str(rank), changes, make_group(rank, count, ports[name]))
            write(folder / name, rank, train(order))
    for name in LESSONS:
        if rank < 2:
            group = make_group(rank, 2, ports[name])
            write(folder / name, rank, learn(name, folder / name / str(rank), group))
    for name in TROUBLE:
        if rank < 2:
            began = time.monotonic()
            said = get_into(name, rank, folder, ports[name])
            write(folder / name, rank, {"said": said, "seconds": time.monotonic() - began})
    for thread in threading.enumerate():  # what was stuck has been let go of, once the other one was
        if thread.name == "peers":
            thread.join(60)


def get_into(trouble: str, rank: int, folder: Path, port: int) -> Any:
    """Train through it; the rows, or what was raised. Worker 0 hears of what happens to worker 1, as from its crew."""
    here = folder / trouble
    news = here / "news"

    def listen() -> None:
        if rank == 0 and news.exists():
            raise StepFailed("net", "worker 1 of 2 had no luck")

    def meet_it(position: int) -> None:
        if trouble == "cut off" and position == 2:
            raise Interrupted
        if trouble in {"one fails", "one is stuck"} and rank == 1:
            news.touch()
            while trouble == "one is stuck" and not (here / "0.json").exists():
                time.sleep(0.05)
            raise Interrupted

    order = make_order(here / str(rank), {"patience": 9, "checkpoint_every_s": 0.0}, make_group(rank, 2, port, listen))
    kept = here / f"kept {rank}"
    if trouble == "go on" or (trouble == "one has no checkpoint" and rank == 0):
        shutil.copytree(folder / "cut off" / "kept 0", kept)
    try:
        return train(replace(order, checkpoints=kept), meet_it)
    except (DixError, Interrupted) as error:
        return f"{type(error).__name__}: {error}"


def write(folder: Path, rank: int, said: Any) -> None:
    fresh = folder / f"{rank}.new"
    fresh.write_text(json.dumps(said))
    fresh.rename(folder / f"{rank}.json")


def read(folder: Path, count: int = 2) -> list[Any]:
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(count)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What this process and two others have left, of which some cases take one other."""
    folder = tmp_path_factory.mktemp("peers")
    ports = dict(zip([*CASES, *LESSONS, *TROUBLE], find_ports(), strict=False))
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=work, args=(rank, folder, ports)) for rank in (1, 2)]
    for one in workers:
        one.start()
    work(0, folder, ports)
    for one in workers:
        one.join(240)
        one.kill()
    assert [one.exitcode for one in workers] == [0, 0]
    return folder


def find_ports() -> Iterator[int]:
    while True:
        yield find_port()


@pytest.mark.parametrize("name", CASES)
def test_the_net_is_that_of_one_worker(trained: Path, tmp_path: Path, name: str) -> None:
    count, changes = CASES[name]
    alone = train(make_order(tmp_path / "alone", changes))
    rows = read(trained / name, count)
    assert all(one == rows[0] for one in rows)
    assert rows[0] == [pytest.approx(row, rel=1e-5) for row in alone]
    weights = load_file(tmp_path / "alone" / "weights.safetensors")
    for rank in range(count):
        there = load_file(trained / name / str(rank) / "weights.safetensors")
        assert there.keys() == weights.keys()
        for key, values in weights.items():
            apart = np.linalg.norm(np.float64(there[key]) - values)
            assert apart <= 1e-5 * np.linalg.norm(np.float64(values)), key


@pytest.mark.parametrize("name", LESSONS)
def test_what_an_algorithm_learns_and_tells_is_that_of_one_worker(trained: Path, tmp_path: Path, name: str) -> None:
    first, second = read(trained / name)
    assert first == second
    assert first == [pytest.approx(row, rel=1e-5, abs=1e-5) for row in learn(name, tmp_path / "alone")]


def test_they_go_on_from_what_the_first_has_kept(trained: Path, tmp_path: Path) -> None:
    whole = train(make_order(tmp_path / "whole", {"patience": 9}))
    assert [one["said"] for one in read(trained / "cut off")] == ["Interrupted: "] * 2
    assert not (trained / "cut off" / "kept 1").exists()
    for one in read(trained / "go on"):
        assert one["said"] == [pytest.approx(whole[2], rel=1e-5)]
    for one in read(trained / "one has no checkpoint"):
        assert one["said"] == "PlatformError: the 2 workers do not have the same epochs in their checkpoints: [2, 0]"


@pytest.mark.parametrize("trouble", ["one fails", "one is stuck"])
def test_the_first_ends_with_what_another_has_failed_with(trained: Path, trouble: str) -> None:
    first, _ = read(trained / trouble)
    assert first["said"] == "StepFailed: net: worker 1 of 2 had no luck"
    assert first["seconds"] < 60


def test_there_are_no_more_workers_than_examples_in_a_batch(tmp_path: Path) -> None:
    order = make_order(tmp_path / "many", {"batch_size": 2}, make_group(0, 3, 1))
    with pytest.raises(BadValue, match=r"resources\.workers: .* at most 2, the examples of a batch, got 3"):
        train(order)
