"""What went wrong with the bytes, said in one sentence: the errors of S3 and of the system become ours."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import aiohttp
from botocore import exceptions as botocore_errors  # type: ignore[import-untyped]  # botocore ships no types

from dix.errors import BadValue, BucketMissing, Conflict, DixError, NotFound, StoreDenied, StoreError, StoreUnreachable

Cause = TypeVar("Cause", bound=BaseException)

# What the libraries below us raise.
FOREIGN_ERRORS = (
    OSError,
    UnicodeError,
    aiohttp.ClientError,
    botocore_errors.BotoCoreError,
    botocore_errors.ClientError,
)

# Codes of S3 answers. A HEAD has no body, so its code is only the number.
_DENIED = frozenset({"403", "AccessDenied", "AuthorizationHeaderMalformed", "ExpiredToken", "Forbidden"}) | frozenset(
    {"InvalidAccessKeyId", "InvalidToken", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "TokenRefreshRequired"}
)
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_BUSY = frozenset({"500", "502", "503", "504", "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown"})
_CHANGED = frozenset({"412", "PreconditionFailed"})
_REPLACED = "it was replaced while it was read; read it again"

_NO_CREDENTIALS = (
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.CredentialRetrievalError,
)
_NO_ANSWER = (
    botocore_errors.ConnectionError,
    botocore_errors.HTTPClientError,
    botocore_errors.IncompleteReadError,
    aiohttp.ClientError,
    TimeoutError,
    ConnectionError,
)
_FULL = "the disk is full; make room, or choose another store"
_FORBIDDEN = "this account may not read or write it; check the permissions of the folder"
_SYSTEM: dict[int | None, str] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: "it can only be read; choose another store",
}
_NAME_RULE = "1 to 255 bytes in each part of a name, 1024 in all"


@contextmanager
def explaining(uri: str) -> Iterator[None]:
    """Turn what fsspec, botocore and the system raise inside into errors of DI-X that name `uri`."""
    try:
        yield
    except FOREIGN_ERRORS as error:
        raise translate(uri, error) from error


def find_code(error: BaseException) -> str | None:
    """The code that an S3 server answered with (`NoSuchKey`, `412`), where an error comes from one."""
    answer = _find_cause(error, botocore_errors.ClientError)
    return None if answer is None else str(answer.response.get("Error", {}).get("Code", ""))


def translate(uri: str, error: BaseException) -> DixError:
    """Our error for one of theirs; s3fs translates once itself, so the cause it keeps is looked at first."""
    answer = _find_cause(error, botocore_errors.ClientError)
    if answer is not None:
        return _translate_answer(uri, answer)
    if _find_cause(error, _NO_CREDENTIALS) is not None:
        return StoreDenied(uri, "no credentials were given")
    silence = _find_cause(error, _NO_ANSWER)
    if silence is not None and not isinstance(error, FileNotFoundError):
        return StoreUnreachable(uri, _say_silence(silence))
    if isinstance(error, UnicodeError):
        return BadValue("uri", "a name that can be written in UTF-8", uri)
    return _translate_system(uri, error)


def _translate_answer(uri: str, error: botocore_errors.ClientError) -> DixError:
    facts = error.response.get("Error", {})
    code, message = str(facts.get("Code", "")), str(facts.get("Message", "")).rstrip(".")
    if code in _DENIED:
        return StoreDenied(uri, code if message in {"", code} else f"{code}: {message}")
    if code == "NoSuchBucket":
        return BucketMissing(uri, uri.removeprefix("s3://").split("/", 1)[0])
    if code in _ABSENT:
        return NotFound("data", uri)
    if code in {"KeyTooLongError", "InvalidURI"}:
        return BadValue("uri", _NAME_RULE, uri)
    if code in _BUSY:
        return StoreUnreachable(uri, f"it says {code}")
    return StoreError(uri, _REPLACED if code in _CHANGED else f"{code}: {message}")


def _say_silence(error: BaseException) -> str:
    if isinstance(error, botocore_errors.ReadTimeoutError | TimeoutError):
        return "no answer in time"
    if isinstance(error, botocore_errors.ConnectTimeoutError):
        return "no connection in time"
    if isinstance(error, botocore_errors.EndpointConnectionError):
        return "no connection"
    return "the connection broke"


def _translate_system(uri: str, error: BaseException) -> DixError:
    number = error.errno if isinstance(error, OSError) else None
    match number:
        case errno.ENOENT:
            return NotFound("data", uri)
        case errno.EISDIR:
            return Conflict("data", uri, "a folder", "used as a file")
        case errno.ENOTDIR | errno.EEXIST:
            return Conflict("data", uri, "below a file", "used")
        case errno.ENAMETOOLONG:
            return BadValue("uri", _NAME_RULE, uri)
        case _:
            return StoreError(uri, _SYSTEM.get(number) or str(error) or type(error).__name__)


def _find_cause(error: BaseException | None, kind: type[Cause] | tuple[type[Cause], ...]) -> Cause | None:
    while error is not None:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None
