"""`dix projects`: who shares the cluster, and how much of it is whose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from dix.cli.completing import complete_project
from dix.cli.later import make_group
from dix.cli.options import Json, open_client
from dix.cli.screen import say, show, show_list, show_object, show_table
from dix.errors import BadValue

app = make_group("projects", "Projects: who shares the cluster, and how much of it is whose.")

Name = Annotated[str, typer.Argument(help="The project's name.", autocompletion=complete_project)]
QUOTA = "RESOURCE=AMOUNT[,borrow=AMOUNT][,lend=AMOUNT]"
Quotas = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=f"[{QUOTA}]...",
        help="cpu, gpu, gpu:TYPE, memory, disk, runs or steps, as gpu=4,borrow=2 or memory=64GiB; =none takes it away.",
    ),
]
Cohort = Annotated[str | None, typer.Option(help="Lend to, and borrow from, the projects with the same cohort.")]
ReclaimOption = Annotated[
    str | None,
    typer.Option(help="Whose borrowed steps may be stopped for its own: never, lower-priority or any."),
]
Description = Annotated[str | None, typer.Option(help="What it is for.")]

_COLUMNS = {"name": "PROJECT", "cohort": "COHORT", "reclaim": "RECLAIM", "quotas": "QUOTAS", "description": "ABOUT"}
_LIMITS = {"borrow": "borrowing_limit", "lend": "lending_limit"}
_SIZES = ("memory", "disk")


@app.command("list")
def list_projects(json: Json = False) -> None:
    """List every project."""
    from dix.client.wire import join

    with open_client() as client:
        page = client.wire.get(join("projects"))
    if not json:
        page = {**page, "items": [{**item, "quotas": _sum_up(item)} for item in page["items"]]}
    show_list(page, _COLUMNS, as_json=json, empty="no projects")


@app.command("create")
def create(
    name: Name,
    quotas: Quotas = None,
    *,
    cohort: Cohort = None,
    reclaim: ReclaimOption = None,
    description: Description = None,
    json: Json = False,
) -> None:
    """Make a project, with quotas or without limits."""
    from dix.client.wire import join

    body = {"name": name, "cohort": cohort, "quotas": read_quotas(quotas or ())}
    body |= {"reclaim": reclaim} if reclaim else {}
    body |= {"description": description} if description else {}
    with open_client() as client:
        project = client.wire.post(join("projects"), body)
    if json:
        show(project)
    else:
        say(f"project {name} is there; `dix run FILE --project {name}` runs in it")


@app.command("show")
def show_project(name: Name, json: Json = False) -> None:
    """Show a project: its quotas, and what it uses of them now."""
    from dix.client.wire import join

    with open_client() as client:
        _print(client.wire.get(join("projects", name)), as_json=json)


@app.command("quota")
def change_quota(
    name: Name,
    quotas: Quotas = None,
    *,
    cohort: Cohort = None,
    no_cohort: Annotated[bool, typer.Option("--no-cohort", help="Neither lend nor borrow any more.")] = False,
    reclaim: ReclaimOption = None,
    description: Description = None,
    json: Json = False,
) -> None:
    """Change a project's quotas, cohort or reclaim; what runs already goes on."""
    from dix.client.wire import join

    if cohort is not None and no_cohort:
        raise BadValue("--cohort", "either a cohort or --no-cohort", "both")
    given = {"cohort": cohort, "reclaim": reclaim, "description": description}
    body: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    body |= {"cohort": None} if no_cohort else {}
    with open_client() as client:
        project = client.wire.patch(join("projects", name), {**body, "quotas": read_quotas(quotas or ())})
    _print(project, as_json=json)


@app.command("delete")
def delete(name: Name, json: Json = False) -> None:
    """Forget a project that nothing is in."""
    from dix.client.wire import join

    with open_client() as client:
        client.wire.delete(join("projects", name))
    if json:
        show({"name": name, "deleted": True})
    else:
        say(f"project {name} is gone")


def read_quotas(texts: Sequence[str]) -> dict[str, Any]:
    """`gpu=4,borrow=2` and its like as the API wants them; raises BadValue for what is none."""
    quotas: dict[str, Any] = {}
    for text in texts:
        resource, equals, rest = text.partition("=")
        nominal, *limits = rest.split(",")
        if not equals or not nominal:
            raise BadValue("quota", QUOTA, text)
        if nominal == "none":
            quotas[resource] = None
            continue
        quotas[resource] = {"nominal": nominal}
        for limit in limits:
            word, equals, amount = limit.partition("=")
            if word not in _LIMITS or not amount:
                raise BadValue("quota", QUOTA, text)
            quotas[resource][_LIMITS[word]] = amount
    return quotas


def _print(project: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show(project)
        return
    show_object({name: value for name, value in project.items() if name not in {"quotas", "used"}}, as_json=False)
    rows = [
        [
            resource,
            _tell(resource, project["used"].get(resource, 0.0)),
            _tell(resource, quota["nominal"]),
            _tell(resource, quota["borrowing_limit"], "all that is left"),
            _tell(resource, quota["lending_limit"], "all of it"),
        ]
        for resource, quota in project["quotas"].items()
    ]
    rows += [
        [resource, _tell(resource, used), "no limit", "", ""]
        for resource, used in project["used"].items()
        if resource not in project["quotas"]
    ]
    if rows:
        print()
        show_table(("RESOURCE", "USED", "NOMINAL", "BORROWS", "LENDS"), rows)


def _sum_up(project: dict[str, Any]) -> str:
    quotas = [
        f"{_tell(resource, project['used'].get(resource, 0.0))} of {_tell(resource, quota['nominal'])} {resource}"
        for resource, quota in project["quotas"].items()
    ]
    return ", ".join(quotas) or "no limits"


def _tell(resource: str, amount: float | None, otherwise: str = "") -> str:
    from dix.flow.units import tell_size

    if amount is None:
        return otherwise
    return tell_size(amount) if resource in _SIZES else f"{amount:g}"
