"""Lets pages of the dashboard read what the API answers, and those of no other site."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

# What a page sends and reads beside what every page may.
_SENT = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "Range")
_READ = ("Content-Disposition", "Content-Range", "ETag", "Location", "Retry-After")


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Answer preflights of these origins and no others; without cookies, which the API does not know.

    It must be the last one that is added: a preflight brings no token, so it has to be answered before the guard.
    """
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=list(_SENT),
        expose_headers=list(_READ),
        allow_credentials=False,
    )
