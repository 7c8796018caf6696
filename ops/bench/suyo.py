"""Runs suyo as a person would: files in, files out."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time

import numpy as np
import pandas as pd

from forecast import LEVELS, Forecast
from series import Cut


class Suyo:
    """The binary, and how it is called on one cut."""

    def __init__(self, binary: str):
        self.binary = binary

    def forecast(self, cut: Cut, model: str, threads: int = 1) -> tuple[Forecast, float]:
        """A model's forecast with quantiles, and the seconds from the start of the process to its end."""
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, "in.csv"), os.path.join(folder, "out.csv")
            cut.write(source)
            begun = time.perf_counter()
            self._run(
                ["file", "forecast", source, "-o", target, "--model", model, "--threads", str(threads)]
                + ["--quantile", ",".join(map(str, LEVELS))]
                + self._shape(cut)
            )
            seconds = time.perf_counter() - begun
            table = pd.read_csv(target, dtype={"unique_id": str})
        shape = (len(cut.known), cut.horizon)
        means = table["mean"].to_numpy().reshape(shape)
        quantiles = table[[f"q{level}" for level in LEVELS]].to_numpy().reshape(*shape, len(LEVELS))
        return Forecast(means, quantiles), seconds

    def measure(self, path: str, cut: Cut, model: str, origins: int = 4) -> dict:
        """What `suyo bench` says of a model on a file that `Cut.write` made with what came: one thread, once."""
        output = self._run(
            ["bench", "--data", path, "--model", model, "--origins", str(origins), "--times", "1", "--threads", "1"]
            + ["--format", "json"]
            + self._shape(cut)
        )
        return json.loads(output)[0]

    def kernel(self) -> list[dict]:
        """What the innermost loop of exponential smoothing costs."""
        rows = json.loads(self._run(["bench", "--series", "8", "--times", "1", "--format", "json"]))
        return [row for row in rows if row["data"] == "kernel"]

    def processor_seconds(self) -> float:
        """Processor time of all calls so far."""
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    @staticmethod
    def _shape(cut: Cut) -> list[str]:
        return ["--frequency", cut.frequency, "--season", str(cut.season), "--horizon", str(cut.horizon)]

    def _run(self, arguments: list[str]) -> str:
        outcome = subprocess.run([self.binary, *arguments], capture_output=True, text=True, check=False)
        if outcome.returncode != 0:
            raise SystemExit(f"suyo {' '.join(arguments)}\n{outcome.stderr}")
        return outcome.stdout


def median(numbers: list[float]) -> float:
    """The middle one."""
    return float(np.median(numbers))
