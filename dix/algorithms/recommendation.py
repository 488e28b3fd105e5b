"""Recommendation: learns from what users had which items they will have next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.lesson import OUTPUTS, Lesson, add_numbers, count_left_out, train_lesson
from dix.algorithms.recalled import judge_recommended, recommend_popular
from dix.algorithms.recommendation_params import RECOMMENDATION_PARAMS
from dix.data.bad_rows import BadRows
from dix.data.events import EventOptions, read_events
from dix.data.labels import find_targets
from dix.errors import BadData, BadValue
from dix.flow.spec import AlgorithmSpec, PortSpec
from dix.frameworks.intakes.users import UsersIntake, fit_users
from dix.frameworks.lookup import load_predictor
from dix.frameworks.outcomes.items import ItemsOutcome
from dix.frameworks.seen import add_seen
from dix.frameworks.training import Examples


class Recommendation(Algorithm):
    """Trains on the events of `train`; what `valid` has beyond them, or one item of each user, is to be found.

    How good it is is found with the model that was written; after that, what was to be found counts as had as well.
    """

    spec = AlgorithmSpec(
        name="recommendation",
        title="Recommendation",
        help="Learns from events, a user and an item each, what to recommend to whom.",
        inputs=(
            PortSpec("train", help="A table of events: who had what."),
            PortSpec("valid", required=False, help="Later events to stop and judge by; otherwise some of train."),
        ),
        outputs=OUTPUTS,
        frameworks=("torch",),
        params=RECOMMENDATION_PARAMS,
        trains=True,
        spreads=("torch",),
    )

    def run(self, context: StepContext) -> StepResult:
        params = context.params
        bad_rows = BadRows(context.bad_rows), BadRows(context.bad_rows)
        options = _make_options(context, bad_rows[0])
        events = read_events(context.store, context.inputs["train"], options)
        intake, items = fit_users(events.users), tuple(sorted(set(events.items)))
        if len(items) <= params["k"]:
            raise BadData(context.inputs["train"], f"it has {len(items)} items, fewer than k needs, {params['k'] + 1}")
        pairs = _Pairs(intake.prepare({"user": events.users})["user"], find_targets(events.items, items))
        pairs = pairs.take(_find_last(pairs, events.times))
        if "valid" in context.inputs:
            later = read_events(context.store, context.inputs["valid"], replace(options, bad_rows=bad_rows[1]))
            found = _Pairs(intake.prepare({"user": later.users})["user"], find_targets(later.items, items))
            held_out = found.take(_find_new(found, pairs, len(items)))
        elif params["hold_out"]:
            is_held_out = _choose_held_out(pairs, by_chance=options.time_column is None, seed=params["seed"])
            held_out, pairs = pairs.take(is_held_out), pairs.take(~is_held_out)
        else:
            held_out = _Pairs(*np.zeros((2, 0), np.int64))
        lesson = Lesson(
            intake,
            ItemsOutcome(items, params["k"]),
            pairs.to_examples(),
            held_out.to_examples() if len(held_out.users) else None,
        )
        card = train_lesson(context, "recommendation", lesson)
        if len(held_out.users):
            numbers = _judge(context, intake, items, pairs, held_out)
            card = replace(add_seen(context.output("model"), held_out.users, held_out.items), metrics=card.metrics)
            card = add_numbers(context, card, numbers)
        facts = {"users": len(intake.users), "items": len(items)}
        return StepResult(metrics={**card.metrics, **facts, **count_left_out(*bad_rows)})


class _Pairs:
    """Users by their places from 1, and items from 0."""

    def __init__(self, users: NDArray[np.int64], items: NDArray[np.int64]) -> None:
        self.users = users
        self.items = items

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> _Pairs:
        return _Pairs(self.users[places], self.items[places])

    def to_examples(self) -> Examples:
        return Examples({"user": self.users, "item": self.items}, self.items)


def _make_options(context: StepContext, bad_rows: BadRows) -> EventOptions:
    params = context.params
    if params["least_rating"] is not None and params["rating_column"] is None:
        raise BadValue("rating_column", "the column that least_rating is about", None)
    names = ("user_column", "item_column", "time_column", "rating_column", "least_rating")
    return EventOptions(**{name: params[name] for name in names}, bad_rows=bad_rows)


def _find_last(pairs: _Pairs, times: NDArray[np.float64]) -> NDArray[np.int64]:
    """The places of the last event of each user with each item, in order of time."""
    by_time = np.argsort(times, kind="stable")
    keys = pairs.users * (pairs.items.max() + 1) + pairs.items
    _, last = np.unique(keys[by_time][::-1], return_index=True)
    return by_time[np.sort(len(by_time) - 1 - last)]


def _choose_held_out(pairs: _Pairs, *, by_chance: bool, seed: int) -> NDArray[np.bool_]:
    """The last pair, or any, of each user that has two or more."""
    ranks = np.random.default_rng(seed).permutation(len(pairs.users)) if by_chance else np.arange(len(pairs.users))
    order = np.lexsort((ranks, pairs.users))
    users = pairs.users[order]
    is_last = np.append(users[1:] != users[:-1], True)
    has_more = np.insert(users[1:] == users[:-1], 0, False)
    chosen = np.zeros(len(users), np.bool_)
    chosen[order] = is_last & has_more
    return chosen


def _find_new(found: _Pairs, pairs: _Pairs, catalogue: int) -> NDArray[np.int64]:
    """The first of each pair of known users and items that was not there before."""
    keys = np.where((found.users > 0) & (found.items >= 0), found.users * catalogue + found.items, -1)
    distinct, first = np.unique(keys, return_index=True)
    is_new = (distinct >= 0) & ~np.isin(distinct, pairs.users * catalogue + pairs.items)
    return np.sort(first[is_new])


def _judge(
    context: StepContext, intake: UsersIntake, items: tuple[str, ...], pairs: _Pairs, held_out: _Pairs
) -> dict[str, float]:
    """What the model that was written recommends to those who had something more, beside what is popular."""
    predictor = load_predictor(context.output("model"), max(1, int(context.cpus)), context.gpus)
    asked, rows = np.unique(held_out.users, return_inverse=True)
    names = np.array(intake.users, dtype=object)[asked - 1]
    said = predictor.predict({"user": names})["items"]
    mine = find_targets(said.reshape(-1), items).reshape(said.shape)
    popular = recommend_popular(context.params["k"], pairs.users, pairs.items, asked, len(items))
    baseline = judge_recommended(popular, rows, held_out.items)
    return {
        **judge_recommended(mine, rows, held_out.items),
        **{f"popular_{name}": value for name, value in baseline.items()},
    }
