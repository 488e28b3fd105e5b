"""The fault suite in short: each kind of process is killed once or twice while runs go on."""

from __future__ import annotations

import pytest

from tests.boot.house import House
from tests.faults.kills import ALL, HOST, KEEPER, OWNER, SUPERVISOR, Killing

pytestmark = [pytest.mark.fault, pytest.mark.timeout(280)]


def test_nothing_is_lost_doubled_or_stuck() -> None:
    house = House()
    try:
        tally = Killing(house, seed=7, stuck_s=120).run([HOST, SUPERVISOR, HOST, KEEPER, OWNER, HOST, SUPERVISOR, ALL])
        print(tally)
        assert tally.is_clean(), tally
        assert tally.kills.total() >= 6
    finally:
        house.close()
