"""The content fingerprint, written a second time from docs/fingerprint.md alone, in plain Python."""

import datetime as dt
import decimal
import hashlib
import math
import struct

ALL = (1 << 64) - 1
POSITION = 0x8EBC6AF09C88C6E3
LENGTH_FIRST = 0xA0761D6478BD642F
LENGTH_SECOND = 0xE7037ED1A0B428DB
NULL = (0x243F6A8885A308D3, 0x13198A2E03707344)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def mix(x):
    x = x * 0x9E3779B97F4A7C15 & ALL
    x ^= x >> 32
    x = x * 0xD6E8FEB86659FD93 & ALL
    return x ^ x >> 29


def of_word(w):
    first = mix(w & ALL)
    return first, first * first & ALL


def of_bytes(data):
    padded = data + b"\0" * (-len(data) % 8)
    t = [
        mix(int.from_bytes(padded[at : at + 8], "little") + (at // 8 + 1) * POSITION & ALL)
        for at in range(0, len(padded), 8)
    ]
    return (
        mix(sum(t) + len(data) * LENGTH_FIRST & ALL),
        mix(sum(one * one for one in t) + (len(data) + 1) * LENGTH_SECOND & ALL),
    )


def of_list(elements):
    first = sum(mix(f + (j + 1) * POSITION & ALL) for j, (f, _) in enumerate(elements))
    second = sum(mix(s + (j + 1) * POSITION & ALL) for j, (_, s) in enumerate(elements))
    size = len(elements)
    return mix(first + size * LENGTH_FIRST & ALL), mix(second + (size + 1) * LENGTH_SECOND & ALL)


def keys(name):
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "little") | 1, int.from_bytes(digest[8:16], "little") | 1


def of_struct(fields):
    first, second = LENGTH_FIRST, LENGTH_SECOND
    for name, (f, s) in fields.items():
        first += keys(name)[0] * f
        second += keys(name)[1] * s
    return mix(first & ALL), mix(second & ALL)


def of_value(kind, value):
    if value is None:
        return NULL
    if kind == "bool":
        return of_word(int(value))
    if kind == "int":
        return of_word(value) if value < 1 << 63 else of_bytes(value.to_bytes(8, "little"))
    if kind == "float":
        bits = 0x7FF8000000000000 if math.isnan(value) else struct.unpack("<Q", struct.pack("<d", value))[0]
        return of_word(bits)
    if kind == "date":
        return of_word((value - dt.date(1970, 1, 1)).days)
    if kind == "timestamp":
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return of_word((aware - EPOCH) // dt.timedelta(microseconds=1))
    if kind == "duration":
        return of_word(value // dt.timedelta(microseconds=1))
    if kind == "time":
        return of_word(((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond)
    if kind == "string":
        return of_bytes(value.encode())
    if kind == "binary":
        return of_bytes(value)
    if kind == "decimal":
        return of_bytes(decimal_text(value).encode())
    if kind.startswith("list<"):
        return of_list([of_value(kind[5:-1], one) for one in value])
    raise AssertionError(kind)


def decimal_text(value):
    sign, digits, exponent = decimal.Decimal(value).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    if not short:
        return "0e0"
    return f"{'-' if sign else ''}{short}e{exponent + len(text) - len(short)}"


def fingerprint(kinds, rows):
    """`kinds`: class by column name. `rows`: list of dicts."""
    sums = {name: [0, 0, 0] for name in kinds}
    a_sum = b_sum = 0
    for row in rows:
        a = b = 0
        for name, kind in kinds.items():
            first, second = of_value(kind, row[name])
            sums[name][0] += row[name] is None
            sums[name][1] += first
            sums[name][2] += second
            a += keys(name)[0] * first
            b += keys(name)[1] * second
        a = mix(a & ALL)
        b = mix(b + a & ALL)
        a_sum += a
        b_sum += b
    columns = {}
    for name, (nulls, first, second) in sums.items():
        kind = "null" if nulls == len(rows) else kinds[name]
        columns[name] = short(
            f"lineproof content1 column\n{kind}\n{len(rows)}\n{nulls}\n{first & ALL:016x}{second & ALL:016x}\n".encode()
        )
    text = f"lineproof content1 table\n{len(rows)}\n{a_sum & ALL:016x}{b_sum & ALL:016x}\n".encode()
    for name in sorted(columns, key=str.encode):
        text += b"%d:%s:%s\n" % (len(name.encode()), name.encode(), columns[name].encode())
    return short(text), columns


def short(text):
    return "content1:" + hashlib.sha256(text).hexdigest()[:32]
