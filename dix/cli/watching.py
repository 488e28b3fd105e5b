"""Waits for runs, and shows them meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dix.cli.runs import print_run
from dix.cli.screen import say
from dix.client.progress import open_view
from dix.client.wire import join
from dix.records.states import RunState

if TYPE_CHECKING:
    from dix.client.connection import Client
    from dix.client.run import ClientRun

INTERRUPTED = 130


def wait_for(client: Client, id: str, *, as_json: bool) -> int:
    """Stay until a run is over and print it; returns the exit code. Ctrl-C leaves the run alone."""
    try:
        run = follow(client, id)
    except KeyboardInterrupt:
        say(f"run {id} goes on: `dix runs logs --follow {id}` follows it, `dix runs cancel {id}` ends it")
        return INTERRUPTED
    print_run(client.wire.get(join("runs", id)), as_json=as_json)
    if run.state is RunState.SUCCEEDED:
        return 0
    say(f"dix: run {id} {run.state.value}" + (f": {run.error}" if run.error else ""))
    return 1


def follow(client: Client, id: str) -> ClientRun:
    """Show a run until it is over, and return it as it is then."""
    with open_view(progress=True) as view:
        for run in client.runs.watch(id):
            view.update(run)
    return run
