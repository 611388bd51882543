"""Write the input of million.py: 1,000,000 loans and their 100,000 customers, seeded."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd


def main() -> None:
    """Write loans.csv and customers.csv into the folder given."""
    folder = Path(sys.argv[1])
    chance = np.random.default_rng(11)
    rows, people = 1_000_000, 100_000
    loans = pd.DataFrame(
        {
            "loan": np.arange(rows),
            "customer": chance.integers(0, people, rows),
            "amount": chance.lognormal(9, 0.6, rows).round(2),
            "months": chance.integers(6, 72, rows),
            "rate": chance.normal(0.07, 0.02, rows).round(4),
            "kind": chance.choice(["car", "house", "other"], rows),
        }
    )
    customers = pd.DataFrame(
        {
            "customer": np.arange(people),
            "income": chance.lognormal(10, 0.5, people).round(2),
            "age": chance.integers(18, 90, people),
            "region": chance.choice(["n", "s", "e", "w"], people),
        }
    )
    risk = loans["amount"] / loans["months"] / customers["income"].to_numpy()[loans["customer"]]
    loans["bad"] = (risk * chance.lognormal(0, 0.7, rows) > np.quantile(risk, 0.9)).astype(int)
    folder.mkdir(parents=True, exist_ok=True)
    loans.to_csv(folder / "loans.csv", index=False)
    customers.to_csv(folder / "customers.csv", index=False)


if __name__ == "__main__":
    main()
