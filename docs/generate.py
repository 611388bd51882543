"""Write what can be read from the code: facet schemas and the reference pages.

`make docs` runs this; a test runs it with `--check` and fails when a page is not what the code says.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer.main

from lineproof import errors
from lineproof.model import entries, facets, statements
from lineproof.model.openlineage import Facet

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = ROOT / "src" / "lineproof" / "model" / "facets"
NOTICE = "<!-- Written by docs/generate.py from the code; do not edit. -->\n\n"


def facet_types() -> dict[str, type[Facet]]:
    """Our facets by their key, `lineproof_code` and so on."""
    found = {}
    for name in facets.__all__:
        thing = getattr(facets, name)
        if inspect.isclass(thing) and issubclass(thing, Facet):
            found[thing.__doc__.split("`")[1]] = thing
    return found


def facet_schema(key: str, facet: type[Facet]) -> str:
    """Give the JSON schema of one facet, self-contained."""
    definitions: dict[str, object]
    (reference,), definitions = msgspec.json.schema_components([facet], ref_template="#/$defs/{name}")
    name = reference["$ref"].rpartition("/")[2]
    for definition in definitions.values():
        definition["additionalProperties"] = True  # type: ignore[index]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": facets.schema_urn(key),
        "$defs": definitions,
        "type": "object",
        "properties": {key: {"$ref": f"#/$defs/{name}"}},
    }
    return json.dumps(document, indent=2) + "\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Give a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def first_line(text: str | None) -> str:
    """Give the first paragraph of a docstring on one line."""
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())


def errors_page() -> str:
    """List every error with its code, exit code and advice."""
    classes = [getattr(errors, name) for name in errors.__all__]
    rows = [
        (f"`{kind.code}`", f"`{kind.__name__}`", str(kind.exit_code), first_line(kind.__doc__), kind.advice)
        for kind in sorted(classes, key=lambda kind: (kind.code, kind.__name__))
        if "code" in vars(kind)
    ]
    return (
        "# Errors\n\n"
        + NOTICE
        + "Codes are stable. On the command line an error goes to stderr with its code and "
        'what to do; with `--json` as `{"error": {"code", "message", "remedy"}}`.\n\n'
        + table(("code", "class", "exit", "meaning", "what to do"), rows)
    )


def _attribute_comments(kind: type[Facet]) -> dict[str, str]:
    source = inspect.getsource(kind).splitlines()
    tree = ast.parse("\n".join(source)).body[0]
    assert isinstance(tree, ast.ClassDef)
    comments = {}
    for statement in tree.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            line = source[(statement.end_lineno or statement.lineno) - 1]
            comments[statement.target.id] = line.partition("  # ")[2].strip()
    return comments


def facets_page() -> str:
    """List our facets and their fields."""
    parts = ["# Facets\n\n", NOTICE]
    parts.append(
        "OpenLineage facets that lineproof adds. The JSON schemas are in `src/lineproof/model/facets/`; "
        "their `$id` is the `_schemaURL` of the facet.\n"
    )
    for key, kind in facet_types().items():
        comments = _attribute_comments(kind)
        rows = [
            (f"`{info.encode_name}`", _type_name(info.type), comments.get(info.name, ""))
            for info in msgspec.structs.fields(kind)
            if not info.encode_name.startswith("_")
        ]
        meaning = first_line(kind.__doc__).partition(": ")[2]
        parts.append(f"\n## `{key}`\n\n{meaning[:1].upper()}{meaning[1:]}\n\n")
        parts.append(table(("field", "type", "meaning"), rows))
    return "".join(parts)


def _type_name(kind: object) -> str:
    text = str(kind) if not inspect.isclass(kind) else kind.__name__
    for noise in (" | msgspec.UnsetType", "msgspec.UnsetType | ", "typing.", "lineproof.model.facets."):
        text = text.replace(noise, "")
    return f"`{text}`"


def entries_page() -> str:
    """List the entry types and the payloads that are ours."""
    types = table(("type",), [(f"`{name}`",) for name in entries.EntryType])
    parts = ["# Entry types\n\n", NOTICE, "The closed list of what an entry of the ledger may be.\n\n", types]
    payloads = [*(vars(entries)[name] for name in entries.__all__), *statements.STATEMENTS.values()]
    for kind in payloads:
        if inspect.isclass(kind) and issubclass(kind, msgspec.Struct):
            rows = [(f"`{info.encode_name}`", _type_name(info.type)) for info in msgspec.structs.fields(kind)]
            parts.append(f"\n## {kind.__name__}\n\n{first_line(kind.__doc__)}\n\n")
            parts.append(table(("field", "type"), rows))
    return "".join(parts)


def controls_page() -> str:
    """List the controls with clause, rule, parameters and what is left out."""
    from lineproof.controls import catalogue  # noqa: PLC0415 - the other pages need no controls
    from lineproof.controls.rules import RULES  # noqa: PLC0415 - same

    found = catalogue()
    parts = ["# Controls\n\n", NOTICE]
    parts.append(
        f"Catalogue {found.version}. Paraphrased from the texts named; not legal advice, and to be read by "
        "counsel before anybody relies on it. A control passes only on evidence: what was never captured is "
        "`unknown`, what a person must judge is `manual`. Numbers that no text sets are house defaults.\n"
    )
    for control in found.controls:
        parts.append(f"\n## {control.id}: {control.title}\n\n{control.requirement}\n\n")
        rows = [
            ("clause", control.clause),
            ("severity", control.severity),
            ("holds when", first_line(RULES[control.id].__doc__)),
            ("judged for", control.subject),
            ("evidence", ", ".join(control.evidence)),
            ("remedy", control.remedy),
        ]
        if control.parameters:
            origin = f"set by {control.basis}" if control.basis else "house default"
            given = ", ".join(f"`{name}` = {value}" for name, value in control.parameters.items())
            rows.append(("parameters", f"{given} ({origin})"))
        rows += [("not judged", control.left_out)] if control.left_out else []
        rows += [("duty from", control.applies_from)] if control.applies_from else []
        rows += [("see also", "; ".join(control.crosswalk.values()))] if control.crosswalk else []
        parts.append(table(("", ""), rows))
    return "".join(parts)


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if inner is not None:
        for name in sorted(inner):
            yield from _commands(inner[name], (*path, name))
    elif not command.hidden:
        yield path, command


def commands_page() -> str:
    """List the commands with their arguments, options and examples."""
    from lineproof.cli.app import app  # noqa: PLC0415 - the other pages need no command line

    parts = ["# Commands\n\n", NOTICE]
    parts.append(
        "Exit codes: 0 ok · 1 error · 2 usage · 3 findings · 4 not authorised · 5 verification failed · "
        "130 interrupted. Data goes to stdout, messages to stderr. `--debug` before the command shows the "
        "traceback of an unexpected error.\n"
    )
    for path, command in _commands(typer.main.get_command(app), ("lineproof",)):
        parts.append(f"\n## {' '.join(path)}\n\n{first_line(command.help)}\n\n")
        rows = [_parameter(each) for each in command.params if each.name != "help" and not each.hidden]
        parts.append(table(("argument or option", "meaning"), rows) if rows else "")
        examples = [line.strip() for line in (command.epilog or "").splitlines()][2:]
        parts.append("\n```text\n" + "\n".join(examples) + "\n```\n")
    return "".join(parts)


def _parameter(parameter: Any) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    if parameter.param_type_name == "argument":
        names = f"`{parameter.metavar or parameter.name.upper()}`"
    return names, " ".join((getattr(parameter, "help", None) or "").split())


def pages() -> dict[Path, Callable[[], str]]:
    """Every generated file with what makes its text."""
    made: dict[Path, Callable[[], str]] = {
        REFERENCE / "errors.md": errors_page,
        REFERENCE / "facets.md": facets_page,
        REFERENCE / "entry-types.md": entries_page,
        REFERENCE / "commands.md": commands_page,
        REFERENCE / "controls.md": controls_page,
    }
    for key, kind in facet_types().items():
        made[SCHEMAS / f"{key}.json"] = lambda key=key, kind=kind: facet_schema(key, kind)  # type: ignore[misc]
    return made


def main() -> int:
    """Write or check all generated files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a file is out of date"
    )
    check = parser.parse_args().check
    stale = []
    for path, make in pages().items():
        text = make()
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(str(path.relative_to(ROOT)))
        elif not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"out of date, run `make docs`: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
