"""Starts the dashboard: one Streamlit process of its own, which alone can import `ui`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from dix.errors import BadValue, PlatformError
from dix.settings import Settings

LOG_NAME = "dashboard.log"
START_LIMIT_S = 60.0
LOOK_S = 0.1
TAIL_LINES = 5

# Everything that matters is said here, so that no configuration file of the user or of the folder changes it.
OPTIONS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
    "server.maxUploadSize": "500",
    "browser.gatherUsageStats": "false",
    # The welcome asks a server on the internet for this machine's address.
    "logger.hideWelcomeMessage": "true",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "global.developmentMode": "false",
    # Both, so that the page follows the choice of the system.
    "theme.light.primaryColor": "#2f5fd0",
    "theme.dark.primaryColor": "#7ea2f5",
}


def find_dashboard() -> Path:
    """The folder that holds `ui`: inside the installed package, else the top of the source tree."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_dashboard", package.parent):
        if (folder / "ui" / "app.py").is_file():
            return folder
    raise PlatformError(f"the dashboard's files are missing beside {package}; install dix again")


def start_dashboard(
    settings: Settings, host: str, port: int, folder_for_logs: Path, environment: dict[str, str]
) -> int:
    """Start the dashboard in a session of its own and return its process id once it answers.

    `environment` is the whole environment of the new process; where `ui` lies, the home and the address are added. Its
    log is `dashboard.log` in the folder. Raises BadValue when the port is taken, PlatformError when it does not start.
    """
    _check_port(host, port)
    folder_for_logs.mkdir(parents=True, exist_ok=True)
    log = folder_for_logs / LOG_NAME
    with log.open("ab") as output:
        began = output.tell()
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            make_command(find_dashboard(), host, port),
            env=make_environment(settings, environment),
            cwd=folder_for_logs,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait_until_it_answers(process, host, port, log, began)
    return process.pid


def make_command(folder: Path, host: str, port: int) -> list[str]:
    """The command line; `-P` keeps the current folder off the new process's path."""
    options = {**OPTIONS, "server.address": host, "server.port": str(port)}
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(folder / "ui" / "app.py")]
    return command + [f"--{name}={value}" for name, value in options.items()]


def make_environment(settings: Settings, environment: dict[str, str]) -> dict[str, str]:
    """The environment of the dashboard's process: `ui` can be imported, and it knows its installation."""
    path = [str(find_dashboard()), environment.get("PYTHONPATH", "")]
    more = {"DIX_HOME": str(settings.home), "PYTHONPATH": os.pathsep.join(part for part in path if part)}
    if settings.address is not None:
        more["DIX_ADDRESS"] = settings.address
    return {**environment, **more}


def _check_port(host: str, port: int) -> None:
    """Another server there might answer the question whether ours is up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = error.strerror or str(error)
            raise BadValue("DIX_UI_PORT", "a port that is free", port, f"{host}: {why}") from None


def _wait_until_it_answers(process: subprocess.Popen[bytes], host: str, port: int, log: Path, began: int) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while not _answers(host, port):
        if process.poll() is not None:
            raise PlatformError(f"the dashboard ended as it started: {_read_tail(log, began)} (whole log: {log})")
        if time.monotonic() > limit:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise PlatformError(f"the dashboard did not answer within {START_LIMIT_S:.0f} s; its log is {log}")
        time.sleep(LOOK_S)


def _answers(host: str, port: int) -> bool:
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to
    place = f"[{own}]" if ":" in own else own
    try:
        return httpx.get(f"http://{place}:{port}/_stcore/health", timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _read_tail(log: Path, began: int) -> str:
    text = log.read_bytes()[began:].decode(errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-TAIL_LINES:]) or "it said nothing"
