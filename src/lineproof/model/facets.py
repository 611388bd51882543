"""The facets that are ours; their JSON schemas lie in the folder `facets/` beside this file."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType, field

from lineproof.model.openlineage import Facet, OutputField

__all__ = [
    "Classification",
    "Code",
    "Coverage",
    "Environment",
    "Fingerprint",
    "Hyperparameters",
    "Metric",
    "Metrics",
    "Model",
    "Process",
    "Profile",
    "Query",
    "Source",
    "SubjectSet",
    "Subjects",
    "schema_urn",
]


def schema_urn(key: str) -> str:
    """Give the immutable identifier of the schema of one of our facets, version 1."""
    return f"urn:lineproof:schema:{key}:1-0-0"


class Process(Facet, kw_only=True):
    """`lineproof_process` (run): the operating-system process behind a run, and how it ended."""

    schema_url: str = field(default=schema_urn("lineproof_process"), name="_schemaURL")
    argv: list[str] | UnsetType = UNSET  # values of secret-looking options are redacted
    working_directory: str | UnsetType = UNSET  # relative to the folder that holds .lineproof, if inside
    pid: int | UnsetType = UNSET
    started: str | UnsetType = UNSET
    ended: str | UnsetType = UNSET
    exit_code: int | UnsetType = UNSET
    signal: str | UnsetType = UNSET  # SIGKILL, ...
    complete: bool | UnsetType = UNSET  # False: it ended without saying how; the run is INCOMPLETE
    purpose: str | UnsetType = UNSET


class Code(Facet, kw_only=True):
    """`lineproof_code` (run): the program text that ran."""

    schema_url: str = field(default=schema_urn("lineproof_code"), name="_schemaURL")
    entry_point: str | UnsetType = UNSET  # script path relative to the root, module name, or -c
    entry_digest: str | UnsetType = UNSET  # sha256:... of the script
    commit: str | None = None  # None: not a git checkout, or no commit yet; `missing` says which
    branch: str | None = None
    dirty: bool | None = None
    patch_digest: str | UnsetType = UNSET  # sha256:... of the dirty patch, an object of the store
    submodules: dict[str, dict[str, Any]] | UnsetType = (
        UNSET  # path -> commit, dirty, patch_digest, untracked
    )
    cells: list[dict[str, Any]] | UnsetType = UNSET  # of a notebook, in the order they ran; they add up
    modules: list[dict[str, str]] | UnsetType = UNSET  # imported from beside the program: path, digest
    modules_left_out: int | UnsetType = UNSET  # how many more: too many or too large to keep
    untracked: list[str] | UnsetType = UNSET
    missing: list[str] | UnsetType = UNSET  # what could not be recorded, in words


class Environment(Facet, kw_only=True):
    """`lineproof_environment` (run): everything around the code that can change a result."""

    schema_url: str = field(default=schema_urn("lineproof_environment"), name="_schemaURL")
    python: dict[str, str] | UnsetType = UNSET  # version, implementation, executable's name, build
    packages: dict[str, str] | UnsetType = UNSET  # name -> version
    platform: dict[str, str] | UnsetType = UNSET  # system, release, machine, libc
    cpu: dict[str, Any] | UnsetType = UNSET  # model, count, flags_digest
    hardware: dict[str, Any] | UnsetType = UNSET  # memory, usable processors, limits, GPUs
    container: dict[str, str] | UnsetType = UNSET  # kind, image, digest, as far as known
    manager: dict[str, str] | UnsetType = UNSET  # of the environment: uv, conda, venv, ...; its version
    lock: dict[str, str] | UnsetType = UNSET  # path and digest of the lock file
    numerics: dict[str, Any] | UnsetType = UNSET  # blas name, version, architecture, threads
    seeds_at_start: dict[str, Any] | UnsetType = UNSET  # digests of random states when first seen
    seeds: dict[str, Any] | UnsetType = UNSET  # PYTHONHASHSEED, digests of the random states
    variables: dict[str, str] | UnsetType = UNSET  # by allow-list; secret-looking values are redacted
    ci: dict[str, str] | UnsetType = UNSET
    locale: dict[str, str] | UnsetType = UNSET  # timezone, locale, encoding


class Hyperparameters(Facet, kw_only=True):
    """`lineproof_hyperparameters` (run): an estimator and its settings."""

    schema_url: str = field(default=schema_urn("lineproof_hyperparameters"), name="_schemaURL")
    estimator: str  # qualified class name
    given: dict[str, Any]  # what the program set, differing from the defaults
    resolved: dict[str, Any]  # all settings after construction
    steps: list[str] | UnsetType = UNSET  # of a pipeline, in order, with class names
    splits: dict[str, Any] | UnsetType = UNSET  # rows and columns of X and y, folds


class Metric(msgspec.Struct, kw_only=True):
    """One measured figure."""

    name: str
    value: float | None  # None: not a finite number; `text` holds it
    text: str | UnsetType = UNSET
    step: int | UnsetType = UNSET
    dataset: str | UnsetType = UNSET  # name of the data it was measured on, when known
    site: str | UnsetType = UNSET  # file:line


class Metrics(Facet, kw_only=True):
    """`lineproof_metrics` (run): measured figures. They add up over the events of a run."""

    schema_url: str = field(default=schema_urn("lineproof_metrics"), name="_schemaURL")
    metrics: list[Metric]


class Model(Facet, kw_only=True):
    """`lineproof_model` (dataset): what a model is."""

    schema_url: str = field(default=schema_urn("lineproof_model"), name="_schemaURL")
    estimator: str | UnsetType = UNSET
    fit_run: str | UnsetType = UNSET  # run that fitted it
    format: str | UnsetType = UNSET  # joblib, pickle, skops.io, xgboost, lightgbm, torch, onnx, safetensors
    path: str | UnsetType = UNSET
    size_bytes: int | UnsetType = UNSET
    registered: bool | UnsetType = UNSET  # by register_model, not found by itself


class Fingerprint(Facet, kw_only=True):
    """`lineproof_fingerprint` (dataset): identity of the content of a table, in memory or in a file."""

    schema_url: str = field(default=schema_urn("lineproof_fingerprint"), name="_schemaURL")
    fingerprint: str
    rows: int
    columns: dict[str, str] | UnsetType = UNSET
    tier: str | UnsetType = UNSET  # full, or why not


class Profile(Facet, kw_only=True):
    """`lineproof_profile` (dataset): what one pass over a file learnt, personal values left out."""

    schema_url: str = field(default=schema_urn("lineproof_profile"), name="_schemaURL")
    rows: int | None = None
    columns: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # facts of each column, as `lineproof scan --json` tells them
    state: str | None = None  # sha256:... of the serialised state, an object of the store
    state_format: str | None = None
    drift: str | None = None  # sha256:... of the summary that drift is measured from, likewise
    drift_format: str | None = None
    withheld: list[str] = field(
        default_factory=list
    )  # columns of which no value is kept, since they hold personal data
    missing: str | None = None  # why nothing is known


class Classification(Facet, kw_only=True):
    """`lineproof_classification` (dataset): what each column seems to hold of persons, by its values."""

    schema_url: str = field(default=schema_urn("lineproof_classification"), name="_schemaURL")
    columns: dict[str, dict[str, Any]]  # class, hipaa, gdpr, confidence, evidence, contains
    tags: dict[str, list[str]] = field(
        default_factory=dict
    )  # column -> PII, SPECIAL, PHI and its class, where personal


class Source(Facet, kw_only=True):
    """`lineproof_source` (dataset): where data comes from, as a person stated it."""

    schema_url: str = field(default=schema_urn("lineproof_source"), name="_schemaURL")
    origin: str | UnsetType = UNSET
    licence: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    owner: str | UnsetType = UNSET
    obtained: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET  # why this is stated
    subject: str | UnsetType = UNSET  # column that names the person
    subject_space: str | UnsetType = UNSET
    purpose: str | UnsetType = UNSET
    tags: dict[str, list[str]] | UnsetType = UNSET  # column (or "*") -> tags


class SubjectSet(msgspec.Struct, kw_only=True):
    """Some people of one space, by what their set is known by; who they are is not in the ledger."""

    set: str  # set1:<hex>, SHA-256 over the sorted keyed hashes
    space: str
    people: int
    column: str | None = None  # the column that names them, where it is still there


class Subjects(Facet, kw_only=True):
    """`lineproof_subjects` (dataset): who has a row in this version, exactly."""

    schema_url: str = field(default=schema_urn("lineproof_subjects"), name="_schemaURL")
    sets: list[SubjectSet]


class Query(Facet, kw_only=True):
    """`lineproof_query` (dataset): the query whose result this is, and the columns of the tables it read.

    Where the result's columns come from is worked out of it after the run.
    """

    schema_url: str = field(default=schema_urn("lineproof_query"), name="_schemaURL")
    text: str  # without secrets
    dialect: str  # as sqlglot calls it
    tables: dict[str, dict[str, OutputField]]  # by name or path in the text: columns and their sources


class Coverage(Facet, kw_only=True):
    """`lineproof_coverage` (run): how much of the run the record holds."""

    schema_url: str = field(default=schema_urn("lineproof_coverage"), name="_schemaURL")
    percent: float | UnsetType = UNSET  # of features and files: those whose origin or use is known
    features: dict[str, int] | UnsetType = UNSET  # exact, superset, unknown
    shares: dict[str, float] | UnsetType = UNSET  # the same, as shares of all features
    files_read: int | UnsetType = UNSET  # different files, by wrappers and below them
    files_written: int | UnsetType = UNSET
    unattributed: list[str] | UnsetType = UNSET  # files that no library wrapper explains
    deep: str | UnsetType = UNSET  # how opens below Python were watched; unset: they were not
    without_rule: dict[str, int] | UnsetType = UNSET  # operation -> times
    without_rule_at: list[dict[str, Any]] | UnsetType = UNSET  # operation, site, times
    demoted: list[dict[str, Any]] | UnsetType = UNSET  # call sites followed no more: operation, site, ...
    faults: list[dict[str, Any]] | UnsetType = UNSET  # hooks that failed: hook, error type, site, times
    gaps: list[str] | UnsetType = UNSET  # what is missing from the record, in words
    hooks_s: float | UnsetType = UNSET  # CPU spent in our hooks; hashing left out
    hashing_s: float | UnsetType = UNSET  # CPU spent hashing files and tables
    hashed_bytes: int | UnsetType = UNSET
