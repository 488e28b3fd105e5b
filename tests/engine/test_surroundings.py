"""What is the same for every step: found without loading a framework."""

from __future__ import annotations

from importlib.metadata import version

from dix.engine.surroundings import look_around


def test_versions_and_the_digest_of_the_source_are_found_and_stay() -> None:
    here = look_around("file:///s")
    assert (here.store, here.versions["torch"]) == ("file:///s", version("torch"))
    assert len(here.code) == 16
    assert here.environment.startswith("python 3.")
    assert f"numpy {version('numpy')}" in here.environment
    assert look_around("file:///s") == here
