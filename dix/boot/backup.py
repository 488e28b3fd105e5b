"""`dix backup` and `dix restore`: the catalog as one file, taken while everything runs, put back while nothing does.

The file is a tar archive of `manifest.json` and `catalog.duckdb`; the store, tokens and logs are not in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from dix.api.health import find_version
from dix.boot.cluster import find_marked, join_environment, make_environment
from dix.boot.instance import Instance, catalog_file, find_instance, only_one
from dix.boot.snapshot import Wanted
from dix.catalog.direct import DirectCatalog
from dix.errors import AlreadyExists, BadValue, CatalogError, Conflict, NotFound, PlatformError
from dix.records.moments import now, to_text
from dix.settings import Settings, copy_environment

FORMAT = 1
MANIFEST, CATALOG = "manifest.json", "catalog.duckdb"
_SNAPSHOT_LIMIT_S = 600.0
_MANIFEST_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in a backup beside the catalog."""

    format: int
    dix: str
    created: str
    home: str
    store: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A backup that was made."""

    file: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """A catalog that was put back; `before` is where the one that was there lies now."""

    catalog: str
    before: str | None
    same_store: bool
    manifest: Manifest


def save(settings: Settings, target: Path) -> Saved:
    """Write a backup; AlreadyExists for a file that is there, NotFound where there is no catalog yet."""
    if target.exists():
        raise AlreadyExists("file", str(target))
    source = catalog_file(settings.home)
    if not source.exists():
        raise NotFound("catalog", str(source))
    half = target.with_name(f".{target.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.home) as folder:
        copy = Path(folder) / CATALOG
        store = _take_snapshot(settings, copy)
        manifest = Manifest(
            format=FORMAT,
            dix=find_version(),
            created=to_text(now()) or "",
            home=str(settings.home),
            store=store,
            sha256=_hash(copy),
            bytes=copy.stat().st_size,
        )
        try:
            with half.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                _pack(file, manifest, copy)
            half.replace(target)
        except OSError as error:
            raise BadValue("FILE", "a file that can be written", str(target), error.strerror or "") from None
        finally:
            half.unlink(missing_ok=True)
    return Saved(str(target), manifest)


def restore(settings: Settings, source: Path) -> Restored:
    """Put the catalog of a backup in the place of the one that is there, which is kept beside it.

    Raises Conflict while DI-X is up, BadValue for what is no backup or is damaged, CatalogError for one that a newer
    DI-X made. Nothing is changed then.
    """
    with only_one(settings):
        instance = find_instance(settings)
        if instance is not None and find_marked(instance.id):
            raise Conflict("DI-X", f"of {settings.home}", "up", "restored; run `dix down` first")
        with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.home) as folder:
            copy = Path(folder) / CATALOG
            manifest = _unpack(source, copy)
            DirectCatalog(copy).close()
            before = _put_aside(catalog_file(settings.home))
            copy.replace(catalog_file(settings.home))
    same_store = manifest.store == settings.store_url
    return Restored(str(catalog_file(settings.home)), str(before) if before else None, same_store, manifest)


def _take_snapshot(settings: Settings, copy: Path) -> str:
    """Copy the catalog as it is now, by its owner where that runs; returns the store that it belongs to."""
    instance = find_instance(settings)
    if instance is not None and find_marked(instance.id):
        _ask_owner(settings, instance, copy)
        return instance.store
    with only_one(settings):
        catalog = DirectCatalog(catalog_file(settings.home))
        try:
            catalog.save_snapshot(copy)
        finally:
            catalog.close()
    return settings.store_url


def _ask_owner(settings: Settings, instance: Instance, copy: Path) -> None:
    make = join_environment if instance.has_joined else make_environment
    done = subprocess.run(
        [sys.executable, "-m", "dix.boot.snapshot"],
        input=json.dumps(asdict(Wanted(instance.ray_address, str(copy)))).encode(),
        capture_output=True,
        env=make(settings, copy_environment(), instance.id),
        cwd=settings.home,
        timeout=_SNAPSHOT_LIMIT_S,
        check=False,
    )
    if done.returncode != 0 or not copy.exists():
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise CatalogError(f"its owner did not make a snapshot: {last[0] if last else 'no reason given'}")


def _pack(file: IO[bytes], manifest: Manifest, copy: Path) -> None:
    with tarfile.open(fileobj=file, mode="w") as archive:
        text = json.dumps(asdict(manifest), indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(text)
        archive.addfile(head, io.BytesIO(text))
        body = tarfile.TarInfo(CATALOG)
        body.size = manifest.bytes
        with copy.open("rb") as content:
            archive.addfile(body, content)


def _unpack(source: Path, copy: Path) -> Manifest:
    """The manifest, and the catalog beside; nothing else of the archive is looked at."""
    if not source.is_file():
        raise NotFound("file", str(source))
    try:
        with tarfile.open(source, mode="r:") as archive:
            manifest = _read_manifest(archive.extractfile(MANIFEST), source)
            content = archive.extractfile(CATALOG)
            if content is None:
                raise KeyError(CATALOG)
            with copy.open("wb") as file:
                shutil.copyfileobj(content, file, 1024 * 1024)
    except (tarfile.TarError, KeyError, ValueError, TypeError):
        raise BadValue("FILE", "a backup that `dix backup` made", str(source)) from None
    except OSError as error:
        raise PlatformError(f"{source} cannot be read: {error.strerror}") from None
    if _hash(copy) != manifest.sha256:
        raise BadValue("FILE", f"a catalog with the checksum {manifest.sha256[:12]}…", str(source), "it is damaged")
    return manifest


def _read_manifest(file: IO[bytes] | None, source: Path) -> Manifest:
    facts = json.loads(file.read(_MANIFEST_LIMIT)) if file is not None else {}
    if not isinstance(facts, dict):
        raise ValueError(MANIFEST)  # noqa: TRY004 what it says is not of a type that a caller gave
    if facts.get("format") != FORMAT:
        raise BadValue("FILE", f"a backup of format {FORMAT}", str(source), f"it has format {facts.get('format')!r}")
    return Manifest(**{name: facts[name] for name in Manifest.__dataclass_fields__})


def _put_aside(catalog: Path) -> Path | None:
    """Keep the catalog that is there, with what is in its log."""
    if not catalog.exists():
        return None
    aside = catalog.with_name(f"{catalog.name}.before-{now():%Y%m%dT%H%M%SZ}-{os.getpid()}")
    log = catalog.with_name(f"{catalog.name}.wal")
    catalog.replace(aside)
    if log.exists():
        log.replace(aside.with_name(f"{aside.name}.wal"))
    return aside


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
