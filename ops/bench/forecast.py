"""What every forecaster hands over, whoever it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Levels at which quantiles are compared: the edges of the 95 % and 80 % interval, and those pinball loss is taken at.
LEVELS = [0.025, 0.1, 0.5, 0.8, 0.9, 0.95, 0.975]


@dataclass
class Forecast:
    """Means, series × step, and quantiles, series × step × level of `LEVELS`; no quantiles where none are offered."""

    means: np.ndarray
    quantiles: np.ndarray | None

    def some(self, places: np.ndarray) -> Forecast:
        """The forecasts of the series at those places."""
        return Forecast(self.means[places], None if self.quantiles is None else self.quantiles[places])

    def not_negative(self) -> Forecast:
        """The same with everything below 0 raised to it, as anybody would who forecasts demand."""
        return Forecast(
            np.maximum(self.means, 0), None if self.quantiles is None else np.maximum(self.quantiles, 0)
        )
