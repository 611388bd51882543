"""The measured script: polars, lazy and eager, over 1M rows. Ordinary code, nothing of ours."""

import os
import resource
import sys
import time

import polars as pl

folder = sys.argv[1]
loans = pl.scan_csv(f"{folder}/loans.csv").filter(pl.col("amount") > 100)
customers = pl.scan_csv(f"{folder}/customers.csv")
joined = loans.join(customers, on="customer", how="left").with_columns(
    (pl.col("amount") / pl.col("months")).alias("instalment"),
    pl.col("kind").cast(pl.Categorical),
)
frame = joined.collect()
totals = frame.group_by("customer").agg(pl.col("amount").sum().alias("total"), pl.len().alias("loans"))
frame = frame.join(totals, on="customer").with_columns((pl.col("amount") / pl.col("total")).alias("share"))
frame = frame.sort("loan").with_columns(pl.col("rate").rolling_mean(50).over("customer").alias("usual"))
for number in range(20):
    frame = frame.with_columns((pl.col("instalment") * number + pl.col("income")).alias(f"f{number}"))
print(frame.height, frame.width, round(frame["share"].sum(), 3))
frame.write_parquet(f"{folder}/lazy.parquet")

with open(os.environ["BENCH_CPU"], "w") as file:
    file.write(f"{time.process_time()} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
