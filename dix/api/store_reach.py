"""What a caller reaches in the store.

What DI-X keeps there follows what it belongs to: `dix/runs/<run>` the run, `dix/models/<model>` the model (but not what
is written down there of its versions), and `dix/code/<digest>` is seen by whoever can name it; the rest of `dix/` is
administrators'. `projects/<name>` is that project's members'. Everything else in the store is for whoever has a role in
any project: viewers read, users write. Outside of the store, only administrators reach by way of the API. Whoever may
run code is trusted with more: see the trust boundary in `dix status`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from dix.api.parts import Parts, PartsHere
from dix.api.reach import Reach, ReachHere
from dix.errors import BadValue, NotAllowed, NotFound
from dix.records.member import Role
from dix.store.places import RESERVED

PROJECTS = "projects"


class StoreReach:
    """One caller's."""

    def __init__(self, parts: Parts, reach: Reach) -> None:
        self._store = parts.store
        self._reach = reach
        self._runs: dict[str, bool] = {}  # whether a run is seen, of those asked for
        self._models: dict[str, bool] = {}

    def check_read(self, uri: str) -> None:
        """Raises NotFound for what is not seen, NotAllowed for what lies outside."""
        if self._reach.caller.is_administrator:
            return
        parts = self._split(uri)
        if parts is None:
            raise NotAllowed("reach what lies outside of the store (that takes an administrator)")
        if not self._sees(parts):
            raise NotFound("data", self._store.resolve(uri) if uri else self._store.url)

    def check_read_whole(self, uri: str) -> None:
        """The same for all that lies there, and NotAllowed where not all of it is one's own to see."""
        self.check_read(uri)
        if not self._reach.caller.is_administrator and self._split(uri) in ([], [PROJECTS]):
            raise NotAllowed("read the data of all projects at once (that takes an administrator)")

    def check_write(self, uri: str) -> None:
        """The same as `check_read`, and NotAllowed for what is seen and may not be changed.

        Raises BadValue, also for administrators, for what belongs to DI-X: nothing of it is written from outside.
        """
        if self._store.is_reserved(uri):
            raise BadValue("uri", f"a place outside of {RESERVED}/, which belongs to DI-X", uri)
        if self._reach.caller.is_administrator:
            return
        self.check_read(uri)
        match self._split(uri):
            case [top, project, *_] if top == PROJECTS:
                self._reach.need_role(Role.USER, project)
            case [top, *_] if top != PROJECTS and self._reach.caller.has_role_anywhere(Role.USER):
                pass
            case _:
                raise NotAllowed("write there (that takes the role user in a project)")

    def is_inside(self, uri: str) -> bool:
        """Whether it lies in the store."""
        return self._split(uri) is not None

    def sees(self, uri: str) -> bool:
        """Whether something that is in the store is seen; for what a list shall leave out."""
        if self._reach.caller.is_administrator:
            return True
        parts = self._split(uri)
        return parts is not None and self._sees(parts)

    def _split(self, uri: str) -> list[str] | None:
        """The parts of a path in the store; None for what is not in it."""
        root, place = self._store.url.rstrip("/"), self._store.resolve(uri) if uri else self._store.url
        if place == root:
            return []
        return place[len(root) + 1 :].split("/") if place.startswith(f"{root}/") else None

    def _sees(self, parts: list[str]) -> bool:
        match parts:
            case [top, "runs", run, *_] if top == RESERVED:
                return self._sees_run(run)
            case [top, "models", model, *below] if top == RESERVED:
                # In `versions` stands also what not everybody sees of a model's origin who sees the model.
                return below[:1] != ["versions"] and self._sees_model(model)
            case [top, "code", digest, *_] if top == RESERVED and digest:
                # Who can name it has seen it, or a flow that does.
                return self._reach.caller.has_role_anywhere(Role.VIEWER)
            case [top, *_] if top == RESERVED:
                return False
            case [top, project, *_] if top == PROJECTS:
                return self._reach.caller.sight.sees_project(project)
            case _:
                return self._reach.caller.has_role_anywhere(Role.VIEWER)

    def _sees_run(self, id: str) -> bool:
        if id not in self._runs:
            try:
                self._runs[id] = bool(self._reach.run(id))
            except NotFound:
                self._runs[id] = False
        return self._runs[id]

    def _sees_model(self, name: str) -> bool:
        if name not in self._models:
            self._models[name] = self._reach.find_model(name) is not None
        return self._models[name]


async def _get_store_reach(parts: PartsHere, reach: ReachHere) -> StoreReach:
    return StoreReach(parts, reach)


StoreReachHere = Annotated[StoreReach, Depends(_get_store_reach)]
