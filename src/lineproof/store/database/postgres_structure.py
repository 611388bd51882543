"""What a schema of PostgreSQL is made of, told so that two can be compared."""

from __future__ import annotations

from lineproof.store.database.interface import Session
from lineproof.store.schema import REVISION_TABLE

__all__ = ["structure"]

_Structure = dict[tuple[str, str], str]  # kind and name -> what it is made of

_RELATIONS = (
    "SELECT c.oid::int8, c.relname, c.relkind::text, c.relpersistence = 'u', c.relrowsecurity, c.relhassubclass "
    "FROM pg_class c WHERE c.relnamespace = ?::int8::oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
)
_COLUMNS = (
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, coalesce(o.collname, ''), "
    "coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attgenerated::text "
    "FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "LEFT JOIN pg_collation o ON o.oid = a.attcollation "
    "WHERE a.attrelid = ?::int8::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
)
_INDEXES = (
    "SELECT c.relname, i.indisunique, i.indisprimary, i.indisvalid, pg_get_expr(i.indpred, i.indrelid), "
    "ARRAY(SELECT pg_get_indexdef(i.indexrelid, at, true) FROM generate_series(1, i.indnatts) AS at), "
    "i.indoption::text "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ?::int8::oid"
)
# Keys are among the indexes, and NOT NULL among the columns (PostgreSQL 18 counts it as a constraint too).
_CONSTRAINTS = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE conrelid = ?::int8::oid AND contype NOT IN ('n', 'p', 'u')"
)
_TRIGGERS = (
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = ?::int8::oid AND NOT tgisinternal"
)
_RULES = (
    "SELECT rulename, pg_get_ruledef(oid) FROM pg_rewrite "
    "WHERE ev_class = ?::int8::oid AND rulename <> '_RETURN'"
)


def structure(session: Session, namespace: int) -> _Structure:
    """Describe all objects of a schema by what they do.

    Args:
        session: Where to ask.
        namespace: Object id of the schema.
    """
    described: _Structure = {}
    for oid, name, kind, unlogged, guarded, parent in session.execute(_RELATIONS, (namespace,)).fetchall():
        if name == REVISION_TABLE:
            continue
        if kind != "r":
            described[{"v": "view", "m": "view"}.get(kind, "relation"), name] = kind
            continue
        flags = [
            word
            for word, there in (("unlogged", unlogged), ("row security", guarded), ("inherited", parent))
            if there
        ]
        columns = session.execute(_COLUMNS, (oid,)).fetchall()
        described["table", name] = "; ".join([*(" ".join(map(str, column)) for column in columns), *flags])
        for index, unique, primary, valid, condition, parts, options in session.execute(_INDEXES, (oid,)):
            form = f"on {name}: {', '.join(parts)}; {options}; where {condition}"
            described["index", index] = f"{form}; unique, primary, valid: {unique} {primary} {valid}"
        for query, what in ((_CONSTRAINTS, "constraint"), (_TRIGGERS, "trigger"), (_RULES, "rule")):
            for one, form in session.execute(query, (oid,)):
                described[what, f"{name}.{one}"] = form
    return described
