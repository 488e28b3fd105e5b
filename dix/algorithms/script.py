"""The user's own script, run unchanged in a process of its own."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dix.algorithms.base import Algorithm, OwnCode, StepContext, StepResult
from dix.algorithms.checkpoints import Checkpoints
from dix.algorithms.script_staging import FILES, Staged, stage_inputs
from dix.errors import BadValue, StepFailed
from dix.flow.argument_reader import read_arguments
from dix.flow.arguments import Arguments, spell
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec
from dix.frameworks.base import ModelCard
from dix.frameworks.card import write_card
from dix.frameworks.programs.describe import describe_program
from dix.frameworks.script.child import Ended, run_child
from dix.frameworks.script.entry import find_entry, make_command
from dix.frameworks.script.environment import find_python
from dix.frameworks.script.event_files import EventFiles
from dix.frameworks.script.formats import recognise_format
from dix.frameworks.script.order import ScriptOrder
from dix.frameworks.script.reported import NumberReader, ReportFile
from dix.frameworks.script.variables import make_environment, write_config
from dix.settings import copy_environment, read_visible_cards

# Of a model's folder, beside its files: the code that it was made by.
CODE = "code"
# Outputs that are made of what the script does, and not by it.
_MADE = ("model", "metrics")
_EVENTS_EVERY_S = 2.0
# Seen with Keras 3.15 and TensorFlow 2.21: model.fit hands values of all replicas to code that wants those of one.
_FIT_UNDER_STRATEGY = re.compile(r"keras[\s\S]*PerReplica[\s\S]*(unsupported type|to a Tensor)")
_NO_FIT = (
    "; Keras 3's model.fit does not work under MultiWorkerMirroredStrategy: "
    "write a loop that calls strategy.run, or leave out resources.workers"
)


class Script(Algorithm):
    """Inputs and outputs are the ports that the flow names; what lies in the model folder becomes the model."""

    spec = AlgorithmSpec(
        name="script",
        title="Script",
        help="Runs your own script unchanged, by the conventions of SageMaker's script mode.",
        inputs=(),
        outputs=(
            PortSpec("model", PortKind.MODEL, help="What the script leaves in SM_MODEL_DIR."),
            PortSpec("metrics", PortKind.METRICS, help="The numbers that it printed or reported."),
            PortSpec("data", help="What it leaves in SM_OUTPUT_DATA_DIR."),
        ),
        frameworks=("torch", "tensorflow"),
        params={"type": "object", "properties": {}, "additionalProperties": True},
        trains=True,
        open_ports=True,
        spreads=("torch", "tensorflow"),
    )

    def run(self, context: StepContext) -> StepResult:
        own = context.own_code
        if own is None:
            raise BadValue("code", "the code of the script", "none", "name it in the node's field code")
        work = _prepare(context, own)
        reader = NumberReader(partial(_tell, context))
        ended = _execute(context, work, reader)
        if ended.code != 0:
            raise _explain(context, work.order, ended)
        if context.workers is not None and not context.workers.is_first:
            return StepResult()
        _keep_outputs(context, own, work.order)
        _keep_numbers(context, reader)
        _keep_model(context, own, work.order, reader.last)
        return StepResult(metrics=dict(reader.last))


@dataclass(frozen=True, slots=True)
class _Work:
    """A script that is ready to go."""

    order: ScriptOrder
    python: str


def _tell(context: StepContext, position: int, row: Mapping[str, float]) -> None:
    """A row of numbers, whatever the script calls them; `progress` is how far it is, if it can be that."""
    numbers = {name: value for name, value in row.items() if name not in {"self", "position", "progress"}}
    progress = row.get("progress", -1.0)
    context.report(position, progress if 0 <= progress <= 1 else None, **numbers)


def _prepare(context: StepContext, own: OwnCode) -> _Work:
    root = context.scratch / "script"
    code = context.store.fetch(own.folder, root / CODE)
    entry = find_entry(code, own.entry)
    python = find_python(code)
    spelling = spell(context.params, _read_declared(code / entry))
    staged = stage_inputs(context, root / "input" / "data") if own.stages else Staged.hand_on(context)
    (root / "output").mkdir(parents=True, exist_ok=True)
    order = ScriptOrder(
        job=own.job,
        code=code,
        entry=entry,
        root=root,
        model=_make(root / "model"),
        checkpoints=root / "checkpoints",
        reports=root / "reports.jsonl",
        params=spelling.names,
        words=tuple(spelling.words),
        channels=staged.channels,
        inputs=staged.inputs,
        outputs={port: context.output(port) for port in dict.fromkeys(("data", *own.asked)) if port not in _MADE},
        cpus=context.cpus,
        cards=len(read_visible_cards()) or 1 if context.gpus else 0,
        group=context.workers,
        framework=context.framework,
    )
    write_config(order)
    return _Work(order, python)


def _execute(context: StepContext, work: _Work, reader: NumberReader) -> Ended:
    order = work.order
    checkpoints = Checkpoints(context.store, context.checkpoints, order.checkpoints)
    if checkpoints.restore():
        _say(f"the checkpoints of an earlier attempt are in {order.checkpoints}")
    reports = ReportFile(order.reports)
    events = EventFiles((order.code, order.root / "output", order.model, *order.outputs.values()))
    next_at = 0.0
    group = context.workers
    keeps = group is None or group.is_first

    def look(*, at_last: bool = False) -> None:
        nonlocal next_at
        for line in reports.read_lines():
            reader.hear_json(line)
        if keeps:
            checkpoints.look()
        if group is not None and not at_last:
            group.check()
        if at_last or time.monotonic() >= next_at:
            for position, row in events.read_rows():
                reader.hear_row(position, row)
            next_at = time.monotonic() + _EVENTS_EVERY_S

    command = make_command(work.python, order)
    try:
        return run_child(command, order.code, make_environment(order, copy_environment()), hear=reader.hear, look=look)
    finally:
        if keeps:
            checkpoints.keep()
        look(at_last=True)


def _explain(context: StepContext, order: ScriptOrder, ended: Ended) -> StepFailed:
    """Why, in the script's own words: what it wrote into `failure`, else the exception, else its last line."""
    said = ""
    failure = order.root / "output" / "failure"
    if failure.is_file():
        lines = [line for line in failure.read_text(errors="replace").splitlines() if line.strip()]
        said = lines[0].strip() if lines else ""
    why = said or ended.complaint.strip()
    message = f"{order.entry} {ended.cause}" + (f": {why[:500]}" if why else "")
    if context.workers is not None and _FIT_UNDER_STRATEGY.search(ended.trace):
        message += _NO_FIT
    return StepFailed(context.node, message, ended.trace, ended.failed_at or time.time())


def _keep_outputs(context: StepContext, own: OwnCode, order: ScriptOrder) -> None:
    """Empty folders are no outputs; raises StepFailed for one that another node takes."""
    for port, folder in (*order.outputs.items(), ("model", order.model)):
        if any(folder.iterdir()):
            continue
        if port in own.asked:
            todo = f"write to OUTPUT_{port.upper()}, or take the edge away"
            raise StepFailed(context.node, f"{order.entry} has left no {port}, which another node takes; {todo}")
        folder.rmdir()


def _keep_numbers(context: StepContext, reader: NumberReader) -> None:
    text = json.dumps({"final": reader.last, "rows": reader.rows}, indent=2)
    (context.output("metrics") / "metrics.json").write_text(text + "\n", encoding="utf-8")


def _keep_model(context: StepContext, own: OwnCode, order: ScriptOrder, numbers: Mapping[str, float]) -> None:
    """The files as they are, the code beside them, and a card that says how they are loaded and asked."""
    if not order.model.is_dir():
        return
    found = recognise_format(order.model)
    folder = context.output("model")
    order.model.rename(folder / FILES)
    context.store.fetch(own.folder, folder / CODE)  # as it was, whatever the script has written into its own
    write_card(
        folder,
        ModelCard(
            algorithm="script",
            framework=context.framework or "",
            inputs=(),
            outputs=(),
            net={"file": f"{FILES}/{found.file}", "entry": f"{CODE}/{order.entry}"},
            params=context.params,
            metrics=dict(numbers),
            format=found.name,
            loading=found.loading,
        ),
    )
    unknown = describe_program(folder, found.name)
    if unknown is not None:
        _say(f"what its model takes and gives is not known: {unknown}")


def _read_declared(script: Path) -> Arguments:
    """What its argparse says; nothing for what is no Python."""
    try:
        return read_arguments(script.read_bytes())
    except BadValue:
        return Arguments()


def _make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
