"""Several workers train the net that one trains with the same batches; whoever loses the others says so."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Mapping
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
from tests.frameworks.torch.lessons import learn

PARAMS_OF_ALL = {**PARAMS, "epochs": 3, "dropout": 0.2, "channels": [4, 4], "batch_norm": True, "optimizer": "sgd"}
# Of three workers: one of them has no row of the last batch.
IMAGES = {"batch_size": 21, "class_weights": "balanced", "augment_shift": 1}
# A whole algorithm of two workers; the smaller the net, the sooner its graph is there.
TEXTS = {"layers": 1, "bidirectional": False}
# Two workers in trouble, one after the other; see `get_into`.
TROUBLE = ("cut off", "go on", "one fails")


class Interrupted(Exception):
    """The power went."""


def make_order(folder: Path, changes: Mapping[str, Any], workers: WorkerGroup | None = None) -> TrainOrder:
    stripes, valid = make_stripes(65), make_stripes(21, seed=1)
    examples = stripes.take(np.arange(65) != 4)  # 64, more of one class than of the other
    intake = fit_images(examples.tensors["image"], resized=False)
    folder.mkdir(parents=True)
    params = PARAMS_OF_ALL | changes
    return TrainOrder("cnn", intake, ClassesOutcome(("a", "b")), examples, valid, params, folder, workers=workers)


def train(order: TrainOrder, after: Callable[[int], None] | None = None) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []

    def report(position: int, progress: float | None = None, **metrics: float) -> None:
        rows.append({"epoch": position, **metrics})
        if after is not None:
            after(position)

    find_trainer("cnn", "tensorflow")(order, report)
    return rows


def make_group(rank: int, world_size: int, port: int, check: Callable[[], None] = all_is_well) -> WorkerGroup:
    addresses = (f"127.0.0.1:{port}",) * world_size
    return WorkerGroup(rank, world_size, rank, world_size, 0, 1, addresses, "lo", "job", check=check)


def work(rank: int, folder: Path, ports: Mapping[str, int]) -> None:
    """One of the workers: everything one after the other in one process, as a step's host does it."""
    order = make_order(folder / "images" / str(rank), IMAGES, make_group(rank, 3, ports["images"]))
    write(folder / "images", rank, train(order))
    if rank == 2:
        return
    group = make_group(rank, 2, ports["texts"])
    write(folder / "texts", rank, learn("texts", folder / "texts" / str(rank), group, "tensorflow", **TEXTS))
    for name in TROUBLE:
        write(folder / name, rank, get_into(name, rank, folder, ports[name]))


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
        if trouble == "one fails" and rank == 1:
            news.touch()
            raise Interrupted

    order = make_order(here / str(rank), {"patience": 9, "checkpoint_every_s": 0.0}, make_group(rank, 2, port, listen))
    kept = folder / "cut off" / f"kept {rank if trouble != 'go on' else 0}"
    try:
        return train(replace(order, checkpoints=kept if trouble != "one fails" else None), meet_it)
    except (DixError, Interrupted) as error:
        return f"{type(error).__name__}: {error}"


def write(folder: Path, rank: int, said: Any) -> None:
    (folder / f"{rank}.json").write_text(json.dumps(said))


def read(folder: Path, count: int = 2) -> list[Any]:
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(count)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What this process and two others have left; after the images it works with one of them."""
    folder = tmp_path_factory.mktemp("peers")
    ports = {name: find_port() for name in ("images", "texts", *TROUBLE)}
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=work, args=(rank, folder, ports)) for rank in (1, 2)]
    for one in workers:
        one.start()
    work(0, folder, ports)
    for one in workers:
        one.join(100)
        one.kill()
    assert [one.exitcode for one in workers] == [0, 0]
    return folder


def test_the_net_is_that_of_one_worker(trained: Path, tmp_path: Path) -> None:
    alone = train(make_order(tmp_path / "alone", IMAGES))
    rows = read(trained / "images", 3)
    assert rows == [[pytest.approx(row, rel=1e-5) for row in alone]] * 3
    files = [trained / "images" / str(rank) / "weights.safetensors" for rank in range(3)]
    assert len({one.read_bytes() for one in files}) == 1
    weights = load_file(tmp_path / "alone" / "weights.safetensors")
    for key, values in load_file(files[0]).items():
        apart = np.linalg.norm(np.float64(weights[key]) - values)
        assert apart <= 1e-5 * np.linalg.norm(np.float64(values)), key


def test_what_an_algorithm_learns_and_tells_is_that_of_one_worker(trained: Path, tmp_path: Path) -> None:
    first, second = read(trained / "texts")
    assert first == second
    alone = learn("texts", tmp_path / "alone", framework="tensorflow", **TEXTS)
    assert first == [pytest.approx(row, rel=1e-5, abs=1e-5) for row in alone]


def test_they_go_on_from_what_the_first_has_kept(trained: Path, tmp_path: Path) -> None:
    whole = train(make_order(tmp_path / "whole", {"patience": 9}))
    assert read(trained / "cut off") == ["Interrupted: "] * 2
    assert not (trained / "cut off" / "kept 1").exists()
    assert read(trained / "go on") == [[pytest.approx(whole[2], rel=1e-5)]] * 2


def test_the_first_ends_with_what_another_has_failed_with(trained: Path) -> None:
    assert read(trained / "one fails")[0] == "StepFailed: net: worker 1 of 2 had no luck"


def test_there_are_no_more_workers_than_examples_in_a_batch(tmp_path: Path) -> None:
    order = make_order(tmp_path / "many", {"batch_size": 2}, make_group(0, 3, 1))
    with pytest.raises(BadValue, match=r"resources\.workers: .* at most 2, the examples of a batch, got 3"):
        train(order)
