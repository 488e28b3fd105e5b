"""The command `dix`: puts its parts together, and turns errors into one sentence and an exit code.

Exit codes: 0 it worked or was accepted; 1 the thing failed (a run that was waited for, the server, the platform);
2 wrong use, a bad document, not found, not allowed; 130 interrupted with Ctrl-C, which ends no run.
"""

from __future__ import annotations

import os
import sys

import typer

from dix.cli import (
    aliases,
    archives,
    attempts,
    audit,
    backfills,
    boot,
    care,
    comparison,
    concurrency,
    data,
    endpoints,
    events,
    flows,
    login,
    members,
    models,
    predictions,
    projects,
    run,
    runs,
    schedules,
    scripts,
    secrets,
    sharing,
    sweep_views,
    sweeps,
    tokens,
    usage,
    users,
)
from dix.cli.later import make_group
from dix.cli.screen import say, show
from dix.errors import BadData, BadDocument, BadModel, DixError, PlatformError, WrongUse

FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
MOST_PROBLEMS = 50

app = make_group("dix", "DI-X: draw a flow, press Run, get a model that is versioned, shared and answering requests.")
boot.add_to(app)
care.add_to(app)
app.add_typer(data.app)
concurrency.add_to(flows.app)
app.add_typer(flows.app)
app.add_typer(concurrency.pools)
run.add_to(app)
attempts.add_to(runs.app)
comparison.add_to(runs.app)
events.add_to(runs.app)
app.add_typer(runs.app)
sweep_views.add_to(sweeps.app)
app.add_typer(sweeps.app)
app.add_typer(schedules.app)
app.add_typer(backfills.app)
aliases.add_to(models.app)
archives.add_to(models.app)
sharing.add_to(models.app)
app.add_typer(models.app)
members.add_to(projects.app)
app.add_typer(projects.app)
predictions.add_to(app)
app.add_typer(endpoints.app)
usage.add_to(app)
app.add_typer(scripts.app)
app.add_typer(secrets.app)
app.add_typer(audit.app)
login.add_to(app)
app.add_typer(users.app)
app.add_typer(tokens.app)


def main() -> None:
    """The entry point: run the command of this process, and end it with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command; returns its exit code, and has said on standard error what went wrong."""
    as_json = "--json" in arguments
    try:
        return _invoke(arguments)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except typer.TyperException as error:
        # A group without a command has printed its help, and has nothing to add.
        return fail(WrongUse(_write_usage(error)), as_json=as_json) if error.format_message() else WRONG_USE
    except BrokenPipeError:
        # Who read our output has seen enough (`| head`); Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except DixError as error:
        return fail(error, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the door: a person gets a sentence, never a traceback
        return fail(PlatformError(_write_surprise(error)), as_json=as_json, cause=error)


def _invoke(arguments: list[str]) -> int:
    try:
        code = app(args=arguments, prog_name="dix", standalone_mode=False)
    except SystemExit as done:  # how completion ends
        code = done.code
    return code if isinstance(code, int) else 0


def fail(error: DixError, *, as_json: bool, cause: Exception | None = None) -> int:
    """Say what went wrong; returns the exit code."""
    if as_json:
        from dix.api.errors import find_status
        from dix.records.failure import to_problem

        show(to_problem(error) | {"status": find_status(error)})
    say(_write_sentence(error))
    if _wants_traceback():
        import traceback

        traceback.print_exception(cause or error)
    return WRONG_USE if isinstance(error, WrongUse | BadData | BadModel) else FAILED


def _write_sentence(error: DixError) -> str:
    """One sentence; under that of a bad document, a line for each problem."""
    if not isinstance(error, BadDocument):
        return f"dix: {error}"
    count = len(error.problems)
    lines = [f"  {problem}" for problem in error.problems[:MOST_PROBLEMS]]
    if count > MOST_PROBLEMS:
        lines.append(f"  and {count - MOST_PROBLEMS} more; --json has them all")
    return "\n".join([f"dix: the flow document has {count} problem{'' if count == 1 else 's'}:", *lines])


def _write_usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "dix"
    message = error.format_message().rstrip(".").replace("Input should be", "expected")
    return f"{message}; `{where} --help` says how it is used"


def _write_surprise(error: Exception) -> str:
    return f"something nobody foresaw: {type(error).__name__}: {error} (DIX_LOG_LEVEL=debug shows where)"


def _wants_traceback() -> bool:
    from dix.settings import read_settings

    try:
        return read_settings().log_level == "debug"
    except DixError:
        return False
