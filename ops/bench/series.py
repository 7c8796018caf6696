"""Series to compare on: read from a file or generated from a seed, and cut at an origin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

PANDAS_FREQUENCY = {"hourly": "h", "daily": "D", "monthly": "MS", "quarterly": "QS", "yearly": "YS"}
USUAL_SEASON = {"hourly": 24, "daily": 7, "weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1}


@dataclass
class Series:
    """One series: its identifier, the date of its first value, and its values, one per bucket."""

    name: str
    start: pd.Timestamp
    values: np.ndarray


@dataclass
class Cut:
    """Series cut at one origin: what is known and the `horizon` values that came."""

    known: list[Series]
    actuals: np.ndarray  # series × step
    frequency: str
    season: int
    horizon: int

    @property
    def step(self) -> str:
        """pandas' name of one bucket."""
        if self.frequency != "weekly":
            return PANDAS_FREQUENCY[self.frequency]
        return "W-" + self.known[0].start.strftime("%a").upper()

    @property
    def is_intermittent(self) -> bool:
        """Whether more than one of ten known values is 0."""
        zeros = sum(int((one.values == 0).sum()) for one in self.known)
        return zeros > 0.1 * sum(len(one.values) for one in self.known)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The known values as Nixtla's libraries take them, named by number so that they keep their order."""
        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "unique_id": f"{number:06d}",
                        "ds": pd.date_range(one.start, periods=len(one.values), freq=self.step),
                        "y": one.values,
                    }
                )
                for number, one in enumerate(self.known)
            ],
            ignore_index=True,
        )

    def write(self, path: str, with_actuals: bool = False) -> None:
        """Writes unique_id,ds,y; on request with what came after the origin."""
        with open(path, "w", encoding="utf-8") as file:
            file.write("unique_id,ds,y\n")
            for number, one in enumerate(self.known):
                values = np.concatenate([one.values, self.actuals[number]]) if with_actuals else one.values
                dates = pd.date_range(one.start, periods=len(values), freq=self.step)
                layout = "%Y-%m-%d %H:%M:%S" if self.frequency == "hourly" else "%Y-%m-%d"
                for date, value in zip(dates.strftime(layout), values):
                    file.write(f"{number:06d},{date},{float(value)!r}\n" if value == value else f"{number:06d},{date},\n")

    def some(self, number: int | None) -> tuple[Cut, np.ndarray]:
        """So many of the series, evenly spread, and their places; all without a number."""
        count = len(self.known)
        places = np.arange(count)
        if number is not None and number < count:
            places = np.unique(np.linspace(0, count - 1, number).astype(int))
        known = [self.known[place] for place in places]
        return Cut(known, self.actuals[places], self.frequency, self.season, self.horizon), places


def read(path: str, frequency: str) -> list[Series]:
    """The series of a file with unique_id, ds and y; every bucket must be there."""
    table = pd.read_csv(path, dtype={"unique_id": str}, parse_dates=["ds"])
    result = []
    for name, group in table.groupby("unique_id", sort=False):
        group = group.sort_values("ds")
        start = group["ds"].iloc[0]
        step = PANDAS_FREQUENCY.get(frequency) or "W-" + start.strftime("%a").upper()
        expected = len(pd.date_range(start, group["ds"].iloc[-1], freq=step))
        if expected != len(group):
            raise SystemExit(f"{path}: series {name} has {len(group)} rows for {expected} buckets: fill the gaps first.")
        result.append(Series(str(name), start, group["y"].to_numpy(float)))
    return result


def generated(count: int = 300, seed: int = 1) -> list[Series]:
    """Monthly business series of 6 to 12 years: a wandering level, for most a season, noise."""
    random = np.random.default_rng(seed)
    result = []
    for number in range(count):
        length = int(random.integers(72, 145))
        month = np.arange(length)
        level = np.cumsum(random.normal(0.002, random.uniform(0, 0.03), length))
        angle = 2 * np.pi * (month - random.uniform(0, 12)) / 12
        amplitude = random.uniform(0.03, 0.35) * (random.uniform() > 0.3)
        noise = random.normal(0, random.uniform(0.01, 0.12), length)
        values = np.exp(random.normal(8, 1) + level + amplitude * (np.sin(angle) + 0.3 * np.sin(2 * angle)) + noise)
        result.append(Series(f"generated-{number + 1}", pd.Timestamp("2010-01-01"), np.round(values, 2)))
    return result


def cut(series: list[Series], frequency: str, season: int, horizon: int, origin: int, shortest: int) -> Cut:
    """The series as known `origin` horizons before the last that can be held back.

    Series with fewer than `shortest` values known, or nothing but zeros among them, are left out.
    """
    known, actuals = [], []
    for one in series:
        count = len(one.values) - horizon * (origin + 1)
        if count < shortest or not np.any(one.values[:count] != 0):
            continue
        known.append(Series(one.name, one.start, one.values[:count]))
        actuals.append(one.values[count : count + horizon])
    if not known:
        raise SystemExit(f"No series has {shortest} values before the last {horizon * (origin + 1)}.")
    return Cut(known, np.array(actuals), frequency, season, horizon)
