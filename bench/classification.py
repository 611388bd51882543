"""Classification of columns: cells per CPU second at 2,000 distinct values a column.

The peer is Presidio's pattern recognisers (no language model), in an environment of its own. Offline it would
want the public suffix list; the script below keeps it from asking.
"""

from __future__ import annotations

import json
import random
import subprocess
import time

from peers import environment

from lineproof.data.classification import Column, classify_table

VALUES = 2000
LIMIT = 20  # times the peer's cells per CPU second
PEER = r"""
import json, sys, time
import tldextract
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
from presidio_analyzer import RecognizerRegistry
registry = RecognizerRegistry()
registry.load_predefined_recognizers()
known = [r for r in registry.get_recognizers("en", all_fields=True) if hasattr(r, "patterns")]
columns = json.load(sys.stdin)
start, cells = time.process_time(), 0
for values in columns.values():
    for value in values:
        for recognizer in known:
            recognizer.analyze(value, recognizer.supported_entities, None)
        cells += 1
print(cells / (time.process_time() - start))
"""


def columns(rows: int) -> dict[str, list[str]]:
    """Twenty columns of people, numbers, places, days and things; the values do not repeat."""
    rng = random.Random(5)
    given = [
        "Anna",
        "Boris",
        "Carla",
        "David",
        "Elena",
        "Fatima",
        "Georg",
        "Hana",
        "Ivo",
        "Julia",
        "Karim",
        "Lena",
        "Marco",
        "Nadia",
        "Olaf",
        "Petra",
    ]
    stems = [
        "Berg",
        "Lind",
        "Moor",
        "Stein",
        "Wald",
        "Hoff",
        "Feld",
        "Bach",
        "Brook",
        "Wood",
        "Field",
        "Ash",
        "Kov",
        "Pop",
        "Ros",
        "Mart",
    ]

    def surname() -> str:
        return rng.choice(stems) + rng.choice(["er", "en", "son", "ova", "ini", "ez", "ski", "man"])

    def number(size: int) -> str:
        return "".join(rng.choices("0123456789", k=size))

    makers = {
        "name": lambda: f"{rng.choice(given)} {rng.choice('ABCDEFG')}. {surname()}-{surname()}",
        "surname": lambda: surname() + surname().lower(),
        "mail": lambda: f"{surname().lower()}{rng.randrange(10**5)}@example.org",
        "phone": lambda: f"+49 {number(3)} {number(7)}",
        "street": lambda: f"{surname()}straße {rng.randrange(1, 400)}",
        "town": lambda: f"{surname()}{rng.choice(['burg', 'heim', 'stadt', 'ville'])}",
        "code": lambda: number(5),
        "born": lambda: f"{rng.randrange(1930, 2010)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
        "seen": lambda: (
            f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02} {rng.randrange(24):02}:{number(2)}"
        ),
        "tax": lambda: number(11),
        "card": lambda: "4" + number(15),
        "ssn": lambda: f"{number(3)}-{number(2)}-{number(4)}",
        "ip": lambda: ".".join(str(rng.randrange(256)) for _ in range(4)),
        "mac": lambda: ":".join(f"{rng.randrange(256):02x}" for _ in range(6)),
        "url": lambda: f"https://social.example/u/{surname().lower()}{number(3)}",
        "note": lambda: f"Call {rng.choice(given)} {surname()} about order {number(6)} before noon.",
        "order": lambda: f"ORD-{number(8)}",
        "hash": lambda: f"{rng.getrandbits(256):064x}",
        "amount": lambda: f"{rng.uniform(1, 900):.2f}",
        "product": lambda: (
            f"{rng.choice(given)} {rng.choice(['Filter', 'Pump', 'Chair'])} {rng.randrange(10**4)}"
        ),
    }
    return {name: [make() for _ in range(rows)] for name, make in makers.items()}


def peer(cells: dict[str, list[str]], program: str) -> float:
    """Cells per CPU second of the pattern recognisers, in their own interpreter."""
    done = subprocess.run(
        [program, "-c", PEER], input=json.dumps(cells), capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def main(*, quick: bool) -> None:
    """Measure and print."""
    made = columns(VALUES)
    table = {name: Column(values, VALUES, 0) for name, values in made.items()}
    classify_table(table)  # reads the word lists and builds the letter model
    figures = []
    for _ in range(1 if quick else 5):
        start = time.process_time()
        classify_table(table)
        figures.append(len(made) * VALUES / (time.process_time() - start))
    ours = sorted(figures)[len(figures) // 2]
    print(f"classification, {len(made)} columns of {VALUES} distinct values: {ours:,.0f} cells per CPU s")
    programs = environment("presidio", "presidio-analyzer==2.2.366")
    if programs is None:
        return
    theirs = peer({name: values[:150] for name, values in made.items()}, str(programs / "python"))
    print(
        f"  Presidio's pattern recognisers: {theirs:,.0f} cells per CPU s; ratio {ours / theirs:.1f} (limit {LIMIT})"
    )
