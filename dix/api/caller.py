"""Who asks: what the guard has found out, for routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from dix.records.caller import Caller


async def _get_caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


CallerHere = Annotated[Caller, Depends(_get_caller)]
