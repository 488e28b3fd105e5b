"""cluster/env.example lists every setting with what it means, and nothing else."""

from __future__ import annotations

import re

import pytest

from dix.settings import Settings
from tests.house.env_example import TARGET, make_text


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_says_what_it_is(name: str) -> None:
    said = Settings.model_fields[name].description
    assert said, f"{name} has no docstring under it in dix/settings.py"
    assert said.strip().endswith(".")


def test_the_example_is_what_the_settings_say() -> None:
    again = "run `python -m tests.house.env_example` and commit cluster/env.example"
    assert TARGET.read_text(encoding="utf-8") == make_text(), again


def test_the_example_has_all_settings_and_no_other() -> None:
    listed = re.findall(r"^#?(\w+)=", TARGET.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [f"DIX_{name.upper()}" for name in Settings.model_fields]


def test_the_defaults_in_the_example_are_accepted(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = tmp_path / "env"
    example.write_text(re.sub(r"^#DIX_", "DIX_", TARGET.read_text(encoding="utf-8"), flags=re.MULTILINE))
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DIX_{name.upper()}", raising=False)
    assert Settings(_env_file=example) == Settings()
