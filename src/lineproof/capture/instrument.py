"""Wrapping functions of other libraries so that they behave as before and we hear of each call.

Rules that every wrapper keeps:

* the user's result and the user's exception pass through untouched;
* only the outermost hooked call of a thread is reported: what a library does inside is its own;
* an error in our code becomes a fault on the record, never an exception in the program;
* a wrapper looks like the function it wraps, down to the file it claims to be in, so that warnings
  that search the stack for the caller's line still find the user's.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType, ModuleType, TracebackType
from typing import Any, Protocol

from lineproof.capture.budget import Budget, Light, Site

__all__ = ["Call", "Instrument", "heard", "inside", "inside_hook", "quiet", "strip_traceback"]

_OURS = 1 << 10  # added to the depth by code of ours that no wrapper times
_TIMED = 16  # one call in so many is timed where calls are followed no more
_AT_MOST_NS = 50_000  # such a call costs; if it takes longer, another program had the processor


class Call:
    """One outermost call of a hooked function.

    Attributes:
        name: Qualified name, `pandas.DataFrame.merge`.
        args: Positional arguments; `args[0]` is the object for methods.
        kwargs: Keyword arguments. What `before` puts into `args` or `kwargs` is what is called with.
        result: What the function returned; None before it did.
        error: The exception it raised instead, or None.
        token: What the hook's `before` returned.
    """

    __slots__ = ("args", "error", "kwargs", "name", "result", "token")

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.name = name
        self.args = args
        self.kwargs = kwargs
        self.result: Any = None
        self.error: BaseException | None = None
        self.token: Any = None


class FaultSink(Protocol):
    """Where a hook's own failure goes."""

    def fault(self, hook: str, error: BaseException) -> None:
        """Record that `hook` failed; must not raise."""


class _State(threading.local):
    depth = 0

    def __reduce__(self) -> str:
        return "_state"  # a class defined in a script travels to workers with its wrappers


_state = _State()


@contextmanager
def quiet() -> Iterator[None]:
    """Run our own code without hearing of the calls it makes."""
    _state.depth += _OURS
    try:
        yield
    finally:
        _state.depth -= _OURS


@contextmanager
def heard() -> Iterator[None]:
    """Run the program's own code inside a library's call, and hear of the calls it makes."""
    depth, _state.depth = _state.depth, 0
    try:
        yield
    finally:
        _state.depth = depth


def inside() -> bool:
    """Whether this thread is inside a hooked call, or in code of ours."""
    return _state.depth > 0


def inside_hook() -> bool:
    """Whether this thread is inside a hooked call, the hooks of which are timed."""
    return _state.depth % _OURS > 0


class Instrument:
    """The wrappers of one process, all reversible.

    Args:
        sink: Where failures of hooks are recorded.

    Attributes:
        spent_ns: CPU time spent in hooks, over all threads.
        passed_ns: About what was spent on calls from places that are followed no more.
        enabled: False switches every wrapper to a plain pass-through.
        budget: Which call sites are followed.
    """

    def __init__(self, sink: FaultSink) -> None:
        self.sink = sink
        self.spent_ns = 0
        self.passed_ns = 0
        self.enabled = True
        self.budget = Budget(lambda: self.spent_ns)
        self._hooks: list[_Hooks] = []
        self._undo: list[tuple[Any, str, Any, bool]] = []
        self._at_undo: list[Callable[[], None]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process, wrappers that came with a pickled class pass through."""
        return _dormant, ()

    def wrap(
        self,
        owner: Any,
        attribute: str,
        *,
        name: str,
        after: Callable[[Call], None],
        before: Callable[[Call], Any] | None = None,
        on_error: bool = False,
        light: Light | None = None,
        through: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
    ) -> bool:
        """Replace `owner.attribute` by a wrapper that reports outermost calls.

        Args:
            owner: Module or class.
            attribute: Name of the function, method, classmethod, staticmethod or property on it.
            name: Qualified name that hooks and faults use.
            after: Called after the function returned, with the call.
            before: Called before it; what it returns is `call.token`.
            on_error: Also call `after` when the function raised (`call.error` is set).
            light: What is left at call sites whose hooks cost too much; None where every call counts.
            through: Makes of the function another that calls it, where it minds from where it is called.

        Returns:
            False when there is no such attribute, or it is wrapped already.
        """
        own = vars(owner).get(attribute)
        raw = own if own is not None else getattr(owner, attribute, None)
        if raw is None or getattr(raw, "__lineproof__", False):
            return False
        function = raw.__func__ if isinstance(raw, (classmethod, staticmethod)) else raw
        function = raw.fget if isinstance(raw, property) else function
        if not callable(function) or getattr(function, "__lineproof__", False):
            return False
        called = function if through is None else through(function)
        hooks = _Hooks(before, after, light)
        if light is not None:
            hooks.passes = _Demoted(self, name, light)
        self._hooks.append(hooks)
        wrapper: Any = self._wrapper(called, name, hooks, on_error)
        wrapper = _disguise(wrapper, function)
        if isinstance(raw, (classmethod, staticmethod)):
            wrapper = type(raw)(wrapper)
        elif isinstance(raw, property):
            wrapper = raw.getter(wrapper)
        _put(owner, attribute, wrapper)
        self._undo.append((owner, attribute, raw, own is not None))
        if isinstance(wrapper, FunctionType):
            _find_by_name(wrapper, owner, attribute)
        return True

    def replace(
        self, owner: Any, attribute: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
    ) -> bool:
        """Replace the function `owner.attribute` by `make(function)`, which must call it.

        For what `wrap` cannot say: the replacement runs at every depth and guards itself.

        Returns:
            False when there is no such function on `owner` itself, or it is replaced already.
        """
        raw = vars(owner).get(attribute)
        function = raw.__func__ if isinstance(raw, classmethod) else raw
        if not isinstance(function, FunctionType) or hasattr(function, "__lineproof_inner__"):
            return False
        replacement = functools.update_wrapper(make(function), function)
        replacement.__lineproof_inner__ = True  # type: ignore[attr-defined]
        setattr(owner, attribute, classmethod(replacement) if function is not raw else replacement)
        self._undo.append((owner, attribute, raw, True))
        return True

    def at_undo(self, undo: Callable[[], None]) -> None:
        """Call `undo` when every original is put back: for hooks that a library offers itself."""
        self._at_undo.append(undo)

    def offered(self, name: str, light: Light) -> Offered:
        """Give what keeps the account of a hook that a library offers itself, and that no wrapper calls."""
        return Offered(self, name, light)

    def unwrap_all(self) -> None:
        """Put every original back. Wrappers that another module holds pass through, and hold on to nothing."""
        while self._at_undo:
            self._at_undo.pop()()
        while self._undo:
            owner, attribute, raw, was_own = self._undo.pop()
            if was_own:
                _put(owner, attribute, raw)
            else:
                delattr(owner, attribute)
        self.enabled = False
        while self._hooks:
            self._hooks.pop().let_go()
        self.sink = _NoSink()
        self.budget = Budget(lambda: 0)

    def _wrapper(
        self,
        function: Callable[..., Any],
        name: str,
        hooks: _Hooks,
        on_error: bool,
    ) -> Callable[..., Any]:
        state = _state
        tick, clock = time.perf_counter_ns, time.thread_time_ns

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if state.depth or not self.enabled:
                return function(*args, **kwargs)
            passes = hooks.passes
            if passes is not None and passes.sites:
                started = tick()
                frame = sys._getframe(1)
                site = passes.sites.get((id(frame.f_code), frame.f_lasti)) or passes.site(frame)
                if site is not None:
                    site.passed += 1
                    state.depth = 1
                    try:
                        before = tick()
                        result = function(*args, **kwargs)
                        after = tick()
                        if args and (result is None or passes.changes or result is args[0]):
                            passes.changed(args, kwargs, result)
                        if site.passed % _TIMED == 1:
                            self.passed_ns += _TIMED * min(before - started + tick() - after, _AT_MOST_NS)
                    finally:
                        state.depth = 0
                    return result
            started = clock()
            call = Call(name, args, kwargs)
            state.depth = 1
            try:
                if hooks.before is not None:
                    self._guarded(hooks.before, call, keep=True)
                before_ns = clock() - started
                self.spent_ns += before_ns
                try:
                    result = function(*call.args, **call.kwargs)
                except BaseException as error:
                    if on_error:
                        call.error = error
                        self._guarded(hooks.after, call)
                        call.error = None
                    raise
                started = clock()
                call.result = result
                self._guarded(hooks.after, call)
                after_ns = clock() - started
                self.spent_ns += after_ns
                if self.spent_ns >= self.budget.look_at or self.budget.watching:
                    self._account(name, hooks.light, before_ns + after_ns)
                return result
            finally:
                state.depth = 0

        return wrapper

    def _account(self, name: str, light: Light | None, spent_ns: int) -> None:
        try:
            if light is not None and self.budget.watching:
                self.budget.count(name, light, spent_ns)
            if self.spent_ns >= self.budget.look_at:
                self.budget.review(self.spent_ns)
        except Exception as error:
            self.sink.fault(f"{name} (budget)", error)

    def _guarded(self, hook: Callable[[Call], Any], call: Call, *, keep: bool = False) -> None:
        try:
            token = hook(call)
            if keep:
                call.token = token
        except Exception as error:
            self.sink.fault(call.name, error)


def _put(owner: Any, attribute: str, value: Any) -> None:
    """Set an attribute, also of a class of native code that refuses it.

    Such a class holds its methods in a dictionary like any other; only the way to it is barred. What the
    interpreter remembers of the class is made void, as setting an attribute would.
    """
    try:
        setattr(owner, attribute, value)
    except TypeError:
        (held,) = [each for each in gc.get_referents(vars(owner)) if type(each) is dict]
        held[attribute] = value
        import ctypes

        ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))


class _Demoted:
    """The places from which one function is called and that are followed no more.

    Attributes:
        sites: By place; filled by the budget.
        changes: A call may have changed an object that was there already, whatever it returned.
    """

    __slots__ = ("_instrument", "_light", "_name", "changes", "sites")

    def __init__(self, instrument: Instrument, name: str, light: Light) -> None:
        self.sites = instrument.budget.of(name)
        self.changes = light.changes
        self._instrument = instrument
        self._name = name
        self._light = light

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process nothing is demoted."""
        return type(None), ()

    def site(self, frame: FrameType | None) -> Site | None:
        """Give the site of the call in progress, where libraries stand between it and `frame`, the caller."""
        try:
            program = self._light.frame()
        except Exception as error:
            self._instrument.sink.fault(f"{self._name} (budget)", error)
            return None
        if program is None or program is frame:
            return None
        return self.sites.get((id(program.f_code), program.f_lasti))

    def changed(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """See to what a call may have changed."""
        call = Call(self._name, args, kwargs)
        call.result = result
        self._instrument._guarded(self._light.passed, call)


class _Began(threading.local):
    """When the hook of this thread began, in ns of its CPU time."""

    at_ns = 0


class Offered:
    """A hook that a library calls: inside, time counts, a failure is a fault, further calls are not heard."""

    def __init__(self, instrument: Instrument, name: str, light: Light) -> None:
        self._began = _Began()
        self._instrument = instrument
        self._name = name
        self._light = light
        self._demoted = _Demoted(instrument, name, light)

    def is_demoted(self) -> bool:
        """Whether the call in progress is from a place that is followed no more; it counts as passed."""
        site = self._demoted.site(None) if self._demoted.sites else None
        if site is not None:
            site.passed += 1
        return site is not None

    def __enter__(self) -> None:
        self._began.at_ns = time.thread_time_ns()
        _state.depth += 1

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        _state.depth -= 1
        instrument = self._instrument
        if isinstance(error, Exception):
            instrument.sink.fault(self._name, error)
        spent_ns = time.thread_time_ns() - self._began.at_ns
        instrument.spent_ns += spent_ns
        instrument._account(self._name, self._light, spent_ns)
        return isinstance(error, Exception)


class _Hooks:
    """The hooks of a wrapper. They stay in the process they were made in."""

    __slots__ = ("after", "before", "light", "passes")

    def __init__(
        self,
        before: Callable[[Call], Any] | None,
        after: Callable[[Call], None],
        light: Light | None = None,
    ) -> None:
        self.before = before
        self.after = after
        self.light = light
        self.passes: _Demoted | None = None

    def let_go(self) -> None:
        """Forget all of it: what libraries keep of wrappers must not keep other libraries alive."""
        self.before, self.after, self.light, self.passes = None, _nothing, None, None

    def __reduce__(self) -> tuple[Any, ...]:
        return _Hooks, (None, _nothing)


def _nothing(_: Call) -> None:
    """Stand in for a hook that stayed behind."""


class _NoSink:
    def fault(self, hook: str, error: BaseException) -> None:
        """Drop it: nothing is recorded here."""


def _dormant() -> Instrument:
    instrument = Instrument(_NoSink())
    instrument.enabled = False
    return instrument


def _disguise(wrapper: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the wrapper look like the function, also to code that walks the stack."""
    code: CodeType | None = getattr(function, "__code__", None)
    if code is not None:
        wrapper.__code__ = wrapper.__code__.replace(
            co_filename=code.co_filename, co_name=code.co_name, co_firstlineno=code.co_firstlineno
        )
    disguised: Any = functools.update_wrapper(wrapper, function)
    for name in ("__defaults__", "__kwdefaults__", "__objclass__", "_implementation"):  # the last is numpy's
        if hasattr(function, name):
            setattr(disguised, name, getattr(function, name))
    disguised.__lineproof__ = True
    known: Callable[..., Any] = disguised
    return known


def _find_by_name(wrapper: FunctionType, owner: Any, attribute: str) -> None:
    """Give the wrapper a name that it is found under: pickle takes a function to be what its name leads to.

    Another module may hold the function under its own name still, and use it there; a subclass may have
    inherited it.
    """
    found: Any = sys.modules.get(wrapper.__module__)
    for part in wrapper.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is wrapper:
        return
    if isinstance(owner, ModuleType):
        wrapper.__module__, wrapper.__qualname__ = owner.__name__, attribute
    elif isinstance(owner, type) and "<locals>" not in owner.__qualname__:
        wrapper.__module__, wrapper.__qualname__ = owner.__module__, f"{owner.__qualname__}.{attribute}"


def strip_traceback(traceback: TracebackType | None) -> TracebackType | None:
    """Give the traceback without frames of ours: wrappers wear other files' names, but not their globals."""
    kept = []
    while traceback is not None:
        if not str(traceback.tb_frame.f_globals.get("__name__")).startswith("lineproof.capture."):
            kept.append(traceback)
        traceback = traceback.tb_next
    rebuilt: TracebackType | None = None
    for entry in reversed(kept):
        rebuilt = TracebackType(rebuilt, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return rebuilt


def _reset_after_fork() -> None:
    _state.depth = 0


os.register_at_fork(after_in_child=_reset_after_fork)
