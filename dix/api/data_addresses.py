"""Addresses straight at the store, for who moves large files: the bytes then do not go through this server.

Such an address is good for whoever has it, until it expires: a token that is revoked meanwhile does not end it.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from pydantic import Field

from dix.api.data import Uri, check_target
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Body, Moment
from dix.api.store_reach import StoreReachHere
from dix.records.moments import now

router = APIRouter(prefix="/api/v1/data", tags=["data"])

GOOD_FOR_S = 300


class AddressBody(Body):
    """What shall be sent where."""

    uri: str = Field(min_length=1, description="A path in the store, or s3://")


class AddressAnswer(Answer):
    """Where to send a plain GET, or PUT, without a token; null where the store has no such addresses."""

    url: str | None
    expires: Moment | None = Field(description="When it stops to be good; a transfer that has begun goes on")


@router.get("/download-address")
def sign_download(parts: PartsHere, reach: StoreReachHere, uri: Uri) -> AddressAnswer:
    """An address from which a file can be fetched directly."""
    reach.check_read(uri)
    return _show(parts.store.sign(uri, GOOD_FOR_S))


@router.post("/upload-address")
def sign_upload(body: AddressBody, parts: PartsHere, reach: StoreReachHere) -> AddressAnswer:
    """An address to which a file can be sent directly; it appears there whole."""
    return _show(parts.store.sign(check_target(parts, reach, body.uri), GOOD_FOR_S, for_writing=True))


def _show(url: str | None) -> AddressAnswer:
    return AddressAnswer(url=url, expires=None if url is None else now() + timedelta(seconds=GOOD_FOR_S))
