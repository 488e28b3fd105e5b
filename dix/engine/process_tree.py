"""A process with everything that it has started: finds it, measures it, ends it. Reads /proc, so on Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Process:
    """One process; `started` is in the kernel's ticks and tells it from a later one with the same number."""

    pid: int
    parent: int
    group: int
    session: int
    started: int


def find_process(pid: int) -> Process | None:
    """A process that lives; one that has ended and has not been collected does not."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # Its name stands in brackets; it may have brackets and blanks in it, and is cut in the middle of a character.
    fields = text.rpartition(b")")[2].split()
    if fields[0] in {b"Z", b"X"}:
        return None
    parent, group, session = map(int, fields[1:4])
    return Process(pid, parent, group, session, int(fields[19]))


def list_processes() -> dict[int, Process]:
    """All that live now, by number."""
    found = (find_process(int(path.name)) for path in _PROC.iterdir() if path.name.isdigit())
    return {process.pid: process for process in found if process is not None}


def find_tree(root: int, started: int, processes: Mapping[int, Process]) -> list[Process]:
    """The root, what it has started, and what these have; also what is left of that when the root is gone.

    Those whose parents have ended are known by their group or session, which is the root's.
    """
    head = processes.get(root)
    if head is not None and head.started != started:  # another process has the number: then nothing is left
        return []
    # What is older than the root has its group's number from somebody before it.
    roots = {
        process.pid: process
        for process in processes.values()
        if root in {process.group, process.session} and process.started >= started
    }
    if head is not None:
        roots[root] = head
    return [*roots.values(), *_find_below([*roots, root], processes, roots)]


def end_tree(root: int, started: int, known: Iterable[Process] = ()) -> None:
    """Kill all of it. Each is stopped first, so that nothing can be started while the others are looked for.

    `known` are processes that were seen in the tree before, and have gone out of it meanwhile.
    """
    stopped: dict[int, Process] = {}
    while True:
        processes = list_processes()
        tree = find_tree(root, started, processes) + [one for one in known if _is_same(one, processes)]
        fresh = {process.pid: process for process in tree if process.pid not in stopped}
        if not fresh:
            break
        for pid in fresh:
            _signal(pid, signal.SIGSTOP)
        stopped |= fresh
    for pid in stopped:
        _signal(pid, signal.SIGKILL)


def adopt_orphans() -> None:
    """From now on, what a descendant of this process leaves behind becomes its own child."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children() -> None:
    """Kill what this process has started and what these have, and collect them; quick when there is nothing."""
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)  # says so when there are no children
        while left := _find_below([os.getpid()], list_processes()):
            for process in left:
                _signal(process.pid, signal.SIGKILL)
            os.waitpid(-1, 0)
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def measure_rss(pid: int) -> int:
    """Bytes that a process has in memory now, pages that are shared with others as well; 0 when it is gone."""
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def measure_pss(pid: int) -> int:
    """Bytes of memory, pages that are shared counted in parts; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _find_below(pids: Iterable[int], processes: Mapping[int, Process], known: Iterable[int] = ()) -> list[Process]:
    """All that descend from these, as far as parents live, without those that are known already."""
    children: dict[int, list[Process]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process)
    found: dict[int, Process] = {}
    heap, seen = list(pids), set(known)
    while heap:
        for child in children.get(heap.pop(), ()):
            if child.pid not in seen:
                seen.add(child.pid)
                found[child.pid] = child
                heap.append(child.pid)
    return list(found.values())


def _is_same(process: Process, processes: Mapping[int, Process]) -> bool:
    found = processes.get(process.pid)
    return found is not None and found.started == process.started


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it is gone, or has become somebody else's
        os.kill(pid, number)
