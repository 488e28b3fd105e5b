"""Write credits.csv: invented credits, of which each defaults with a probability that is known."""

import sys

import numpy as np
import pandas as pd


def make_credits(rows: int, seed: int = 0) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    age = chance.integers(18, 80, rows)
    income = chance.lognormal(7.8, 0.5, rows)
    amount = chance.lognormal(8.5, 0.8, rows)
    months = chance.choice([12, 24, 36, 48, 60], rows)
    arrears = chance.poisson(0.3, rows)
    job = chance.choice(
        ["office", "craft", "health", "driver", "none", "artist"], rows, p=[0.3, 0.25, 0.2, 0.15, 0.07, 0.03]
    )
    branch = chance.integers(100, 140, rows)
    of_job = {"office": -0.4, "craft": 0.0, "health": -0.6, "driver": 0.3, "none": 1.5, "artist": 0.8}
    of_branch = np.random.default_rng(7).normal(0, 0.6, 40)
    burden = amount / months / income
    risk = (
        -4.4
        + 2.2 * np.tanh(4 * burden)
        + 0.9 * arrears
        + 1.2 * (age < 25) * (amount > 8000)
        + 0.6 * np.square((age - 48) / 30)
        + pd.Series(job).map(of_job).to_numpy()
        + of_branch[branch - 100]
    )
    # Who does not say what they earn is a greater risk, so that a gap tells something.
    says_nothing = chance.random(rows) < 0.12
    probability = 1 / (1 + np.exp(-(risk + 0.8 * says_nothing)))
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "age": age,
            "income": np.where(says_nothing, np.nan, income.round(2)),
            "amount": amount.round(2),
            "months": months,
            "arrears": arrears,
            "job": np.where(chance.random(rows) < 0.05, None, job),
            "branch": branch,
            "probability": probability,
            "label": np.where(chance.random(rows) < probability, "default", "paid"),
        }
    )


if __name__ == "__main__":
    make_credits(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000).to_csv("credits.csv", index=False)
