"""`lineproof key rotate-kek`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["rotate_kek"]


def rotate_kek(
    to_file: Annotated[
        str | None,
        typer.Option("--to-file", metavar="PATH", help="The file with the new key; made if missing."),
    ] = None,
    to_env: Annotated[
        str | None, typer.Option("--to-env", metavar="NAME", help="The variable that holds the new key.")
    ] = None,
    to_command: Annotated[
        str | None,
        typer.Option("--to-command", metavar="COMMAND", help="The command that unwraps the new key."),
    ] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Encrypt people's keys under a new key-encryption key. No payload is written again.

    Without an option a new key takes the place of the one in the ledger's own file. The present key is read from
    where LINEPROOF_KEK, LINEPROOF_KEK_FILE or LINEPROOF_KEK_COMMAND say, and else from the ledger's own file.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.progress import progress
    from lineproof.cli.text import console, write_json
    from lineproof.errors import CommandError
    from lineproof.store.vault.rotation import KekTarget

    given = [KekTarget("file", to_file)] if to_file is not None else []
    given += [KekTarget("env", to_env)] if to_env is not None else []
    given += [KekTarget("command", to_command)] if to_command is not None else []
    if len(given) > 1:
        raise CommandError(
            "the new key comes from one place", "give one of --to-file, --to-env, --to-command"
        )
    with progress("wrapping keys") as step:
        done = open_for_reading().rotate_kek(
            given[0] if given else None, reason=reason, progress=step, acting_as=acting_as
        )
    if json:
        write_json(done)
        return
    out = console()
    out.print(f"{done.people} keys are under a new key-encryption key", soft_wrap=True)
    if done.setting is not None:
        out.print(
            f"set {done.setting} to it from now on; the key before opens nothing any more", soft_wrap=True
        )
