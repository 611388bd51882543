"""Write the raw files of the example: real measurements and an invented, seeded patient register."""

import argparse
import random
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_breast_cancer

SYLLABLES = ("ka", "lo", "mi", "ra", "ten", "vor", "sa", "del", "ni", "bru", "ho", "wes")


def invented_name(chance: random.Random) -> str:
    """Make a name that belongs to nobody."""
    given = "".join(chance.choices(SYLLABLES, k=2)).title()
    family = "".join(chance.choices(SYLLABLES, k=3)).title()
    return f"{given} {family}"


def register(rows: int, seed: int) -> pd.DataFrame:
    """Make one person per row; SSNs start with 9, a range that is never issued."""
    chance = random.Random(seed)
    people = []
    for number in range(rows):
        born = date(1935, 1, 1) + timedelta(days=chance.randrange(20_000))
        people.append(
            {
                "patient_id": f"P-{number:04d}",
                "name": invented_name(chance),
                "birth_date": born.isoformat(),
                "ssn": f"9{chance.randrange(100):02d}-{chance.randrange(1, 100):02d}-{chance.randrange(1, 10_000):04d}",
                "zip": f"{chance.randrange(1, 100_000):05d}",
                "consent_date": (date(2024, 1, 1) + timedelta(days=chance.randrange(300))).isoformat()
                if chance.random() > 0.03
                else None,
            }
        )
    return pd.DataFrame(people)


def measurements(seed: int) -> pd.DataFrame:
    """Take scikit-learn's copy of the Wisconsin breast cancer data and give each row a visit."""
    frame = load_breast_cancer(as_frame=True).frame
    frame.columns = [name.replace(" ", "_") for name in frame.columns]
    frame = frame.rename(columns={"target": "benign"})
    frame.insert(0, "patient_id", [f"P-{number:04d}" for number in range(len(frame))])
    days = random.Random(seed).choices(range(365), k=len(frame))
    frame.insert(1, "visit_date", [(date(2025, 1, 1) + timedelta(days=day)).isoformat() for day in days])
    return frame


def main() -> None:
    """Write `patients.csv` and `measurements.csv`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("data/raw"))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    measured = measurements(options.seed)
    measured.to_csv(options.out / "measurements.csv", index=False)
    register(len(measured), options.seed).to_csv(options.out / "patients.csv", index=False)


if __name__ == "__main__":
    main()
