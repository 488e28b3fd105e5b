"""Does steps as Ray tasks, each with the slice of its node."""

from __future__ import annotations

import contextlib
import functools
import pickle
from concurrent.futures import CancelledError, Future
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayError, TaskCancelledError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.engine.executor import Executor, Listener
from dix.engine.machines import Machine, Place
from dix.engine.messages import Beat, Outcome, StepKey, StepOrder, StepReport
from dix.engine.plan import PlannedStep
from dix.engine.ray_machines import RayMachines
from dix.engine.workbench import Workbench
from dix.engine.worker import do_step
from dix.errors import WorkerLost
from dix.records.moments import now

SUPERVISOR_NAME = "supervisor"
NAMESPACE = "dix"


class RayExecutor:
    """Lives in the supervisor, which owns the tasks: when it dies, they die with it."""

    def __init__(self, listener: Listener, machines: RayMachines) -> None:
        self._listener = listener
        self._machines = machines
        self._function: Any = ray.remote(max_retries=0)(_do_step_in_task)
        self._with_options: dict[str, Any] = {}  # by what it is and wants: making them costs as much as starting a task
        self._tasks: dict[StepKey, ray.ObjectRef[Any]] = {}

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:  # noqa: ARG002 Ray waits
        task = self._find_task(order.step, place).remote(pickle.dumps(order))
        self._tasks[order.key] = task
        task.future().add_done_callback(lambda future: self._on_done(order.key, future))

    def stop(self, key: StepKey) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            ray.cancel(task, force=True)

    def capacity(self) -> tuple[Machine, ...]:
        return self._machines.list()

    def close(self) -> None:
        for key in list(self._tasks):
            self.stop(key)

    def _find_task(self, step: PlannedStep, place: Place) -> Any:
        """A task with a step's slice, on its machine. It is called by what is done, so that a process list tells it."""
        wanted, name = step.slice, step.algorithm or step.kind
        known = f"{place.id} {name} {step.kind} {wanted!r}"
        if known not in self._with_options:
            # A circle coordinates Ray Data, which uses the slice: the coordinator itself must not hold it as well.
            coordinates = step.kind == "model"
            self._with_options[known] = self._function.options(
                name=name,
                num_cpus=0 if coordinates else wanted.cpu,
                num_gpus=0 if coordinates else wanted.gpu,
                memory=wanted.memory_bytes,
                resources=dict(wanted.custom) or None,
                scheduling_strategy=NodeAffinitySchedulingStrategy(place.id, soft=False),
            )
        return self._with_options[known]

    def _on_done(self, key: StepKey, future: Future[bytes]) -> None:
        if self._tasks.pop(key, None) is None:  # it was stopped, and nobody waits for it
            return
        try:
            report: StepReport = pickle.loads(future.result())  # noqa: S301 our own worker's
        except (RayError, CancelledError) as error:
            report = StepReport(key, Outcome.BROKEN, now(), now(), error=_why_lost(key, error))
        self._listener.on_end(report)


class _Teller:
    """Tells the supervisor of a step, from where the step works; finds it at the first beat."""

    def __init__(self) -> None:
        self._supervisor: Any = None

    def __call__(self, beat: Beat) -> None:
        with contextlib.suppress(ValueError):  # it is gone for good, and the step soon will be
            self._supervisor = self._supervisor or ray.get_actor(SUPERVISOR_NAME, namespace=NAMESPACE)
            self._supervisor.hear_beat.remote(beat)


def _do_step_in_task(order: bytes) -> bytes:
    """Orders and reports travel as plain pickles, which cost Ray's serializer next to nothing."""
    return pickle.dumps(do_step(pickle.loads(order), _Teller(), _find_workbench()))  # noqa: S301 the supervisor's


@functools.cache
def _find_workbench() -> Workbench:
    """That of this process."""
    return Workbench()


def _why_lost(key: StepKey, error: BaseException) -> str:
    if isinstance(error, OutOfMemoryError):
        what = "its machine ran out of memory; ask for more with resources.memory"
    elif isinstance(error, TaskCancelledError | CancelledError):
        what = "it was cancelled in Ray"
    else:
        what = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return str(WorkerLost(key.node, what))


def _check(executor: RayExecutor) -> Executor:
    return executor
