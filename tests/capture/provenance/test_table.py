"""Origins are values: combining them never changes one, and never claims more than is known."""

from lineproof.capture.provenance import CONSTANT, SourceColumn, Table, combined
from lineproof.capture.provenance.table import source_origin
from lineproof.model.lineage import How, Precision


def column(name: str):
    return SourceColumn("file", "t.csv", "sha256:0", name)


A, B, C = (source_origin(column(name), "read_csv") for name in "abc")


def test_a_combination_has_the_sources_of_all_its_parts():
    both = combined((A, B), "add")
    assert both.direct == {column("a"), column("b")}
    assert (both.indirect, both.precision, both.rule) == (frozenset(), Precision.EXACT, "add")


def test_a_column_that_is_direct_is_not_repeated_as_indirect():
    under = A.under(combined((A, B), "filter"))
    assert under.direct == {column("a")}
    assert under.indirect == {column("b")}
    assert combined((under, B), "add").indirect == frozenset()


def test_the_least_precise_part_decides_what_may_be_claimed():
    loose = B.at_best(Precision.SUPERSET, How.STATIC)
    assert combined((A, loose), "add").precision is Precision.SUPERSET
    assert combined((A, loose), "add").how is How.STATIC
    assert A.under(CONSTANT.at_best(Precision.UNKNOWN)).precision is Precision.UNKNOWN


def test_constants_add_nothing():
    assert combined((CONSTANT, CONSTANT), "add") is CONSTANT
    assert combined((A, CONSTANT), "read_csv") == A
    assert A.under(CONSTANT) is A


def test_equal_origins_are_one_object():
    assert combined((A, B), "add") is combined((B, A), "add")


def test_a_condition_decides_about_every_column_the_index_and_columns_that_come_later():
    table = Table(("x", "y"), (A, B), index=(C,))
    filtered = table.under(B)
    assert [origin.indirect for origin in filtered.origins] == [{column("b")}, frozenset()]
    assert filtered.index[0].indirect == {column("b")}
    assert CONSTANT.under(filtered.rows).indirect == {column("b")}
    assert table.origins == (A, B), "the table itself is as it was"


def test_columns_of_one_label_are_answered_together():
    table = Table(("x", "x"), (A, B))
    assert table.columns["x"].direct == {column("a"), column("b")}


def test_a_first_level_stands_for_all_columns_below_it():
    table = Table((("m", "min"), ("m", "max"), ("n", "min")), (A, B, C))
    assert table.get("m").direct == {column("a"), column("b")}
    assert table.get("other") is None
