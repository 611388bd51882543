"""The measured script at its worst: loops over rows, value by value. Ordinary code, nothing of ours."""

import os
import resource
import sys
import time

import pandas as pd

folder = sys.argv[1]
frame = pd.read_csv(f"{folder}/loans.csv", nrows=20_000)
frame["flag"] = 0.0
total = 0.0
rates = frame["rate"]
for row in range(len(frame)):
    total += frame.at[row, "amount"] * rates[row]  # noqa: PD008 — the worst case is what this is
    if frame.loc[row, "months"] > 36:
        frame.loc[row, "flag"] = frame["amount"].iloc[row] / frame.iloc[row]["months"]
for _, values in frame.head(5_000).iterrows():
    total += values["amount"] + values["rate"]
parts = [frame["amount"] * number + frame["rate"] for number in range(200)]
print(round(total, 3), round(float(frame["flag"].sum() + parts[-1].sum()), 3))
frame.to_csv(f"{folder}/scalars.csv", index=False)

with open(os.environ["BENCH_CPU"], "w") as file:
    file.write(f"{time.process_time()} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
