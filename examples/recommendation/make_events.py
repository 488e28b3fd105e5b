"""Write events.csv: invented users who had invented items, more often such that go with their taste."""

import sys

import numpy as np
import pandas as pd


def make_events(users: int, items: int = 600, each: int = 25, seed: int = 0) -> pd.DataFrame:
    """Taste and items are points of eight latent factors; some items are popular whatever the taste."""
    chance = np.random.default_rng(seed)
    of_users, of_items = chance.normal(size=(users, 8)), chance.normal(size=(items, 8))
    popularity = chance.normal(size=items)
    scores = 1.2 * of_users @ of_items.T + popularity
    # The best of scores with Gumbel noise are a draw without repetition by the softmax of the scores.
    order = np.argsort(-(scores + chance.gumbel(size=scores.shape)), axis=1)[:, :each]
    order = chance.permuted(order, axis=1)
    return pd.DataFrame(
        {
            "user": np.repeat([f"u{user:05d}" for user in range(users)], each),
            "item": [f"i{item:04d}" for item in order.reshape(-1)],
            "time": np.tile(np.arange(each), users),
        }
    )


if __name__ == "__main__":
    make_events(int(sys.argv[1]) if len(sys.argv) > 1 else 5000).to_csv("events.csv", index=False)
