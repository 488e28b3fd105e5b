"""Bringing a file or folder to this machine, as one commit left it."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dix.errors import BadValue, ChecksumMismatch, NotFound
from dix.store.address import Address
from dix.store.digest import hash_file
from dix.store.disk import walk_files
from dix.store.failures import explaining
from dix.store.places import BESIDE, make_token
from dix.store.view import View

_THREADS = 8
# How often a folder is fetched again because somebody committed it anew meanwhile.
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One file on its way: from where, to which path in the local folder, with which digest (None: nobody knows)."""

    source: Address
    path: str
    sha256: str | None


def fetch(view: View, address: Address, local: Path) -> Path:
    """Copy what lies at an address to the path `local`."""
    with explaining(f"file://{local}"):
        local.parent.mkdir(parents=True, exist_ok=True)
        draft = local.parent / f"{BESIDE}{make_token()}"
        try:
            is_folder = _download(view, address, draft)
            _put_in_place(draft, local, is_folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return local


def _download(view: View, address: Address, draft: Path) -> bool:
    """Fetch until what came is what one commit left; whether it is a folder."""
    for attempt in range(_ATTEMPTS):
        parcels, is_folder = _list_parcels(view, address)
        try:
            _fetch_all(view, parcels, draft)
            return is_folder
        except (NotFound, ChecksumMismatch):
            # Either somebody committed the folder anew, or it is damaged: the same list again means the latter.
            shutil.rmtree(draft, ignore_errors=True)
            if attempt == _ATTEMPTS - 1 or _list_parcels(view, address)[0] == parcels:
                raise
    raise NotFound("data", str(address))


def _list_parcels(view: View, address: Address) -> tuple[list[_Parcel], bool]:
    """What is to be fetched; for a single file, one parcel whose path is its name."""
    owner = view.find_owner(address)
    if owner is None:
        files = view.list_files(address)
        parcels = [
            _Parcel(Address(address.scheme, file.uri[len(address.scheme) + 3 :]), file.path, None) for file in files
        ]
        return parcels, not (len(files) == 1 and files[0].uri == str(address))
    entries = owner.get_entries(address)
    parcels = [
        _Parcel(owner.folder.join(entry.place), path or address.name, entry.sha256) for path, entry in entries.items()
    ]
    return parcels, "" not in entries


def _fetch_all(view: View, parcels: list[_Parcel], draft: Path) -> None:
    draft.mkdir(exist_ok=True)
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda parcel: _fetch_one(view, parcel, draft), parcels))


def _fetch_one(view: View, parcel: _Parcel, draft: Path) -> None:
    local = draft / parcel.path
    local.parent.mkdir(parents=True, exist_ok=True)
    view.medium.download(parcel.source.path, local)
    if parcel.sha256 is not None and (got := hash_file(local)) != parcel.sha256:
        raise ChecksumMismatch(str(parcel.source), parcel.sha256, got)


def _put_in_place(draft: Path, local: Path, is_folder: bool) -> None:  # noqa: FBT001 - says what the draft is
    if not is_folder:
        if local.is_dir():
            raise BadValue("local path", "the path of a file", str(local), "name the file in it")
        next(draft.iterdir()).replace(local)
    elif local.is_file():
        raise BadValue("local path", "the path of a folder, or of nothing yet", str(local))
    elif local.is_dir():
        for path, _ in walk_files(str(draft)):
            target = local / Path(path).relative_to(draft)
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(path).replace(target)
    else:
        draft.rename(local)
