"""Whatever is wrapped looks, is found and behaves as it did before."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
import textwrap
import traceback
import types

import pytest

MODULES = ("numpy", "pandas", "sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection", "joblib")


@pytest.fixture(scope="module")
def wrapped(tmp_path_factory):
    """Every attribute that any patch replaced: owner, name, what was there."""
    import importlib

    from lineproof.capture import patches
    from lineproof.capture.recorded import RecordedRun
    from lineproof.capture.session import Session

    for name in (*MODULES, "sklearn.compose", "sklearn.pipeline", "sklearn.preprocessing", "cloudpickle"):
        importlib.import_module(name)
    root = tmp_path_factory.mktemp("disguise")
    (root / ".lineproof" / "spool").mkdir(parents=True)
    session = Session(RecordedRun(folder=str(root / ".lineproof"), name="x").process(owner=True))
    for library in patches.PATCHES:
        if library in sys.modules:
            patches.install(library, sys.modules[library], session)
    try:
        yield list(session.instrument._undo)
    finally:
        session.instrument.unwrap_all()
        session.end("COMPLETE", {})


def function(raw):
    if isinstance(raw, (classmethod, staticmethod)):
        return raw.__func__
    return raw.fget if isinstance(raw, property) else raw


def pairs(wrapped):
    for owner, name, raw, _ in wrapped:
        yield f"{owner}.{name}", function(raw), function(inspect.getattr_static(owner, name)), raw


def test_much_is_wrapped(wrapped):
    assert len(wrapped) > 800


def test_signatures_names_and_documentation_are_those_of_the_original(wrapped):
    for place, before, after, _ in pairs(wrapped):
        for name in ("__name__", "__doc__"):
            assert getattr(after, name) == getattr(before, name), (place, name)
        try:
            signature = inspect.signature(before)
        except ValueError:  # a function of C that does not say
            continue
        assert str(inspect.signature(after)) == str(signature), place


def test_kinds_of_attributes_are_the_same(wrapped):
    for owner, name, raw, _ in wrapped:
        now = inspect.getattr_static(owner, name)
        if isinstance(raw, (classmethod, staticmethod, property, types.FunctionType)):
            assert type(now) is type(raw), f"{owner}.{name}"
        assert callable(now) == callable(raw)


def test_no_attribute_of_the_original_is_missing(wrapped):
    of_c_functions = {"__self__", "__text_signature__", "__nb_signature__", "__vectorcalloffset__"}
    of_c_functions |= {
        f"func_{each}" for each in ["closure", "code", "defaults", "dict", "doc", "globals", "name"]
    }
    of_c_functions |= {
        "__annotate__",
        "__annotate_cython__",
        "_is_coroutine",
    }  # Cython's, as are those of Python 2
    for place, before, after, _ in pairs(wrapped):
        assert {name for name in dir(before) if not hasattr(after, name)} <= of_c_functions, place


def test_functions_can_be_sent_to_other_processes(wrapped):
    for owner, name, raw, _ in wrapped:
        now = inspect.getattr_static(owner, name)
        if not isinstance(raw, types.FunctionType) or not isinstance(owner, (type, types.ModuleType)):
            continue
        if "<locals>" in getattr(owner, "__qualname__", "") or hasattr(now, "__lineproof_inner__"):
            continue
        assert pickle.loads(pickle.dumps(now)) is now, f"{owner}.{name}"


def test_the_program_s_line_stands_right_above_the_library_s_in_a_warning(tmp_path):
    text = """
        import lineproof, warnings
        lineproof.autolog()
        import pandas as pd
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            pd.Series(["1/2/2020", "13/2/2020"]).pipe(lambda s: pd.to_datetime(s, dayfirst=False, errors="coerce"))
            pd.DataFrame({"a": [1]}).merge(pd.DataFrame({"b": [1]}), how="cross", copy=True)
        print({one.filename for one in caught})
        """
    (tmp_path / "train.py").write_text(textwrap.dedent(text))
    (tmp_path / ".lineproof").mkdir()
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=280
    )
    assert "lineproof" not in done.stdout
    assert "train.py" in done.stdout


def test_tracebacks_that_a_program_formats_name_no_file_of_ours(wrapped):
    import pandas as pd

    with pytest.raises(KeyError) as caught:
        pd.DataFrame({"a": [1]})["b"]
    assert "lineproof/capture" not in "".join(traceback.format_exception(caught.value))
