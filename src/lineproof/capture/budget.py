"""What hooks may cost: a hundredth of the program's CPU. Where they cost more, call sites are followed less.

A call site is one operation at one instruction. The price of following it is known only in loops, so
nothing happens before hooks have cost something worth mentioning; then each call is put to the account
of its site, and the sites called most are demoted until the rest fits. What a demoted site does is
recorded as unknown, with its place, and never left out (docs/adr/0024).

Hooks are timed by the CPU time of their thread. Time on the wall runs while other programs do, and a busy
machine must demote nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call

__all__ = ["Budget", "Light", "Site"]

_SHARE = 0.01  # of the program's CPU time
_FLOOR_NS = 20_000_000  # hooks that cost less in all are left alone
_STEP_NS = 4_000_000  # of further cost between two looks
_A_LOOP = 100  # calls from one site
_WORTH_IT = 0.02  # of all that hooks cost: a site that costs less is not what costs

Place = tuple[int, int]  # identity of the code object, offset of the instruction


class Light(Protocol):
    """What still happens at a call site that is followed no more.

    Attributes:
        changes: A call may change an object that was there already although it returns another; a call
            that returns nothing, or its first argument, may anyhow.
    """

    changes: bool

    def frame(self) -> FrameType | None:
        """Give the frame that the call in progress is a call of."""

    def begun(self, place: tuple[int, int]) -> None:
        """Take back what was said of the results of calls at this instruction."""

    def passed(self, call: Call) -> None:
        """See to it that nothing that a call may have changed is taken for what it was."""


class Site:
    """A call site and what following it has cost.

    Attributes:
        operation: Name of the function.
        place: Line of the program, once it is demoted.
        calls: Times it was called since the account was opened.
        spent_ns: Cost of its hooks since then.
        passed: Times it was called since it was demoted.
    """

    __slots__ = ("calls", "code", "light", "operation", "passed", "place", "spent_ns")

    def __init__(self, code: CodeType, operation: str, light: Light) -> None:
        self.code = code  # kept alive, so that its identity stays its own
        self.operation = operation
        self.light = light
        self.place = ""
        self.calls = 0
        self.spent_ns = 0
        self.passed = 0


class Budget:
    """Decides which call sites are followed.

    Args:
        cost: Gives what hooks have cost so far, in ns, hashing left out.
        place: Gives the line of the program that is being run.
        share: Of the program's CPU that hooks may cost.

    Attributes:
        look_at: Cost, in ns, at which `review` is due.
        watching: Whether each call is put to the account of its site.
    """

    def __init__(
        self, cost: Callable[[], int], place: Callable[[], str] = lambda: "", share: float = _SHARE
    ) -> None:
        self._cost = cost
        self._place = place
        self._share = share
        self.watching = False
        self._since = (0, 0)  # CPU of the program and cost of hooks when the account was last looked at
        self._demoted: dict[str, dict[Place, Site]] = {}
        self.restart()

    def restart(self) -> None:
        """Begin anew, as after a fork."""
        for sites in self._demoted.values():  # wrappers hold these
            sites.clear()
        self._pause()
        self.look_at = _FLOOR_NS
        self._sites: dict[tuple[Place, str], Site] = {}

    def of(self, operation: str) -> dict[Place, Site]:
        """Give the sites of an operation that are followed no more, by place; it is filled as they are."""
        return self._demoted.setdefault(operation, {})

    @property
    def demoted(self) -> list[Site]:
        """The sites that are followed no more."""
        return [site for sites in self._demoted.values() for site in sites.values()]

    def count(self, operation: str, light: Light, spent_ns: int) -> None:
        """Put the call in progress to the account of its site."""
        frame = light.frame()
        if frame is None:
            return
        key = (id(frame.f_code), frame.f_lasti), operation
        site = self._sites.get(key)
        if site is None:
            site = self._sites[key] = Site(frame.f_code, operation, light)
        site.calls += 1
        site.spent_ns += spent_ns
        if not site.place and site.calls == _A_LOOP:
            site.place = self._place()

    def review(self, spent_ns: int) -> None:
        """See whether hooks cost too much, and demote the sites that do.

        Args:
            spent_ns: What `look_at` is compared with.
        """
        cpu, cost = time.process_time_ns(), self._cost()
        used, spent = cpu - self._since[0], cost - self._since[1]
        self.look_at = spent_ns + max(_STEP_NS, int(self._share * cpu - cost))
        if not self.watching:
            if cost > self._share * cpu:
                self.watching, self._since = True, (cpu, cost)
            return
        self._since = (cpu, cost)
        self.look_at = spent_ns + _STEP_NS
        if spent <= self._share * used:
            self._pause()
        else:
            self._demote()

    def _pause(self) -> None:
        self.watching, self._since = False, (0, 0)

    def _demote(self) -> None:
        """Demote half of what the sites in loops have cost since they are watched, most called first."""
        total = sum(site.spent_ns for site in self._sites.values())
        loops = [(key, site) for key, site in self._sites.items() if site.calls >= _A_LOOP]
        loops = [(key, site) for key, site in loops if site.spent_ns >= _WORTH_IT * total]
        rest = sum(site.spent_ns for _, site in loops)
        goal = rest / 2
        for key, site in sorted(loops, key=lambda one: -one[1].calls):
            if rest <= goal:
                return
            rest -= site.spent_ns
            del self._sites[key]
            place, operation = key
            self.of(operation)[place] = site
            site.light.begun(place)

    def facts(self) -> list[dict[str, Any]]:
        """Give the demoted sites as `lineproof_coverage` names them."""
        return [
            {"operation": site.operation, "site": site.place, "times": site.passed}
            for site in self.demoted
            if site.passed
        ]
