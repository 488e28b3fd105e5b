"""What a process has to know to open the store that another process works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """Small, frozen and picklable: it travels inside orders.

    `url` is `file:///folder` or `s3://bucket/prefix`. Credentials are not here: botocore takes them from the usual AWS
    variables of each process.
    """

    url: str
    s3_endpoint: str | None = None
    s3_addressing: Literal["path", "virtual"] = "path"
