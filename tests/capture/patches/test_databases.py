"""SQL engines without a table library: rows that are fetched, tables that SQL fills, nothing of what they hold."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import lineproof

PEOPLE = "id,name,income\n" + "".join(f"{at},p{at}@x.org,{at}.5\n" for at in range(1, 9))


class Base(DeclarativeBase):
    """Mapped classes of these tests."""


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    income: Mapped[float]


@pytest.fixture
def people(recording):
    (recording.root / "people.csv").write_text(PEOPLE, encoding="utf-8")
    return recording


def origins(obj) -> dict[str, tuple[set[str], set[str], str]]:
    def names(columns):
        return {f"{each.dataset.removesuffix('.csv')}.{each.column}" for each in columns}

    found = lineproof.origins(obj)
    return {name: (names(o.direct), names(o.indirect), o.precision) for name, o in found.items()}


FILLED = """
import sqlite3, pandas as pd
base = sqlite3.connect("base.db")
cursor = base.cursor()
frame = pd.read_csv("people.csv")
cursor.execute("create table person (id integer, name text, income real)")
cursor.executemany("insert into person values (?, ?, ?)", frame[["id", "name", "income"]].values.tolist())
"""


def test_rows_that_are_fetched_know_their_columns_by_place_and_by_name(people):
    found = people.script(
        FILLED
        + """
rows = cursor.execute("select income, id from person where name <> 'p1@x.org'").fetchall()
fetched = pd.DataFrame(rows, columns=["id", "pay"])
looped = []
for pay, number in base.execute("select income, id from person"):
    looped.append({"pay": pay * 2, "number": number})
looped = pd.DataFrame(looped)
base.row_factory = sqlite3.Row
named = pd.DataFrame([{"pay": row["income"]} for row in base.execute("select income, id from person")])
most = base.execute("select max(income), min(id) from person").fetchone()
frame["share"] = frame["id"] / most[0]
"""
    )
    fetched = origins(found["fetched"])
    assert (fetched["id"][0], fetched["pay"][0]) == ({"people.income"}, {"people.id"})
    assert fetched["pay"][1] == {"people.name"}
    assert origins(found["looped"])["number"][0] == {"people.id"}
    assert origins(found["named"])["pay"][0] == {"people.income"}
    assert origins(found["frame"])["share"][0] == {"people.id", "people.income"}


def test_what_sql_moves_inside_the_engine_is_followed(people):
    found = people.script(
        FILLED
        + """
cursor.execute("create table total as select name, sum(income) as pay from person group by name")
cursor.execute("alter table total rename column pay to sum_of_pay")
cursor.execute("create table copy (who text, pay real)")
cursor.execute("insert into copy select name, sum_of_pay from total where sum_of_pay > ?", (frame["id"].mean(),))
cursor.execute("update copy set pay = (select max(id) from person)")
copied = pd.DataFrame(cursor.execute("select pay, who from copy").fetchall())
"""
    )
    pay, who = origins(found["copied"]).values()
    assert pay[0] == {"people.income", "people.id"}
    assert who[0] == {"people.name"}
    assert "people.income" in who[1]
    assert "people.id" in who[1]
    made = {each["name"] for event in people.events() for each in event.get("outputs", ())}
    assert {"person", "total", "copy"} <= made


def test_tables_that_were_there_are_inputs_with_their_columns(people):
    with sqlite3.connect(people.root / "old.db") as base:
        people.session.instrument.enabled = False
        base.execute("create table visit (day text, cost real)")
        people.session.instrument.enabled = True
    base.close()
    found = people.script(
        """
import sqlite3, pandas as pd
rows = sqlite3.connect("old.db").execute("select cost from visit order by day").fetchall()
frame = pd.DataFrame(rows, columns=["cost"])
"""
    )
    assert origins(found["frame"])["cost"] == ({"visit.cost"}, {"visit.day"}, "superset")
    (visit,) = [
        each
        for event in people.events()
        for each in event.get("inputs", ())
        if "schema" in each.get("facets", {})
    ]
    assert (visit["namespace"], visit["name"]) == ("sqlite://old.db", "visit")
    assert [each["name"] for each in visit["facets"]["schema"]["fields"]] == ["day", "cost"]


def test_no_value_of_a_statement_is_written_down(people):
    people.script(
        FILLED
        + """
cursor.execute("insert into person values (4711123, 'Ann O''Hara', 3) -- for Mr. Kafka")
for number in range(3):
    cursor.execute(f"insert into person values (55512340{number}, 'q{number}@y.org', 1)")
cursor.execute("select id from person where name = 'Ann O''Hara' or id = ?", (4711999,)).fetchall()
"""
    )
    told = "".join(map(str, people.lines))
    assert not [
        each for each in ("4711123", "4711999", "Hara", "Kafka", "5551234", "y.org", "x.org") if each in told
    ]
    texts = [
        each["facets"]["lineproof_query"]["text"]
        for event in people.events()
        for each in event.get("outputs", ())
        if "lineproof_query" in each.get("facets", {})
    ]
    assert len([text for text in texts if text.startswith("insert")]) == 3, (
        "one for each form, not for each row"
    )


def test_cursors_of_sqlite_stay_what_they_are(people):
    class Own(sqlite3.Connection):
        pass

    base = sqlite3.connect(":memory:", factory=Own)
    cursor = base.cursor()
    assert type(base) is Own
    assert type(cursor) is sqlite3.Cursor
    assert sqlite3.Cursor.execute.__doc__.startswith("Executes an SQL statement")
    cursor.execute("create table t (a)")
    cursor.executemany("insert into t values (?)", ((at,) for at in range(3)))
    assert (cursor.rowcount, base.total_changes, base.in_transaction) == (3, 3, True)
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        cursor.execute("select b from t")
    heard: list[str] = []
    base.set_trace_callback(heard.append)
    assert cursor.execute("select a from t").fetchall() == [(0,), (1,), (2,)]
    assert heard == ["select a from t"], "a program that listens hears its own statements only"
    base.close()


ENGINE = """
import pandas as pd, sqlalchemy as sa
from sqlalchemy.orm import Session
engine = sa.create_engine("sqlite:///orm.db")
Base.metadata.create_all(engine)
frame = pd.read_csv("people.csv")
with engine.begin() as connection:
    connection.execute(sa.insert(Person.__table__), frame.to_dict("records"))
table = Person.__table__
"""


def orm(people, text: str) -> dict:
    path = people.root / "orm.py"
    path.write_text(ENGINE + text, encoding="utf-8")
    variables = {"__name__": "__main__", "__file__": str(path), "Base": Base, "Person": Person}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), variables)
    return variables


def test_statements_of_sqlalchemy_are_followed_core_text_and_objects(people):
    found = orm(
        people,
        """
limit = frame["id"].mean()
with engine.begin() as connection:
    rows = connection.execute(sa.select(table.c.income, table.c.id).where(table.c.income > limit)).fetchall()
    core = pd.DataFrame([{"pay": row.income, "number": row[1]} for row in rows])
    connection.execute(sa.text("create table total as select name, income * 2 as pay from person"))
    plain = pd.DataFrame(connection.execute(sa.text("select pay from total where pay > :low"), {"low": 3}).mappings().all())
with Session(engine) as session:
    objects = pd.DataFrame([(each.income, each.name) for each in session.query(Person).filter(Person.id > 1)])
    scalars = pd.DataFrame({"n": [each.name for each in session.scalars(sa.select(Person)).all()]})
read = pd.read_sql("select income as pay from person", engine)
""",
    )
    core = origins(found["core"])
    assert core["pay"][0] == {"people.income"}
    assert core["number"][0] == {"people.id"}
    assert "people.id" in core["pay"][1]
    assert origins(found["plain"])["pay"][0] == {"people.income"}
    objects = origins(found["objects"])
    assert (objects["0"][0], objects["1"][0]) == ({"people.income"}, {"people.name"})
    assert origins(found["scalars"])["n"][0] == {"people.name"}
    assert origins(found["read"])["pay"][0] == {"people.income"}


def test_values_that_objects_held_before_they_were_stored_are_unknown_not_nothing(people):
    found = orm(
        people,
        """
with Session(engine) as session:
    session.add(Person(id=99, name="new", income=2.0))
    session.commit()
    stored = pd.DataFrame([(each.income,) for each in session.scalars(sa.select(Person))])
""",
    )
    assert origins(found["stored"])["0"][2] == "unknown"


def test_one_statement_in_a_loop_is_one_fact(people):
    base = sqlite3.connect(":memory:")
    base.execute("create table t (a)")
    before = len(people.events())
    for at in range(50):
        base.execute("insert into t values (?)", (at,))
    assert len(people.events()) - before <= 1
    base.close()


def test_engines_are_left_as_they_were_after_the_recording(people):
    people.session.instrument.unwrap_all()
    assert not hasattr(sqlite3.Cursor.execute, "__lineproof__")
    assert not sa.event.contains(sa.Engine, "after_cursor_execute", object())
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        assert connection.execute(sa.text("select 1")).scalar() == 1
    engine.dispose()


def test_a_frame_of_fetched_rows_is_the_same_with_and_without(people):
    base = sqlite3.connect(":memory:")
    base.execute("create table t (a, b)")
    base.execute("insert into t values (1, 'x'), (2, 'y')")
    base.commit()
    frame = pd.DataFrame(base.execute("select * from t").fetchall(), columns=["a", "b"])
    assert frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    with Session(sa.create_engine("sqlite://", poolclass=sa.StaticPool, creator=lambda: base)) as session:
        assert session.execute(sa.text("select a from t")).scalars().all() == [1, 2]
    base.close()
