"""Usage over HTTP: what was held and used, by whom, and what that costs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Body, ListAnswer, read_moment
from dix.api.tags import ExpectedHere, Tagged, set_tag
from dix.errors import BadValue
from dix.names import find_nearest
from dix.records.moments import now
from dix.records.prices import PriceBook
from dix.records.usage import UsageKey, UsageQuery, UsageRow

router = APIRouter(prefix="/api/v1/usage", tags=["usage"])

UNKNOWN_CARD = "unknown"
Price = Annotated[float | None, Field(default=None, ge=0, le=1e12, allow_inf_nan=False)]


class UsageAnswer(Answer):
    """One sum, in seconds; of day, project, user and flow those are null that it was not added up by."""

    day: date | None
    project: str | None
    user: str | None
    flow: str | None
    runs: int
    attempts: int
    running: int = Field(description="Attempts that go on; they count up to now")
    run_s: float = Field(description="In which attempts ran")
    cpu_s: float = Field(description="Cores that were held, times seconds")
    gpu_s: float = Field(description="Cards that were held, times seconds")
    gpu_s_by_type: dict[str, float]
    memory_gib_s: float = Field(description="GiB of memory that were held, times seconds")
    cpu_used_s: float = Field(description="CPU seconds that were measured of attempts that ended")
    peak_memory_bytes: int | None = Field(description="The most that one process had in memory")
    gpu_utilisation: float | None = Field(description="Share of the time in which the cards worked, where measured")
    cost: float | None = Field(description="Of what was held, at the prices of now; null without prices")
    currency: str | None


def _get_key(answer: UsageAnswer) -> str:
    """All that a sum was added up by: another one for each."""
    return "/".join(
        "" if value is None else str(value) for value in (answer.day, answer.project, answer.user, answer.flow)
    )


_NUMBERS = ("runs", "attempts", "running", "run_s", "cpu_s", "gpu_s", "memory_gib_s", "cpu_used_s", "cost")
_FIELDS: Fields = {
    "key": _get_key,
    **{name: attrgetter(name) for name in ("day", "project", "user", "flow", *_NUMBERS)},
}


class PricesBody(Body):
    """What an hour costs; what is left out costs nothing."""

    currency: str = Field(default="", max_length=40)
    cpu_hour: Price
    gpu_hour: Price = Field(description="Of a card of any type that `gpu_types` does not name")
    gib_hour: Price = Field(description="Of a GiB of memory")
    gpu_types: dict[str, Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]] = Field(default={})


class PricesAnswer(Answer):
    """The price book; null is what has no price."""

    currency: str
    cpu_hour: float | None
    gpu_hour: float | None
    gib_hour: float | None
    gpu_types: dict[str, float]


@router.get("")
def sum_usage(
    parts: PartsHere,
    caller: CallerHere,
    asked: AskedHere,
    *,
    by: Annotated[str, Query(description="Any of day, project, user and flow, with commas between")] = "",
    since: Annotated[str | None, Query(description="From this date or time on; UTC without an offset")] = None,
    until: Annotated[str | None, Query(description="Up to this date or time, without it")] = None,
    project: str | None = None,
    user: str | None = None,
    flow: str | None = None,
) -> ListAnswer[UsageAnswer]:
    """What attempts held and used; an attempt that ran over midnight (UTC) counts on both days.

    Whatever it is added up by, the sums come to the same. Without `by` there is one of all, or none of nothing.
    """
    first, last = _read_edge("since", since), _read_edge("until", until)
    if first is not None and last is not None and first >= last:
        raise BadValue("until", f"a moment after {since}", until)
    wanted = UsageQuery(_read_keys(by), first, last, project, user, flow, caller.sight)
    rows, book = parts.catalog.usage.sum_usage(wanted, now()), parts.catalog.usage.get_prices()
    page = make_page([_show(row, book) for row in rows], _FIELDS, asked)
    return ListAnswer(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/prices", dependencies=[Tagged])
def get_prices(parts: PartsHere, response: Response) -> PricesAnswer:
    """The price book."""
    book = parts.catalog.usage.get_prices()
    set_tag(response, book.tag)
    return _show_prices(book)


@router.put("/prices")
def put_prices(
    body: PricesBody, parts: PartsHere, caller: CallerHere, response: Response, expected: ExpectedHere
) -> PricesAnswer:
    """Replace the price book; costs are of what it says when they are asked for."""
    book = PriceBook(
        body.currency,
        _to_decimal(body.cpu_hour),
        _to_decimal(body.gpu_hour),
        _to_decimal(body.gib_hour),
        {kind: Decimal(str(price)) for kind, price in body.gpu_types.items()},
        now(),
        caller.user,
    )
    parts.catalog.usage.put_prices(book, expected)
    set_tag(response, book.tag)
    return _show_prices(book)


def _read_keys(text: str) -> tuple[UsageKey, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in set(UsageKey):
            expected = "any of day, project, user and flow, with commas between"
            nearest = find_nearest(word, set(UsageKey))
            raise BadValue("by", expected, word, f"did you mean {nearest}?" if nearest else "")
    return tuple(dict.fromkeys(UsageKey(word) for word in words))


def _read_edge(field: str, text: str | None) -> datetime | None:
    return None if text is None else read_moment(field, text)


def _show(row: UsageRow, book: PriceBook) -> UsageAnswer:
    return UsageAnswer(
        day=row.day,
        project=row.project,
        user=row.user,
        flow=row.flow,
        runs=row.runs,
        attempts=row.attempts,
        running=row.running,
        run_s=float(row.run_s),
        cpu_s=float(row.cpu_s),
        gpu_s=float(row.all_gpu_s),
        gpu_s_by_type={kind or UNKNOWN_CARD: float(seconds) for kind, seconds in row.gpu_s.items()},
        memory_gib_s=float(row.memory_byte_s / 2**30),
        cpu_used_s=float(row.cpu_used_s),
        peak_memory_bytes=row.peak_memory_bytes,
        gpu_utilisation=row.gpu_utilisation,
        cost=_to_number(book.find_cost(row)),
        currency=None if book.is_empty() else book.currency,
    )


def _show_prices(book: PriceBook) -> PricesAnswer:
    return PricesAnswer(
        currency=book.currency,
        cpu_hour=_to_number(book.cpu_hour),
        gpu_hour=_to_number(book.gpu_hour),
        gib_hour=_to_number(book.gib_hour),
        gpu_types={kind: float(price) for kind, price in book.gpu_types.items()},
    )


def _to_number(price: Decimal | Fraction | None) -> float | None:
    return None if price is None else float(price)


def _to_decimal(price: float | None) -> Decimal | None:
    return None if price is None else Decimal(str(price))
