"""The peers: statsforecast's models, mlforecast with scikit-learn's ridge, and a loop over scikit-learn's RidgeCV."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from mlforecast import MLForecast
from mlforecast.lag_transforms import RollingMean
from mlforecast.target_transforms import Differences, LocalStandardScaler
from sklearn.linear_model import Ridge, RidgeCV
from statsforecast import StatsForecast
from statsforecast import models as sf
from statsforecast.utils import ConformalIntervals

from forecast import LEVELS, Forecast
from series import Cut

warnings.filterwarnings("ignore")


@dataclass
class Peer:
    """A model of a peer, how to run it on a cut, and the model of ours that does the same."""

    name: str
    run: Callable[[Cut, bool], Forecast]
    ours: str | None
    is_slow: bool = False
    # Whether it chooses between forms; ours then needs its backtest for that, as it does for nothing else here.
    chooses: bool = False

    def timed(self, cut: Cut, with_quantiles: bool) -> tuple[Forecast, float]:
        """The forecast and the processor seconds it took from a data frame to a data frame."""
        _ = cut.frame  # Made before the clock starts.
        begun = time.process_time()
        forecast = self.run(cut, with_quantiles)
        return forecast, time.process_time() - begun


def statistical(
    name: str, model: Callable[[], object], ours: str | None, is_slow: bool = False, chooses: bool = False
) -> Peer:
    """A model of statsforecast."""

    def run(cut: Cut, with_quantiles: bool) -> Forecast:
        # A series that a model refuses gets the naive forecast instead of ending the batch.
        library = StatsForecast(models=[model()], freq=cut.step, n_jobs=1, fallback_model=sf.Naive())
        levels = {"level": [60, 80, 90, 95]} if with_quantiles else {}
        table = library.forecast(df=cut.frame, h=cut.horizon, **levels)
        shape = (len(cut.known), cut.horizon)
        column = next(c for c in table.columns if c not in ("unique_id", "ds") and "-lo-" not in c and "-hi-" not in c)

        def values(ending: str) -> np.ndarray:
            return table[column + ending].to_numpy(float).reshape(shape)

        if not with_quantiles:
            return Forecast(values(""), None)
        # The median is taken to be the mean: these intervals are symmetric.
        endings = ["-lo-95", "-lo-80", "", "-hi-60", "-hi-80", "-hi-90", "-hi-95"]
        return Forecast(values(""), np.stack([values(ending) for ending in endings], axis=2))

    return Peer(name, run, ours, is_slow, chooses)


def lag_count(season: int) -> int:
    """Lags of a regression: a season of them, four where there is none."""
    return season if season > 1 else 4


def global_ridge(name: str, difference: Callable[[Cut], int]) -> Peer:
    """mlforecast with one scikit-learn ridge for all series."""
    dates = {"monthly": ["month"], "quarterly": ["quarter"], "daily": ["dayofweek"], "hourly": ["hour"]}

    def run(cut: Cut, with_quantiles: bool) -> Forecast:
        lags = lag_count(cut.season)
        library = MLForecast(
            models={"ridge": Ridge(alpha=1)},
            freq=cut.step,
            lags=list(range(1, lags + (2 if lags == 52 else 1))),
            lag_transforms={1: [RollingMean(3)] + ([RollingMean(cut.season)] if cut.season > 3 else [])},
            target_transforms=[Differences([difference(cut)]), LocalStandardScaler()],
            date_features=dates.get(cut.frequency, []),
        )
        library.fit(cut.frame, static_features=[])
        table = library.predict(cut.horizon)
        # A series too short for its features gets no forecast: the last value stands in.
        means = np.array([[one.values[-1]] * cut.horizon for one in cut.known])
        for name, group in table.groupby("unique_id"):
            means[int(name)] = group["ridge"].to_numpy(float)
        return Forecast(means, None)

    return Peer(name, run, "ridge-global")


def series_ridge() -> Peer:
    """A loop over the series: scikit-learn's RidgeCV on lags 1…m, its penalty by leave-one-out, forecasts recursive."""

    def one(values: np.ndarray, season: int, horizon: int) -> np.ndarray:
        lags = min(lag_count(season), max(1, len(values) // 3))
        if len(values) < lags + 3:
            return np.full(horizon, values[-1])
        scale = np.mean(np.abs(values)) or 1.0
        scaled = values / scale
        rows = np.lib.stride_tricks.sliding_window_view(scaled, lags)[:-1, ::-1]
        model = RidgeCV(alphas=np.logspace(-4, 4, 17)).fit(rows, scaled[lags:])
        past = list(scaled[::-1][:lags])
        result = []
        for _ in range(horizon):
            value = float(model.coef_ @ np.array(past) + model.intercept_)
            result.append(value)
            past = [value, *past[:-1]]
        return np.array(result) * scale

    def run(cut: Cut, with_quantiles: bool) -> Forecast:
        return Forecast(np.stack([one(s.values, cut.season, cut.horizon) for s in cut.known]), None)

    return Peer("RidgeCV loop", run, "ridge")


def for_cut(cut: Cut) -> list[Peer]:
    """The peers worth running on such series, the quick ones first."""
    season, horizon = cut.season, cut.horizon

    def conformal() -> ConformalIntervals:
        return ConformalIntervals(n_windows=3, h=horizon)

    peers = [
        statistical("SeasonalNaive", lambda: sf.SeasonalNaive(season_length=season), "seasonal-naive"),
        global_ridge("mlforecast Ridge, differences", lambda cut: 1),
        series_ridge(),
    ]
    if season > 1:
        peers.insert(2, global_ridge("mlforecast Ridge, seasonal differences", lambda cut: cut.season))
    if cut.is_intermittent:
        peers += [
            statistical("CrostonSBA", lambda: sf.CrostonSBA(prediction_intervals=conformal()), "sba"),
            statistical("TSB", lambda: sf.TSB(0.1, 0.1, prediction_intervals=conformal()), "tsb"),
            statistical("ADIDA", lambda: sf.ADIDA(prediction_intervals=conformal()), "adida"),
            statistical("IMAPA", lambda: sf.IMAPA(prediction_intervals=conformal()), "imapa"),
        ]
    if season > 12 or cut.frequency == "daily":
        peers.append(statistical("MSTL", lambda: sf.MSTL(season_length=season), "mstl", is_slow=True))
    peers += [
        statistical("DynamicOptimizedTheta", lambda: sf.DynamicOptimizedTheta(season_length=season), "theta"),
        statistical("AutoTheta", lambda: sf.AutoTheta(season_length=season), None, is_slow=True),
        statistical("AutoCES", lambda: sf.AutoCES(season_length=season), None, is_slow=True),
        statistical("HoltWinters", lambda: sf.HoltWinters(season_length=season), "holt-winters", is_slow=True)
        if season > 1
        else statistical("Holt", sf.Holt, "holt-winters", is_slow=True),
        statistical("AutoETS", lambda: sf.AutoETS(season_length=season), "ets", is_slow=True, chooses=True),
    ]
    return peers
