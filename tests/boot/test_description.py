"""What an installation says of its machines."""

from __future__ import annotations

from dix.boot.description import describe_host


def test_a_machine_says_what_it_has_and_what_is_free() -> None:
    machine = {
        "NodeID": "1",
        "NodeManagerHostname": "box",
        "Resources": {"CPU": 8.0, "GPU": 2.0, "memory": 2.0**34, "accelerator_type:H100": 1.0},
    }
    host = describe_host(machine, {"CPU": 3.5, "memory": 2.0**33})
    assert (host["name"], host["accelerator"]) == ("box", "H100")
    assert host["cpu"] == {"total": 8.0, "free": 3.5}
    assert host["gpu"] == {"total": 2.0, "free": 0.0}
    assert host["memory_gib"] == {"total": 16.0, "free": 8.0}
