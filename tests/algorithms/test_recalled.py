"""Recall and NDCG are those of scikit-learn, and what is popular leaves out what a user has had."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from dix.algorithms.recalled import judge_recommended, recommend_popular


def test_recall_and_ndcg_are_the_mean_over_users_with_something_to_find() -> None:
    recommended = np.array([[0, 1, 2], [3, 4, 5], [0, 1, 2]])
    users, items = np.array([0, 0, 1]), np.array([1, 4, 3])
    judged = judge_recommended(recommended, users, items)
    assert judged["recall_at_3"] == pytest.approx((0.5 + 1.0) / 2)
    relevant = np.array([[0, 1, 0, 0, 1, 0], [0, 0, 0, 1, 0, 0]])
    scores = np.array([[9, 8, 7, 0, 0, 0], [0, 0, 0, 9, 8, 7]])
    by_user = [ndcg_score(relevant[[user]], scores[[user]], k=3, ignore_ties=True) for user in (0, 1)]
    assert judged["ndcg_at_3"] == pytest.approx(np.mean(by_user))


def test_popular_items_come_by_how_many_had_them_without_those_that_the_user_has_had() -> None:
    users, items = np.array([1, 1, 2, 2, 3, 3, 4]), np.array([0, 1, 0, 2, 0, 2, 3])
    chosen = recommend_popular(3, users, items, np.array([1, 4]), 4)
    assert chosen.tolist() == [[2, 3, -1], [0, 2, 1]]
