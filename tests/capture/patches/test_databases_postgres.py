"""Cursors of psycopg, on a real server."""

from __future__ import annotations

import pandas as pd
import psycopg

import lineproof

PROGRAM = """
import psycopg, pandas as pd
from psycopg import sql
from psycopg.rows import dict_row
frame = pd.read_csv("people.csv")
with psycopg.connect(ADDRESS) as connection:
    connection.execute("create table person (id int, name text, income float8)")
    with connection.cursor() as cursor:
        cursor.executemany("insert into person values (%s, %s, %s)", frame[["id", "name", "income"]].values.tolist())
    connection.execute("create table total as select id, sum(income) as pay from person where name <> 'Ann' group by id")
    rows = connection.execute("select pay, id::text from total where pay > %(low)s", {"low": 2}).fetchall()
    rows = pd.DataFrame(rows, columns=["id", "pay"])
    named = pd.DataFrame(connection.cursor(row_factory=dict_row).execute("select income, id from person").fetchall())
    query = sql.SQL("select {} from person").format(sql.Identifier("income"))
    built = pd.DataFrame([{"x": row[0]} for row in connection.execute(query)])
    try:
        connection.execute("select nothing from person")
    except psycopg.errors.UndefinedColumn:
        connection.rollback()
"""


def test_statements_of_psycopg_are_followed_and_transactions_left_alone(recording, postgres):
    (recording.root / "people.csv").write_text("id,name,income\n1,Ann,2.5\n2,Bob,3.5\n", encoding="utf-8")
    found = recording.script(f"ADDRESS = {postgres.new_schema()!r}\n{PROGRAM}")

    def direct(frame: pd.DataFrame) -> dict[str, set[str]]:
        return {
            name: {f"{each.dataset}.{each.column}" for each in origin.direct}
            for name, origin in lineproof.origins(frame).items()
        }

    assert direct(found["rows"]) == {"id": {"people.csv.income"}, "pay": {"people.csv.id"}}
    assert direct(found["named"]) == {"income": {"people.csv.income"}, "id": {"people.csv.id"}}
    assert direct(found["built"]) == {"x": {"people.csv.income"}}
    assert type(found["cursor"]) is psycopg.Cursor
    made = [each for event in recording.events() for each in event.get("outputs", ())]
    (total,) = [each for each in made if each["name"].endswith(".total")]
    assert total["namespace"].startswith("postgres://")
    assert total["name"].startswith("postgres.")
    assert "Ann" not in "".join(map(str, recording.lines))
