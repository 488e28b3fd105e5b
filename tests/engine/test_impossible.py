"""What no machine could ever do is told with the numbers, the field and the nearest name."""

from __future__ import annotations

import pytest

from dix.engine.impossible import Lack, find_lacks
from dix.engine.machines import Machine
from dix.engine.plan import Slice

GIB = 2**30
SMALL = Machine("node-1", "m1", 2, 1, 8 * GIB, 100 * GIB, {"fpga": 2}, "A100")
LARGE = Machine("node-2", "m2", 64, 0, 256 * GIB, None)
CLUSTER = (SMALL, LARGE)


@pytest.mark.parametrize(
    "wanted", [Slice(2, 1, 8 * GIB, {"fpga": 2}), Slice(64), Slice(1, 1, GIB, accelerators=("H100", "A100"))]
)
def test_what_one_machine_has_is_possible(wanted: Slice) -> None:
    assert find_lacks(wanted, CLUSTER) == ()


@pytest.mark.parametrize(
    ("wanted", "field", "message", "nearest"),
    [
        (Slice(1, 2), "resources.gpu", "asks for 2 GPU, no machine has that; the largest has 1 (node-1)", None),
        (Slice(65), "resources.cpu", "asks for 65 CPU, no machine has that; the largest has 64 (node-2)", None),
        (
            Slice(1, 0, 10 * 10**12),
            "resources.memory",
            "asks for 9.095 TiB memory, no machine has that; the largest has 256 GiB (node-2)",
            None,
        ),
        (
            Slice(1, 1, GIB, accelerators=("A10O",)),
            "resources.accelerator",
            "no machine has a card of type A10O; there is A100 (node-1)",
            "A100",
        ),
        (
            Slice(1, 2, GIB, accelerators=("A100",)),
            "resources.gpu",
            "asks for 2 GPU of type A100, no machine has that; the largest has 1 (node-1)",
            None,
        ),
        (
            Slice(1, 0, GIB, {"fpgaa": 1}),
            "resources.custom.fpgaa",
            "asks for 1 fpgaa, no machine has a resource of that name; there is fpga",
            "fpga",
        ),
        (
            Slice(1, 0, GIB, {"fpga": 3}),
            "resources.custom.fpga",
            "asks for 3 fpga, no machine has that; the largest has 2 (node-1)",
            None,
        ),
        (
            Slice(4, 1, GIB),
            "resources",
            (
                "asks for 1 GPU, 4 CPU, 1 GiB memory on one machine, none has all of that; "
                "node-1 has 1 GPU, 2 CPU, 8 GiB memory"
            ),
            None,
        ),
    ],
)
def test_what_no_machine_has_is_named_with_its_field(
    wanted: Slice, field: str, message: str, nearest: str | None
) -> None:
    assert find_lacks(wanted, CLUSTER) == (Lack(field, message, nearest),)


def test_a_cluster_without_machines_can_do_nothing() -> None:
    assert find_lacks(Slice(), []) == (Lack("resources", "the cluster has no machine"),)


def test_a_disk_is_limited_where_somebody_has_looked_at_it() -> None:
    assert find_lacks(Slice(1, disk_bytes=2**60), CLUSTER) == ()
    (lack,) = find_lacks(Slice(1, disk_bytes=200 * GIB), [SMALL])
    assert lack == Lack(
        "resources.disk", "asks for 200 GiB disk, no machine has that; the largest has 100 GiB (node-1)"
    )
