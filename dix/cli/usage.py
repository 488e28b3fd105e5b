"""`dix usage`: what was held and used, by whom, and what that costs."""

from __future__ import annotations

import csv
import sys
from typing import Annotated, Any

import typer

from dix.cli.later import make_group
from dix.cli.options import Json, Project, open_client
from dix.cli.screen import say, show, show_object, show_table
from dix.errors import BadValue

app = make_group(
    "usage", "Usage: what was held and used, by day, project, user and flow, and what it costs.", no_args_is_help=False
)
prices = make_group("prices", "Prices: what an hour of a core, a card and a GiB of memory costs.")

_KEYS = ("day", "project", "user", "flow")
_TIMES = {"run_s": "RUN TIME", "cpu_s": "CPU TIME", "gpu_s": "GPU TIME", "memory_gib_s": "GIB TIME"}
_CSV = (
    *_KEYS,
    *("runs", "attempts", "running", "run_s", "cpu_s", "gpu_s", "memory_gib_s", "cpu_used_s", "peak_memory_bytes"),
    *("gpu_utilisation", "cost", "currency"),
)


def add_to(parent: typer.Typer) -> None:
    """Put the commands in their place."""
    app.add_typer(prices)
    parent.add_typer(app)


@app.callback(invoke_without_command=True)
def show_usage(
    ctx: typer.Context,
    *,
    by: Annotated[str, typer.Option(help="Any of day, project, user and flow, with commas between.")] = "project",
    since: Annotated[str | None, typer.Option(help="From this date or time on, as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this date or time, without it.")] = None,
    project: Project = None,
    user: Annotated[str | None, typer.Option(help="Only what this user started.")] = None,
    flow: Annotated[str | None, typer.Option(help="Only runs of this flow.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values, times in seconds.")] = False,
    json: Json = False,
) -> None:
    """Show what was held and used: time that steps ran, and cores, cards and memory times seconds (h:mm:ss)."""
    if ctx.invoked_subcommand is not None:
        return
    if as_csv and json:
        raise BadValue("--csv", "one form of output", "--json as well")
    from dix.client.wire import join

    query = {"by": by, "since": since, "until": until, "project": project, "user": user, "flow": flow}
    with open_client() as client:
        answer = client.wire.get(join("usage"), **query)
        if json:
            show(answer)
        elif as_csv:
            _write_csv(answer["items"])
        else:
            items = answer["items"]
            _print_table(items, client.wire.get(join("usage"), **query | {"by": None})["items"] if items else [])


@prices.command("show")
def show_prices(json: Json = False) -> None:
    """Show the price book."""
    from dix.client.wire import join

    with open_client() as client:
        book = client.wire.get(join("usage", "prices"))
    if not json and all(not value for value in book.values()):
        say("nothing has a price: `dix usage prices set --gpu-hour 2.5 --currency EUR` gives it one")
        return
    show_object(book, as_json=json)


@prices.command("set")
def set_prices(
    *,
    cpu_hour: Annotated[float | None, typer.Option(min=0, help="The price of a core for an hour.")] = None,
    gpu_hour: Annotated[float | None, typer.Option(min=0, help="The price of a card for an hour.")] = None,
    gpu_type: Annotated[
        list[str] | None,
        typer.Option(metavar="TYPE=PRICE", help="The price of a card of one type for an hour; may be repeated."),
    ] = None,
    gib_hour: Annotated[float | None, typer.Option(min=0, help="The price of a GiB of memory for an hour.")] = None,
    currency: Annotated[str | None, typer.Option(help="What prices are in; any text.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget all prices that are not given here.")] = False,
    json: Json = False,
) -> None:
    """Set prices; those that are not given stay as they are."""
    from dix.client.wire import join

    given = {"cpu_hour": cpu_hour, "gpu_hour": gpu_hour, "gib_hour": gib_hour, "currency": currency}
    types = dict(_read_type(pair) for pair in gpu_type or ())
    with open_client() as client:
        read = client.wire.read(join("usage", "prices"))
        book = {"gpu_types": {}} if clear else read.document
        book |= {name: value for name, value in given.items() if value is not None}
        book["gpu_types"] |= types
        kept = client.wire.put_json(join("usage", "prices"), book, if_match=read.tag)
    show_object(kept, as_json=json)


def _read_type(pair: str) -> tuple[str, float]:
    kind, equals, price = pair.partition("=")
    try:
        if kind and equals:
            return kind, float(price)
    except ValueError:
        pass
    raise BadValue("--gpu-type", "a type and its price, as H100=4.1", pair)


def _write_csv(items: list[dict[str, Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_CSV)
    writer.writerows([["" if item[name] is None else item[name] for name in _CSV] for item in items])


def _print_table(items: list[dict[str, Any]], total: list[dict[str, Any]]) -> None:
    """A row for each sum, and the total where there are several."""
    if not items:
        say("nothing has run: `dix run FILE` starts something")
        return
    keys = [key for key in _KEYS if any(item[key] is not None for item in items)]
    headings = [key.upper() for key in keys] + ["RUNS", "ATTEMPTS", *_TIMES.values(), "CPU USED", "GPU USED", "COST"]
    rows = [[*(item[key] for key in keys), *_write_sums(item)] for item in items]
    if len(rows) > 1:
        rows += [["total", *("" for _ in keys[1:]), *_write_sums(item)] for item in total]
    show_table(headings, rows)
    running = sum(item["running"] for item in total)
    if running:
        say(f"{running} attempt{' goes' if running == 1 else 's go'} on, counted up to now")


def _write_sums(item: dict[str, Any]) -> list[Any]:
    going_on = f" ({item['running']} running)" if item["running"] else ""
    times = [_write_time(item[name]) if item[name] else None for name in _TIMES]
    used = None if item["gpu_utilisation"] is None else f"{item['gpu_utilisation']:.0%}"
    cost = None if item["cost"] is None else f"{item['cost']:.2f} {item['currency']}".rstrip()
    return [item["runs"], f"{item['attempts']}{going_on}", *times, _write_time(item["cpu_used_s"]), used, cost]


def _write_time(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
