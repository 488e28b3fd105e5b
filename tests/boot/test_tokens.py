"""Tokens are made once, by one of many, and are their owner's alone."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dix.boot.tokens import get_token, hash_token, ray_token_file
from dix.settings import Settings


def test_many_at_once_get_the_same_token(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with ThreadPoolExecutor(16) as pool:
        tokens = set(pool.map(lambda _: get_token(settings), range(64)))
    assert len(tokens) == 1
    assert len(tokens.pop()) >= 32


def test_a_token_of_the_environment_goes_first(tmp_path: Path) -> None:
    assert get_token(Settings(home=tmp_path, token="given")) == "given"
    assert not (tmp_path / "token").exists()


def test_a_token_file_that_all_can_read_is_closed(tmp_path: Path) -> None:
    path = ray_token_file(Settings(home=tmp_path))
    path.chmod(0o644)
    ray_token_file(Settings(home=tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_hash_is_sha256_in_hexadecimal() -> None:
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
