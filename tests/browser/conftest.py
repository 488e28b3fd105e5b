"""One world, one dashboard and one browser for all tests; a fresh visit for each."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from dix.boot.dashboard import start_dashboard
from dix.settings import Settings
from tests.browser.world import World, make_world

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# On a deep link Streamlit's page asks for these below its own path first, to find out where the server's root is.
EXPECTED_404 = ("/_stcore/health", "/_stcore/host-config")
LIMIT_MS = 20_000


@dataclass
class Visit:
    """A page that is signed in, and everything that was wrong with it."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the dashboard."""
        self.page.goto(f"{self.base}{path}")
        return self.page

    def hear_console(self, message: ConsoleMessage) -> None:
        """Keep errors, all but the two that Streamlit makes on its way."""
        if message.type == "error" and not message.location["url"].endswith(EXPECTED_404):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def hear_request(self, request: Request) -> None:
        """Nothing may be asked of anybody else."""
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"asked {request.url}")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with make_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="session")
def base(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard's address."""
    home: Path = tmp_path_factory.mktemp("home")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("DIX_")}
    settings = Settings(home=home, address=world.server.url)
    pid = start_dashboard(settings, "127.0.0.1", port, home / "logs", surroundings)
    yield f"http://127.0.0.1:{port}"
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "there is no Chromium here; .ci/system installs it"
    with sync_playwright() as playwright:
        expect.set_options(timeout=LIMIT_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page that is not signed in."""
    context = browser.new_context(viewport={"width": 1360, "height": 900}, timezone_id="Europe/Zurich")
    context.set_default_timeout(LIMIT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def visit(stranger: Page, base: str, world: World) -> Iterator[Visit]:
    """A page that is signed in; at the end nothing may have been wrong and no text may have run."""
    visit = Visit(stranger, base)
    stranger.context.request.get(f"{base}/?login={world.make_code()}")
    stranger.on("console", visit.hear_console)
    stranger.on("pageerror", lambda error: visit.complaints.append(str(error)))
    stranger.on("request", visit.hear_request)
    yield visit
    hurt = [frame.url for frame in stranger.frames if frame.evaluate("window.hurt") is not None]
    assert hurt == []
    assert visit.complaints == []
