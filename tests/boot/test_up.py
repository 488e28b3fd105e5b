"""What `dix up` refuses before it starts anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dix.boot.instance import Instance, write_instance
from dix.boot.up import UpOptions, start
from dix.errors import BadValue, DixError
from dix.settings import Settings


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(BadValue, match=f"port that is free, got {port}.*--api-port"):
            start(Settings(home=tmp_path), UpOptions(api_port=port))


@pytest.mark.parametrize("host", ["not a host", "no-such-host.invalid", "192.0.2.77"])
def test_a_host_that_is_not_this_machine_is_named(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadValue) as caught:
        start(Settings(home=tmp_path), UpOptions(host=host, api_port=1))
    assert host in str(caught.value) or "port" in str(caught.value)


@pytest.mark.parametrize("address", ["https://127.0.0.1:8000", "127.0.0.1", "http://"])
def test_an_address_that_cannot_be_listened_on_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadValue, match="DIX_ADDRESS"):
        start(Settings(home=tmp_path, address=address))


def test_a_store_that_cannot_be_used_is_said_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DixError) as caught:
        start(Settings(home=tmp_path / "home", store=(tmp_path / "file" / "store").as_uri()), UpOptions(api_port=1))
    assert str(caught.value)
    assert not (tmp_path / "home" / "instance.json").exists()


def test_what_is_left_of_an_earlier_start_does_not_count_as_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    gone = Instance("0" * 16, "file:///gone", "127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:2", ray_pid=1)
    write_instance(Settings(home=home), gone)
    with pytest.raises(BadValue, match="ftp"):
        start(Settings(home=home, store="ftp://nowhere"))
    assert not (home / "instance.json").exists()
