"""What DI-X says about itself: one line an entry on standard error, never configured on import."""

from __future__ import annotations

import logging

LOGGER_NAME = "dix"


def get_logger(room: str) -> logging.Logger:
    """The logger of a room: `dix.engine`."""
    return logging.getLogger(f"{LOGGER_NAME}.{room}")


def start_logging(level: str) -> None:
    """Send entries of at least `level` to standard error; called once, at a door."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger(LOGGER_NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False
