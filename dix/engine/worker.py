"""The worker: does one attempt of a step in this process, behind one wall around everybody else's code."""

from __future__ import annotations

import contextlib
import os
import secrets
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dix.algorithms.base import Algorithm, CheckpointPlaces, OwnCode, StepContext
from dix.algorithms.checkpoints import drop_checkpoints
from dix.algorithms.lookup import make_algorithm, make_score, make_source
from dix.engine.capture import Capture, FileCapture, NoCapture
from dix.engine.cards import CardGauge, find_cards
from dix.engine.gauge import Gauge
from dix.engine.mask import Mask
from dix.engine.messages import Beat, Outcome, StepOrder, StepReport
from dix.engine.pacemaker import Beating
from dix.engine.plain import make_plain
from dix.engine.pulse import Pulse, keep_in_store
from dix.engine.sound import find_sound
from dix.engine.team import Alone, Team
from dix.engine.workbench import Workbench, measure_folder
from dix.errors import DataMissing, DixError, NotFound, PlatformError, StepFailed
from dix.frameworks.worker_group import WorkerGroup
from dix.records.attempt import Used
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.recipe import Recipe
from dix.registry.artifact import draft_model
from dix.settings import lend_variables, read_visible_cards
from dix.store.choose import open_store_with
from dix.store.store import Store

_ALONE = Alone()


def do_step(
    order: StepOrder,
    tell: Callable[[Beat], None],
    bench: Workbench,
    *,
    captures: bool = True,
    team: Team = _ALONE,
) -> StepReport:
    """Do one attempt and report what came of it; never raises. `tell` gets a beat now and then while it works.

    With `captures`, what the process prints meanwhile is the step's log. `team` says with whom it is done.
    """
    store = open_store_with(order.store)
    sound = find_sound(store, order)
    if sound.step is not None:
        return StepReport(order.key, Outcome.CACHED, sound.since, now(), taken=sound.step)
    capture: Capture = FileCapture() if captures else NoCapture()
    gauge, cards = Gauge(), _watch_cards(order)
    mask = Mask(order.secrets.values())
    keep = team.keep or keep_in_store(store, order.key.run)
    pulse = Pulse(order.key, capture, tell, keep, mask=mask, label=team.label)
    beating: tuple[Beating, ...] = (pulse,) if cards is None else (pulse, cards)
    with bench.lend_folder() as scratch, capture, bench.pacemaker.lead(*beating):
        verdict = _hide_secrets(_run_behind_wall(_Work(order, store, scratch, pulse, team)), mask)
    if verdict.outcome in {Outcome.FAILED, Outcome.BROKEN}:
        pulse.say(verdict.error or "" if verdict.is_logged else verdict.trace or verdict.error or "")
    rows = pulse.stop()
    return StepReport(
        order.key,
        verdict.outcome,
        pulse.started,
        now(),
        outputs=verdict.outputs,
        digests=verdict.digests,
        metrics=verdict.metrics,
        model=verdict.model,
        stored_bytes=verdict.stored_bytes,
        rows=rows,
        error=verdict.error,
        trace=verdict.trace,
        used=team.sum_up(_find_used(order, gauge, cards)),
        failed_at=verdict.failed_at,
        fingerprint=verdict.fingerprint,
        why_run=sound.why_run,
    )


def _watch_cards(order: StepOrder) -> CardGauge | None:
    """A gauge of the step's cards; None where it has none, or they do not say."""
    names = read_visible_cards() if order.step.slice.gpu else ()
    cards = find_cards() if names else None
    return None if cards is None else CardGauge(cards, names)


def _find_used(order: StepOrder, gauge: Gauge, cards: CardGauge | None) -> Used:
    """What this process used, which of a circle is only its coordinator: the work is done by Ray Data elsewhere."""
    if order.step.kind == "model":
        return Used()
    return replace(gauge.read(), gpu_utilisation=None if cards is None else cards.read())


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the wall saw."""

    outcome: Outcome
    outputs: dict[str, str]
    metrics: dict[str, Any]
    digests: dict[str, str] = field(default_factory=dict)
    model: ModelDraft | None = None
    fingerprint: Recipe | None = None
    stored_bytes: int = 0
    error: str | None = None
    trace: str | None = None
    is_logged: bool = False  # the trace is: whoever failed has printed it
    failed_at: float | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """One attempt with its tools."""

    order: StepOrder
    store: Store
    scratch: Path
    pulse: Pulse
    team: Team


def _run_behind_wall(work: _Work) -> _Verdict:
    """The wall: whose fault a failure is is decided here, and nowhere else."""
    try:
        return _run(work)
    except (NotFound, DataMissing) as error:
        outcome = Outcome.NOT_THERE if work.order.step.kind == "data" else Outcome.FAILED
        return _Verdict(outcome, {}, {}, error=str(error))
    except PlatformError as error:
        return _Verdict(Outcome.BROKEN, {}, {}, error=str(error))
    except StepFailed as error:
        trace = error.fact("trace") or None
        message, failed_at = error.fact("message"), error.fact("at")
        return _Verdict(Outcome.FAILED, {}, {}, error=message, trace=trace, is_logged=True, failed_at=failed_at)
    except DixError as error:
        return _Verdict(Outcome.FAILED, {}, {}, error=str(error))
    except BaseException as error:  # noqa: BLE001 everybody else's code raises what it likes, SystemExit as well
        return _Verdict(Outcome.FAILED, {}, {}, error=_summarize(error), trace=traceback.format_exc())


def _hide_secrets(verdict: _Verdict, mask: Mask) -> _Verdict:
    """What an error says may have been made out of them."""
    error, trace = (None if text is None else mask.hide(text) for text in (verdict.error, verdict.trace))
    return replace(verdict, error=error, trace=trace)


def _run(work: _Work) -> _Verdict:
    algorithm = _choose(work.order)
    base = f"dix/runs/{work.order.key.run}/steps/{work.order.key.node}/{work.order.key.attempt}-{secrets.token_hex(4)}"
    with work.team.join(work.order, work.pulse.add) as group:
        context = _make_context(work, base, group, trains=algorithm.spec.trains)
        with _in_this_process_only(), lend_variables({**work.order.step.env, **work.order.secrets}):
            result = algorithm.run(context)
    if group is not None and not group.is_first:  # what counts is what the first one leaves
        return _Verdict(Outcome.SUCCEEDED, {}, {})
    seen = _look_at_inputs(work)
    metrics = {str(name): make_plain(value) for name, value in result.metrics.items()}
    folders = _made_outputs(work.scratch)
    stored_bytes = sum(measure_folder(folder) for folder in folders.values())
    model = None
    if work.order.step.model_name is not None and "model" in folders:
        model = draft_model(work.store, folders.pop("model"), work.order.step.model_name, _lineage(work, seen))
    targets = {port: context.target if port == work.order.step.default_port else f"{base}/{port}" for port in folders}
    outputs = dict(result.uris) | {port: work.store.resolve(target) for port, target in targets.items()}
    digests = _take_digests(work, result.uris) | _commit(work.store, folders, targets)
    if model is not None:
        digests["model"] = str(model.manifest["checksum"])
    own = digests.keys() - {port for port, uri in result.uris.items() if uri in work.order.inputs.values()}
    fingerprint = work.order.fingerprint if own and own >= outputs.keys() and _are_unchanged(work, seen) else None
    if context.checkpoints is not None:
        drop_checkpoints(work.store, context.checkpoints.uri)
    if work.order.step.kind == "model":  # a circle's rows go straight into the store
        stored_bytes += work.store.measure(context.target).bytes
    return _Verdict(Outcome.SUCCEEDED, outputs, metrics, digests, model, fingerprint, stored_bytes)


@contextlib.contextmanager
def _in_this_process_only() -> Iterator[None]:
    """A copy of this process that was forked inside must not go on out here, as if the step were its own."""
    me = os.getpid()
    try:
        yield
    finally:
        if os.getpid() != me:
            os._exit(1)


def _commit(store: Store, folders: Mapping[str, Path], targets: Mapping[str, str]) -> dict[str, str]:
    """Make the folder of each port visible under its target, all of them uploaded before the first one is; digests."""
    with contextlib.ExitStack() as stack:
        stages = {port: stack.enter_context(store.stage(target)) for port, target in targets.items()}
        for port, stage in stages.items():
            stage.put_folder(folders[port])
        return {port: stage.commit().checksum for port, stage in stages.items()}


def _take_digests(work: _Work, uris: Mapping[str, str]) -> dict[str, str]:
    """What lies where an algorithm says that its outputs lie: the user's own data is read, all else has a manifest."""
    known = {uri: work.order.digests.get(port) for port, uri in work.order.inputs.items()}
    if work.order.step.kind == "data":
        if not work.order.step.cache:
            return {}
        return {port: work.store.checksum(uri) for port, uri in uris.items()}
    given = {port: known.get(uri) or work.store.find_digest(uri) for port, uri in uris.items()}
    return {port: digest for port, digest in given.items() if digest is not None}


def _choose(order: StepOrder) -> Algorithm:
    if order.step.kind == "data":
        return make_source()
    return make_score() if order.step.kind == "model" else make_algorithm(order.step.algorithm or "")


def _make_context(work: _Work, base: str, group: WorkerGroup | None, *, trains: bool) -> StepContext:
    order, step = work.order, work.order.step
    params = dict(step.params)
    if step.uri is not None:
        params = {"uri": work.store.resolve(step.uri), "format": step.format}
    return StepContext(
        node=step.node,
        params=params,
        inputs=dict(order.inputs) | dict(order.models),
        models=dict(order.model_folders),
        framework=step.framework,
        cpus=step.slice.cpu,
        gpus=step.slice.gpu,
        memory_bytes=step.slice.memory_bytes,
        target=work.store.resolve(step.output or f"{base}/{step.default_port}"),
        scratch=work.scratch,
        store=work.store,
        report=work.pulse.report,
        own_code=_find_own_code(order),
        bad_rows=step.bad_rows,
        checkpoints=_find_checkpoints(order) if trains else None,
        workers=group,
        trusted=order.trusted,
    )


def _find_own_code(order: StepOrder) -> OwnCode | None:
    step, key = order.step, order.key
    if step.code is None:
        return None
    return OwnCode(
        folder=step.code,
        entry=step.entry,
        stages=step.stages,
        asked=step.asked,
        job=f"{key.run}-{key.node}-{key.attempt}",
    )


def _find_checkpoints(order: StepOrder) -> CheckpointPlaces:
    """Only a step that does the very same goes on from where another one was."""
    step, key = order.step, order.key
    parts = {"code": step.code, "entry": step.entry, "params": dict(step.params), "inputs": dict(order.inputs)}
    made_by = Recipe(parts | {"algorithm": step.algorithm, "framework": step.framework})
    name = f"steps/{key.node}/checkpoints-{made_by.digest[:16]}"
    earlier = f"dix/runs/{order.retry_of}/{name}" if order.retry_of else None
    return CheckpointPlaces(f"dix/runs/{key.run}/{name}", earlier)


def _made_outputs(scratch: Path) -> dict[str, Path]:
    """The folders that the algorithm asked for, by port."""
    folder = scratch / "outputs"
    return {path.name: path for path in sorted(folder.iterdir())} if folder.is_dir() else {}


def _look_at_inputs(work: _Work) -> dict[str, str]:
    """What the inputs hold now that they have been read, for all that remembers it."""
    if work.order.fingerprint is None and work.order.step.model_name is None:
        return {}
    return {port: work.store.checksum(uri) for port, uri in sorted(work.order.inputs.items())}


def _are_unchanged(work: _Work, seen: Mapping[str, str]) -> bool:
    """Whether the inputs hold what the fingerprint says: somebody may have changed them meanwhile."""
    return all(work.order.digests.get(port) == digest for port, digest in seen.items())


def _lineage(work: _Work, seen: Mapping[str, str]) -> dict[str, Any]:
    """Where the model comes from: run, node, flow, parameters, and its data with checksums."""
    data = [{"port": port, "uri": work.order.inputs[port], "sha256": digest} for port, digest in seen.items()]
    step = work.order.step
    code = {} if step.code is None else {"code": step.code, "entry": step.entry}
    return {**work.order.lineage, "data": data, "params": dict(step.params), **code}


def _summarize(error: BaseException) -> str:
    """What went wrong, in one line."""
    if isinstance(error, SystemExit):
        return f"its code ended the process with sys.exit({error.code!r})"
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    return f"{name}: {lines[0]}" if lines else name
