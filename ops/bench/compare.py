"""Measures suyo beside its peers on one set of series and prints the tables in Markdown."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import date

import numpy as np

import peers
import series
import tables
from forecast import Forecast
from scores import score
from suyo import Suyo, median

# What suyo offers beside the models that have a counterpart.
OURS = ["auto"]


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="ops/bench/run",
        description="Measures suyo beside statsforecast, mlforecast and scikit-learn on the same series.",
        epilog="Example: ops/bench/run m3-monthly.csv --frequency monthly --horizon 18 --sample 200",
    )
    parser.add_argument("data", nargs="?", help="a CSV file with unique_id,ds,y; generated monthly series without it")
    parser.add_argument("--frequency", choices=series.USUAL_SEASON, default="monthly")
    parser.add_argument("--season", type=int, help="buckets in a season; the usual one without it")
    parser.add_argument("--horizon", type=int, default=18, help="steps held back and forecast")
    parser.add_argument("--origins", type=int, default=1, help="cuts, a horizon apart; accuracy is their mean")
    parser.add_argument("--shortest", type=int, help="values a series must have before the first cut")
    parser.add_argument("--sample", type=int, help="series that slow peers are run on; all without it")
    parser.add_argument("--times", type=int, default=3, help="how often each is timed; the median counts")
    parser.add_argument("--patience", type=float, default=20, help="seconds after which a peer is timed only once")
    parser.add_argument("--name", help="what to call the series in the tables")
    parser.add_argument("--only", help="peers to run, by parts of their names with commas between")
    parser.add_argument("-o", "--output", help="a folder for the results as JSON, for ops/bench/tables.py")
    parser.add_argument("--suyo", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def usable(peer: peers.Peer, cut: series.Cut) -> bool:
    """Whether a peer forecasts such series at all; says so where it does not."""
    try:
        peer.timed(cut.some(30)[0], False)
    except Exception as error:
        say(f"{peer.name} cannot be used on these series: {error}")
        return False
    return True


def accuracy(suyo: Suyo, cuts: list[series.Cut], chosen: list[peers.Peer], sample: int | None) -> list[dict]:
    """The scores of our models and of every peer, averaged over the cuts."""
    rows: dict[str, dict] = {}

    def add(name: str, is_ours: bool, cut: series.Cut, forecast: Forecast) -> None:
        row = rows.setdefault(name, {"model": name, "ours": is_ours, "scores": []})
        row["scores"].append(score(cut, forecast))

    ours = OURS + [peer.ours for peer in chosen if peer.ours]
    for cut in cuts:
        is_demand = all((one.values >= 0).all() for one in cut.known)
        for model in dict.fromkeys(ours):
            say(f"accuracy of {model}")
            forecast, _ = suyo.forecast(cut, model)
            add(f"suyo {model}", True, cut, forecast)
            if model == "auto" and sample is not None and sample < len(cut.known):
                part, places = cut.some(sample)
                add(f"suyo auto on {len(part.known)} series", True, part, forecast.some(places))
        for peer in chosen:
            say(f"accuracy of {peer.name}")
            part, _ = cut.some(sample if peer.is_slow else None)
            name = peer.name if len(part.known) == len(cut.known) else f"{peer.name} on {len(part.known)} series"
            try:
                forecast, _ = peer.timed(part, True)
            except Exception as error:  # A peer that fails on such series is reported, not hidden.
                say(f"{peer.name} makes no intervals here: {error}")
                forecast, _ = peer.timed(part, False)
            add(name, False, part, forecast.not_negative() if is_demand else forecast)
    for row in rows.values():
        keys = set.intersection(*(set(scores) for scores in row["scores"]))
        row["scores"] = {key: float(np.mean([scores[key] for scores in row["scores"]])) for key in sorted(keys)}
    return list(rows.values())


def speed(
    suyo: Suyo, cut: series.Cut, chosen: list[peers.Peer], sample: int | None, times: int, patience: float
) -> list[dict]:
    """Processor seconds for means alone, ours and the peer's by turns on the same series."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for peer in chosen:
            part, _ = cut.some(sample if peer.is_slow else None)
            path = os.path.join(folder, f"{len(part.known)}.csv")
            if not os.path.exists(path):
                part.write(path, with_actuals=True)
            say(f"speed of {peer.name}")
            # Whatever is compiled or cached at the first call is not counted.
            peer.timed(part.some(3)[0], False)
            ours, theirs, backtested = [], [], []

            def measure() -> None:
                """Ours as the peer does it, and once more with the backtest that it has as a rule."""
                if not peer.ours:
                    return
                backtested.append(suyo.measure(path, part, peer.ours)["processor_seconds"])
                alone = backtested[-1] if peer.chooses else suyo.measure(path, part, peer.ours, 0)["processor_seconds"]
                ours.append(alone)

            for _ in range(times):
                measure()
                theirs.append(peer.timed(part, False)[1])
                if theirs[-1] > patience:
                    break
            # Ours is over in a moment: a few more make its median steadier.
            while peer.ours and len(ours) < times:
                measure()
            rows.append(
                {
                    "peer": peer.name,
                    "peer_seconds": median(theirs),
                    "peer_times": len(theirs),
                    "ours": peer.ours,
                    "our_seconds": median(ours) if ours else None,
                    "our_seconds_with_backtest": median(backtested) if ours else None,
                    "series": len(part.known),
                    "observations": sum(len(one.values) for one in part.known),
                }
            )
        path = os.path.join(folder, f"{len(cut.known)}.csv")
        if not os.path.exists(path):
            cut.write(path, with_actuals=True)
        measured = [suyo.measure(path, cut, "auto") for _ in range(times)]
    trio = [row for row in rows if row["peer"] in ("AutoETS", "AutoTheta", "AutoCES")]
    if len(trio) == 3:
        rows.append(
            {
                "peer": "AutoETS + AutoTheta + AutoCES",
                "peer_seconds": sum(row["peer_seconds"] * len(cut.known) / row["series"] for row in trio),
                "peer_times": 1,
                "ours": "auto",
                "our_seconds": median([row["processor_seconds"] for row in measured]),
                "our_seconds_with_backtest": median([row["processor_seconds"] for row in measured]),
                "our_seconds_with_intervals": median([row["processor_seconds_with_intervals"] for row in measured]),
                "series": len(cut.known),
                "observations": sum(len(one.values) for one in cut.known),
            }
        )
    return rows


def say(text: str) -> None:
    """Says on standard error what is being done."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measures and prints."""
    asked = arguments()
    season = asked.season or series.USUAL_SEASON[asked.frequency]
    shortest = asked.shortest or (max(2 * season, 10) if season <= 24 else 20)
    whole = series.read(asked.data, asked.frequency) if asked.data else series.generated()
    cuts = [
        series.cut(whole, asked.frequency, season, asked.horizon, origin, shortest) for origin in range(asked.origins)
    ]
    chosen = peers.for_cut(cuts[0])
    if asked.only:
        chosen = [peer for peer in chosen if any(part in peer.name for part in asked.only.split(","))]
    chosen = [peer for peer in chosen if usable(peer, cuts[-1])]
    suyo = Suyo(asked.suyo)
    result = {
        "name": asked.name or (os.path.basename(asked.data).split(".")[0] if asked.data else "generated"),
        "date": date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "frequency": asked.frequency,
        "season": season,
        "horizon": asked.horizon,
        "origins": asked.origins,
        "series": len(cuts[0].known),
        "observations": sum(len(one.values) for one in cuts[0].known),
        "is_intermittent": cuts[0].is_intermittent,
        "speed": speed(suyo, cuts[0], chosen, asked.sample, asked.times, asked.patience),
        "accuracy": accuracy(suyo, cuts, chosen, asked.sample),
        "kernel": suyo.kernel(),
    }
    if asked.output:
        os.makedirs(asked.output, exist_ok=True)
        with open(os.path.join(asked.output, result["name"] + ".json"), "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    print(tables.one_set(result))


if __name__ == "__main__":
    main()
