"""`lineproof diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import AsOf, At, Json

__all__ = ["diff"]


def diff(
    a: Annotated[str, typer.Argument(metavar="RUN", help="run:ID, or model:NAME@N for its training run.")],
    b: Annotated[str, typer.Argument(metavar="RUN", help="The run to compare it with.")],
    as_of: AsOf = None,
    at: At = None,
    json: Json = False,
) -> None:
    """Tell what changed between two runs: data, code, features, parameters, environment, metrics.

    Only what differs is told; what could not be compared is listed under "not known".
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json

    answer = open_for_reading().diff(a, b, as_of=as_of, at=at)
    if json:
        write_json(answer)
    else:
        from lineproof.cli.difference import print_difference

        print_difference(answer)
