"""A net of layers: its blobs, its weights, forward; backward is torch's autograd over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from dix.errors import BadData
from dix.frameworks.caffe.fillers import check_filler, fill
from dix.frameworks.caffe.layers.base import BlobPlan, Layer, Shape, SourceLayer
from dix.frameworks.caffe.layers.inputs import Input
from dix.frameworks.caffe.layers.lookup import find_problem, make_layer, name_tops
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.prototxt import Unknown
from dix.frameworks.caffe.selection import select_layers

_PERMISSIVE = 1


@dataclass(frozen=True, slots=True)
class NetOrigin:
    """Where a net comes from and where it shall lie: `uri` names it in errors, `seed` draws its first weights.

    `unknown` is what its file says that Caffe's schema does not have; nobody looks at that.
    """

    uri: str
    paths: Paths
    seed: int = 0
    device: str = "cpu"
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class Param:
    """One tensor of weights with what the solver multiplies its rate and its decay by.

    `owner` is the layer it was made for and its place there; a shared one has users besides. One with `lr_mult` 0 gets
    no gradient at all, as in Caffe.
    """

    owner: tuple[str, int]
    tensor: Tensor
    lr_mult: float
    decay_mult: float


@dataclass(frozen=True, slots=True)
class _Step:
    """One layer in its place: which blobs it takes, whether each passes a gradient back, which it makes."""

    layer: Layer
    bottoms: tuple[str, ...]
    passes: tuple[bool, ...]
    tops: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(slots=True)
class _Building:
    """What is known of a net while its layers are put together."""

    origin: NetOrigin
    shapes: dict[str, Shape] = field(default_factory=dict)
    unused: set[str] = field(default_factory=set)
    named: dict[str, Param] = field(default_factory=dict)
    chance: torch.Generator = field(default_factory=torch.Generator)
    given: Mapping[str, Layer] = field(default_factory=dict)


class Net:
    """The layers that a NetParameter has in a state (phase, level, stages), with their weights.

    `params` are the learnable tensors in Caffe's order, each once. After `forward`, `blobs` has the last value of each
    blob by name and `loss` the weighted sum of what has a weight in it. Raises BadData, with everything that is not
    supported at once, before anything is computed. `share` is a net whose layers of the same name give their weights.
    """

    def __init__(self, message: Any, state: Any, origin: NetOrigin, share: Net | None = None) -> None:
        specs = select_layers(origin.uri, message, state)
        _check_support(origin.uri, specs)
        self.origin = origin
        self.name = message.name
        self.device = torch.device(origin.device)
        self.layers: dict[str, Layer] = {}
        self.params: list[Param] = []
        self.blobs: dict[str, Tensor] = {}
        self.loss = torch.zeros(())
        self._force_backward = message.force_backward
        self._steps: list[_Step] = []
        build = _Building(origin, given=share.layers if share else {})
        build.chance.manual_seed(origin.seed)
        for spec in specs:
            self._add(build, spec)
        self.shapes = build.shapes
        self.outputs = sorted(build.unused)

    @property
    def inputs(self) -> dict[str, Shape]:
        """The blobs that the caller hands over, with the shapes the net states for them."""
        layers = (layer for layer in self.layers.values() if isinstance(layer, Input))
        return {name: shape for layer in layers for name, shape in zip(layer.spec.top, layer.plan_tops(), strict=True)}

    @property
    def loss_weights(self) -> dict[str, float]:
        """The blobs that count in the loss, with their weights."""
        pairs = ((top, weight) for step in self._steps for top, weight in zip(step.tops, step.weights, strict=True))
        return {top: weight for top, weight in pairs if weight}

    def hand_over(self, name: str, values: Tensor) -> None:
        """Give an input blob its values for the batches to come; the first axis may have another size."""
        for layer in self.layers.values():
            if isinstance(layer, Input) and name in layer.spec.top:
                layer.hand_over(name, values.to(self.device))
                return
        raise BadData(self.name, f"it has no input {name}", f"its inputs are {', '.join(self.inputs) or 'none'}")

    def forward(self) -> dict[str, Tensor]:
        """Compute all blobs of the next batch, and the loss."""
        # Those of the batch before would stay in memory beside the new ones until these are all there.
        self.blobs, self.loss = {}, torch.zeros(())
        blobs: dict[str, Tensor] = {}
        loss = torch.zeros((), device=self.device)
        for step in self._steps:
            bottoms = [
                blobs[name] if passes else blobs[name].detach()
                for name, passes in zip(step.bottoms, step.passes, strict=True)
            ]
            tops = step.layer.forward(bottoms)
            if isinstance(step.layer, SourceLayer):
                tops = [top.to(self.device, non_blocking=True) for top in tops]
                if self._force_backward:
                    tops = [top.detach().requires_grad_() for top in tops]
            for name, top, weight in zip(step.tops, tops, step.weights, strict=True):
                blobs[name] = top
                if weight:
                    loss = loss + top.sum() * weight
        self.blobs, self.loss = blobs, loss
        return blobs

    def forward_backward(self) -> float:
        """One batch forward and back: gradients are added to those the params have; answers the loss."""
        self.forward()
        if self.loss.requires_grad:
            self.loss.backward()  # type: ignore[no-untyped-call]
        return float(self.loss.detach())

    def clear_gradients(self) -> None:
        """Forget the gradients."""
        for param in self.params:
            param.tensor.grad = None

    def _add(self, build: _Building, spec: Any) -> None:
        layer, tops = make_layer(spec, build.origin.paths), name_tops(spec)
        if spec.name in self.layers:
            raise BadData(build.origin.uri, f"there are two layers {spec.name}", "give each layer a name of its own")
        if not spec.top:
            spec.top.extend(tops)
        bottoms = _take_bottoms(build, spec)
        try:
            plans = layer.plan_blobs(bottoms)
            self._add_blobs(build, layer, plans)
            shapes = _find_top_shapes(layer, bottoms, plans)
        except (RuntimeError, IndexError, ValueError) as error:
            shown = ", ".join(str(list(shape)) for shape in bottoms)
            raise layer.fail(f"it cannot take bottoms of shape {shown}: {str(error).splitlines()[0]}") from error
        for name, shape in zip(tops, shapes, strict=True):
            if name in build.shapes and name not in spec.bottom:
                raise layer.fail(f"another layer before it makes its top {name} too", "give one of them another name")
            build.shapes[name] = shape
            build.unused.add(name)
        passes = [*spec.propagate_down, *[True] * (len(spec.bottom) - len(spec.propagate_down))]
        self.layers[spec.name] = layer
        self._steps.append(_Step(layer, tuple(spec.bottom), tuple(passes), tuple(tops), tuple(layer.loss_weights)))

    def _add_blobs(self, build: _Building, layer: Layer, plans: list[BlobPlan]) -> None:
        given = build.given.get(layer.spec.name)
        for i, plan in enumerate(plans):
            problem = check_filler(plan.filler)
            if problem:
                raise layer.fail(problem)
            spec = layer.spec.param[i] if i < len(layer.spec.param) else None
            known = build.named.get(spec.name) if spec is not None and spec.name else None
            if known is not None:
                layer.blobs.append(_share(layer, known.tensor, plan, spec))
                continue
            if given is not None and i < len(given.blobs) and tuple(given.blobs[i].shape) == plan.shape:
                tensor = given.blobs[i]
            else:
                tensor = torch.from_numpy(fill(plan.filler, plan.shape, build.chance)).to(self.device)
            param = _make_param(layer, i, plan, spec, tensor)
            if not plan.is_statistic and given is None:
                tensor.requires_grad_(param.lr_mult != 0)
            layer.blobs.append(tensor)
            self.params.append(param)
            if spec is not None and spec.name:
                build.named[spec.name] = param


def _check_support(uri: str, specs: list[Any]) -> None:
    problems = [problem for problem in map(find_problem, specs) if problem]
    if problems:
        raise BadData(uri, "; ".join(problems), "change or take out these layers")


def _take_bottoms(build: _Building, spec: Any) -> list[Shape]:
    for name in spec.bottom:
        if name not in build.shapes:
            raise BadData(
                build.origin.uri,
                f"layer {spec.name} takes {name}, which no layer before it makes",
                "correct its bottom",
            )
    build.unused.difference_update(spec.bottom)
    return [build.shapes[name] for name in spec.bottom]


def _find_top_shapes(layer: Layer, bottoms: list[Shape], plans: list[BlobPlan]) -> list[Shape]:
    """The shapes of a layer's tops, by a run without values."""
    if isinstance(layer, SourceLayer):
        return layer.plan_tops()
    real = layer.blobs
    layer.blobs = [torch.empty(plan.shape, device="meta") for plan in plans]
    with torch.no_grad():
        tops = layer.forward([torch.empty(shape, device="meta") for shape in bottoms])
    layer.blobs = real
    layer.reset()
    return [tuple(top.shape) for top in tops]


def _make_param(layer: Layer, i: int, plan: BlobPlan, spec: Any, tensor: Tensor) -> Param:
    lr_mult = 0.0 if plan.is_statistic else 1.0 if spec is None else spec.lr_mult
    return Param((layer.spec.name, i), tensor, lr_mult, 1.0 if spec is None else spec.decay_mult)


def _share(layer: Layer, tensor: Tensor, plan: BlobPlan, spec: Any) -> Tensor:
    if tuple(tensor.shape) == plan.shape:
        return tensor
    if spec.share_mode == _PERMISSIVE and tensor.numel() == torch.Size(plan.shape).numel():
        return tensor.view(plan.shape)
    raise layer.fail(f"it shares {spec.name} of shape {list(tensor.shape)} and wants {list(plan.shape)}")
