"""A secret: a value that steps are given by name and that nobody is shown again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from dix.errors import BadValue
from dix.records.tag import make_tag

LONGEST_VALUE = 65_536  # characters; a key file fits, a data set does not
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Secret:
    """What is known of one without its value; steps find the value in the variable of this name."""

    project: str
    name: str
    created: datetime
    updated: datetime
    updated_by: str

    @property
    def tag(self) -> str:
        """Another one for each value."""
        return make_tag(self.project, self.name, self.created, self.updated)


def check_secret_name(name: str) -> str:
    """The name itself; BadValue for what cannot name a variable."""
    if not _NAME.fullmatch(name):
        raise BadValue("secret", "a name of letters, digits and _ that begins with no digit, 63 at most", name)
    return name


def check_secret_value(value: str) -> str:
    """The value itself; BadValue, without the value in it, for one that no variable can hold."""
    if not value:
        raise BadValue("value", "a text", "nothing")
    if "\0" in value:
        raise BadValue("value", "a text without zero bytes", "one with a zero byte")
    if len(value) > LONGEST_VALUE:
        raise BadValue("value", f"at most {LONGEST_VALUE} characters", f"{len(value)} characters")
    return value
