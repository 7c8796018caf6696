"""Results as Markdown: one set with everything, or several side by side.

Usage: python tables.py FOLDER, where FOLDER holds what `ops/bench/run -o FOLDER` wrote.
"""

from __future__ import annotations

import glob
import json
import os
import sys


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    rule = ["---"] + ["--:"] * (len(columns) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [columns, rule, *rows])


def grouped(number: float) -> str:
    """A number for reading: three digits at least where it has them, thousands apart."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def ratio(row: dict) -> str:
    """How many times as fast ours is, in brackets with its backtest where the peer's has none; empty where nothing of
    ours does the same."""
    if not row["our_seconds"]:
        return ""
    alone, backtested = (row["peer_seconds"] / row[key] for key in ("our_seconds", "our_seconds_with_backtest"))
    return grouped(alone) + " ×" + ("" if alone == backtested else f" ({grouped(backtested)})")


def speed_rows(result: dict) -> list[list[str]]:
    """Series per second of processor time of each pair."""
    rows = []
    for row in result["speed"]:
        name = row["peer"] + ("" if row["series"] == result["series"] else f" ({row['series']} series)")
        ours = grouped(row["series"] / row["our_seconds"]) if row["our_seconds"] else ""
        rows.append([name, grouped(row["series"] / row["peer_seconds"]), row["ours"] or "", ours, ratio(row)])
    return rows


def by_accuracy(result: dict) -> list[dict]:
    """The models, the best first: by pooled RMSE for intermittent demand, else by MASE."""
    key = "rmse" if result["is_intermittent"] else "mase"
    return sorted(result["accuracy"], key=lambda row: row["scores"][key])


def score(row: dict, key: str, places: int, sign: str = "") -> str:
    """A score, or a dash where there is none."""
    value = row["scores"].get(key)
    return "–" if value is None else f"{value:{sign}.{places}f}"


def name(row: dict) -> str:
    """A model's name, ours in bold."""
    return f"**{row['model']}**" if row["ours"] else row["model"]


def coverage(row: dict) -> str:
    """Percent inside the 80 and the 95 % interval."""
    return f"{score(row, 'coverage_80', 1)} / {score(row, 'coverage_95', 1)}"


def describe(result: dict) -> str:
    """What the series are, in one line."""
    return (
        f"{result['series']:,} series, {result['observations']:,} values, {result['frequency']}, season "
        f"{result['season']}, horizon {result['horizon']}, {result['origins']} origin"
        + ("s" if result["origins"] > 1 else "")
    )


def one_set(result: dict) -> str:
    """Everything about one set."""
    speed = table(["peer", "series/s", "suyo", "series/s", "ratio"], speed_rows(result))
    accuracy = table(
        ["model", "MASE", "sMAPE", "RMSE", "bias %", "pinball", "inside 80 / 95 %", "MSIS"],
        [
            [
                name(row),
                score(row, "mase", 3),
                score(row, "smape", 2),
                score(row, "rmse", 3),
                score(row, "bias", 1, "+"),
                score(row, "pinball", 4),
                coverage(row),
                score(row, "msis", 2),
            ]
            for row in by_accuracy(result)
        ],
    )
    kernel = ", ".join(
        f"{row['model']} {row['nanoseconds_per_observation']} ns = {row['cycles_per_observation']} cycles"
        for row in result["kernel"]
    )
    return "\n\n".join(
        [
            f"### {result['name']}",
            f"{describe(result)}. {result['date']}, {result['machine']}.",
            "Processor time of one thread, means alone:",
            speed,
            accuracy,
            f"One pass of smoothing, per observation: {kernel}.",
        ]
    )


def side_by_side(results: list[dict]) -> str:
    """Speed ratios, accuracy and intervals of several sets, a set per column."""
    names = [result["name"] for result in results]
    pairs: dict[tuple[str, str], dict[str, dict]] = {}
    for result in results:
        for row in result["speed"]:
            if row["ours"]:
                pairs.setdefault((row["peer"], row["ours"]), {})[result["name"]] = row
    speed = table(
        ["peer → suyo", *names],
        [[f"{peer} → {ours}", *(ratio(rows[n]) if n in rows else "–" for n in names)] for (peer, ours), rows in pairs.items()],
    )
    models: dict[str, dict[str, dict]] = {}
    for result in results:
        for row in result["accuracy"]:
            if not row["ours"] or row["model"] == "suyo auto":
                models.setdefault(name(row), {})[result["name"]] = row
    intermittent = {result["name"] for result in results if result["is_intermittent"]}

    def point(set_name: str, row: dict) -> str:
        if set_name in intermittent:
            return f"{score(row, 'rmse', 2)} / {score(row, 'bias', 0, '+')}"
        return f"{score(row, 'mase', 3)} / {score(row, 'smape', 2)}"

    def matrix(cell) -> str:
        rows = [[model, *(cell(n, found[n]) if n in found else "–" for n in names)] for model, found in models.items()]
        return table(["model", *names], [row for row in rows if any(text.strip("–/ ") for text in row[1:])])

    return "\n\n".join(
        [
            "\n".join(f"- {result['name']}: {describe(result)}" for result in results),
            "How many times as fast, processor time of one thread, means alone; in brackets with a backtest from four origins:",
            speed,
            "MASE / sMAPE; for intermittent demand RMSE / bias in percent:",
            matrix(point),
            "Percent of points inside the 80 % / 95 % interval, and MSIS:",
            matrix(lambda n, row: f"{score(row, 'coverage_80', 0)} / {score(row, 'coverage_95', 0)}, {score(row, 'msis', 1)}"),
            "Pinball loss at 0.5, 0.8, 0.9 and 0.95:",
            matrix(lambda n, row: score(row, "pinball", 4)),
        ]
    )


if __name__ == "__main__":
    found = []
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json")), key=os.path.getmtime):
        with open(path, encoding="utf-8") as file:
            found.append(json.load(file))
    print(side_by_side(found))
