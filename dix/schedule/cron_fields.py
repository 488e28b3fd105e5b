"""One field of a cron line: `*`, numbers, names, ranges, lists and steps, read into the numbers that it allows."""

from __future__ import annotations

from dataclasses import dataclass, field

from dix.errors import BadValue
from dix.names import find_nearest

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True, slots=True)
class Field:
    """What one of the five may hold."""

    name: str
    least: int
    most: int
    names: dict[str, int] = field(default_factory=dict)

    def describe(self) -> str:
        """What may stand there, in a sentence."""
        names = f" or {next(iter(self.names))} to {list(self.names)[-1]}" if self.names else ""
        return f"{self.least} to {self.most}{names}, with - , / and * as in 1-5 or */2"


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    Field("weekday", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)


def read_field(field: Field, text: str) -> tuple[int, ...]:
    """The numbers that a field allows, in order; raises BadValue."""
    return tuple(sorted({number for part in text.split(",") for number in _read_part(field, part, text)}))


def _read_part(field: Field, part: str, whole: str) -> range:
    span, slash, step = part.partition("/")
    every = _read_step(field, step, whole) if slash else 1
    if span == "*":
        # The weekday 7 is 0 again, and would come out of step.
        return range(field.least, min(field.most, 6 if field.name == "weekday" else field.most) + 1, every)
    first, dash, last = span.partition("-")
    begin = _read_number(field, first, whole)
    if not dash:
        return range(begin, (field.most if slash else begin) + 1, every)
    end = _read_number(field, last, whole)
    if field.name == "weekday" and last.upper() == "SUN":
        end = 7
    if begin > end:
        raise _wrong(field, whole, f"{span} goes down; write it as two parts with a comma")
    return range(begin, end + 1, every)


def _read_step(field: Field, text: str, whole: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= field.most:
        raise _wrong(field, whole, f"a step is a number from 1 to {field.most}")
    return int(text[:9])


def _read_number(field: Field, text: str, whole: str) -> int:
    if text.upper() in field.names:
        return field.names[text.upper()]
    if not text.isascii() or not text.isdigit():
        near = find_nearest(text.upper()[:20], field.names)
        raise _wrong(field, whole, f"did you mean {near}?" if near else "")
    number = int(text[:9])
    if not field.least <= number <= field.most:
        raise _wrong(field, whole, "")
    return number


def _wrong(field: Field, whole: str, todo: str) -> BadValue:
    return BadValue(f"cron {field.name}", field.describe(), whole[:60], todo)
