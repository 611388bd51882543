"""What one column's classification promises, whatever is in it."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from lineproof.data.classification import CLASSES, Column, classify, classify_table, text_engine
from lineproof.data.classification.hints import hints
from lineproof.errors import CommandError, MissingTextEngineError


def see(name, values, **known):
    values = values if isinstance(values, pa.Array) else list(values)
    return classify(name, values, rows=known.pop("rows", len(values)), nulls=known.pop("nulls", 0), **known)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None, None],
        ["", " ", "n/a", "-", "NULL"],
        ["x"],
        [True, False],
        [float("nan"), float("inf"), 1.5],
        ["a" * 200_000],
        ["\x1f", "\x00", "\ud7ff", "\U0001f600"],
        [b"\x00\x01", b"\xff"],
        [Decimal("1.20"), Decimal("99.00")],
        [1, "two", 3.0, None],
        [dt.time(1, 2), dt.time(3, 4)],
        [{"a": 1}, {"a": 2}],
        [["x", "y"], []],
        [dt.timedelta(seconds=3)],
        pa.array(["a", "b", "a"]).dictionary_encode(),
        pa.array([1, 2], pa.decimal128(20, 3)),
        pa.array([dt.datetime(2024, 1, 1, tzinfo=dt.UTC)]),
        pa.array(np.array([1.0, 2.0], np.float16)),
        pa.nulls(3),
        pa.array([[], None], pa.list_(pa.struct([("a", pa.int8())]))),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("error")
def test_nothing_in_a_column_makes_it_fail(values):
    for name in ("", "x", "email", "geburtsdatum", "notes", "photo", "age"):
        one = see(name, values)
        assert one.class_ in CLASSES
        assert 0 <= one.confidence <= 1


def test_a_telling_name_of_an_empty_column_counts():
    assert see("ssn", []).class_ == "SSN"
    assert see("col7", []).class_ == "NONE"


def test_json_has_the_names_of_the_contract():
    one = msgspec.json.decode(msgspec.json.encode(see("email", ["a@example.org", "b@example.org"])))
    assert one["class"] == "EMAIL"
    assert one["hipaa"] == "F"
    assert one["gdpr"] == "personal"
    assert isinstance(one["evidence"], list)


def test_typed_and_textual_values_are_judged_alike():
    days = [dt.date(1930 + n % 75, 1 + n % 12, 1 + n % 28) for n in range(300)]
    as_text = [day.strftime("%d.%m.%Y") for day in days]
    as_number = [int(day.strftime("%Y%m%d")) for day in days]
    as_time = [dt.datetime.combine(day, dt.time(), dt.UTC) for day in days]
    assert {see("c", values).class_ for values in (days, as_text, as_number, as_time)} == {"BIRTH_DATE"}


def test_whole_floats_are_read_as_the_integers_they_were():
    cards = [
        4111111111111111.0,
        4012888888881881.0,
        4222222222222.0,
        5105105105105100.0,
        5555555555554444.0,
    ] * 3
    assert see("kartennummer", [*cards, float("nan")]).class_ == "CREDIT_CARD"


def test_digits_that_fail_their_check_are_no_cards_whatever_the_name():
    failing = [f"4{n:014}{(1 + n) % 10}" for n in range(10**9, 10**9 + 400, 7)]
    luhn = [value for value in failing if _luhn(value)]
    assert see("card_number", [value for value in failing if value not in luhn]).class_ == "NONE"


def _luhn(value):
    doubled = [int(sign) * (2 - place % 2) for place, sign in enumerate(value, start=len(value) % 2)]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def test_ages_identify_only_above_89():
    assert see("age", range(18, 89)).class_ == "NONE"
    old = see("age", range(18, 97))
    assert (old.class_, old.hipaa) == ("AGE", "C")


def test_coordinates_are_personal_only_where_the_name_says_whose():
    where = [40 + n / 7 for n in range(60)]
    assert see("store_lat", where).class_ == "NONE"
    assert see("lat", where).class_ == "NONE"
    assert see("home_lat", where).class_ == "GEOLOCATION"


def test_free_text_says_what_it_contains():
    text = [f"Please call {n} and write to person{n}@example.org before noon." for n in range(60)]
    one = see("c9", text)
    assert one.class_ == "FREE_TEXT"
    assert "EMAIL" in one.contains
    assert see("remarks", [f"All parts were in stock on shelf {n}." for n in range(60)]).class_ == "NONE"


def test_a_uuid_is_a_device_only_where_the_name_says_so():
    some = [f"{n:08x}-1111-4222-8333-{n:012x}" for n in range(50)]
    assert see("row_id", some).class_ == "NONE"
    assert see("device_id", some).class_ == "DEVICE_ID"


def test_special_categories_are_known_by_yes_and_no_under_a_telling_name():
    one = see("trade_union_member", ["yes", "no"], rows=500)
    assert (one.class_, one.gdpr) == ("TRADE_UNION", "special")
    assert see("active", ["yes", "no"], rows=500).class_ == "NONE"


def test_a_photograph_and_a_fingerprint_are_known_by_name():
    assert see("profile_photo", [b"\xff\xd8\xff\xe0", b"\x89PNG"]).hipaa == "Q"
    assert see("fingerprint_template", [b"\x01\x02", b"\x03"]).gdpr == "special"


def test_days_become_personal_beside_a_diagnosis():
    days = [f"2024-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(200)]
    codes = ["E11.9", "I10", "J45.0", "F41.1", "M54.5"] * 40
    alone = classify_table({"f0": Column(days, 200, 0)})
    beside = classify_table({"f0": Column(days, 200, 0), "f1": Column(codes, 200, 0)})
    assert alone["f0"].class_ == "NONE"
    assert beside["f0"].class_ == "DATE"


@pytest.mark.parametrize(
    ("name", "class_"),
    [
        ("eMail", "EMAIL"),
        ("KundenTelefonNummer", "PHONE"),
        ("last_login_ip", "IP"),
        ("ip_address", "IP"),
        ("patient_name", "PERSON"),
        ("DateOfBirth", "BIRTH_DATE"),
        ("お客様氏名", "PERSON"),
        ("номер_телефона", "PHONE"),
    ],
)
def test_names_are_read_in_many_spellings(name, class_):
    assert class_ in hints(name).strong


@pytest.mark.parametrize(
    "name", ["product_name", "order_date", "companyName", "file_name", "host_name", "account_count"]
)
def test_names_of_things_do_not_speak_of_people(name):
    assert "PERSON" not in {**hints(name).strong, **hints(name).weak}
    assert hints(name).against


def many_columns(each):
    """Columns of several kinds, some long enough to be looked at by a probe first."""
    kinds = {
        "a": lambda n: f"user{n}@example.org",
        "b": lambda n: n * 0.37,
        "c": lambda n: f"order-{n:06}",
        "d": lambda n: n % 3 == 0,
        "e": lambda n: f"+49 30 {100_000 + n}",
        "f": lambda n: f"line {n} of a longer text, without anybody in it",
    }
    return {
        f"{kind}{at}": [make(n) for n in range(at, at + (40 if at % 2 else 700))]
        for at in range(each)
        for kind, make in kinds.items()
    }


def test_a_column_among_many_is_classified_as_alone():
    made = many_columns(6)
    found = classify_table({name: Column(values, len(values), 0) for name, values in made.items()})
    assert {name: one.class_ for name, one in found.items()} == {
        name: see(name, values).class_ for name, values in made.items()
    }
    assert {one.class_ for one in found.values()} == {"EMAIL", "PHONE", "NONE"}


def test_a_column_among_many_costs_a_part_of_what_it_costs_alone():
    made = {name: values[:40] for name, values in many_columns(20).items()}
    classify_table({name: Column(values, 40, 0) for name, values in made.items()})  # reads the lists
    started = time.process_time()
    classify_table({name: Column(values, 40, 0) for name, values in made.items()})
    together = time.process_time() - started
    started = time.process_time()
    for name, values in made.items():
        see(name, values)
    assert together < (time.process_time() - started) / 2


def test_an_engine_for_texts_that_is_not_there_says_what_to_install():
    with pytest.raises(MissingTextEngineError, match="Presidio") as caught:
        text_engine("presidio")
    assert caught.value.code == "LP-DATA-14"
    assert "lineproof[presidio]" in caught.value.remedy
    with pytest.raises(CommandError):
        text_engine("another")


class Shouting:
    """An engine that finds an account in texts that shout."""

    name = "Shouting"

    def shares(self, texts):
        return {"ACCOUNT": sum("!" in text for text in texts) / len(texts), "NO_CLASS": 1.0}


def test_an_engine_for_texts_is_asked_of_free_text_alone_and_believed_beyond_luck():
    texts = [f"The delivery {n} was late, please look into it." for n in range(100)]
    loud = [text + "!" if n % 4 == 0 else text for n, text in enumerate(texts)]
    seldom = [text + "!" if n % 10 == 0 else text for n, text in enumerate(texts)]
    columns = {"a": texts, "b": loud, "c": seldom, "d": [f"code!{n}" for n in range(100)]}
    found = classify_table(
        {name: Column(values, 100, 0) for name, values in columns.items()}, texts=Shouting()
    )
    assert [one.class_ for one in found.values()] == ["NONE", "FREE_TEXT", "NONE", "NONE"]
    assert found["b"].contains == ("ACCOUNT",)
    assert "Shouting" in " ".join(found["b"].evidence)
