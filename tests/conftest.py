"""What all tests share: the servers they may start, and that nothing is skipped unseen."""

from __future__ import annotations

import os

import pytest

pytest_plugins = ["tests.fixtures_ray", "tests.fixtures_s3"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI a skipped test is a failure: there, everything that a test needs is installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if skipped and os.environ.get("CI"):
        for report in skipped:
            reporter.write_line(f"skipped on CI: {report.nodeid}: {report.longrepr}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
