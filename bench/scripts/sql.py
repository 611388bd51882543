"""The measured script: DuckDB over two CSV files of 1M and 100k rows. Ordinary code, nothing of ours."""

import os
import resource
import sys
import time

import duckdb

folder = sys.argv[1]
connection = duckdb.connect()
connection.execute(f"create table loans as select * from read_csv('{folder}/loans.csv')")
connection.execute(f"create table customers as select * from read_csv('{folder}/customers.csv')")
connection.execute(
    "create table joined as select l.*, c.income, c.age, c.region, l.amount / l.months as instalment "
    "from loans l join customers c using (customer) where l.amount > 100"
)
summary = connection.execute(
    "select region, kind, count(*) as n, avg(instalment * 12 / income) as burden, "
    "quantile_cont(rate, 0.9) as rate_90 from joined group by region, kind order by region, kind"
).df()
window = connection.execute(
    "select customer, amount, sum(amount) over (partition by customer order by loan) as running from joined"
).df()
print(len(summary), round(float(window["running"].sum()), 2))
connection.execute(f"copy joined to '{folder}/joined.parquet' (format parquet)")

with open(os.environ["BENCH_CPU"], "w") as file:
    file.write(f"{time.process_time()} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
