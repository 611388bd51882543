"""A library is patched right after the program imported it, and is otherwise left alone."""

from __future__ import annotations

import importlib
import sys

import pytest

from lineproof.capture.hook import ImportHook


@pytest.fixture
def library(tmp_path, monkeypatch):
    folder = tmp_path / "lp_library"
    folder.mkdir()
    (folder / "__init__.py").write_text("from lp_library import inner\nREADY = True\n")
    (folder / "inner.py").write_text("VALUE = 1\n")
    (tmp_path / "lp_broken.py").write_text("raise ValueError('broken')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.startswith("lp_")]:
        del sys.modules[name]


@pytest.fixture
def heard():
    return []


@pytest.fixture
def hook(heard):
    found = ImportHook(["lp_library", "lp_broken", "lp_library.inner"], lambda *each: heard.append(each))
    found.install()
    yield found
    found.remove()


def test_the_end_of_an_import_is_heard_once(library, hook, heard):
    module = importlib.import_module("lp_library")
    assert [name for name, _ in heard] == ["lp_library.inner", "lp_library"]
    assert heard[1][1] is module
    assert module.READY
    importlib.reload(module)
    assert len(heard) == 2


def test_importing_a_submodule_first_is_heard_too(library, hook, heard):
    importlib.import_module("lp_library.inner")
    assert {name for name, _ in heard} == {"lp_library", "lp_library.inner"}


def test_a_library_keeps_its_own_loader(library, hook):
    module = importlib.import_module("lp_library")
    assert type(module.__spec__.loader).__name__ == "SourceFileLoader"
    assert module.__loader__ is module.__spec__.loader
    assert "exec_module" not in vars(module.__loader__)


def test_a_library_that_is_there_already_is_heard_of_at_once(library, heard):
    module = importlib.import_module("lp_library")
    hook = ImportHook(["lp_library"], lambda *each: heard.append(each))
    hook.install()
    hook.remove()
    assert heard == [("lp_library", module)]


def test_a_library_that_fails_fails_as_it_does_alone(library, hook, heard):
    with pytest.raises(ValueError, match="broken"):
        importlib.import_module("lp_broken")
    assert heard == []


def test_nothing_is_imported_by_the_hook(library, hook, heard):
    assert heard == []
    assert "lp_library" not in sys.modules


def test_looking_for_a_library_does_not_import_it(library, hook, heard):
    import importlib.util

    assert importlib.util.find_spec("lp_library") is not None
    assert heard == []
    importlib.import_module("lp_library")
    assert [name for name, _ in heard].count("lp_library") == 1
