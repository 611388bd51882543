"""`lineproof purpose`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["add_purpose"]


def add_purpose(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the purpose.")],
    description: Annotated[str | None, typer.Option("--description", help="What it is, in words.")] = None,
    jobs: Annotated[
        list[str] | None,
        typer.Option("--job", metavar="NAME", help="A job that serves it; * and ? allowed. Repeat for more."),
    ] = None,
    controller: Annotated[str | None, typer.Option("--controller", help="Who decides about it.")] = None,
    significant_decisions: Annotated[
        bool | None,
        typer.Option(
            "--significant-decisions/--no-significant-decisions",
            help="Whether it decides about people with legal or similar effect (GDPR Art. 22).",
        ),
    ] = None,
    high_risk: Annotated[
        bool | None,
        typer.Option("--high-risk/--no-high-risk", help="Outcome of the screening by GDPR Art. 35."),
    ] = None,
    compatible_with: Annotated[
        list[str] | None,
        typer.Option(
            "--compatible-with", metavar="PURPOSE", help="For which the data may have been collected."
        ),
    ] = None,
    subjects: Annotated[list[str] | None, typer.Option("--subjects", help="Whose data it is.")] = None,
    recipients: Annotated[list[str] | None, typer.Option("--recipients", help="Who receives it.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="DATASET#COLUMN", help="A column approved for it; * and ? allowed."),
    ] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State what data is processed for, and which jobs do it.

    Runs may name their purpose themselves: `lineproof run --purpose`, `lineproof.run(purpose=...)`.
    Stated again, a purpose keeps what is left out.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import every, told
    from lineproof.model.identity import now
    from lineproof.model.statements import Purpose

    purpose = Purpose(
        name=name,
        description=description,
        jobs=every(jobs),
        controller=controller,
        significant_decisions=significant_decisions,
        high_risk=high_risk,
        compatible_with=every(compatible_with),
        subject_categories=every(subjects),
        recipient_categories=every(recipients),
        columns=every(columns),
        reason=reason,
        time=now(),
    )
    told(open_for_reading().state(purpose, acting_as=acting_as), f"purpose {name} described", json=json)
