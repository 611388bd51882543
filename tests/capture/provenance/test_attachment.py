"""A table of origins belongs to its object for as long as it is true, and keeps nothing alive."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pandas as pd

from lineproof.capture.instrument import quiet
from lineproof.capture.provenance import SourceColumn, Table, attach, table_of
from lineproof.capture.provenance.table import source_origin

A = source_origin(SourceColumn("file", "t.csv", "sha256:0", "a"), "read_csv")


def frame() -> pd.DataFrame:
    made = pd.DataFrame({"a": [1.5, 2.5]})
    attach(made, Table(("a",), (A,)))
    return made


def test_a_table_is_found_again():
    made = frame()
    assert table_of(made).columns["a"] is A


def test_a_frame_whose_labels_changed_behind_our_back_is_not_trusted():
    made = frame()
    with quiet():
        made.columns = ["b"]
    assert table_of(made) is None


def test_a_table_is_neither_copied_nor_pickled():
    with quiet():
        for other in (copy.deepcopy(frame()), pickle.loads(pickle.dumps(frame())), frame().copy()):
            assert table_of(other) is None


def test_provenance_keeps_no_frame_and_no_array_alive():
    made, array = frame(), np.arange(3.0)
    attach(array, Table((None,), (A,), vector=True))
    watched = [weakref.ref(made), weakref.ref(array)]
    identity = id(array)
    del made, array
    gc.collect()
    assert [each() for each in watched] == [None, None]
    assert table_of(np.arange(3.0)) is None or id(np.arange(3.0)) != identity


def test_a_number_is_known_by_its_identity():
    mean = np.float64(2.25)
    attach(mean, Table((None,), (A,), vector=True))
    assert table_of(mean).flat is A
    assert table_of(np.float64(2.25)) is None


def test_shared_numbers_and_words_are_never_taken_for_derived_ones():
    for shared in (True, None, 7, "x", float("nan")):
        attach(shared, Table((None,), (A,), vector=True))
        assert table_of(shared) is None
