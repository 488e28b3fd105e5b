"""Say in a sentence what pyarrow says in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from dix.errors import BadData


@contextmanager
def name_file(uri: str, format: str) -> Iterator[None]:
    """Turn pyarrow's complaint about a file's content into BadData that names the file."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError) as error:
        raise BadData(uri, f"the file cannot be read as {format} ({_shorten(error)})") from error
    except OSError as error:
        # pyarrow reports damaged content as an OSError without a number; those of the system have one.
        if error.errno is not None:
            raise
        raise BadData(uri, f"the file cannot be read as {format} ({_shorten(error)})") from error


def _shorten(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
