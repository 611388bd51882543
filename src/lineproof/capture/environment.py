"""Everything around a program that can change its result: interpreter, packages, machine, settings."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from lineproof.capture.installed import lock_file, manager
from lineproof.capture.machine import container, hardware
from lineproof.capture.place import text
from lineproof.capture.randomness import random_states
from lineproof.capture.redaction import is_secret_name, redacted, redaction_key, without_credentials
from lineproof.model.facets import Environment

__all__ = ["around", "from_inside", "packages_in"]

_VARIABLES = frozenset(
    [
        "BLIS_NUM_THREADS",
        "CONDA_DEFAULT_ENV",
        "CUBLAS_WORKSPACE_CONFIG",
        "CUDA_VISIBLE_DEVICES",
        "LANG",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "LOKY_MAX_CPU_COUNT",
        "MKL_CBWR",
        "MKL_NUM_THREADS",
        "NPY_DISABLE_CPU_FEATURES",
        "NUMBA_NUM_THREADS",
        "NUMEXPR_MAX_THREADS",
        "NUMEXPR_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OMP_SCHEDULE",
        "OPENBLAS_CORETYPE",
        "OPENBLAS_NUM_THREADS",
        "POLARS_MAX_THREADS",
        "PYTHONDEVMODE",
        "PYTHONHASHSEED",
        "PYTHONIOENCODING",
        "PYTHONOPTIMIZE",
        "PYTHONUTF8",
        "PYTHONWARNINGS",
        "TF_DETERMINISTIC_OPS",
        "TZ",
        "VECLIB_MAXIMUM_THREADS",
    ]
)
_VARIABLES_LIKE = ("LC_", "SKLEARN_")
_CI = frozenset(
    [
        "BUILD_BUILDID",
        "BUILD_ID",
        "BUILD_NUMBER",
        "BUILD_SOURCEVERSION",
        "BUILD_TAG",
        "BUILDKITE_BUILD_NUMBER",
        "BUILDKITE_COMMIT",
        "BUILDKITE_PIPELINE_SLUG",
        "CI",
        "CI_COMMIT_REF_NAME",
        "CI_COMMIT_SHA",
        "CI_JOB_ID",
        "CI_JOB_NAME",
        "CI_JOB_URL",
        "CI_MERGE_REQUEST_IID",
        "CI_PIPELINE_SOURCE",
        "CI_RUNNER_ID",
        "CI_SERVER_URL",
        "CI_PIPELINE_ID",
        "CI_PROJECT_PATH",
        "CIRCLE_BUILD_NUM",
        "CIRCLE_PROJECT_REPONAME",
        "CIRCLE_SHA1",
        "GIT_COMMIT",
        "BRANCH_NAME",
        "GITHUB_ACTIONS",
        "GITHUB_ACTOR",
        "GITHUB_EVENT_NAME",
        "GITHUB_JOB",
        "GITHUB_REF",
        "GITHUB_REPOSITORY",
        "GITHUB_RUN_ATTEMPT",
        "GITHUB_RUN_ID",
        "GITHUB_SERVER_URL",
        "GITHUB_SHA",
        "GITHUB_WORKFLOW",
        "GITHUB_WORKFLOW_REF",
        "GITLAB_CI",
        "RUNNER_ARCH",
        "RUNNER_NAME",
        "RUNNER_OS",
        "JENKINS_URL",
        "JOB_NAME",
        "KFP_POD_NAME",
        "KFP_RUN_ID",
        "TF_BUILD",
    ]
)
_CI_LIKE = ("AIRFLOW_CTX_",)
_THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


def around(environ: Mapping[str, str], folder: str) -> Environment:
    """Give what can be told without being inside the program: machine, settings, CI, lock file.

    Args:
        environ: The environment variables that the program gets.
        folder: The folder `.lineproof`.
    """
    key = redaction_key(folder)
    root = os.path.dirname(folder)
    return Environment(
        platform={
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "libc": "-".join(part for part in platform.libc_ver() if part),
        },
        cpu=_cpu(),
        hardware=hardware() or UNSET,
        container=container(environ) or UNSET,
        lock=lock_file(os.getcwd(), root, manager()["name"]) or UNSET,
        variables=_listed(environ, _VARIABLES, _VARIABLES_LIKE, key) or UNSET,
        ci=_listed(environ, _CI, _CI_LIKE, key) or UNSET,
        locale=_locale(environ),
    )


def from_inside(seeds_at_start: dict[str, Any]) -> Environment:
    """Give what only the program's own process knows: interpreter, packages, numerics, seeds.

    Args:
        seeds_at_start: Random states when they were first seen.
    """
    return Environment(
        python={
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "executable": text(os.path.basename(sys.executable or "")),
            "build": " ".join(platform.python_build()),
        },
        manager=manager(),
        packages=packages_in(sys.path),
        numerics=_numerics(),
        seeds_at_start=seeds_at_start,
        seeds=random_states(),
    )


def packages_in(paths: Iterable[str]) -> dict[str, str]:
    """Give the distributions installed on a path, by the names of their metadata folders.

    Returns:
        Name to version. The first folder on the path wins, as on import.
    """
    found: dict[str, str] = {}
    for path in paths:
        try:
            names = os.listdir(path or ".")
        except OSError:  # a zip file, or a folder that is not there
            continue
        for name in names:
            stem, extension = os.path.splitext(name)
            if extension in (".dist-info", ".egg-info") and "-" in stem:
                package, version = stem.split("-")[:2]
                found.setdefault(text(package.replace("_", "-").lower()), text(version))
    return dict(sorted(found.items()))


def _listed(
    environ: Mapping[str, str], names: frozenset[str], prefixes: tuple[str, ...], key: bytes | None
) -> dict[str, str]:
    return {
        text(name): redacted(value, key) if is_secret_name(name) else text(without_credentials(value))
        for name, value in sorted(environ.items())
        if name in names or name.startswith(prefixes)
    }


def _locale(environ: Mapping[str, str]) -> dict[str, str]:
    language = environ.get("LC_ALL") or environ.get("LANG") or "C"
    return {
        "timezone": text(environ.get("TZ") or time.tzname[0]),
        "locale": text(language),
        "encoding": sys.getfilesystemencoding(),
    }


def _cpu() -> dict[str, Any]:
    facts: dict[str, Any] = {"count": os.cpu_count()}
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            first = file.read(16_384).partition("\n\n")[0]
    except OSError:
        return facts | {"model": platform.processor()}
    fields = {
        name.strip(): value.strip() for name, _, value in (line.partition(":") for line in first.splitlines())
    }
    flags = " ".join(sorted(fields.get("flags", fields.get("Features", "")).split()))
    digest = hashlib.sha256(flags.encode()).hexdigest()
    return facts | {
        "model": fields.get("model name", platform.processor()),
        "flags_digest": f"sha256:{digest}",
    }


def _numerics() -> dict[str, Any]:
    """Which linear algebra computed, with how many threads. Asks only what the program has loaded."""
    facts: dict[str, Any] = {
        "threads": {name: os.environ[name] for name in _THREAD_SETTINGS if name in os.environ}
    }
    pools = sys.modules.get("threadpoolctl")
    if pools is not None:
        facts["pools"] = [
            {key: value for key, value in pool.items() if key != "filepath"}
            for pool in pools.threadpool_info()
        ]
    config = getattr(sys.modules.get("numpy.__config__"), "CONFIG", None)
    if isinstance(config, dict):
        facts["blas"] = config.get("Build Dependencies", {}).get("blas", {})
    return facts
