"""Seeded tables of people in many locales, with hard negatives; what is in a column is known by its making."""

from __future__ import annotations

import hashlib
import random
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from localedata import HEADS, LOCALES, PHONES, POSTCODES

from lineproof.data.classification.national import SCHEMES

ROWS = 240


@dataclass
class Made:
    """One column: what it is, its good and vague name, its values with None for missing."""

    class_: str
    good: str
    vague: str
    values: list


def digits(rng, pattern):
    return "".join(str(rng.randrange(10)) if sign == "#" else sign for sign in pattern)


def ascii_of(text):
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return (
        "".join(sign for sign in plain if sign.isalpha())
        or "user" + hashlib.md5(text.encode()).hexdigest()[:3]
    )


def day(rng, first, last, form):
    start = date(first, 1, 1)
    return (start + timedelta(days=rng.randrange((date(last, 12, 31) - start).days))).strftime(form)


def holding(rng, title, pattern):
    """Random numbers of a register, by drawing until the check holds; digits in the pattern stay."""
    scheme = next(scheme for scheme in SCHEMES if scheme.title == title)
    signs = [sign for sign in pattern if sign == "#" or sign.isdigit()]
    draw = np.random.default_rng(rng.randrange(2**32)).integers(0, 10, (300_000, len(signs)))
    for place, sign in enumerate(signs):
        if sign != "#":
            draw[:, place] = int(sign)
    values = []
    for row in draw[scheme.holds(draw)][:ROWS]:
        left = iter(map(str, row))
        values.append("".join(next(left) if sign == "#" or sign.isdigit() else sign for sign in pattern))
    return values


def missing(rng, values, share):
    return [None if rng.random() < share else value for value in values]


def people(rng, locale):
    """Columns of one locale's people."""
    given, surnames, towns, streets = LOCALES[locale]
    given, surnames = given.split(), surnames.split()
    towns = towns.replace("-", "\0").split() if locale in {"zh", "ko", "ar", "ru"} else towns.split()
    towns = [town.replace("\0", "-") for town in towns]
    pairs = [(rng.choice(given), rng.choice(surnames)) for _ in range(ROWS)]
    person, first, last, town, address, postcode, phone, birth, mail = HEADS[locale].split()
    glued = locale in {"zh", "ko"}
    style = rng.choice(["full", "two", "comma"])
    columns = []
    if style == "two":
        columns.append(Made("PERSON", first, "first", [one for one, _ in pairs]))
        columns.append(Made("PERSON", last, "last", [two for _, two in pairs]))
    else:
        form = "{1}{0}" if glued else "{0} {1}" if style == "full" else "{1}, {0}"
        columns.append(Made("PERSON", person, "name", [form.format(*pair) for pair in pairs]))
    logins = [
        rng.choice([f"{ascii_of(a)}.{ascii_of(b)}", f"{ascii_of(a)[0]}{ascii_of(b)}{rng.randrange(99)}"])
        for a, b in pairs
    ]
    columns.append(
        Made(
            "EMAIL",
            mail,
            "contact",
            [f"{one}@{rng.choice(['example.org', 'mail.example'])}" for one in logins],
        )
    )
    columns.append(
        Made(
            "PHONE",
            phone,
            "tel_kontakt",
            missing(rng, [digits(rng, rng.choice(PHONES[locale])) for _ in pairs], 0.2),
        )
    )
    made = []
    for _ in pairs:
        word = rng.choice(surnames) if rng.random() < 0.6 else rng.choice(given)
        made.append(rng.choice(streets).format(n=rng.randrange(1, 180), w=word, c=rng.choice(towns)))
    columns.append(Made("ADDRESS", address, "addr_x", made))
    columns.append(Made("CITY", town, "location", missing(rng, [rng.choice(towns) for _ in pairs], 0.1)))
    columns.append(Made("POSTCODE", postcode, "postal", [digits(rng, POSTCODES[locale]) for _ in pairs]))
    form = rng.choice(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d"])
    columns.append(
        Made("BIRTH_DATE", birth, "birth", missing(rng, [day(rng, 1935, 2007, form) for _ in pairs], 0.1))
    )
    return columns


def registers(rng):
    """Numbers with check digits and others that name a person."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    made = [
        Made("NATIONAL_ID", good, vague, missing(rng, holding(rng, title, pattern), 0.1))
        for good, vague, title, pattern in (
            ("steuer_id", "kennung", "DE tax id", "4# ### ### ###"),
            ("bsn", "nummer", "NL BSN", "#########"),
            ("pesel", "numer", "PL PESEL", "##0########"),
            ("personnummer", "nummer", "SE personnummer", "##0###-####"),
            ("nhs_number", "number", "GB NHS number", "4## ### ####"),
            ("aadhaar_no", "id_proof", "IN Aadhaar", "6### #### ####"),
            ("numero_secu", "numero", "FR social security number NIR", "1 ## 0# ## ### ### ##"),
            ("tc_kimlik_no", "no", "TR kimlik number", "3##########"),
            ("fødselsnummer", "nr", "NO fødselsnummer", "##0###-#####"),
            ("sin", "number", "CA or IL number (Luhn)", "5## ### ###"),
        )
    ]
    made += [
        Made(
            "CREDIT_CARD",
            "kreditkarte",
            "zahlung",
            holding(rng, "payment card (Luhn)", "4###-####-####-####"),
        ),
        Made("NPI", "npi", "provider", holding(rng, "US provider identifier NPI", "1#########")),
        Made("DEVICE_ID", "imei", "gerät", holding(rng, "IMEI (Luhn)", "35#############")),
        Made(
            "SSN",
            "social_security_no",
            "tax_ref",
            [
                f"{rng.randrange(1, 650):03}-{rng.randrange(1, 99):02}-{rng.randrange(1, 9999):04}"
                for _ in range(ROWS)
            ],
        ),
        Made(
            "IP",
            "client_ip",
            "origin",
            [
                f"{rng.randrange(1, 223)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
                for _ in range(ROWS)
            ],
        ),
        Made(
            "DEVICE_ID",
            "mac_addr",
            "hw",
            [":".join(f"{rng.randrange(256):02X}" for _ in range(6)) for _ in range(ROWS)],
        ),
        Made(
            "VEHICLE_ID",
            "kennzeichen",
            "fahrzeug",
            [
                f"{rng.choice(['M', 'HH', 'B', 'KA', 'DD', 'WÜ', 'OS'])}-{rng.choice(letters)}{rng.choice(letters)} {rng.randrange(1, 9999)}"
                for _ in range(ROWS)
            ],
        ),
        Made(
            "VEHICLE_ID",
            "number_plate",
            "car",
            [
                f"{rng.choice(letters)}{rng.choice(letters)}{rng.randrange(10, 74)} {rng.choice(letters)}{rng.choice(letters)}{rng.choice(letters)}"
                for _ in range(ROWS)
            ],
        ),
        Made(
            "URL",
            "linkedin",
            "link",
            [
                f"https://people.example/in/{rng.choice(letters).lower()}-{rng.randrange(10**6)}"
                for _ in range(ROWS)
            ],
        ),
        Made("MRN", "medical_record_no", "chart", [f"MRN-{rng.randrange(10**7):07}" for _ in range(ROWS)]),
    ]
    return made


def health(rng):
    """A clinic's table: special categories, days, free text."""

    def pick(text):
        return [rng.choice(text.split("|")) for _ in range(ROWS)]

    icd = "E11.9|I10|J45.0|F41.1|M54.5|K21.0|N39.0|C50.9|G43.1|I48.0|E78.5|J18.9|Z00.0|S52.5|L40.0|H25.1"
    notes = "Patient meldet sich unter {p}.|Bitte Rückruf an {e}, Termin verschoben.|Keine Beschwerden, Kontrolle in zwei Wochen.|Called {p}, left a message for the family.|Sent the results to {e} as agreed."
    text = [
        rng.choice(notes.split("|")).format(
            p=digits(rng, "0171 #######"), e=f"u{rng.randrange(9999)}@example.org"
        )
        for _ in range(ROWS)
    ]
    return [
        Made("DIAGNOSIS", "diagnose_code", "code1", pick(icd)),
        Made(
            "DIAGNOSIS",
            "diagnosis",
            "grund",
            pick("Asthma|Hypertension|Diabetes mellitus|Depression|Migraine|Pneumonia|Anemia"),
        ),
        Made(
            "RELIGION",
            "konfession",
            "merkmal",
            pick("römisch-katholisch|evangelisch|muslimisch|jüdisch|konfessionslos|orthodox"),
        ),
        Made(
            "RELIGION",
            "croyance",
            "groupe",
            pick("catholique|protestante|musulmane|juive|bouddhiste|aucune|athée"),
        ),
        Made(
            "ETHNICITY",
            "ethnic_group",
            "grp",
            pick("White British|Black African|Asian British|Mixed|Chinese|Pakistani|Not stated"),
        ),
        Made("ETHNICITY", "raça", "cor", pick("branca|preta|parda|amarela|indígena|não declarada")),
        Made("TRADE_UNION", "gewerkschaft", "verband", pick("IG Metall|ver.di|GEW|IG BCE|NGG|keine")),
        Made("TRADE_UNION", "sindacato", "iscrizione", pick("CGIL|CISL|UIL|UGL|nessuno")),
        Made("FREE_TEXT", "bemerkungen", "info", text),
        Made("DATE", "admission_date", "adm", [day(rng, 2021, 2024, "%m/%d/%Y") for _ in range(ROWS)]),
        Made("DATE", "entlassung", "ende", [day(rng, 2021, 2024, "%d.%m.%Y") for _ in range(ROWS)]),
        Made("HEALTH_PLAN_ID", "versichertennummer", "kasse", holding_letter(rng)),
        Made("NONE", "ward", "station", pick("A1|A2|B1|B2|ICU")),
        Made("NONE", "age", "jahre", [rng.randrange(1, 89) for _ in range(ROWS)]),
        Made("NONE", "lab_value", "wert", [round(rng.gauss(5, 1), 2) for _ in range(ROWS)]),
        Made(
            "NONE",
            "created_at",
            "ts",
            [
                (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(10**7))).strftime(
                    "%Y-%m-%d %H:%M:%S"
                )
                for _ in range(ROWS)
            ],
        ),
    ]


def holding_letter(rng):
    scheme = next(scheme for scheme in SCHEMES if scheme.class_ == "HEALTH_PLAN_ID")
    draw = np.random.default_rng(rng.randrange(2**32)).integers(0, 10, (9000, 10))
    draw[:, 0] = draw[:, 0] + 10
    good = draw[scheme.holds(draw)][:ROWS]
    return [chr(55 + row[0]) + "".join(map(str, row[1:])) for row in good]


def shop(rng):
    """Hard negatives: what a shop's table holds beside its people."""
    nouns = [
        "Filter",
        "Pumpe",
        "Stuhl",
        "Router",
        "Kettle",
        "Blend",
        "Chaise",
        "Lampe",
        "Drill",
        "Panel",
        "Bike",
        "Jacket",
        "Sensor",
        "Cable",
    ]
    heads = [
        "Victoria",
        "Madison",
        "Aurora",
        "Diana",
        "Jasper",
        "Austin",
        "Harper",
        "Florence",
        "Delta",
        "Nova",
        "Zenith",
        "Alba",
        "Bruno",
        "Carmen",
    ]

    def each(make):
        return [make() for _ in range(ROWS)]

    return [
        Made("NONE", "order_no", "nr", each(lambda: digits(rng, "##########"))),
        Made("NONE", "Bestellnummer", "ref", each(lambda: digits(rng, "BE-2024-######"))),
        Made(
            "NONE",
            "sku",
            "artikelcode",
            each(lambda: f"{rng.choice('ABCD')}{rng.randrange(100, 999)}-{rng.randrange(1000, 9999)}"),
        ),
        Made(
            "NONE",
            "product",
            "bezeichnung",
            each(
                lambda: (
                    f"{rng.choice(heads)} {rng.choice(nouns)} {rng.choice(['Pro', 'XL', '2', 'Mini', ''])}".strip()
                )
            ),
        ),
        Made(
            "NONE",
            "product_name",
            "titre",
            each(lambda: f"{rng.choice(nouns)} {rng.choice(heads)} {rng.randrange(1, 9)}"),
        ),
        Made("NONE", "row_hash", "h", each(lambda: hashlib.sha256(str(rng.random()).encode()).hexdigest())),
        Made("NONE", "md5", "etag", each(lambda: hashlib.md5(str(rng.random()).encode()).hexdigest())),
        Made("NONE", "uuid", "key", each(lambda: str(uuid.UUID(int=rng.getrandbits(128))))),
        Made("NONE", "store_lat", "x", each(lambda: round(rng.uniform(44, 55), 5))),
        Made("NONE", "store_lon", "y", each(lambda: round(rng.uniform(-3, 20), 5))),
        Made("NONE", "quantity", "menge", each(lambda: rng.randrange(1, 60))),
        Made("NONE", "price", "p", each(lambda: round(rng.expovariate(0.02), 2))),
        Made(
            "NONE",
            "updated_at",
            "t",
            each(
                lambda: (
                    f"2024-0{rng.randrange(1, 9)}-{rng.randrange(10, 28)}T{rng.randrange(10, 23)}:{rng.randrange(10, 59)}:00Z"
                )
            ),
        ),
        Made("NONE", "epoch", "e", each(lambda: rng.randrange(1_600_000_000, 1_720_000_000))),
        Made("NONE", "order_date", "d", each(lambda: day(rng, 2023, 2024, "%Y-%m-%d"))),
        Made("NONE", "ean", "gtin", each(lambda: digits(rng, "40############"))),
        Made("NONE", "txn_ref", "vorgang", each(lambda: digits(rng, "################"))),
        Made("NONE", "contract", "c11", each(lambda: digits(rng, "1##########"))),
        Made("NONE", "loyalty_points", "punkte", each(lambda: rng.randrange(10**5))),
        Made("NONE", "serial_code", "s9", each(lambda: digits(rng, "#########"))),
        Made("NONE", "status", "st", each(lambda: rng.choice(["open", "paid", "shipped", "cancelled"]))),
        Made(
            "NONE",
            "colour",
            "farbe",
            each(lambda: rng.choice(["red", "blue", "Grün", "Schwarz", "White", "Black"])),
        ),
        Made("NONE", "currency", "cur", each(lambda: rng.choice(["EUR", "USD", "GBP", "SEK"]))),
        Made("NONE", "weekday", "tag", each(lambda: rng.choice(["Monday", "Tuesday", "Friday", "Sunday"]))),
        Made(
            "NONE",
            "company",
            "partner",
            each(lambda: f"{rng.choice(heads)} {rng.choice(['GmbH', 'Ltd', 'S.A.', 'Inc.', '& Co', 'AG'])}"),
        ),
        Made("NONE", "newsletter", "flag", each(lambda: rng.random() < 0.4)),
        Made(
            "NONE",
            "app_version",
            "v",
            each(lambda: f"{rng.randrange(1, 4)}.{rng.randrange(20)}.{rng.randrange(10)}"),
        ),
        Made(
            "NONE",
            "review",
            "text",
            each(
                lambda: (
                    rng.choice(
                        [
                            "Works as described, would buy again.",
                            "Arrived late but in good shape.",
                            "The colour is darker than in the picture.",
                            "Quiet and quick, the cable is short.",
                        ]
                    )
                    + f" {rng.randrange(1, 6)}/5"
                )
            ),
        ),
        Made(
            "NONE", "image", "asset", each(lambda: f"https://cdn.example/products/{rng.randrange(10**5)}.jpg")
        ),
        Made("NONE", "seq", "i", list(range(10_001, 10_001 + ROWS))),
        Made(
            "NONE",
            "country",
            "land",
            each(lambda: rng.choice(["France", "Germany", "Italy", "Spain", "Poland"])),
        ),
        Made("NONE", "account_type", "typ", each(lambda: rng.choice(["basic", "gold", "silver", "trial"]))),
    ]


def tables(seed):
    """All tables: name, columns, whether they were held out while rules were written."""
    rng = random.Random(seed)
    yield from ((f"people_{locale}", people(rng, locale)) for locale in LOCALES)
    yield "registers", registers(rng)
    yield "clinic", health(rng)
    yield "shop", shop(rng)
