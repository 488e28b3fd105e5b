"""Swapping two names of a file system in one step (Linux, renameat2 with RENAME_EXCHANGE)."""

from __future__ import annotations

import ctypes
import errno
import os

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
# The kernel, or the file system (NFS, some FUSE), does not know it.
_UNKNOWN = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM})


def exchange(first: str, second: str) -> bool:
    """Swap what two paths name, atomically; False, with nothing changed, where the system cannot.

    Raises OSError, FileNotFoundError when one of them is not there.
    """
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), second)
