"""The registry: from a trained folder to a numbered version, from a reference to a folder that can be loaded.

It stands between the catalog, which numbers versions, and the store, which keeps their bytes. It may be used from any
process and thread, as far as the catalog it was given may.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dix.catalog.base import Models
from dix.errors import StoreError
from dix.logs import get_logger
from dix.names import read_model
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.sight import EVERYTHING, Sight
from dix.records.user import FIRST_USER
from dix.registry.archive import Archive
from dix.registry.artifact import draft_model
from dix.registry.cache import default_cache, fetch_model
from dix.registry.importing import Import, trace_import, unpack_archive
from dix.registry.ledger import list_versions, write_deleted, write_version
from dix.store.store import Store


class Registry:
    """`cache` is where models from a distant store are kept on this machine."""

    def __init__(self, models: Models, store: Store, cache: Path | None = None) -> None:
        self._models = models
        self._store = store
        self._cache = cache or default_cache()

    def draft(self, folder: Path, model: str, lineage: Mapping[str, Any]) -> ModelDraft:
        """Commit a model folder to the store; see `artifact.draft_model`."""
        return draft_model(self._store, folder, model, lineage)

    def register(
        self,
        draft: ModelDraft,
        project: str,
        run: str | None = None,
        node: str | None = None,
        user: str = FIRST_USER,
    ) -> ModelVersion:
        """Give a draft the next number of its model. A draft that has one already keeps it.

        `user` is who brings it, where no run made it.
        """
        version = self._models.register_model(draft, project, run, node, user)
        self.write_version_manifest(version)
        return version

    def write_version_manifest(self, version: ModelVersion) -> None:
        """Let the store remember a version that the catalog has numbered; see `ledger.write_version`."""
        write_version(self._store, version)

    def list_version_manifests(self) -> list[ModelVersion]:
        """Every version that the store remembers, for a catalog that was lost."""
        return list_versions(self._store)

    def archive(self, version: ModelVersion) -> Archive:
        """A version as one file; see `archive.Archive`."""
        return Archive(self._store, version)

    def import_archive(self, path: Path, wanted: Import, check: Callable[[Path, str], None]) -> ModelVersion:
        """Register what is in an archive of this machine as the next version of a model.

        `check` is asked whether that folder may come from elsewhere, and become a version of that model. Raises what it
        raises, and what `importing.unpack_archive` raises; then nothing is left of it.
        """
        with tempfile.TemporaryDirectory(prefix="dix-import-") as place:
            folder = Path(place)
            head = unpack_archive(path, folder)
            model = wanted.model or head.model
            check(folder, model)
            draft = self.draft(folder, model, trace_import(head, wanted.user))
        return self.register(draft, wanted.project, user=wanted.user)

    def delete(self, model: str, version: int | None = None, sight: Sight = EVERYTHING) -> tuple[ModelVersion, ...]:
        """Delete one version, or all of a model, and then their files; see `Models.delete_model` for what it raises.

        Files that cannot be removed now are left to `erase_deleted`.
        """
        deleted = self._models.delete_model(model, version, sight)
        for one in deleted:
            self._erase(one)
        return deleted

    def erase_deleted(self) -> int:
        """Remove the files of versions that were deleted while the store did not answer; how many versions that is."""
        return sum(self._erase(one) for one in self._models.list_unerased())

    def resolve(self, reference: str) -> ModelVersion:
        """The version that `models:/digits/3` or `models:/digits@champion` names, the latest for `models:/digits`
        and `digits`.

        Raises BadValue for what is no reference, NotFound with the nearest model, version or alias.
        """
        wanted = read_model(reference)
        return self._models.get_model(wanted.model, wanted.version, wanted.alias)

    def fetch(self, version: ModelVersion) -> Path:
        """A local folder with the files of a version, checked against its manifest; see `cache.fetch_model`."""
        return fetch_model(self._store, version, self._cache)

    def _erase(self, version: ModelVersion) -> bool:
        """Whether it could be done. What lies outside of the platform's own folder is not ours to remove."""
        try:
            write_deleted(self._store, version)
            if self._store.is_reserved(version.uri) and self._store.exists(version.uri):
                self._store.delete(version.uri)
        except StoreError as error:
            get_logger("registry").warning("the files of %s are removed later: %s", version.reference, error)
            return False
        self._models.note_erased(version.model, version.version)
        return True
