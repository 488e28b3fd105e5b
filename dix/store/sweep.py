"""Clearing what commits that died have left in the staging area."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from dix.store.address import Address, read_address
from dix.store.commit import STAGE_NAME
from dix.store.places import list_staging
from dix.store.view import View


@dataclass(slots=True)
class _Leftover:
    """What lies under one name of the staging area; `touched` is when anything in it was last written."""

    touched: float = 0.0
    files: list[str] = field(default_factory=list)


def sweep_staging(view: View, older_than_s: float) -> int:
    """Clear what nothing has touched for that long, and return how many pieces there were.

    A stage that is still being written to is younger than that, so choose more than the longest pause of any writer.
    """
    before = time.time() - older_than_s
    staging = list_staging(view.root)
    leftovers: dict[str, _Leftover] = {}
    for item in view.medium.walk(staging.path):
        name = Address(staging.scheme, item.path).relative_to(staging).split("/", 1)[0]
        leftover = leftovers.setdefault(name, _Leftover())
        leftover.touched = max(leftover.touched, item.modified)
        leftover.files.append(item.path)
    stale = {name: leftover for name, leftover in leftovers.items() if leftover.touched < before}
    for name, leftover in stale.items():
        _clear(view, staging.join(name), leftover, before)
    return len(stale)


def _clear(view: View, place: Address, leftover: _Leftover, before: float) -> None:
    if leftover.files == [place.path]:
        view.medium.remove([place.path])
        return
    note = view.medium.read_first([place.join(STAGE_NAME).path])
    if note is not None:
        target = read_address(json.loads(note[1])["target"], view.root)
        view.medium.tidy(place.path, target.path, before)
    view.medium.remove_folder(place.path)
