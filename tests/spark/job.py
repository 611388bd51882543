"""A Spark job as people write them; what `lineproof.origins` says of its frames goes to origins.json."""

import json
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 - as everybody writes it

import lineproof

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "1")
    .getOrCreate()
)
people = spark.read.csv("people.csv", header=True, inferSchema=True)
scores = spark.read.csv("scores.csv", header=True, inferSchema=True)
people.createOrReplaceTempView("people")
scores.createOrReplaceTempView("scores")
length = F.udf(lambda value: len(str(value)), "int")

risk = people.join(scores, "id").withColumn("k", length("ssn")).drop("ssn").filter(F.col("age") > 20)
flagged = people.withColumn("c", F.when(people.g == "a", people.age).otherwise(0)).select("c")
ranked = people.select("id", F.row_number().over(Window.partitionBy("g").orderBy("age")).alias("r"))
grouped = people.groupBy("g").agg(F.sum("age").alias("total"))
queried = spark.sql(
    "with t as (select id, age from people where g = 'a') "
    "select t.age, (select max(score) from scores) as best from t where t.id in (select id from scores)"
)
united = people.select("id").union(scores.select("score"))
exploded = people.select("id", F.explode(F.split("g", "")).alias("letter"))
frame = pd.read_csv("people.csv")
handed = spark.createDataFrame(frame.assign(double=frame["age"] * 2)[["double", "g"]]).filter("double > 60")
invented = spark.createDataFrame([(1, 2)], ["a", "b"])
mapped = people.select("id", "age").mapInPandas(
    lambda parts: (part.set_axis(["x", "y"], axis=1) for part in parts), "x long, y long"
)

risk.write.mode("overwrite").parquet("risk.parquet")
again = spark.read.parquet("risk.parquet").select((F.col("k") + 1).alias("k1"))

found = {}
for name, each in {
    "risk": risk, "flagged": flagged, "ranked": ranked, "grouped": grouped, "queried": queried,
    "united": united, "exploded": exploded, "handed": handed, "invented": invented, "mapped": mapped,
    "again": again, "distinct": scores.distinct(),
}.items():  # fmt: skip
    found[name] = {
        column: {
            "direct": sorted(f"{source.dataset}#{source.column}" for source in origins.direct),
            "indirect": sorted(f"{source.dataset}#{source.column}" for source in origins.indirect),
            "precision": origins.precision,
        }
        for column, origins in lineproof.origins(each.toPandas()).items()
    }
Path("origins.json").write_text(json.dumps(found))
spark.stop()
