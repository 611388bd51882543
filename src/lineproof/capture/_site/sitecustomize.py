"""Starts the recording in a Python process below `lineproof run`, then makes way.

This folder stands first on PYTHONPATH, so that the interpreter finds this file. When it is done the
folder is off `sys.path`, and the `sitecustomize` that would have been found without it has run; if
there is none, this import fails in the way that says so, as it would have.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _record() -> None:
    try:
        from lineproof.capture.bootstrap import start_launched

        start_launched()
    except Exception:
        # Whatever is wrong with us is no business of the program: it runs unrecorded, and the parent
        # of `lineproof run` sees that nothing was recorded.
        return


def _make_way() -> None:
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _HERE]
    finder = next(finder for finder in sys.meta_path if getattr(finder, "__name__", "") == "PathFinder")
    spec = finder.find_spec(__name__, None)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {__name__!r}", name=__name__)
    import importlib.util

    module = importlib.util.module_from_spec(spec)
    sys.modules[__name__] = module
    spec.loader.exec_module(module)


_record()
_make_way()
