"""The machine and the container that a program runs in, as far as files and variables tell."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping
from typing import Any

from lineproof.capture.place import text

__all__ = ["container", "hardware"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Variables by which CI systems, orchestrators and habit name the image that a program runs in.
_IMAGES = (
    "CONTAINER_IMAGE_DIGEST",
    "IMAGE_DIGEST",
    "DOCKER_IMAGE_DIGEST",
    "CONTAINER_IMAGE",
    "DOCKER_IMAGE",
    "IMAGE_NAME",
    "CI_JOB_IMAGE",
    "JOB_IMAGE",
    "SINGULARITY_CONTAINER",
    "APPTAINER_CONTAINER",
)
_PODMAN = "/run/.containerenv"
_UNLIMITED = "max"


def container(environ: Mapping[str, str]) -> dict[str, str]:
    """Give kind, image and digest of the container; empty outside of one, without digest where nobody tells."""
    found: dict[str, str] = {}
    podman = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', _read(_PODMAN), re.MULTILINE))
    if podman or os.path.exists(_PODMAN):
        found["kind"] = "podman"
    elif environ.get("KUBERNETES_SERVICE_HOST"):
        found["kind"] = "kubernetes"
    elif os.path.exists("/.dockerenv"):
        found["kind"] = "docker"
    elif "SINGULARITY_CONTAINER" in environ or "APPTAINER_CONTAINER" in environ:
        found["kind"] = "apptainer"
    told = [environ[name] for name in _IMAGES if environ.get(name)]
    image = next((name for name in told if not _DIGEST.fullmatch(name)), podman.get("image"))
    if image:
        found["image"] = text(image)
    digests = [digest[0] for name in told if (digest := _DIGEST.search(name))]
    if podman.get("imageid"):
        digests.append(f"sha256:{podman['imageid'].removeprefix('sha256:')}")
    if digests:
        found["digest"] = digests[0]
    return found


def hardware() -> dict[str, Any]:
    """Give memory, the processors the process may use, limits set from outside, and GPUs."""
    facts: dict[str, Any] = {}
    memory = re.search(r"^MemTotal:\s*(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
    if memory:
        facts["memory_bytes"] = int(memory[1]) * 1024
    if hasattr(os, "sched_getaffinity"):
        facts["usable_cpus"] = len(os.sched_getaffinity(0))
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    if limit and limit != _UNLIMITED:
        facts["memory_limit_bytes"] = int(limit)
    share = _read("/sys/fs/cgroup/cpu.max").split()
    if share and share[0] != _UNLIMITED:
        facts["cpu_limit"] = int(share[0]) / int(share[1])
    gpus = [
        model[1].strip()
        for path in sorted(glob.glob("/proc/driver/nvidia/gpus/*/information"))
        if (model := re.search(r"^Model:\s*(.+)$", _read(path), re.MULTILINE))
    ]
    if gpus:
        facts["gpus"] = gpus
        facts["gpu_driver"] = _read("/sys/module/nvidia/version").strip()
    return facts


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(65_536)
    except OSError:
        return ""
