"""`lineproof check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import AsOf, Json

if TYPE_CHECKING:
    from lineproof.controls import Check, Result

__all__ = ["check"]

_FINDINGS = 3  # exit code
_STYLES = {"fail": "bold red", "unknown": "yellow", "manual": "cyan", "waived": "magenta", "pass": "green"}
_QUIET = ("pass", "not_applicable")
_ORDER = ("fail", "unknown", "manual", "waived", "pass", "not_applicable")


def check(
    framework: Annotated[
        str | None, typer.Option("--framework", metavar="NAME", help="GDPR, HIPAA, SOX or EU_AI_ACT only.")
    ] = None,
    system: Annotated[str | None, typer.Option("--system", metavar="NAME", help="One system only.")] = None,
    as_of: AsOf = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="The moment to judge for; default: now. Ages count from it."
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Whether results become entries.")
    ] = True,
    json: Json = False,
) -> None:
    """Judge controls of GDPR, HIPAA, SOX and the EU AI Act by what is on record.

    A control passes only on evidence. What was never captured is unknown, what a person must judge is
    manual. Exits with 3 when something fails, or something critical or high is unknown. No tool can
    certify compliance: the texts are paraphrased, and `left out` says what no rule judges.
    """
    from lineproof.cli.failure import tell
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json
    from lineproof.errors import StoreError

    ledger = open_for_reading()
    found = ledger.check(framework=framework, system=system, as_of=as_of, at=at)
    if record:
        try:
            ledger.record_check(found)
        except StoreError as error:  # the answer stands; that it is not on record is said
            tell(error)
    if json:
        write_json(found)
    else:
        _print(found)
    if found.summary["findings"]:
        raise typer.Exit(_FINDINGS)


def _print(found: Check) -> None:
    from lineproof.cli.text import console, counted, short

    out = console()
    for framework in dict.fromkeys(result.framework for result in found.results):
        out.print(framework, style="bold")
        own = [result for result in found.results if result.framework == framework]
        alike: dict[tuple[str, str, str, str], list[Result]] = {}
        for result in sorted(own, key=lambda one: _ORDER.index(one.result)):
            told = result.control if result.result.value in _QUIET else ""
            alike.setdefault(
                (result.result.value, result.subject, result.reason, told or result.remedy), []
            ).append(result)
        for results in alike.values():
            _print_results(results)
    counts = ", ".join(
        f"{found.summary[name]} {name.replace('_', ' ')}" for name in _ORDER if found.summary[name]
    )
    out.print(f"{counts}; {counted(found.summary['findings'], 'finding')}", style="bold")
    out.print(
        f"as of {short(f'entry:{found.as_of}')}, judged for {found.at[:16]}, catalogue {found.catalogue}; "
        "not legal advice"
    )


def _print_results(results: list[Result]) -> None:
    """Print one result, or several that have reason and remedy in common."""
    from lineproof.cli.text import console, literal, short

    out, first = console(), results[0]
    style = _STYLES.get(first.result.value, "dim")
    for result in results:
        word = result.result.value.replace("_", " ")
        out.print(f"  {word:<14} {result.control:<14} {literal(result.title)}", style=style, soft_wrap=True)
    if first.result.value in _QUIET:
        return
    place = f"{literal(first.clause)}; {first.severity}; " if len(results) == 1 else ""
    out.print(f"      {place}{short(first.subject)}", style="dim", soft_wrap=True)
    out.print(f"      why  {short(first.reason)}", soft_wrap=True)
    if first.result.value != "waived":
        out.print(f"      do   {literal(first.remedy)}", soft_wrap=True)
    if first.evidence:
        shown = ", ".join(f"entry:{entry}" for entry in first.evidence[:6])
        more = f" and {len(first.evidence) - 6} more" if len(first.evidence) > 6 else ""  # noqa: PLR2004
        out.print(f"      see  {shown}{more}", style="dim", soft_wrap=True)
    if first.applies_from:
        out.print(f"      the duty applies from {first.applies_from}", style="dim", soft_wrap=True)
