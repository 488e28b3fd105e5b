"""What Ray is started with, so that the front of one installation keeps to itself."""

import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dix.errors import PlatformError
from dix.serve import haproxy


@pytest.fixture(autouse=True)
def short_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tempfile.mkdtemp(prefix="f")
    monkeypatch.setattr(tempfile, "tempdir", folder)
    yield
    shutil.rmtree(folder)


def test_socket_path_fits_however_deep_the_home_lies(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / "serve"
    environment = haproxy.haproxy_environment(deep)
    socket_path = Path(environment["RAY_SERVE_HAPROXY_SOCKET_PATH"])
    bound = socket_path.parent / ("0" * 56) / (socket_path.name + ".1234567.tmp")
    assert len(str(bound)) <= 107
    assert stat.S_IMODE(socket_path.parent.stat().st_mode) == 0o700


def test_two_installations_share_no_path_and_no_port(tmp_path: Path) -> None:
    first = haproxy.haproxy_environment(tmp_path / "a")
    second = haproxy.haproxy_environment(tmp_path / "b")
    for name, value in first.items():
        if name.endswith(("_PATH", "_LOC", "_BASE", "_FILE", "PROXY_HTTP_PORT", "PROXY_GRPC_PORT")):
            assert value != second[name], name


def test_ranges_of_ports_do_not_overlap(tmp_path: Path) -> None:
    environment = haproxy.haproxy_environment(tmp_path)
    ports = [
        int(environment[f"RAY_SERVE_DIRECT_INGRESS_{end}_{kind}_PORT"])
        for kind in ("HTTP", "GRPC")
        for end in ("MIN", "MAX")
    ]
    assert ports == sorted(set(ports))
    assert 19_999 < ports[0] < ports[-1] < 32_768


def test_without_a_binary_the_default_proxy_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haproxy, "find_haproxy", lambda: None)
    assert haproxy.haproxy_environment(tmp_path)["RAY_SERVE_ENABLE_HA_PROXY"] == "0"


def test_a_folder_planted_by_somebody_else_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "front").symlink_to(elsewhere)
    with pytest.raises(PlatformError, match="another account"):
        haproxy._make_private(tmp_path / "front")


def test_what_an_earlier_start_left_is_cleared(tmp_path: Path) -> None:
    folder = Path(haproxy.haproxy_environment(tmp_path)["RAY_SERVE_HAPROXY_SOCKET_PATH"]).parent
    (folder / ("a" * 56)).mkdir()
    (folder / "other").mkdir()
    haproxy.haproxy_environment(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["haproxy", "other"]
