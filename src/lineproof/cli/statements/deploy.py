"""`lineproof deploy` and `lineproof retire`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["deploy", "retire"]

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Model version, model:NAME@N.")]
Environment = Annotated[str, typer.Option("--env", help="Name of the environment, such as prod.")]


def deploy(
    model: Model,
    env: Environment,
    artifact: Annotated[
        str | None, typer.Option("--artifact", metavar="DIGEST", help="sha256:... of what runs there.")
    ] = None,
    by_ci: Annotated[bool, typer.Option("--ci", help="Deployed by an automated, reviewed way.")] = False,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Released before its approval, on purpose.")
    ] = False,
    region: Annotated[str | None, typer.Option("--region", help="Where it runs, such as EU.")] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State that a model version serves in an environment from now on, in place of any other."""
    from lineproof import access
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    entry = access.deploy(
        open_for_reading().stored,
        model,
        env=env,
        artifact=artifact,
        mechanism="ci" if by_ci else "manual",
        emergency=emergency,
        region=region,
        reason=reason,
        acting_as=acting_as,
    )
    told(entry, f"{model} deployed to {env}", json=json)


def retire(
    model: Model, env: Environment, reason: Reason = None, acting_as: ActingAs = None, json: Json = False
) -> None:
    """State that a model version no longer serves in an environment."""
    from lineproof import access
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    stored = open_for_reading().stored
    entry = access.deploy(stored, model, env=env, action="retire", reason=reason, acting_as=acting_as)
    told(entry, f"{model} retired from {env}", json=json)
