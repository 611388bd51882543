"""Deployment and retirement of a model version."""

from __future__ import annotations

import re
from typing import Literal

from lineproof.access.approvals import model_version
from lineproof.access.state import state
from lineproof.errors import CommandError
from lineproof.graph import view
from lineproof.graph.statements import Statements
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Deployment
from lineproof.store import Ledger

__all__ = ["deploy"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def deploy(
    ledger: Ledger,
    reference: str,
    *,
    env: str,
    action: Literal["deploy", "retire"] = "deploy",
    artifact: str | None = None,
    mechanism: Literal["manual", "ci"] = "manual",
    emergency: bool = False,
    region: str | None = None,
    reason: str | None = None,
    acting_as: str | None = None,
) -> int:
    """Record that a model version serves in an environment from now on, or no longer.

    Args:
        ledger: Where.
        reference: The model version, `model:NAME@N`.
        env: Name of the environment; `prod` counts as production.
        action: `deploy` or `retire`.
        artifact: Content of what runs, when it was looked at.
        mechanism: `manual` or `ci`.
        emergency: Released before its approval, on purpose.
        region: Where it runs.
        reason: Why.
        acting_as: Name of who deploys, as asserted; the user of this process when left out.

    Returns:
        Number of the entry.

    Raises:
        CommandError: There is nothing to retire, no environment, or the artifact is no digest.
        UsageError: There is no such model version.
    """
    if not env.strip():
        raise CommandError("the environment needs a name", "for example --env prod")
    if artifact is not None and not _DIGEST.fullmatch(artifact):
        raise CommandError(
            f"{artifact!r} is no digest", "give sha256: and 64 hexadecimal digits of what runs"
        )
    with ledger.connection() as connection:
        seen = view(connection)
        model = model_version(connection, reference, seen)
        serving = Statements(connection, seen).in_force(model.name).get(env)
    if action == "retire" and (serving is None or serving.node != model.id):
        raise CommandError(
            f"{model.ref} does not serve in {env}", "`lineproof events` tells what was deployed"
        )
    return state(
        ledger,
        Deployment(
            deployment=uuid7(),
            model_namespace=model.namespace,
            model_name=model.name,
            model_version=model.content,
            env=env,
            action=action,
            artifact=artifact,
            mechanism=mechanism,
            emergency=emergency,
            region=region,
            reason=reason,
            time=now(),
        ),
        acting_as=acting_as,
    )


def _check(env: str, artifact: str | None) -> None:
    if not env.strip():
        raise CommandError("the environment needs a name", "for example --env prod")
    if artifact is not None and not _DIGEST.fullmatch(artifact):
        raise CommandError(
            f"{artifact!r} is no digest", "give sha256: and 64 hexadecimal digits of what runs"
        )
