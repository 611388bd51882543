"""`lineproof basis`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["add_basis"]


def add_basis(
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="Name of the purpose.")],
    article: Annotated[
        str, typer.Option("--article", help="6(1)(a) to 6(1)(f), or a HIPAA ground such as 506_tpo.")
    ],
    art9_condition: Annotated[
        str | None, typer.Option("--art9", help="9(2)(a) to 9(2)(j), for special categories.")
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", help="Title or digest of the assessment it rests on.")
    ] = None,
    valid_from: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day.")] = None,
    valid_to: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Day it ends.")] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State on which lawful basis a purpose may process personal data."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told
    from lineproof.model.identity import now, uuid7
    from lineproof.model.statements import Basis

    basis = Basis(
        basis=uuid7(),
        purpose=purpose,
        article=article,
        art9_condition=art9_condition,
        document=document,
        valid_from=valid_from,
        valid_to=valid_to,
        reason=reason,
        time=now(),
    )
    entry = open_for_reading().state(basis, acting_as=acting_as)
    told(entry, f"basis of purpose {purpose}: {article}", json=json)
