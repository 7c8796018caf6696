"""Scores of a forecast against what came, with their definitions."""

from __future__ import annotations

import numpy as np

from forecast import LEVELS, Forecast
from series import Cut

PINBALL_LEVELS = [0.5, 0.8, 0.9, 0.95]


def scales(cut: Cut) -> np.ndarray:
    """Per series the mean absolute difference at the lag of a season within what is known.

    At the lag of one bucket where the series is no longer than a season or that difference is 0; NaN for constants.
    """
    result = []
    for one in cut.known:
        lag = cut.season if len(one.values) > cut.season else 1
        changes = np.abs(one.values[lag:] - one.values[:-lag])
        if not np.any(changes):
            changes = np.abs(np.diff(one.values))
        result.append(np.mean(changes) if np.any(changes) else np.nan)
    return np.array(result)


def score(cut: Cut, forecast: Forecast) -> dict[str, float]:
    """All scores of one forecast.

    - MASE: mean over series of the mean absolute error over the series' scale.
    - sMAPE: mean over points of 200·|y − f| / (|y| + |f|), a point with both 0 counting 0.
    - RMSE: root of the mean squared error over all points; bias: Σ(f − y) / Σ|y| in percent.
    - pinball: twice the pinball loss at `PINBALL_LEVELS`, summed over points, over Σ|y|, averaged over the levels.
    - coverage: percent of points in the central 80 and 95 % interval, ends included.
    - MSIS: mean over series of the 95 % interval score (Gneiting and Raftery 2007, equation 43) over the scale.
    """
    actual = cut.actuals
    mean = np.where(np.isfinite(forecast.means), forecast.means, 0)
    scale = scales(cut)
    error = actual - mean
    size = np.abs(actual) + np.abs(mean)
    total = np.abs(actual).sum()
    result = {
        "mase": float(np.nanmean(np.abs(error).mean(axis=1) / scale)),
        "smape": float(np.mean(np.where(size > 0, 200 * np.abs(error) / np.where(size > 0, size, 1), 0))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "bias": float(-100 * error.sum() / total) if total > 0 else float("nan"),
    }
    quantiles = forecast.quantiles
    if quantiles is None or not np.isfinite(quantiles).all():
        return result
    losses = []
    for level in PINBALL_LEVELS:
        excess = actual - quantiles[:, :, LEVELS.index(level)]
        losses.append(2 * np.maximum(level * excess, (level - 1) * excess).sum() / total)
    low95, low80, high80, high95 = (quantiles[:, :, LEVELS.index(level)] for level in (0.025, 0.1, 0.9, 0.975))
    interval = (high95 - low95) + 40 * np.maximum(low95 - actual, 0) + 40 * np.maximum(actual - high95, 0)
    result |= {
        "pinball": float(np.mean(losses)),
        "coverage_80": float(100 * np.mean((actual >= low80) & (actual <= high80))),
        "coverage_95": float(100 * np.mean((actual >= low95) & (actual <= high95))),
        "msis": float(np.nanmean(interval.mean(axis=1) / scale)),
    }
    return result
