"""Which HTTP status each error has."""

from __future__ import annotations

from dix.errors import (
    AlreadyExists,
    BadData,
    BadDocument,
    BadModel,
    BadValue,
    BucketMissing,
    Changed,
    ChecksumMismatch,
    Conflict,
    DixError,
    EndpointFailed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotYet,
    ProviderFailed,
    ProviderUnreachable,
    SignInRefused,
    StoreDenied,
    StoreError,
    StoreUnreachable,
    TooOften,
    Unreachable,
    WorkerLost,
    WrongPassword,
    WrongUse,
)

STATUS: dict[type[DixError], int] = {
    WrongUse: 400,
    NotAuthenticated: 401,
    NotAllowed: 403,
    WrongPassword: 401,
    SignInRefused: 401,
    TooOften: 429,
    NotFound: 404,
    AlreadyExists: 409,
    Conflict: 409,
    Changed: 412,
    BadDocument: 422,
    BadValue: 422,
    BadData: 422,
    BadModel: 422,
    DixError: 500,
    NotYet: 501,
    StoreError: 502,
    StoreDenied: 502,
    BucketMissing: 502,
    ChecksumMismatch: 502,
    EndpointFailed: 502,
    ProviderFailed: 502,
    ProviderUnreachable: 503,
    StoreUnreachable: 503,
    WorkerLost: 503,
    Unreachable: 503,
}


def find_status(error: DixError) -> int:
    """The status of the error's class, or of the nearest class above it that has one."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
