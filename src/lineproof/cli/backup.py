"""`lineproof backup` and `lineproof restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import Json

__all__ = ["backup", "restore"]


def backup(
    into: Annotated[
        Path,
        typer.Argument(
            metavar="DIR|FILE",
            help="An empty folder, one with a backup to renew, or a new file (`monday.zip`).",
        ),
    ],
    keys: Annotated[
        bool,
        typer.Option(
            "--with-keys",
            help="With the keys; keep it as you keep them. They have a backup life of their own.",
        ),
    ] = False,
    keys_only: Annotated[
        bool, typer.Option("--keys-only", help="Only the keys, into a folder of their own.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a backup of the ledger while it is in use: the log, its objects, and spools nobody took in.

    Keys are not in it: who has them can sign in the ledger's name and read what is about people.
    Keep copies of the keys apart, with --keys-only, and renew them: an old one would keep what was destroyed.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.progress import progress
    from lineproof.cli.text import console, counted, write_json
    from lineproof.errors import CommandError
    from lineproof.store.backup import write_backup

    if keys and keys_only:
        raise CommandError("--with-keys and --keys-only exclude each other", "say one of them")
    if keys_only:
        _copy_keys(into, json=json)
        return
    with progress("backing up") as step:
        done = write_backup(open_for_reading().stored, into, keys=keys, progress=step)
    if json:
        write_json(done)
        return
    console().print(
        f"{done.entries} entries and {counted(len(done.objects), 'object')} of ledger {done.ledger}"
        f" in {into}{'' if keys else '; the keys are not in it'}",
        markup=False,
        soft_wrap=True,
    )


def _copy_keys(into: Path, *, json: bool) -> None:
    from lineproof.cli.opening import warn
    from lineproof.cli.text import console, counted, write_json
    from lineproof.questions import open_ledger
    from lineproof.store.backup import write_keys

    ledger = open_ledger(tell=warn).stored
    files = write_keys(ledger, into)
    if json:
        write_json({"ledger": ledger.id, "keys": str(into), "files": files})
        return
    said = f"the keys of ledger {ledger.id} in {into}: {counted(files, 'file')}"
    console().print(said, markup=False, soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="What `lineproof backup` wrote.")],
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="DIR", help="Project to restore into, or the folder .lineproof to be."
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="DIR", help="Its keys, as `backup --keys-only` wrote them."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put a ledger aside that is there.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; recorded where an older state comes back.")
    ] = "restored from a backup",
    acting_as: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who restores.")] = None,
    json: Json = False,
) -> None:
    """Make a ledger from a backup and verify it. What was destroyed since is destroyed again first.

    Keys come from the backup, if they are in it, or are those of the folder: without them it can be read and
    verified, not appended to. With LINEPROOF_STORE the tables are made there.
    Exit 5 when what was restored does not hold.
    """
    from lineproof.cli.opening import warn
    from lineproof.cli.progress import progress
    from lineproof.cli.text import console, write_json
    from lineproof.errors import NoLedgerError
    from lineproof.store.backup import restore_backup
    from lineproof.store.location import DATABASE, FOLDER, KEYS, find_folder

    if into is not None:
        folder = into if into.name == FOLDER or (into / DATABASE).is_file() else into / FOLDER
    else:
        try:
            folder = find_folder()
        except NoLedgerError:
            folder = Path.cwd() / FOLDER
    folder = folder.absolute()
    with progress("restoring") as step:
        done = restore_backup(
            source, folder, keys=keys, replace=replace, reason=reason, acting_as=acting_as, progress=step
        )
    if json:
        write_json(done)
    else:
        words = f"{done.entries} entries restored into {done.folder}, {done.size} now; "
        words += "verified" if done.verified.ok else "it does NOT verify: lineproof verify says why"
        console().print(words, markup=False, soft_wrap=True)
        if done.forgotten is not None:
            warn(f"what was destroyed since is gone again: entry:{done.forgotten} says so")
        if done.aside is not None:
            console(stderr=True).print(f"the ledger that was there lies in {done.aside}", markup=False)
        if not (folder / KEYS / "ledger.key").exists():
            out = console(stderr=True)
            out.print(
                f"nothing can be appended without its keys: put them into {folder / KEYS}", markup=False
            )
    for problem in done.problems:
        warn(f"what was destroyed since may be back: {problem}")
    if not done.verified.ok:
        raise typer.Exit(5)
