"""Trained models, as the client sees them.

Its asynchronous twin. Made from dix/client/models.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dix.client.aio.archives import AsyncArchives
from dix.client.aio.wire import AsyncWire
from dix.client.model import ClientModel, read_model
from dix.client.models import _PAGE, _TRIES, _read_alias
from dix.client.reading import read_page, read_record
from dix.client.tags import IfMatch
from dix.client.wire import join
from dix.errors import BadValue, Changed, Conflict
from dix.records.alias import Alias, AliasMove
from dix.records.lineage import Lineage
from dix.records.page import Page
from dix.records.share import Sharing, Visibility


class AsyncModels:
    """`client.models`: which models there are, and what is known of each version."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire
        self._archives = AsyncArchives(wire)

    async def list(
        self,
        limit: int = 50,
        cursor: str | None = None,
        project: str | None = None,
        *,
        mine: bool = False,
        shared: bool = False,
    ) -> Page[ClientModel]:
        """The latest version of every model.

        With `mine`, of those that you have collected or made a version of; with `shared`, of those of others that are
        shared with you.
        """
        asked = {"project": project, "mine": mine or None, "shared": shared or None}
        return read_page(await self._wire.get(join("models"), limit=limit, cursor=cursor, **asked), read_model)

    async def all(self, **wanted: Any) -> AsyncIterator[ClientModel]:
        """Every model that is wanted, page by page as it is asked for; see `list`."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=_PAGE, cursor=cursor, **wanted)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def get(self, name: str, version: int | None = None) -> ClientModel:
        """One version, the latest by default."""
        path = join("models", name) if version is None else join("models", name, "versions", version)
        return read_model(await self._wire.get(path))

    async def versions(self, name: str) -> tuple[ClientModel, ...]:
        """All versions of a model, newest first."""
        return read_page(await self._wire.get(join("models", name, "versions")), read_model).items

    async def favorite(self, name: str) -> None:
        """Collect a model into your own."""
        await self._wire.put_json(join("models", name, "favorite"), {})

    async def unfavorite(self, name: str) -> None:
        """Collect it no more."""
        await self._wire.delete(join("models", name, "favorite"))

    async def shares(self, name: str) -> Sharing:
        """Whose eyes a model is for; to be seen by its project."""
        return read_record(Sharing, await self._wire.get(join("models", name, "shares")))

    async def share(
        self,
        name: str,
        *,
        users: Iterable[str] = (),
        projects: Iterable[str] = (),
        everyone: bool = False,
        private: bool = False,
    ) -> Sharing:
        """Let more see and use a model: colleagues and projects by name, or everyone.

        With `private` it is hidden from its own project, and left to its owner and whom it is shared with by name.
        """
        if everyone and private:
            raise BadValue("private", "either everyone or private", "both")
        more, others = tuple(users), tuple(projects)

        def widen(before: Sharing) -> Sharing:
            wider = Visibility.EVERYONE if everyone else Visibility.PRIVATE if private else before.visibility
            named = {*before.users, *more}, {*before.projects, *others}
            return replace(before, visibility=wider, users=tuple(sorted(named[0])), projects=tuple(sorted(named[1])))

        return await self._change_shares(name, widen)

    async def unshare(
        self,
        name: str,
        *,
        users: Iterable[str] = (),
        projects: Iterable[str] = (),
        everyone: bool = False,
        private: bool = False,
    ) -> Sharing:
        """Take back what `share` gave: with `everyone`, or `private`, it is for its project again."""
        fewer, others = tuple(users), tuple(projects)

        def narrow(before: Sharing) -> Sharing:
            ended = {Visibility.EVERYONE: everyone, Visibility.PRIVATE: private}.get(before.visibility, False)
            left = {*before.users} - {*fewer}, {*before.projects} - {*others}
            narrower = Visibility.PROJECT if ended else before.visibility
            return replace(before, visibility=narrower, users=tuple(sorted(left[0])), projects=tuple(sorted(left[1])))

        return await self._change_shares(name, narrow)

    async def _change_shares(self, name: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        """Of several changes at once each is made of what the one before has left."""
        for _try in range(_TRIES):
            before = await self.shares(name)
            wanted = change(before)
            body = {"visibility": wanted.visibility.value, "users": wanted.users, "projects": wanted.projects}
            try:
                kept = await self._wire.put_json(join("models", name, "shares"), body, if_match=before)
            except Changed:
                continue
            return read_record(Sharing, kept)
        raise Conflict("sharing of model", name, "being changed by many others at once", "changed now; try again")

    async def lineage(self, name: str, version: int | None = None) -> Lineage:
        """What a version (the latest by default) was made of, and what was made of it, as far as you may see it."""
        number = (await self.get(name)).version if version is None else version
        return read_record(Lineage, await self._wire.get(join("models", name, "versions", number, "lineage")))

    async def export(self, name: str, target: Path | str, version: int | None = None) -> Path:
        """Write a version (the latest by default) as one file that can be imported elsewhere, and return its path.

        `target` is that path, or a folder that is there. Where the connection breaks off, the transfer goes on.
        """
        found = await self.get(name, version)  # what is not there makes no folder, and is not tried again
        return await self._archives.export(name, found.version, Path(target))

    async def import_file(
        self, source: Path | str, name: str | None = None, *, project: str | None = None
    ) -> ClientModel:
        """Register what `export` wrote as the next version of a model (`name`, or as it was called), in a project.

        BadValue, BadModel or ChecksumMismatch for a file that is not what it says it is, or not harmless to load.
        """
        return await self._archives.import_file(Path(source), name, project)

    async def import_uri(self, uri: str, name: str | None = None, *, project: str | None = None) -> ClientModel:
        """The same with a file that lies in the store."""
        return await self._archives.import_uri(uri, name, project)

    async def allow(self, name: str, version: int, *, take_back: bool = False) -> ClientModel:
        """Let loading a version run the code that its script has left in it, or with `take_back` no more.

        NotAllowed unless you are the model's owner, or an administrator.
        """
        body = {"trusted": not take_back}
        return read_model(await self._wire.patch(join("models", name, "versions", version), body))

    async def delete(self, name: str, version: int | None = None) -> None:
        """Delete one version, or with None all of them, and their files; the numbers stay taken.

        Conflict while an alias, an endpoint or a run that is not over needs one.
        """
        await self._wire.delete(join("models", name) if version is None else join("models", name, "versions", version))

    async def aliases(self, name: str) -> tuple[Alias, ...]:
        """Every alias of a model, by name."""
        return read_page(await self._wire.get(join("models", name, "aliases")), _read_alias).items

    async def alias(self, name: str, alias: str) -> Alias:
        """Which version an alias names now."""
        return _read_alias(await self._wire.get(join("models", name, "aliases", alias)))

    async def set_alias(
        self, name: str, alias: str, version: int, *, if_version: int | None = None, if_match: IfMatch = None
    ) -> Alias:
        """Let an alias name a version from now on.

        With `if_version`, Conflict unless it names that version now (0: unless there is no such alias). With
        `if_match`, the alias as it was read or its tag, Changed when it was moved since.
        """
        body = {"version": version, "if_version": if_version}
        return _read_alias(await self._wire.put_json(join("models", name, "aliases", alias), body, if_match=if_match))

    async def delete_alias(
        self, name: str, alias: str, *, if_version: int | None = None, if_match: IfMatch = None
    ) -> None:
        """Let an alias name nothing; the versions stay."""
        await self._wire.delete(join("models", name, "aliases", alias), if_match=if_match, if_version=if_version)

    async def alias_moves(self, name: str, alias: str) -> tuple[AliasMove, ...]:
        """All that has become of an alias, newest first; also of one that is deleted."""
        page = await self._wire.get(join("models", name, "aliases", alias, "moves"))
        return read_page(page, lambda item: read_record(AliasMove, item)).items
