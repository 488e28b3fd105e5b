"""The training loop: epochs over examples that lie in memory, taken out by index."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dix.frameworks.checkpoint import Checkpoint, load_checkpoint, name_arrays, save_checkpoint
from dix.frameworks.fitting import Course, FitPlan, check_finite, compute_learning_rate, draw_batches
from dix.frameworks.torch.design import Augment
from dix.frameworks.torch.device import needs_loss_scaling, use_mixed_precision
from dix.frameworks.torch.global_net import span_net
from dix.frameworks.torch.objectives import Objective, weigh_rows
from dix.frameworks.torch.optimizers import make_optimizer
from dix.frameworks.torch.peers import Peers
from dix.frameworks.training import EpochReport, Examples

Weights = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Examples as tensors: on the device where they fit there, else in main memory."""

    tensors: dict[str, Tensor]
    targets: Tensor

    def take(self, places: Tensor | slice, device: torch.device) -> tuple[dict[str, Tensor], Tensor]:
        """Some of them, on the device."""
        chosen = {name: values[places].to(device, non_blocking=True) for name, values in self.tensors.items()}
        return chosen, self.targets[places].to(device, non_blocking=True)


@dataclass(frozen=True, slots=True)
class Exercise:
    """What `fit` works on: `augment` gets `params`, checkpoints are kept in `checkpoints` unless it is None.

    With `peers` each batch is divided among them, and all have the same net after each step.
    """

    train: Loaded
    valid: Loaded | None
    plan: FitPlan
    objective: Objective
    params: Mapping[str, Any]
    augment: Augment | None = None
    checkpoints: Path | None = None
    peers: Peers | None = None


def load_examples(examples: Examples, device: torch.device) -> Loaded:
    """Put examples where the batches are cut: on the GPU when they take less than half of its free memory, otherwise
    in main memory, pinned for a GPU.
    """
    # What comes straight out of an Arrow table is read-only, which torch does not take.
    tensors = {
        name: torch.from_numpy(np.require(values, requirements=["C", "W"]))
        for name, values in {**examples.tensors, "": examples.targets}.items()
    }
    if device.type == "cuda":
        fits = sum(values.nbytes for values in tensors.values()) < torch.cuda.mem_get_info(device)[0] // 2
        tensors = {name: values.to(device) if fits else values.pin_memory() for name, values in tensors.items()}
    targets = tensors.pop("")
    return Loaded(tensors, targets)


def fit(net: nn.Module, exercise: Exercise, report: EpochReport) -> dict[str, Any]:
    """Train `net` in place and return the metrics of the epoch that was kept, with `epochs` done and `best_epoch`.

    The caller seeds torch for what the net draws itself (first weights, dropout); order and augmentation are drawn from
    the plan's seed here. Goes on from a checkpoint where there is one: with the same numbers as if it had not been
    interrupted. Raises BadValue when the loss stops being a number.
    """
    return _Loop(net, exercise, report).run()


@torch.inference_mode()
def measure(
    net: nn.Module, examples: Loaded, objective: Objective, batch_size: int, peers: Peers | None = None
) -> dict[str, float]:
    """The objective's numbers over examples, without learning from them; each of `peers` looks at its share."""
    net.eval()
    device = next(net.parameters()).device
    rows, sums = len(examples.targets), _Sums()
    # Where there are fewer rows than workers, each looks at all of them.
    mine = range(rows)[peers.share(rows)] if peers is not None and rows >= peers.count else range(rows)
    for start in mine[::batch_size]:
        batch, targets = examples.take(slice(start, min(start + batch_size, mine.stop)), device)
        with use_mixed_precision(device):
            said = net(batch)
        sums.add(objective.measure(said, targets), len(targets))
    return sums.divide(peers)


class _Sums:
    """Adds numbers up on the device, and fetches them once."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._rows = 0

    def add(self, numbers: Mapping[str, Tensor], rows: int) -> None:
        self._rows += rows
        for name, value in numbers.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value

    def divide(self, peers: Peers | None) -> dict[str, float]:
        """The means over the rows, of all workers."""
        if peers is None:
            return {name: value.item() / self._rows for name, value in self._sums.items()}
        values = torch.stack([value.double() for value in self._sums.values()])
        values = torch.cat([values, values.new_tensor([self._rows])])
        peers.add(values)
        *sums, rows = values.tolist()
        return {name: value / rows for name, value in zip(self._sums, sums, strict=True)}


class _Loop:
    """One training under way."""

    def __init__(self, net: nn.Module, exercise: Exercise, report: EpochReport) -> None:
        self._net = net
        self._exercise = exercise
        self._report = report
        self._device = next(net.parameters()).device
        plan, peers = exercise.plan, exercise.peers
        if peers is not None:
            span_net(net, peers)
        self._learned: list[nn.Parameter] = []  # those that the loss depends on; set with the first batch
        self._optimizer = make_optimizer(plan.optimizer, net, plan.learning_rate, plan.weight_decay)
        self._scaler = torch.amp.GradScaler(self._device.type, enabled=needs_loss_scaling(self._device))
        self._order = np.random.default_rng(plan.seed)
        self._chance = torch.Generator().manual_seed(plan.seed)
        self._course: Course[Weights] = Course()
        self._kept_at = time.monotonic()

    def run(self) -> dict[str, Any]:
        plan, course = self._exercise.plan, self._course
        self._go_on()
        self._agree()
        while len(course.rows) < plan.epochs and not course.should_stop(plan.patience):
            epoch = len(course.rows) + 1
            course.rows.append(self._do_epoch(epoch))
            self._compare()
            self._keep()
            self._report(epoch, epoch / plan.epochs, **course.rows[-1])
        if course.best_weights is not None:
            self._net.load_state_dict(course.best_weights)
        return course.summarise()

    def _do_epoch(self, epoch: int) -> dict[str, float]:
        exercise = self._exercise
        rate = compute_learning_rate(exercise.plan, epoch)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        row = self._learn()
        if exercise.valid is not None:
            measured = measure(self._net, exercise.valid, exercise.objective, exercise.plan.batch_size, exercise.peers)
            row |= {f"valid_{name}": value for name, value in measured.items()}
        check_finite(row, epoch, exercise.plan)
        return row | {"learning_rate": rate}

    def _learn(self) -> dict[str, float]:
        exercise, sums = self._exercise, _Sums()
        self._net.train()
        for chosen in draw_batches(len(exercise.train.targets), exercise.plan.batch_size, self._order):
            batch, targets, part = self._take(torch.from_numpy(chosen).to(exercise.train.targets.device))
            self._optimizer.zero_grad(set_to_none=True)
            with use_mixed_precision(self._device):
                said = self._net(batch)
                loss = exercise.objective.loss(said, targets)
                mine = loss if part is None else loss * part
            torch.autograd.backward(self._scaler.scale(mine))
            self._add_gradients()
            self._scaler.step(self._optimizer)
            self._scaler.update()
            if exercise.peers is None or exercise.peers.takes_part:
                with torch.no_grad():
                    sums.add(exercise.objective.measure(said.detach(), targets, loss.detach()), len(targets))
        return sums.divide(exercise.peers)

    def _take(self, places: Tensor) -> tuple[Mapping[str, Tensor], Tensor, Tensor | float | None]:
        """This worker's rows of a batch, and which part they have in its loss; None: they are all of it."""
        exercise, peers = self._exercise, self._exercise.peers
        if peers is None:
            batch, targets = exercise.train.take(places, self._device)
            return self._augment(batch), targets, None
        mine = peers.divide(len(places))
        if exercise.augment is None:
            batch, targets = exercise.train.take(places[mine], self._device)
        else:  # chance is drawn for all rows, so that each row gets what it gets from one worker
            batch, targets = exercise.train.take(places, self._device)
            batch = {name: values[mine] for name, values in self._augment(batch).items()}
            targets = targets[mine]
        if not peers.takes_part:
            return batch, targets, 0.0
        of_all = exercise.train.targets[places].to(self._device, non_blocking=True)
        return batch, targets, weigh_rows(exercise.objective, targets) / weigh_rows(exercise.objective, of_all)

    def _augment(self, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        augment = self._exercise.augment
        return batch if augment is None else augment(batch, self._exercise.params, self._chance)

    def _add_gradients(self) -> None:
        peers = self._exercise.peers
        if peers is None:
            return
        if not self._learned:  # each worker has rows of the first batch
            self._learned = [one for one in self._net.parameters() if one.grad is not None]
        peers.add_gradients(self._learned)

    def _agree(self) -> None:
        """All begin with the net of the first worker; the chance that they were seeded with is the same already."""
        peers, epochs = self._exercise.peers, len(self._course.rows)
        if peers is None:
            return
        peers.agree(epochs, "epochs in their checkpoints", self._device)
        peers.follow(self._net.state_dict().values())

    def _compare(self) -> None:
        if self._exercise.plan.patience > 0 and self._exercise.valid is not None:  # noqa: SIM102
            if self._course.is_best(self._course.rows[-1]):
                self._course.best_weights = {
                    name: tensor.detach().clone() for name, tensor in self._net.state_dict().items()
                }

    def _keep(self) -> None:
        folder, due = self._exercise.checkpoints, self._kept_at + self._exercise.plan.checkpoint_every_s
        if folder is None or time.monotonic() < due or not self._speaks():
            return
        course = self._course
        arrays = name_arrays("net", _to_arrays(self._net.state_dict()))
        arrays |= name_arrays("best", _to_arrays(course.best_weights or {}))
        state = self._optimizer.state_dict()["state"]
        for place, its in state.items():
            arrays |= name_arrays(f"optimizer/{place}", _to_arrays(its))
        arrays |= name_arrays("chance", _to_arrays(self._list_chances()))
        facts = {
            "rows": course.rows,
            "best": [course.best_epoch, course.best_loss],
            "order": json.dumps(self._order.bit_generator.state),
            "scale": self._scaler.state_dict(),
        }
        save_checkpoint(folder, Checkpoint(facts, arrays))
        self._kept_at = time.monotonic()

    def _speaks(self) -> bool:
        """Whether what this worker leaves is what counts."""
        return self._exercise.peers is None or self._exercise.peers.is_first

    def _go_on(self) -> None:
        folder = self._exercise.checkpoints
        kept = load_checkpoint(folder) if folder is not None else None
        if kept is None:
            return
        course = self._course
        self._net.load_state_dict(_to_tensors(kept.under("net")))
        course.rows = kept.facts["rows"]
        course.best_epoch, course.best_loss = kept.facts["best"]
        if course.best_epoch:
            course.best_weights = {
                name: tensor.to(self._device) for name, tensor in _to_tensors(kept.under("best")).items()
            }
        state = self._optimizer.state_dict()
        state["state"] = {}
        for name, tensor in _to_tensors(kept.under("optimizer")).items():
            place, _, what = name.partition("/")
            state["state"].setdefault(int(place), {})[what] = tensor
        self._optimizer.load_state_dict(state)
        self._scaler.load_state_dict(kept.facts["scale"])
        self._order.bit_generator.state = json.loads(kept.facts["order"])
        chances = _to_tensors(kept.under("chance"))
        self._chance.set_state(chances["augment"])
        torch.set_rng_state(chances["cpu"])
        if "gpu" in chances and self._device.type == "cuda":
            torch.cuda.set_rng_state(chances["gpu"], self._device)

    def _list_chances(self) -> dict[str, Tensor]:
        chances = {"augment": self._chance.get_state(), "cpu": torch.get_rng_state()}
        if self._device.type == "cuda":
            chances["gpu"] = torch.cuda.get_rng_state(self._device)
        return chances


def _to_arrays(tensors: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    return {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in tensors.items()}


def _to_tensors(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
