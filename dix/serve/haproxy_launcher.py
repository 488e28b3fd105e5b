"""Starts HAProxy with the configuration that Ray Serve wrote, cut down to what DI-X lets be open.

Ray Serve runs this in the place of the binary, as `haproxy_launcher.py BINARY -db -f CONFIG ...`, at the start and at
every reload. Its configuration opens a metrics and a statistics port on all interfaces without a token, lets every
account of the machine write to the admin socket and logs each request to the syslog port. It is run by path in an
isolated interpreter, so it imports nothing of DI-X.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)

# Sections that listen on all interfaces and know no token.
_CLOSED = (["frontend", "prometheus"], ["listen", "stats"])
# Nobody listens at the log target. Without the option, an old worker closes its idle connections after a reload (spread
# over close-spread-time) instead of sending their next request to a replica that may be gone by then.
_DROPPED = (["log"], ["option", "httplog"], ["option", "log-health-checks"], ["option", "idle-close-on-response"])

# Who asks is behind the front, which alone writes this header: what a client had put there is taken out before.
_ORIGIN = "\n    option forwardfor"
_FRONT = ["frontend", "http_frontend"]
_UNTOLD = "\n    http-request del-header x-forwarded-for"


def trim_config(text: str) -> str:
    """The configuration without its admin ports and logs, its socket for the owner alone; it tells who asks."""
    kept: list[str] = []
    is_open = True
    for written in text.splitlines():
        line, words = written, written.split()
        if line[:1].isalpha():
            is_open = words not in _CLOSED
        if words == ["defaults"]:
            line += _ORIGIN
        if words == _FRONT:
            line += _UNTOLD
        if is_open and not any(words[: len(dropped)] == dropped for dropped in _DROPPED):
            kept.append(line.replace(" mode 666 ", " mode 600 ") if words[:2] == ["stats", "socket"] else line)
    return "\n".join(kept) + "\n"


def main(arguments: list[str]) -> None:
    """Trim the file after `-f` in place and become HAProxy; ends with the process that started it."""
    binary, *options = arguments
    config = Path(options[options.index("-f") + 1])
    config.write_text(trim_config(config.read_text()))
    # Otherwise it outlives a killed Ray and keeps the port.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(binary, [binary, *options])  # noqa: S606 - the binary is named by haproxy.py


if __name__ == "__main__":
    main(sys.argv[1:])
