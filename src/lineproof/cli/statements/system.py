"""`lineproof system`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["set_system"]


def set_system(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the system.")],
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="A model of it; * and ? allowed. Repeat for more."),
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Who answers for it.")] = None,
    intended_use: Annotated[str | None, typer.Option("--intended-use", help="What it is for.")] = None,
    gdpr_role: Annotated[
        str | None, typer.Option("--gdpr-role", help="none, controller, processor or both.")
    ] = None,
    hipaa_role: Annotated[
        str | None, typer.Option("--hipaa-role", help="none, covered_entity or business_associate.")
    ] = None,
    sox_scope: Annotated[
        bool | None,
        typer.Option("--sox-scope/--no-sox-scope", help="Whether its output feeds financial reporting."),
    ] = None,
    ai_act_role: Annotated[
        str | None, typer.Option("--ai-act-role", help="none, provider, deployer or both.")
    ] = None,
    ai_act_class: Annotated[
        str | None,
        typer.Option(
            "--ai-act-class",
            help="prohibited, high_annex_iii, high_annex_i, limited, minimal or unclassified.",
        ),
    ] = None,
    oversight: Annotated[
        str | None, typer.Option("--oversight", help="Who can overrule and stop it.")
    ] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State what a system is, who answers for it, and which rules concern it.

    What is left out stays as stated before. What nobody states is unknown to every control.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import choice, every, told
    from lineproof.model import statements
    from lineproof.model.identity import now

    system = statements.System(
        name=name,
        models=every(models),
        owner=owner,
        intended_use=intended_use,
        gdpr_role=choice(gdpr_role, statements.GdprRole, "--gdpr-role"),
        hipaa_role=choice(hipaa_role, statements.HipaaRole, "--hipaa-role"),
        sox_scope=sox_scope,
        ai_act_role=choice(ai_act_role, statements.AiActRole, "--ai-act-role"),
        ai_act_class=choice(ai_act_class, statements.AiActClass, "--ai-act-class"),
        oversight=oversight,
        reason=reason,
        time=now(),
    )
    told(open_for_reading().state(system, acting_as=acting_as), f"system {name} described", json=json)
