"""Daily and weekly demand per article from the order lines of Online Retail II (UCI Machine Learning Repository).

Usage: python retail.py ORDER_LINES.csv FOLDER
writes FOLDER/retail-daily.csv and FOLDER/retail-weekly.csv with unique_id,ds,y. The file needs the columns invoice,
stock_code, quantity, invoice_date and price.

The thousand articles with the most days (weeks) of demand are taken, as far as they sold some time before the first of
the origins that will be compared on; which ones those are is settled by what lies before that origin.
"""

from __future__ import annotations

import os
import sys

import pandas as pd


def daily(path: str) -> pd.DataFrame:
    """Quantity per article and day, articles in rows, every day from the first to the last whole one in columns."""
    lines = pd.read_csv(path, dtype={"invoice": str, "stock_code": str}, parse_dates=["invoice_date"])
    # Cancellations begin with C; what is no article has no number of five digits.
    lines = lines[(lines["quantity"] > 0) & (lines["price"] > 0) & ~lines["invoice"].str.startswith("C")]
    lines["article"] = lines["stock_code"].str.upper().str.strip()
    lines = lines[lines["article"].str.match(r"^\d{5}")]
    lines["day"] = lines["invoice_date"].dt.normalize()
    last = lines["day"].max() - pd.Timedelta(days=1)
    lines = lines[lines["day"] <= last]
    days = pd.date_range(lines["day"].min(), last)
    return lines.groupby(["article", "day"])["quantity"].sum().unstack(fill_value=0).reindex(columns=days, fill_value=0)


def weekly(days: pd.DataFrame) -> pd.DataFrame:
    """Quantity per article and whole week, weeks named by their Monday."""
    weeks = days.T.resample("W-MON", label="left", closed="left").sum().T
    first, last = days.columns[0], days.columns[-1]
    return weeks[[week for week in weeks.columns if week >= first and week + pd.Timedelta(days=6) <= last]]


def write(table: pd.DataFrame, path: str, held_back: int, before: int, number: int = 1000) -> None:
    """Writes the articles with demand in the most buckets, each from its first demand on."""
    known = table.iloc[:, : table.shape[1] - held_back]
    first = (table > 0).to_numpy().argmax(axis=1)
    early = known[first <= known.shape[1] - before]
    chosen = (early > 0).sum(axis=1).sort_values(ascending=False, kind="stable").index[:number]
    with open(path, "w", encoding="utf-8") as file:
        file.write("unique_id,ds,y\n")
        for article in chosen:
            values = table.loc[article].to_numpy()
            begin = int((values > 0).argmax())
            for date, value in zip(table.columns[begin:], values[begin:]):
                file.write(f"{article},{date:%Y-%m-%d},{value}\n")


if __name__ == "__main__":
    source, folder = sys.argv[1:3]
    by_day = daily(source)
    write(by_day, os.path.join(folder, "retail-daily.csv"), held_back=28 * 3, before=56)
    write(weekly(by_day), os.path.join(folder, "retail-weekly.csv"), held_back=8 * 2, before=20)
