"""Kills processes of a whole installation at random moments while runs go on, and counts what came of it.

    python -m tests.faults.kills [--kills 100] [--seed 1] [--stuck 180]

It brings a house up in a folder of its own, keeps a few runs going, and kills with SIGKILL, by chance, a step host, the
supervisor, the catalog's owner, a keeper, the raylet, the head's control store, or everything there is; after the last
three it says `dix up` again. In the end every run must have come to where it would have come. It prints three numbers,
and ends with 0 only if all of them are 0:

lost     steps that are over without having succeeded, and runs likewise
doubled  effects that happened twice: a step that succeeded twice, a model version too many, an attempt counted twice
stuck    runs that were not over in the time given, and slots or hosts that stayed taken after the last one
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

import dix
from dix.client.connection import Client
from dix.client.run import ClientRun
from dix.data.digits import write_digits
from dix.errors import DixError
from tests.boot.house import House

TRAINING = """
dix: 1
name: trains
nodes:
  train_set: {kind: data, uri: digits/train, format: images}
  net: {kind: algorithm, algorithm: cnn, framework: torch, inputs: {train: train_set}, params: {epochs: 3},
        model: killed, cache: false}
  after: {kind: algorithm, algorithm: noop, inputs: {data: train_set}}
"""
WHOLE_MACHINE = """
dix: 1
name: whole
nodes:
  a: {kind: algorithm, algorithm: noop, resources: {cpu: 2}}
"""
# What is killed, how it is found in a list of processes, and how often it is chosen.
HOST, SUPERVISOR, OWNER, KEEPER, RAYLET, STORE, ALL = ["host", "supervisor", "owner", "keeper", "raylet", "gcs", "all"]
MARKS = {
    HOST: ("ray::noop", "ray::cnn", "ray::data", "ray::StepHost"),
    SUPERVISOR: ("ray::Supervisor",),
    OWNER: ("ray::Owner",),
    KEEPER: ("ray::Keeper",),
    RAYLET: ("/raylet/raylet",),
    STORE: ("/gcs/gcs_server",),
    ALL: ("",),
}
WEIGHTS = {HOST: 40, SUPERVISOR: 22, OWNER: 15, KEEPER: 11, RAYLET: 4, STORE: 4, ALL: 4}
NEEDS_UP = frozenset({RAYLET, STORE, ALL})
RUNS_AT_ONCE = 4
COLD_S = 40.0  # by then warm hosts have ended


@dataclass
class Tally:
    """What happened, and what came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    steps: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)

    def __str__(self) -> str:
        kills = ", ".join(f"{count} {what}" for what, count in self.kills.most_common())
        counts = f"lost {len(self.lost)}, doubled {len(self.doubled)}, stuck {len(self.stuck)}"
        details = "".join(f"\n  {one}" for one in (*self.lost, *self.doubled, *self.stuck))
        return f"{self.kills.total()} kills ({kills}) over {self.runs} runs of {self.steps} steps: {counts}{details}"


class Killing:
    """One go: a house, its runs, and what is done to it."""

    def __init__(self, house: House, seed: int, stuck_s: float, say: Callable[[str], None] = print) -> None:
        self._house = house
        self._chance = random.Random(seed)
        self._stuck_s = stuck_s
        self._say = say
        self._stuck_runs: set[str] = set()
        self._tally = Tally()

    def choose(self, kills: int) -> list[str]:
        """What to kill, one after the other, by chance."""
        return self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=kills)

    def run(self, victims: list[str]) -> Tally:
        """Kill these at random moments, wait for all that is open, and count."""
        self._up()
        self._push()
        for victim in victims:
            self._fill_up()
            time.sleep(self._chance.uniform(0.1, 1.5))
            self._kill(victim)
        self._wait_for_the_rest()
        self._count()
        self._look_for_slots()
        return self._tally

    def _up(self) -> None:
        done = self._house.dix("up", *self._house.ports())
        assert done.returncode == 0, done.stdout + done.stderr

    def _client(self) -> Client:
        token = (self._house.home / "token").read_text().strip()
        return dix.connect(f"http://127.0.0.1:{self._house.api_port}", token)

    def _push(self) -> None:
        write_digits(self._house.home / "given")
        put = self._house.dix("data", "put", str(self._house.home / "given"), "digits")
        assert put.returncode == 0, put.stderr
        for text in (TRAINING, WHOLE_MACHINE, make_chains(6, 6)):
            self._client().flows.push(text)

    def _fill_up(self) -> None:
        """Have a few runs going; what the API answers while it is hurt does not count."""
        client = self._client()
        try:
            while len(self._find_open(client)) < RUNS_AT_ONCE:
                client.runs.start("trains" if self._chance.random() < 0.25 else "chains")
        except DixError as error:
            self._say(f"  not accepted: {error}")

    def _find_open(self, client: Client) -> list[str]:
        """The runs that are not over."""
        return [run.id for run in client.runs.list(limit=200).items if not run.is_over]

    def _kill(self, what: str) -> None:
        found = self._find(*MARKS[what])
        if not found:
            return
        chosen = found if what == ALL else [self._chance.choice(found)]
        self._say(f"  killing {what} ({len(chosen)})")
        for process in chosen:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self._tally.kills[what] += 1
        if what in NEEDS_UP:
            psutil.wait_procs([*chosen, *self._find("ray.scripts.scripts")], timeout=20)  # the head sees it, and ends
            self._up()

    def _wait_for_the_rest(self) -> None:
        end = time.monotonic() + self._stuck_s
        client = self._client()
        while (left := self._look(client)) is None or (left and time.monotonic() < end):
            time.sleep(0.5)
        self._stuck_runs = set(left)
        self._tally.stuck += [f"run {run}: {_tell(client.runs.get(run))}" for run in left]

    def _look(self, client: Client) -> list[str] | None:
        """The runs that are not over; None while nobody answers."""
        try:
            return self._find_open(client)
        except DixError:
            return None

    def _count(self) -> None:
        client = self._client()
        for page in _each_page(client):
            for run in page:
                self._tally.runs += 1
                self._count_run(client, run)
        versions = (
            Counter(version.run for version in client.models.versions("killed")) if self._has_model(client) else {}
        )
        self._tally.doubled += [f"{count} versions of run {run}" for run, count in versions.items() if count > 1]

    def _count_run(self, client: Client, run: ClientRun) -> None:
        if run.id in self._stuck_runs:
            return
        if str(run.state) != "succeeded":
            self._tally.lost.append(f"run {run.id} {_tell(run)}")
        ends = Counter((event.node, event.kind) for event in client.runs.events(run.id) if event.kind == "succeeded")
        self._tally.doubled += [f"{run.id}.{node} succeeded {n} times" for (node, _), n in ends.items() if n > 1]
        for step in run.steps:
            self._tally.steps += 1
            if str(step.state) != "succeeded":
                self._tally.lost.append(f"step {run.id}.{step.node} {step.state}: {step.error or step.reason}")

    def _has_model(self, client: Client) -> bool:
        return any(model.model == "killed" for model in client.models.list().items)

    def _look_for_slots(self) -> None:
        """No slot has stayed taken: a step that wants the whole machine runs, and no host is left when it is cold."""
        client = self._client()
        whole = client.runs.start("whole").id
        end = time.monotonic() + self._stuck_s
        while not _is_over(client, whole) and time.monotonic() < end:
            time.sleep(0.2)
        run = client.runs.get(whole)
        if str(run.state) != "succeeded":
            self._tally.stuck.append(f"the whole machine is not free: {_tell(run)}")
        end = time.monotonic() + COLD_S
        while (left := self._find(*MARKS[HOST])) and time.monotonic() < end:
            time.sleep(0.5)
        self._tally.stuck += [f"host {process.pid} is left: {_title(process)}" for process in left]

    def _find(self, *marks: str) -> list[psutil.Process]:
        """The processes of the house with any of these in their titles."""
        return [one for one in self._house.processes() if any(mark in _title(one) for mark in marks)]


def make_chains(deep: int, wide: int) -> str:
    """Chains of steps that do nothing."""
    lines = ["dix: 1\nname: chains\nnodes:"]
    for level in range(deep):
        for i in range(wide):
            above = f", inputs: {{data: n{level - 1}_{i}}}" if level else ""
            lines.append(f"  n{level}_{i}: {{kind: algorithm, algorithm: noop{above}}}")
    return "\n".join(lines)


def _is_over(client: Client, id: str) -> bool:
    try:
        return client.runs.get(id).is_over
    except DixError:
        return False


def _each_page(client: Client) -> list[tuple[ClientRun, ...]]:
    pages, cursor = [], None
    while True:
        page = client.runs.list(limit=200, cursor=cursor)
        pages.append(tuple(client.runs.get(run.id) for run in page.items))
        cursor = page.next_cursor
        if cursor is None:
            return pages


def _tell(run: ClientRun) -> str:
    opens = ", ".join(f"{step.node} {step.state} ({step.reason})" for step in run.steps if not step.ended)
    return f"{run.state}: {run.error or opens}"


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()) if process.status() != psutil.STATUS_ZOMBIE else "-"
    except psutil.Error:
        return "-"


def main() -> int:
    """Print the counts; 0 when all are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stuck", type=float, default=180.0, help="seconds after which a run counts as stuck")
    asked = parser.parse_args()
    house = House()
    try:
        started = time.monotonic()
        killing = Killing(house, asked.seed, asked.stuck)
        tally = killing.run(killing.choose(asked.kills))
        print(f"{tally}\n{time.monotonic() - started:.0f} s, seed {asked.seed}")
        return 0 if tally.is_clean() else 1
    finally:
        house.close()


if __name__ == "__main__":
    sys.exit(main())
