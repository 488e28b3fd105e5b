"""Every error DI-X raises on purpose; each says what was expected, what came and what to do.

DixError
├── WrongUse                  the caller asked for something that cannot be
│   ├── BadDocument           a flow document with problems, all of them at once
│   ├── BadValue              one argument, field or option is wrong
│   ├── NotFound              nothing of that kind has that name
│   ├── AlreadyExists         something of that kind has that name
│   ├── Conflict              it is not in a state in which this can be done
│   ├── Changed               somebody else has changed it since it was read
│   ├── NotAuthenticated      no token, or one that is not ours
│   ├── NotAllowed            known, but without the right to do this
│   ├── WrongPassword         a name and a password, or a code, that do not open the door
│   ├── SignInRefused         whom a provider sent is not let in
│   ├── TooOften              it was tried too often; waiting helps
│   └── NotYet                planned, and not there yet
├── BadData                   data that cannot be used; names the file or the column
│   └── DataMissing           nothing lies there, or not yet
├── BadModel                  a model folder that cannot be loaded
├── EndpointFailed            the replicas of an endpoint do not start
├── StepFailed                the user's code failed; carries its traceback as text
├── PlatformError             DI-X or what it stands on failed; repeating may help
│   ├── StoreError            the object store
│   │   ├── StoreUnreachable  it does not answer
│   │   ├── StoreDenied       it refuses the credentials
│   │   ├── BucketMissing     the bucket (or the folder that holds the store) is not there
│   │   └── ChecksumMismatch  what came back is not what was written
│   ├── CatalogError          the catalog
│   ├── WorkerLost            the process or machine that ran a step is gone
│   ├── ProviderFailed        where people sign in, by OpenID Connect, answered what cannot be used
│   │   └── ProviderUnreachable  it does not answer
│   └── Unreachable           the server, or an actor, does not answer
└── RunEnded                  a run that was waited for ended failed or cancelled

The arguments of a class go unchanged to `Exception`, so every error survives pickling; the sentence is made in
`__str__`. `facts()` gives the arguments by name, for programs and for other languages.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a flow document.

    `node` and `field` say where (None: the document as a whole), `rule` is a stable word for programs, `message` a
    sentence for a person, `nearest` the nearest valid value where that helps.
    """

    node: str | None
    field: str | None
    rule: str
    message: str
    nearest: str | None = None

    def __str__(self) -> str:
        where = ".".join(part for part in (self.node, self.field) if part)
        hint = f" (did you mean {self.nearest!r}?)" if self.nearest else ""
        return f"{where}: {self.message}{hint}" if where else f"{self.message}{hint}"


class DixError(Exception):
    """The base of all: `NAMES` are the names of the arguments, in order."""

    NAMES: ClassVar[tuple[str, ...]] = ("message",)

    def facts(self) -> dict[str, Any]:
        """The arguments by name."""
        return dict(zip(self.NAMES, self.args, strict=False))

    def fact(self, name: str) -> Any:
        """One argument by name; None when it was not given."""
        return self.facts().get(name)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else type(self).__name__


class WrongUse(DixError):
    """The caller asked for something that cannot be."""


class BadDocument(WrongUse):
    """A flow document with problems: `BadDocument(problems)`, a tuple of `Problem`."""

    NAMES: ClassVar[tuple[str, ...]] = ("problems",)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, in the order of the document."""
        return tuple(self.args[0])

    def facts(self) -> dict[str, Any]:
        return {"problems": [asdict(problem) for problem in self.problems]}

    def __str__(self) -> str:
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        return f"the flow document has {head}: " + "; ".join(str(problem) for problem in self.problems[:5])


class BadValue(WrongUse):
    """One argument is wrong: `BadValue(field, expected, got, todo="")`."""

    NAMES: ClassVar[tuple[str, ...]] = ("field", "expected", "got", "todo")

    def __str__(self) -> str:
        field, expected, got, *rest = self.args
        todo = f"; {rest[0]}" if rest and rest[0] else ""
        return f"{field}: expected {expected}, got {got!r}{todo}"


class NotFound(WrongUse):
    """Nothing of that kind has that name: `NotFound(kind, name, nearest=None)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("kind", "name", "nearest")

    def __str__(self) -> str:
        kind, name, *rest = self.args
        hint = f"; did you mean {rest[0]}?" if rest and rest[0] else ""
        return f"no {kind} {name}{hint}"


class AlreadyExists(WrongUse):
    """Something of that kind has that name: `AlreadyExists(kind, name)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("kind", "name")

    def __str__(self) -> str:
        return f"there is already a {self.args[0]} {self.args[1]}; choose another name"


class Conflict(WrongUse):
    """It is not in a state in which this can be done: `Conflict(kind, name, state, wanted)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("kind", "name", "state", "wanted")

    def __str__(self) -> str:
        kind, name, state, wanted = self.args
        return f"{kind} {name} is {state}, so it cannot be {wanted}"


class Changed(WrongUse):
    """It is not what the caller has read: `Changed(kind, name, by, at, tag)`.

    All three are None when it is not there; who changed it when may not be known.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("kind", "name", "by", "at", "tag")

    def __str__(self) -> str:
        kind, name, by, at, tag = self.args
        if tag is None:
            return f"{kind} {name} is not there, or not any more; read it again before you change it"
        known = "" if by is None else f" was changed by {by} at {at} and"
        return f"{kind} {name}{known} is not what you have read; read it again, then change it"


class NotAuthenticated(WrongUse):
    """No token, or one that is not ours: `NotAuthenticated(address)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("address",)

    def __str__(self) -> str:
        return (
            f"{self.args[0]} wants a token it knows; sign in with `dix login`, set DIX_TOKEN, or run on the machine "
            "and with the DIX_HOME that `dix up` was run with"
        )


class NotAllowed(WrongUse):
    """Known, but without the right: `NotAllowed(what)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("what",)

    def __str__(self) -> str:
        return f"you may not {self.args[0]}; ask an administrator of the project"


class WrongPassword(WrongUse):
    """They do not open the door: `WrongPassword(what)`, a name and password, or a code."""

    NAMES: ClassVar[tuple[str, ...]] = ("what",)

    def __str__(self) -> str:
        return f"this {self.args[0]} cannot be signed in with; an administrator gives out a new one"


class SignInRefused(WrongUse):
    """Whom a provider sent is not let in: `SignInRefused(why, todo)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("why", "todo")

    def __str__(self) -> str:
        return f"{self.args[0]}; {self.args[1]}"


class TooOften(WrongUse):
    """It was tried too often: `TooOften(what, wait_s)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("what", "wait_s")

    def __str__(self) -> str:
        return f"{self.args[0]} was tried too often; wait {self.args[1]} s, then try again"


class NotYet(WrongUse):
    """Planned and not there yet: `NotYet(what, instead="")`."""

    NAMES: ClassVar[tuple[str, ...]] = ("what", "instead")

    def __str__(self) -> str:
        instead = f"; {self.args[1]}" if len(self.args) > 1 and self.args[1] else ""
        return f"{self.args[0]} is not there yet{instead}"


class BadData(DixError):
    """Data that cannot be used: `BadData(uri, what, todo="")`; `what` names the file or column."""

    NAMES: ClassVar[tuple[str, ...]] = ("uri", "what", "todo")

    def __str__(self) -> str:
        uri, what, *rest = self.args
        todo = f"; {rest[0]}" if rest and rest[0] else ""
        return f"{uri}: {what}{todo}"


class DataMissing(BadData):
    """Nothing lies there, or not yet: `DataMissing(uri, what, todo="")`; a node with `wait` asks again."""


class BadModel(DixError):
    """A model folder that cannot be loaded: `BadModel(uri, what)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("uri", "what")

    def __str__(self) -> str:
        return f"the model at {self.args[0]} cannot be loaded: {self.args[1]}"


class EndpointFailed(DixError):
    """The replicas of an endpoint do not start: `EndpointFailed(name, model, cause, meanwhile="")`."""

    NAMES: ClassVar[tuple[str, ...]] = ("name", "model", "cause", "meanwhile")

    def __str__(self) -> str:
        name, model, cause, *rest = self.args
        meanwhile = f"; {rest[0]}" if rest and rest[0] else ""
        return f"endpoint {name} could not be started with {model}: {cause}{meanwhile}"


class StepFailed(DixError):
    """The user's code failed: `StepFailed(node, message, trace="", at=None)`, the traceback as text.

    `at` is when it said so, in seconds since 1970.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("node", "message", "trace", "at")

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.args[1]}"


class PlatformError(DixError):
    """DI-X or what it stands on failed; repeating may help."""


class StoreError(PlatformError):
    """The object store failed: `StoreError(url, what)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("url", "what")

    def __str__(self) -> str:
        return f"the store {self.args[0]} failed: {self.args[1]}"


class StoreUnreachable(StoreError):
    """The store does not answer: `StoreUnreachable(url, what)`."""

    def __str__(self) -> str:
        return f"the store {self.args[0]} does not answer ({self.args[1]}); check the endpoint and the network"


class StoreDenied(StoreError):
    """The store refuses the credentials: `StoreDenied(url, what)`."""

    def __str__(self) -> str:
        return (
            f"the store {self.args[0]} refuses the credentials ({self.args[1]}); check AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY"
        )


class BucketMissing(StoreError):
    """The bucket is not there: `BucketMissing(url, bucket)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("url", "bucket")

    def __str__(self) -> str:
        return f"the store {self.args[0]} has no bucket {self.args[1]}; create it, or correct DIX_STORE"


class ChecksumMismatch(StoreError):
    """What came back is not what was written: `ChecksumMismatch(uri, expected, got)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("uri", "expected", "got")

    def __str__(self) -> str:
        return f"{self.args[0]} is damaged: its checksum is {self.args[2]}, {self.args[1]} was written"


class CatalogError(PlatformError):
    """The catalog failed: `CatalogError(what)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("what",)

    def __str__(self) -> str:
        return f"the catalog failed: {self.args[0]}"


class WorkerLost(PlatformError):
    """The process or machine that ran a step is gone: `WorkerLost(node, what)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("node", "what")

    def __str__(self) -> str:
        return f"the worker of {self.args[0]} is gone: {self.args[1]}"


class ProviderFailed(PlatformError):
    """Where people sign in answered what cannot be used: `ProviderFailed(issuer, what)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("issuer", "what")

    def __str__(self) -> str:
        return f"nobody can be let in by {self.args[0]}: {self.args[1]}; try again, or tell an administrator"


class ProviderUnreachable(ProviderFailed):
    """Where people sign in does not answer: `ProviderUnreachable(issuer, what)`."""

    def __str__(self) -> str:
        return f"{self.args[0]} does not answer ({self.args[1]}); try again, or sign in with a name and a password"


class Unreachable(PlatformError):
    """The server, or an actor, does not answer: `Unreachable(address, what)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("address", "what")

    def __str__(self) -> str:
        return f"{self.args[0]} does not answer ({self.args[1]}); `dix status` says what runs, `dix up` starts it"


class RunEnded(DixError):
    """A run that was waited for ended badly: `RunEnded(run, state, error)`."""

    NAMES: ClassVar[tuple[str, ...]] = ("run", "state", "error")

    def __str__(self) -> str:
        why = f": {self.args[2]}" if self.args[2] else ""
        return f"run {self.args[0]} {self.args[1]}{why}"
