"""The store: one folder of bytes, on a file system or on S3, behind one class."""

from __future__ import annotations


class Store:
    """Placeholder for the room's helper."""
