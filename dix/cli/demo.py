"""`dix demo`: the main job on real data, start to finish, through the same door as everybody."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from dix.boot.up import UpOptions, start
from dix.cli.screen import print_text, say, show
from dix.cli.watching import follow
from dix.client.connection import Client, connect
from dix.client.run import ClientRun
from dix.data.digits import write_digits
from dix.errors import PlatformError, RunEnded
from dix.records.states import RunState
from dix.settings import Settings

NAME = "digits"


@dataclass(frozen=True, slots=True)
class Answer:
    """The truth about one image, and what the endpoint says of it."""

    truth: str
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Played:
    """What the demo has done, and where it lies."""

    seconds: float
    data: str
    run: str
    model: str
    accuracy: float
    scores: str
    endpoint: str
    answer: Answer
    dashboard: str


def play(settings: Settings, options: UpOptions, *, as_json: bool = False) -> None:
    """Bring DI-X up, train on the digits, score, deploy, ask; print what was done, where it lies, what to try next.

    Everything stays up. Done again it makes the next version. Raises RunEnded when the run does not succeed, and what
    its parts raise.
    """
    began = time.monotonic()
    say("1/5 bringing DI-X up")
    started = start(settings, options, lambda word: say(f"    {word}"))
    with connect(started.api) as client:
        say("2/5 putting real handwritten digits into the store, as images and as tables")
        _put_digits(client)
        say("3/5 running the flow: learn from the images, score the test table, evaluate")
        run = _run_flow(client)
        reference = run.step("cnn").outputs["model"]
        say(f"4/5 deploying {reference} as the endpoint {NAME}")
        client.endpoints.deploy(NAME, reference)
        say("5/5 asking it about one image that it has never seen")
        answer = _ask(client)
    done = Played(
        seconds=round(time.monotonic() - began, 1),
        data=f"{started.store}/{NAME}",
        run=run.id,
        model=reference,
        accuracy=run.step("evaluate").metrics["accuracy"],
        scores=run.step("score").outputs["data"],
        endpoint=f"{started.api}/v2/models/{NAME}/infer",
        answer=answer,
        dashboard=started.ui,
    )
    if as_json:
        show(asdict(done))
    else:
        _tell(done)


def find_flow() -> Path:
    """The demo's flow: inside the installed package, else at the top of the source tree."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_examples", package.parent / "examples"):
        if (folder / NAME / "flow.yaml").is_file():
            return folder / NAME / "flow.yaml"
    raise PlatformError(f"the demo's flow is missing beside {package}; install dix again")


def _put_digits(client: Client) -> None:
    with tempfile.TemporaryDirectory(prefix="dix-demo-") as folder:
        write_digits(Path(folder))
        client.data.put(Path(folder), NAME)


def _run_flow(client: Client) -> ClientRun:
    client.flows.push(find_flow().read_text())
    run = follow(client, client.runs.start(NAME, cache=False).id)
    if run.state is not RunState.SUCCEEDED:
        raise RunEnded(run.id, run.state.value, run.error)
    return run


def _ask(client: Client) -> Answer:
    """Ask about the first image of the test set."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(prefix="dix-demo-") as folder:
        client.data.get(f"{NAME}/test.parquet", Path(folder) / "test.parquet")
        row = pq.read_table(Path(folder) / "test.parquet").slice(0, 1).to_pylist()[0]
    image = {"name": "image", "shape": [1, 8, 8], "datatype": "UINT8", "data": [row["image"]]}
    outputs = client.endpoints.infer(NAME, {"inputs": [image]})["outputs"]
    named = {output["name"]: output["data"] for output in outputs}
    return Answer(row["label"], named["label"][0], max(named["probabilities"]))


def _tell(done: Played) -> None:
    answer = done.answer
    said = f"said {answer.label} ({answer.probability:.1%}); it is a {answer.truth}"
    print_text(
        f"""
Done in {done.seconds:.0f} s.

  data      {done.data}
  run       {done.run}
  model     {done.model}, accuracy {done.accuracy:.4f} on images it has never seen
  scores    {done.scores}
  endpoint  {done.endpoint} {said}
  dashboard {done.dashboard}

Try next:
  dix runs show {done.run}
  dix run {NAME} -p epochs=20 --wait
  dix models show {NAME}
  dix predict {done.model} --data {NAME}/test --output scores/mine
  dix endpoints test {NAME}
  dix down
"""
    )
