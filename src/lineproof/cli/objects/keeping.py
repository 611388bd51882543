"""`lineproof objects list`, `verify` and `gc`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import Json

__all__ = ["collect_garbage", "list_objects", "verify_objects"]

_HOUR_S = 3600.0


def list_objects(json: Json = False) -> None:
    """List the objects of the ledger: patches, scripts, kept states, documents."""
    import msgspec

    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, counted, table, write_json

    objects = open_for_reading().stored.objects
    found = list(objects.kept())
    if json:
        for one in found:
            write_json(msgspec.structs.asdict(one))
        return
    shown = table("object", "bytes", "hours old")
    for one in found:
        shown.add_row(one.digest, f"{one.size_bytes:,}", f"{one.age_s / _HOUR_S:.1f}")
    console().print(shown)
    console(stderr=True).print(f"{counted(len(found), 'object')} in {objects.place}", markup=False)


def verify_objects(json: Json = False) -> None:
    """Read every object and see that it holds the bytes it is named after. Exit 5 when one does not."""
    from rich.progress import track

    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, counted, write_json
    from lineproof.errors import ObjectError

    objects = open_for_reading().stored.objects
    found, altered = list(objects.kept()), []
    for one in track(found, "objects", console=console(stderr=True), transient=True, disable=json):
        try:
            objects.get(one.digest)
        except ObjectError:
            altered.append(one.digest)
    if json:
        write_json({"ok": not altered, "place": objects.place, "checked": len(found), "altered": altered})
    else:
        for digest in altered:
            console().print(f"altered: {digest}", markup=False)
        console().print(
            f"{counted(len(found), 'object')} read in {objects.place}, {len(altered)} altered", markup=False
        )
    if altered:
        raise typer.Exit(5)


def collect_garbage(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say only what would go.")] = False,
    grace: Annotated[
        float,
        typer.Option("--grace-hours", min=0, help="What is younger stays: its entry may be on its way."),
    ] = 24.0,
    json: Json = False,
) -> None:
    """Remove objects that nothing in the ledger names, unless a legal hold keeps them."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, counted, write_json

    done = open_for_reading().stored.collect_objects(grace_s=grace * _HOUR_S, dry_run=dry_run)
    if json:
        write_json(done)
        return
    verb = "would go" if dry_run else "removed"
    out = console()
    for digest in done.removed:
        out.print(f"{verb}: {digest}", markup=False)
    for digest in done.held:
        out.print(f"kept by a legal hold: {digest}", markup=False)
    out.print(
        f"{counted(done.objects, 'object')} in {done.place}: {len(done.removed)} {verb} ({done.freed_bytes:,} bytes),"
        f" {len(done.held)} held, {len(done.young)} too young",
        markup=False,
    )
