"""What importing lineproof and asking for help cost, beside what they are built on."""

from __future__ import annotations

import sys

from measure import cpu_s, environment, show


def pairs(ours: list[str], peer: list[str], count: int) -> tuple[list[float], list[float]]:
    """Measure both commands in turn."""
    mine, other = [], []
    for number in range(count + 2):
        a, b = cpu_s(ours, env=environment()), cpu_s(peer, env=environment())
        if number >= 2:  # the first two warm the page cache and the byte code
            mine.append(a)
            other.append(b)
    return mine, other


def main(*, quick: bool = False) -> None:
    """Print both ratios."""
    count = 8 if quick else 25
    python = [sys.executable, "-c"]
    bare, _ = pairs([*python, "pass"], [*python, "pass"], count)
    show("python -c pass", bare, "ms", scale=1000)

    ours, peer = pairs([*python, "import lineproof"], [*python, "import msgspec, json, hashlib"], count)
    show("import lineproof", ours, "ms", scale=1000)
    show("import msgspec, json, hashlib", peer, "ms", scale=1000)
    show("ratio", [a / b for a, b in zip(ours, peer, strict=True)], "x", "<= 1.3")

    ours, peer = pairs(
        [sys.executable, "-m", "lineproof.cli", "--help"], [*python, "import typer, rich"], count
    )
    show("lineproof --help", ours, "ms", scale=1000)
    show("import typer, rich", peer, "ms", scale=1000)
    show("ratio", [a / b for a, b in zip(ours, peer, strict=True)], "x", "<= 2.5")


if __name__ == "__main__":
    main()
