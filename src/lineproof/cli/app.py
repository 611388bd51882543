"""The commands and their order in the help, each with examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from lineproof.cli.backup import backup, restore
from lineproof.cli.check import check
from lineproof.cli.diff import diff
from lineproof.cli.digest import digest
from lineproof.cli.drift import drift
from lineproof.cli.drift_stream import drift_stream
from lineproof.cli.events import events
from lineproof.cli.explain import explain
from lineproof.cli.failure import Commands
from lineproof.cli.fingerprint import fingerprint
from lineproof.cli.init import init
from lineproof.cli.ledger.export import export
from lineproof.cli.ledger.proof import proof
from lineproof.cli.ledger.rotate_key import rotate_key
from lineproof.cli.log import log
from lineproof.cli.objects.keeping import collect_garbage, list_objects, verify_objects
from lineproof.cli.people.hold import add_hold, list_holds, release_hold
from lineproof.cli.people.link import link
from lineproof.cli.people.retention import run_retention
from lineproof.cli.people.rotate_kek import rotate_kek
from lineproof.cli.people.shred import shred
from lineproof.cli.rebuild import rebuild
from lineproof.cli.report import report
from lineproof.cli.run import run
from lineproof.cli.scan import scan
from lineproof.cli.show import show
from lineproof.cli.statements.approve import approve
from lineproof.cli.statements.basis import add_basis
from lineproof.cli.statements.decide import decide
from lineproof.cli.statements.deidentify import approve_run, reject_run
from lineproof.cli.statements.deploy import deploy, retire
from lineproof.cli.statements.document import add_document
from lineproof.cli.statements.purpose import add_purpose
from lineproof.cli.statements.retention import set_retention
from lineproof.cli.statements.source import set_source
from lineproof.cli.statements.system import set_system
from lineproof.cli.statements.tag import add_tag, confirm_tag, reject_tag
from lineproof.cli.statements.waive import waive
from lineproof.cli.subject.find import find as find_subject
from lineproof.cli.trace import trace
from lineproof.cli.verify import verify
from lineproof.cli.witness.add import add
from lineproof.cli.witness.ask import check as check_witnesses
from lineproof.cli.witness.ask import list_witnesses
from lineproof.cli.witness.cosign import cosign, witness_key
from lineproof.cli.witness.keep import keep, remove

__all__ = ["app"]

_COMMANDS: dict[Callable[..., None], tuple[str, ...]] = {
    init: ("lineproof init", "lineproof init ../project"),
    run: ("lineproof run -- python train.py --depth 3", "lineproof run --purpose research -- make train"),
    log: ("lineproof log -n 5", "lineproof log --json | head -1"),
    events: ("lineproof events -n 20", "lineproof events --since 100 --json"),
    show: (
        "lineproof show model:credit@2",
        "lineproof show dataset:patients@v1",
        "lineproof show run:0198f2ab --coverage",
        "lineproof show entry:12 --json",
    ),
    trace: (
        "lineproof trace model:credit",
        "lineproof trace model:credit@2 --columns",
        "lineproof trace column:patients#birth_date --down",
        "lineproof trace prediction:4711 --as-of 120 --json",
    ),
    explain: (
        "lineproof explain prediction:4711",
        "lineproof explain prediction:credit@2/4711 --values --reason 'complaint 7' --as dpo",
        "lineproof explain prediction:4711 --json",
    ),
    check: (
        "lineproof check",
        "lineproof check --framework SOX --system credit",
        "lineproof check --as-of 120 --json",
    ),
    diff: ("lineproof diff model:credit@1 model:credit@2", "lineproof diff run:0198f2ab run:0198f2cd --json"),
    approve: (
        "lineproof approve model:credit@3 --reason 'better on every group' --as approver",
        "lineproof approve model:credit@3 --reject --reason 'worse for the young'",
    ),
    decide: (
        "lineproof decide threshold --chosen 0.4 --candidate 0.5 --reason 'fewer missed cases' --run run:0198f2ab",
    ),
    deploy: ("lineproof deploy model:credit@3 --env prod --ci --reason 'ticket 812'",),
    retire: ("lineproof retire model:credit@3 --env prod --reason 'replaced'",),
    waive: (
        "lineproof waive SOX-CM-1 system:credit --expires 2027-01-31 --reason 'first release, review set'",
    ),
    shred: (
        "lineproof shred entry:42 --reason 'a name in a path, ticket 9' --as dpo",
        "lineproof shred subject:patients/4711 --reason 'request 17' --as officer",
    ),
    report: (
        "lineproof report model:credit@3 -o dossier.html",
        "lineproof report model:credit@3 -o dossier.json --format json --as-of 120",
    ),
    verify: (
        "lineproof verify",
        "lineproof verify --log-only --json",
        "lineproof verify --since published/checkpoint",
        "lineproof verify --record",
        "lineproof verify dossier.html --key ledger.vkey",
        "lineproof verify published.zip --key ledger.vkey",
        "lineproof verify entry-12.tlog-proof --key ledger.vkey",
    ),
    scan: (
        "lineproof scan patients.csv",
        "lineproof scan patients.parquet --json",
        "lineproof scan patients.csv --record",
        "lineproof scan postgresql://clinic.example/records --table visits",
        "lineproof scan s3://bucket/patients.csv.zst",
        "lineproof scan letters.parquet --text-engine presidio",
    ),
    digest: ("lineproof digest images/", "lineproof digest images/ --record --json"),
    fingerprint: (
        "lineproof fingerprint patients.csv",
        "lineproof fingerprint sqlite:///shop.db --query 'SELECT * FROM orders' --json",
    ),
    rebuild: ("lineproof rebuild",),
    backup: ("lineproof backup /backups/credit", "lineproof backup --keys-only /safe/credit-keys"),
    restore: (
        "lineproof restore /backups/credit --into .lineproof",
        "lineproof restore /backups/credit --replace --reason 'disk failed on Monday'",
    ),
    drift: (
        "lineproof drift january.parquet june.parquet",
        "lineproof drift january.parquet june.parquet --json",
        "lineproof drift dataset:claims.csv@v1 new.csv --svg pictures",
        "lineproof drift january.parquet june.parquet --keep january.json",
        "lineproof drift january.json july.parquet",
    ),
}
# Commands by the thing they are about: `lineproof system set`.
_GROUPS: dict[str, tuple[str, dict[str, tuple[Callable[..., None], str]]]] = {
    "ledger": (
        "The log as a whole.",
        {
            "export": (export, "lineproof ledger export published --with-payloads"),
            "proof": (proof, "lineproof ledger proof entry:12 -o entry-12.tlog-proof"),
            "rotate-key": (rotate_key, "lineproof ledger rotate-key --reason 'yearly'"),
        },
    ),
    "objects": (
        "Large things, kept by their content.",
        {
            "list": (list_objects, "lineproof objects list"),
            "verify": (verify_objects, "lineproof objects verify"),
            "gc": (collect_garbage, "lineproof objects gc --dry-run"),
        },
    ),
    "subject": (
        "People in the record.",
        {
            "find": (find_subject, "lineproof subject find 417 --space patients --reason 'request 2026-11'"),
            "link": (link, "lineproof subject link patients/4711 mails/ada@example.org"),
        },
    ),
    "witness": (
        "Witnesses: places out of reach that keep checkpoints.",
        {
            "add": (add, "lineproof witness add git git@example.org:audit/checkpoints.git --name audit"),
            "keep": (keep, "lineproof witness keep"),
            "list": (list_witnesses, "lineproof witness list"),
            "check": (check_witnesses, "lineproof witness check"),
            "key": (witness_key, "lineproof witness key audit.example.org witness.key"),
            "cosign": (cosign, "lineproof witness cosign published --key witness.key --log ledger.vkey"),
            "remove": (remove, "lineproof witness remove audit --reason 'moved to another server'"),
        },
    ),
    "system": (
        "Systems: uses of models that somebody answers for.",
        {
            "set": (
                set_system,
                "lineproof system set credit --model 'credit*' --owner 'Head of lending' --sox-scope",
            )
        },
    ),
    "purpose": (
        "Purposes: what data is processed for.",
        {"add": (add_purpose, "lineproof purpose add scoring --job train.py --controller 'The bank'")},
    ),
    "basis": (
        "Lawful bases of purposes.",
        {"add": (add_basis, "lineproof basis add scoring --article '6(1)(b)' --reason 'loan contract'")},
    ),
    "tag": (
        "Tags: what columns hold.",
        {
            "add": (add_tag, "lineproof tag add column:patients#birth_date PII BIRTH_DATE"),
            "confirm": (confirm_tag, "lineproof tag confirm dataset:patients --as dpo"),
            "reject": (reject_tag, "lineproof tag reject column:patients#city --reason 'a made-up region'"),
        },
    ),
    "deidentify": (
        "De-identification: runs in which tags of personal data end.",
        {
            "approve": (
                approve_run,
                "lineproof deidentify approve run:0198f2ab --method 'keyed pseudonyms' --as dpo",
            ),
            "reject": (reject_run, "lineproof deidentify reject run:0198f2ab --reason 'k is 3'"),
        },
    ),
    "document": (
        "Documents that people supply.",
        {"add": (add_document, "lineproof document add dpia dpia.pdf --covers purpose:scoring")},
    ),
    "retention": (
        "How long data and records are kept.",
        {
            "set": (set_retention, "lineproof retention set log --covers ledger --min-days 2200"),
            "run": (run_retention, "lineproof retention run --dry-run"),
        },
    ),
    "hold": (
        "Legal holds: what may not be destroyed.",
        {
            "add": (add_hold, "lineproof hold add case-7 --subject patients/4711 --reason 'claim of 3 May'"),
            "list": (list_holds, "lineproof hold list"),
            "release": (release_hold, "lineproof hold release case-7 --reason 'settled' --as counsel"),
        },
    ),
    "key": (
        "The key over people's keys.",
        {"rotate-kek": (rotate_kek, "lineproof key rotate-kek --to-file /mnt/secrets/kek --reason yearly")},
    ),
}
_TOUR = (
    "lineproof init                      make a ledger in this folder",
    "lineproof run -- python train.py    run a program and record it",
    "lineproof log                       the recorded runs",
    "lineproof trace model:credit        where a model comes from",
    "lineproof verify                    check that nothing was changed",
)


def _examples(lines: tuple[str, ...]) -> str:
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"lineproof {version('lineproof')}")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help; rich's takes three times as long
    pretty_exceptions_enable=False,
    epilog=_examples(_TOUR),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def lineproof(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")
    ] = False,
) -> None:
    """Record what leads to a model, trace it, verify the record."""
    del version, debug  # the one has been acted on, the other is the business of `Commands`


for _command, _lines in _COMMANDS.items():
    # What follows the program's name is the program's own, options included.
    _settings = {"allow_interspersed_args": False} if _command is run else None
    app.command(epilog=_examples(_lines), context_settings=_settings)(_command)

app.command(
    "drift stream",
    epilog=_examples(
        (
            "lineproof drift stream scored.csv --prediction score --label paid",
            "lineproof drift stream scored.csv --prediction score --label paid --labels came.csv --id loan",
        )
    ),
)(drift_stream)

for _noun, (_meaning, _verbs) in _GROUPS.items():
    _group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=_meaning)
    for _verb, (_command, _line) in _verbs.items():
        _group.command(_verb, epilog=_examples((_line,)))(_command)
    app.add_typer(_group, name=_noun)

_source = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Where datasets come from.")
_source.command(
    "set", epilog=_examples(("lineproof dataset source set dataset:patients --origin 'ward register'",))
)(set_source)
_dataset = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Datasets.")
_dataset.add_typer(_source, name="source")
app.add_typer(_dataset, name="dataset")
