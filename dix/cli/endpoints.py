"""`dix endpoints`: let models answer online."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dix.cli.completing import complete_endpoint
from dix.cli.given import read_text
from dix.cli.later import make_group
from dix.cli.options import Json, Project, open_client
from dix.cli.screen import say, show, show_list, show_object
from dix.errors import BadValue

app = make_group("endpoints", "Endpoints: let models answer online.")

Name = Annotated[
    str, typer.Argument(help="The endpoint's name; it is the model name under /v2.", autocompletion=complete_endpoint)
]

_COLUMNS = {
    "name": "ENDPOINT",
    "model": "MODEL",
    "version": "VERSION",
    "state": "STATE",
    "replicas": "REPLICAS",
    "path": "PATH",
    "error": "ERROR",
}


@app.command("deploy")
def deploy(
    name: Name,
    model: Annotated[str, typer.Argument(help="models:/digits/3, models:/digits@champion, or digits for the latest.")],
    replicas: Annotated[int, typer.Option(min=1, help="How many copies answer.")] = 1,
    project: Project = None,
    json: Json = False,
) -> None:
    """Let a model answer under a name."""
    from dix.client.endpoints import DEPLOY_TIMEOUT_S
    from dix.client.wire import join

    body = {"name": name, "model": model, "replicas": replicas, "project": project}
    with open_client() as client:
        endpoint = client.wire.post(join("endpoints"), body, DEPLOY_TIMEOUT_S)
        if json:
            show(endpoint)
        else:
            say(f"endpoint {name} is {endpoint['state']}: POST {client.address}{endpoint['path']}/infer")


@app.command("list")
def list_endpoints(json: Json = False) -> None:
    """List every endpoint."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("endpoints"))
    show_list(page, _COLUMNS, as_json=json, empty="no endpoints: `dix endpoints deploy NAME MODEL` makes one")


@app.command("show")
def show_endpoint(name: Name, json: Json = False) -> None:
    """Show what answers under a name, and how that stands."""
    from dix.client.wire import join

    with open_client() as client:
        show_object(client.wire.get(join("endpoints", name)), as_json=json)


@app.command("test")
def ask(
    name: Name,
    request: Annotated[str | None, typer.Option(help="A file with a request, as JSON; - is standard input.")] = None,
    json: Json = False,
) -> None:
    """Ask an endpoint: with your request, or with one row of zeros."""
    with open_client() as client:
        body = make_sample(client.endpoints.describe(name)) if request is None else _read_request(request)
        answer = client.endpoints.infer(name, body)
    show_object(answer, as_json=json)


@app.command("delete")
def delete(name: Name, json: Json = False) -> None:
    """End an endpoint."""
    with open_client() as client:
        client.endpoints.delete(name)
    if json:
        show({"name": name, "deleted": True})
    else:
        say(f"endpoint {name} is gone")


def make_sample(metadata: dict[str, Any]) -> dict[str, Any]:
    """A request of one row for a model's metadata (Open Inference Protocol v2): zeros, empty texts for BYTES."""
    inputs = []
    for tensor in metadata["inputs"]:
        shape = [1 if size < 0 else size for size in tensor["shape"]]
        count = 1
        for size in shape:
            count *= size
        zero: Any = "" if tensor["datatype"] == "BYTES" else False if tensor["datatype"] == "BOOL" else 0
        inputs.append({"name": tensor["name"], "shape": shape, "datatype": tensor["datatype"], "data": [zero] * count})
    return {"inputs": inputs}


def _read_request(source: str) -> dict[str, Any]:
    import json

    try:
        request = json.loads(read_text(source))
    except ValueError as error:
        raise BadValue("request", "a JSON document", source, str(error)) from None
    if not isinstance(request, dict):
        raise BadValue("request", "a JSON object with inputs", source)
    return request
