"""Writes load.csv, the hourly load of some towns, and now.csv, its last week with a day ahead; all of it invented."""

import numpy as np
import pandas as pd


def make_load(days=181, towns=4, seed=0):
    """Each town has its size, its hours, its weekends and holidays, and needs power when it is cold or hot."""
    chance = np.random.default_rng(seed)
    hours = np.arange(days * 24)
    hour, weekday = hours % 24, hours // 24 % 7
    frames = []
    for town in range(towns):
        size = 20 * (town + 1) + chance.uniform(0, 10)
        day = 1 + 0.35 * np.sin(2 * np.pi * (hour - 9 - town / 2) / 24) + 0.15 * np.sin(4 * np.pi * (hour - 7) / 24)
        week = np.where(weekday >= 5, 0.78, 1.0)
        holiday = np.repeat(chance.random(days) < 0.06, 24)
        temperature = 12 + 8 * np.sin(2 * np.pi * hours / (24 * 180)) + 4 * np.sin(2 * np.pi * (hour - 14) / 24)
        temperature += drift(chance, len(hours), 0.98, 0.35)
        noise = drift(chance, len(hours), 0.8, 0.02)
        load = size * (day * week * np.where(holiday, 0.75, 1.0) + 0.02 * np.abs(temperature - 17) + noise)
        frames.append(
            pd.DataFrame(
                {
                    "time": pd.Timestamp("2026-01-05") + pd.to_timedelta(hours, "h"),
                    "town": f"town {town + 1}",
                    "load": load.round(3),
                    "temperature": temperature.round(2),
                    "holiday": holiday.astype(int),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def drift(chance, steps, keep, spread):
    """What wanders by chance, and comes back."""
    values, shocks = np.zeros(steps), chance.normal(0, spread, steps)
    for i in range(1, steps):
        values[i] = keep * values[i - 1] + shocks[i]
    return values


def cut_off_last_day(rows):
    """What is known when the last day begins, and the last week with that day, whose load is not known."""
    begins = rows["time"].max() - pd.Timedelta(hours=23)
    now = rows[rows["time"] >= begins - pd.Timedelta(days=7)].copy()
    now.loc[now["time"] >= begins, "load"] = None
    return rows[rows["time"] < begins], now


if __name__ == "__main__":
    load, now = cut_off_last_day(make_load())
    load.to_csv("load.csv", index=False)
    now.to_csv("now.csv", index=False)
