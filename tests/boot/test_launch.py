"""Which pages may call the API."""

from __future__ import annotations

from dix.boot.launch import list_origins


def test_the_dashboards_origin_has_no_path_and_this_machine_two_names() -> None:
    assert list_origins("https://dash.example.org/dix/") == ["https://dash.example.org"]
    assert list_origins("http://127.0.0.1:8501") == ["http://127.0.0.1:8501", "http://localhost:8501"]
    assert list_origins("http://[::1]:8501") == ["http://[::1]:8501"]
