"""Environments of peers, each made when a benchmark first needs it, so that no peer is in our lock file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment(name: str, *requirements: str) -> Path | None:
    """Give the folder of programs of a peer's environment, `.venv-bench-NAME`; None where it cannot be made."""
    folder = ROOT / f".venv-bench-{name}"
    mark = folder / "requirements"
    if mark.exists() and mark.read_text() == "\n".join(requirements):
        return folder / "bin"
    print(f"  making {folder.name} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *requirements],
            check=True,
            capture_output=True,
        )
    except subprocess.CalledProcessError as error:
        print(f"  {name} cannot be installed here: {error.stderr.decode()[-200:]}")
        return None
    mark.write_text("\n".join(requirements))
    return folder / "bin"
