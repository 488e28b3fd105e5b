"""Each user has a place, and strangers share one."""

from __future__ import annotations

import numpy as np

from dix.frameworks.intakes.users import fit_users


def test_users_have_places_from_one_and_strangers_zero() -> None:
    intake = fit_users(np.array(["b", "张", "a", "b"], object))
    asked = np.array(["a", "b", "张", "", "zz", "龙"], object)
    assert intake.prepare({"user": asked})["user"].tolist() == [1, 2, 3, 0, 0, 0]
