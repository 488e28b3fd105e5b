"""Settings: defaults, the environment, and one sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from dix.errors import BadValue
from dix.settings import Settings, read_settings, read_visible_cards


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DIX_{name.upper()}", raising=False)


def test_without_an_environment_the_defaults_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = read_settings()
    assert settings.home == tmp_path / ".dix"
    assert settings.store_url == (tmp_path / ".dix" / "store").as_uri()
    assert settings.token_file == tmp_path / ".dix" / "token"
    assert settings.address is None
    assert settings.ui_port == 8501


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DIX_HOME", str(tmp_path / "home 名"))
    monkeypatch.setenv("DIX_STORE", "s3://bucket/prefix")
    monkeypatch.setenv("DIX_NUM_CPUS", "2")
    settings = read_settings()
    assert settings.home == tmp_path / "home 名"
    assert settings.store_url == "s3://bucket/prefix"
    assert settings.num_cpus == 2


def test_an_empty_variable_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIX_NUM_CPUS", "")
    assert read_settings().num_cpus is None


def test_an_argument_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIX_UI_PORT", "9000")
    assert read_settings(ui_port=9001).ui_port == 9001
    assert read_settings(ui_port=None).ui_port == 9000


def test_a_relative_home_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings(home="here").home == tmp_path / "here"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NUM_CPUS", "many"),
        ("NUM_CPUS", "0"),
        ("NUM_GPUS", "-1"),
        ("UI_PORT", "70000"),
        ("S3_ADDRESSING", "folder"),
        ("LOG_LEVEL", "loud"),
        ("HOME", "~nobody-of-this-name/dix"),
    ],
)
def test_a_wrong_variable_is_named_with_what_came(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"DIX_{name}", value)
    with pytest.raises(BadValue) as caught:
        read_settings()
    assert caught.value.fact("field") == f"DIX_{name}"
    assert str(caught.value.fact("got")) == value
    assert "Input should" not in str(caught.value)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_settings().ui_port = 1  # type: ignore[misc]


def test_the_token_is_not_shown() -> None:
    assert "hush" not in repr(read_settings(token="hush"))


def test_the_secret_of_a_provider_is_not_shown() -> None:
    assert "hush" not in repr(read_settings(oidc_client_secret="hush"))


def test_the_cards_of_a_process_are_those_that_it_may_see(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, cards in (("0,2", ("0", "2")), ("GPU-abc", ("GPU-abc",)), ("", ())):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", said)
        assert read_visible_cards() == cards
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert read_visible_cards() == ()
