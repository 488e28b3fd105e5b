"""Steps on several workers, on a real Ray of two machines: all begin, all end, the first one's outputs count."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psutil
import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.owner import start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.data.digits import write_digits
from dix.engine.acceptance import Acceptance
from dix.engine.desk import Desk
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine, start_supervisor, stop_supervisor, wait_for_supervisor
from dix.records.states import RunState
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from tests.engine.conftest import Workshop, wait_until
from tests.fixtures_ray import two_machines  # noqa: F401

pytestmark = pytest.mark.ray

FLOW = """
dix: 1
name: {name}
nodes:
  net:
    kind: algorithm
    algorithm: script
    framework: {framework}
    code: code/{name}.py
    resources: {{cpu: {cpu}, workers: 2}}
    retries: {retries}
    model: {name}
"""
LESSON = """
dix: 1
name: lesson{workers}
nodes:
  images: {{kind: data, uri: digits/train.parquet}}
  net:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {{train: images}}
    params: {{epochs: 3, channels: [8, 16], dropout: 0.0, learning_rate: 0.005}}
    resources: {{cpu: 1, workers: {workers}}}
    model: lesson{workers}
"""
DDP = """
import os
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
rank = dist.get_rank()
torch.manual_seed(rank)
net = DistributedDataParallel(torch.nn.Linear(3, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    x = torch.randn(8, 3)
    loss = ((net(x) - x.sum(1, keepdim=True)) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"epoch={epoch + 1} loss={loss.item():.4f}")
print("weights", [round(value, 6) for one in net.parameters() for value in one.flatten().tolist()])
print("place", os.environ["LOCAL_RANK"], os.environ["GROUP_RANK"], os.environ["SM_CURRENT_HOST"])
torch.save(net.module.state_dict(), os.path.join(os.environ["SM_MODEL_DIR"], f"net{rank}.pth"))
dist.destroy_process_group()
"""
MIRRORED = """
import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
rank = strategy.cluster_resolver.task_id
with strategy.scope():
    weights = tf.Variable([0.0, 0.0])


@tf.function
def step(x):
    def work(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.linalg.matvec(x, weights) - tf.reduce_sum(x, 1)) ** 2)
        (gradient,) = tape.gradient(loss, [weights])
        total = tf.distribute.get_replica_context().all_reduce("mean", gradient)
        weights.assign_sub(0.1 * total)

    strategy.run(work, args=(x,))


for seed in range(5):
    step(tf.random.stateless_normal((8, 2), (seed, rank)))
print("weights", [round(float(value), 6) for value in weights.numpy()])
"""
FIT = """
import numpy as np
import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
model.fit(np.ones((32, 4), "float32"), np.ones((32, 1), "float32"), epochs=1, batch_size=8, verbose=0)
"""
FAILING = """
import json, os, sys, time
rank, folder = int(os.environ["RANK"]), os.environ["DIX_CHECKPOINT_DIR"]
mark = os.path.join(folder, "mark")
if os.path.exists(mark):
    print("goes on from", open(mark).read())
    sys.exit(0)
if rank == 0:
    open(mark, "w").write("rank 0")
    time.sleep(300)
open(mark, "w").write("rank 1")
time.sleep(0.5)
raise ValueError("no such luck")
"""
EATING = """
import os, time
if os.environ["RANK"] == "1":
    eaten = bytearray(b"x") * (1200 * 2**20)
time.sleep(300)
"""
WAITING = """
import json, os, time
print(json.dumps({"pid": os.getpid()}), flush=True)
time.sleep(300)
"""


@pytest.fixture(scope="module")
def house(two_machines: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:  # noqa: F811
    folder = tmp_path_factory.mktemp("crew")
    options = StoreOptions((folder / "store").as_uri())
    store = open_store_with(options)
    start_owner(folder / "catalog.duckdb")
    supervisor = start_supervisor(options, "warning")
    catalog = ProxyCatalog()
    machines = RayMachines().list()
    desk = Desk(catalog, store, SupervisorLine(), lambda: Acceptance(catalog, list_specs(), machines, store))
    wait_for_supervisor(supervisor)
    yield Workshop(catalog, store, desk, None)  # type: ignore[arg-type]
    stop_supervisor()
    stop_owner()


def make_flow(house: Workshop, name: str, code: str, framework: str = "torch", cpu: float = 1, retries: int = 0) -> str:
    house.store.write_bytes(f"code/{name}.py", code.encode())
    return FLOW.format(name=name, framework=framework, cpu=cpu, retries=retries)


def find_said(texts: list[str], word: str) -> dict[str, str]:
    """What each worker has said, by the rank that stands before its line."""
    said = [text.split(" ", 2) for text in texts]
    return {words[0]: words[2] for words in said if len(words) == 3 and words[1] == word}


def find_pids(house: Workshop, run: str) -> list[int]:
    found = [json.loads(text.split(" ", 1)[1])["pid"] for text in house.texts(run) if "pid" in text]
    return [int(pid) for pid in found]


def test_a_ddp_script_runs_unchanged_on_two_machines(house: Workshop) -> None:
    run = house.do(make_flow(house, "ddp", DDP))
    texts = house.texts(run.id)
    assert run.state is RunState.SUCCEEDED, texts
    weights = find_said(texts, "weights")
    assert weights.keys() == {"[0]", "[1]"}
    assert weights["[0]"] == weights["[1]"]
    assert find_said(texts, "place") == {"[0]": "0 0 algo-1", "[1]": "0 1 algo-2"}
    version = house.catalog.models.get_model("ddp", 1, None)
    assert [file.path for file in house.store.list_files(f"{version.uri}/files")] == ["net0.pth"]
    [attempt] = house.catalog.attempts.list_attempts(run.id)
    assert attempt.allocated.cpu == 2


def test_a_ready_algorithm_learns_on_two_machines_what_it_learns_on_one(house: Workshop) -> None:
    place = house.store.local_path("digits")
    assert place is not None
    write_digits(place)
    together, alone = (house.do(LESSON.format(workers=workers)) for workers in (2, 1))
    assert together.state is alone.state is RunState.SUCCEEDED, (together.error, alone.error)
    found, expected = (house.steps(run.id)["net"].metrics for run in (together, alone))
    assert expected["valid_accuracy"] > 0.9
    for name in ("accuracy", "valid_accuracy", "loss", "valid_loss"):
        assert found[name] == pytest.approx(expected[name], rel=1e-3), name
    first, second = (house.catalog.models.get_model(f"lesson{workers}", 1, None) for workers in (2, 1))
    assert house.store.measure(first.uri).files == house.store.measure(second.uri).files


def test_a_mirrored_script_runs_unchanged_on_one_machine(house: Workshop) -> None:
    run = house.do(make_flow(house, "mirrored", MIRRORED, "tensorflow", 0.5))
    texts = house.texts(run.id)
    assert run.state is RunState.SUCCEEDED, texts
    weights = find_said(texts, "weights")
    assert weights.keys() == {"[0]", "[1]"}
    assert weights["[0]"] == weights["[1]"] != "[0.0, 0.0]"


def test_who_fits_under_the_strategy_and_who_takes_more_than_its_memory_is_told_so(house: Workshop) -> None:
    fits = house.start(make_flow(house, "fit", FIT, "tensorflow", 0.5))
    eats = house.start(make_flow(house, "eat", EATING, "torch", 0.5))
    assert "Keras 3's model.fit does not work under MultiWorkerMirroredStrategy" in (house.wait(fits.id).error or "")
    eaten = house.wait(eats.id).error or ""
    assert eaten.startswith("net: worker 1 of 2 on ")
    assert "of the 1 GiB that resources.memory gives it" in eaten


def test_when_one_fails_all_end_and_the_retry_goes_on_from_what_the_first_has_kept(house: Workshop) -> None:
    run = house.do(make_flow(house, "failing", FAILING, retries=1))
    assert run.state is RunState.SUCCEEDED, house.texts(run.id)
    first = house.catalog.attempts.list_attempts(run.id)[0]
    assert (first.error or "").startswith("worker 1 of 2 on ")
    assert (first.error or "").endswith("failing.py ended with exit code 1: ValueError: no such luck")
    assert sorted(text for text in house.texts(run.id) if "goes on" in text) == [
        "[0] goes on from rank 0",
        "[1] goes on from rank 0",
    ]


def test_all_are_repeated_when_the_host_of_one_is_killed_and_end_when_the_run_is_cancelled(house: Workshop) -> None:
    run = house.start(make_flow(house, "waiting", WAITING))
    wait_until(lambda: len(find_pids(house, run.id)) == 2, 60, lambda: house.texts(run.id))
    first = find_pids(house, run.id)
    host = next(one for one in map(psutil.Process, first) if "CrewHost" in _title(one.parent())).parent()
    assert host is not None
    host.kill()
    wait_until(lambda: len(find_pids(house, run.id)) == 4, 60, lambda: house.texts(run.id))
    assert not any(_lives(pid) for pid in first)
    assert " is gone: " in (house.catalog.attempts.list_attempts(run.id)[0].error or "")
    house.desk.cancel_run(run.id)
    assert house.wait(run.id).state is RunState.CANCELLED
    wait_until(lambda: not any(_lives(pid) for pid in find_pids(house, run.id)), 10)


def _title(process: psutil.Process | None) -> str:
    return " ".join(process.cmdline()) if process else ""


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
