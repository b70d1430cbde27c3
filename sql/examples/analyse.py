"""Click-through by position and day with pandas, from what recs export wrote.

    ./recs export fct_impression --db URL --output fct_impression.parquet
    python3 sql/examples/analyse.py fct_impression.parquet

Needs pandas with pyarrow, and nothing of recs.
"""

import sys

import pandas as pd


def wilson(clicked: pd.Series, shown: pd.Series, z: float = 1.959964) -> pd.DataFrame:
    """The bounds of a share that click_through gives too (Wilson, 1927)."""
    share = clicked / shown
    centre = (share + z * z / (2 * shown)) / (1 + z * z / shown)
    half = z / (1 + z * z / shown) * (share * (1 - share) / shown + z * z / (4 * shown * shown)) ** 0.5
    return pd.DataFrame({"low": (centre - half).clip(lower=0), "high": (centre + half).clip(upper=1)})


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("analyse.py: expected one file, such as fct_impression.parquet from recs export")
    shown = pd.read_parquet(sys.argv[1], columns=["day", "position", "kind", "clicks", "spend_thousandths"])
    shown["clicked"] = shown["clicks"] > 0

    by_position = shown.groupby("position").agg(shown=("clicked", "size"), clicked=("clicked", "sum"))
    by_position["click_through"] = by_position["clicked"] / by_position["shown"]
    print(by_position.join(wilson(by_position["clicked"], by_position["shown"])).to_string())

    by_day = shown.groupby("day").agg(click_through=("clicked", "mean"), revenue=("spend_thousandths", "sum"))
    by_day["revenue"] /= 1e9  # thousandths of a millionth of the currency
    print(by_day.to_string())


if __name__ == "__main__":
    main()
