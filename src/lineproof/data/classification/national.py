"""Numbers that states give to people: how each is written, and its check.

A scheme's pattern is applied to compact values (upper case, no separators); its check to the digits, letters
being 10 to 35. `chance` is the share of random values of that shape that pass, so that a column is believed
only when it passes far more often.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from lineproof.data.classification.checksums import (
    Digits,
    Passes,
    luhn,
    mod11_10,
    mod97,
    number,
    plausible_date,
    verhoeff,
    weighted,
)

__all__ = ["SCHEMES", "Scheme"]


class Scheme(msgspec.Struct, frozen=True):
    """One kind of number.

    Attributes:
        title: What it is called, with its country.
        class_: Class of a column of them.
        pattern: RE2 pattern of the compact form.
        lengths: Lengths of the compact form.
        holds: The check.
        chance: Share of random values of the shape that pass.
    """

    title: str
    class_: str
    pattern: str
    lengths: tuple[int, ...]
    holds: Callable[[Digits], Passes]
    chance: float


def _date(digits: Digits, month: int, day: int, *, months: tuple[int, ...] = (0,), days: int = 0) -> Passes:
    """Whether the digits at `month` and `day` are a date; `months` and `days` are offsets a register adds."""
    m = digits[:, month] * 10 + digits[:, month + 1]
    d = digits[:, day] * 10 + digits[:, day + 1]
    result: Passes = np.zeros(len(digits), dtype=bool)
    for offset in months:
        result |= plausible_date(m - offset, d) | (plausible_date(m - offset, d - days) if days else result)
    return result


def _de_tax(d: Digits) -> Passes:
    """Mod 11,10, first digit not 0, and of the first ten digits exactly one occurs twice or thrice."""
    counts = np.stack([(d[:, :10] == digit).sum(axis=1) for digit in range(10)], axis=1)
    top = counts.max(axis=1)
    return mod11_10(d) & (d[:, 0] != 0) & (top >= 2) & (top <= 3)


def _cpf(d: Digits) -> Passes:
    a = (d[:, :9] * np.arange(10, 1, -1)).sum(axis=1) * 10 % 11 % 10
    b = (d[:, :10] * np.arange(11, 1, -1)).sum(axis=1) * 10 % 11 % 10
    return (a == d[:, 9]) & (b == d[:, 10]) & (d != d[:, :1]).any(axis=1)


def _cnpj(d: Digits) -> Passes:
    weights = np.array([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    a = (d[:, :12] * weights[1:]).sum(axis=1) % 11
    b = (d[:, :13] * weights).sum(axis=1) % 11
    fit = (np.where(a < 2, 0, 11 - a) == d[:, 12]) & (np.where(b < 2, 0, 11 - b) == d[:, 13])
    return fit & (d != d[:, :1]).any(axis=1)


def _nir(d: Digits) -> Passes:
    """INSEE: 97 minus the number modulo 97; Corsican departments 2A and 2B count as 19 and 18."""
    plain = d.copy()
    corsica = plain[:, 6] > 9
    plain[:, 6] = np.where(corsica, np.where(plain[:, 6] == 10, 9, 8), plain[:, 6])
    plain[:, 5] = np.where(corsica, 1, plain[:, 5])
    key = plain[:, 13] * 10 + plain[:, 14]
    return (97 - mod97(plain[:, :13]) == key) & np.isin(d[:, 0], (1, 2, 3, 4, 7, 8))


def _letter(letters: str) -> Digits:
    return np.array([ord(letter) - 55 for letter in letters])


_DNI = _letter("TRWAGMYFPDXBNJZSQVHLCKE")


def _dni(d: Digits) -> Passes:
    return _DNI[number(d[:, :8]) % 23] == d[:, 8]


def _nie(d: Digits) -> Passes:
    plain = d[:, :8].copy()
    plain[:, 0] -= 33  # X, Y, Z are 0, 1, 2
    return _DNI[number(plain) % 23] == d[:, 8]


_CF_ODD = np.array(
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
)


def _codice_fiscale(d: Digits) -> Passes:
    index = np.where(d > 9, d - 10, d)
    odd = _CF_ODD[index[:, 0:15:2]].sum(axis=1)
    return (odd + index[:, 1:15:2].sum(axis=1)) % 26 + 10 == d[:, 15]


def _bsn(d: Digits) -> Passes:
    return (d * np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])).sum(axis=1) % 11 == 0


def _be(d: Digits) -> Passes:
    key = d[:, 9] * 10 + d[:, 10]
    body = number(d[:, :9])
    born = (d[:, 2] * 10 + d[:, 3] <= 12) & (d[:, 4] <= 3)
    return born & ((97 - body % 97 == key) | (97 - (2_000_000_000 + body) % 97 == key))


def _nhs(d: Digits) -> Passes:
    check = 11 - (d[:, :9] * np.arange(10, 1, -1)).sum(axis=1) % 11
    return np.where(check == 11, 0, check) == d[:, 9]


def _pesel(d: Digits) -> Passes:
    fit = (d[:, :10] * np.array([1, 3, 7, 9, 1, 3, 7, 9, 1, 3])).sum(axis=1)
    return ((10 - fit % 10) % 10 == d[:, 10]) & _date(d, 2, 4, months=(0, 20, 40, 60, 80))


def _swedish(d: Digits) -> Passes:
    short = d[:, -10:]
    return luhn(short) & _date(short, 2, 4, days=60)


def _norwegian(d: Digits) -> Passes:
    a = 11 - (d[:, :9] * np.array([3, 7, 6, 1, 8, 9, 4, 5, 2])).sum(axis=1) % 11
    b = 11 - (d[:, :10] * np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])).sum(axis=1) % 11
    return (a % 11 == d[:, 9]) & (b % 11 == d[:, 10]) & _date(d, 2, 0, days=40)


_HETU = _letter("0123456789ABCDEFHJKLMNPRSTUVWXY".replace("0123456789", ""))


def _hetu(d: Digits) -> Passes:
    signs = np.concatenate([np.arange(10), _HETU])
    return (
        signs[number(np.delete(d[:, :-1], 6, axis=1) if d.shape[1] == 11 else d[:, :9]) % 31] == d[:, -1]
    ) & (_date(d, 2, 0))


def _cz(d: Digits) -> Passes:
    return (number(d) % 11 == 0) & _date(d, 2, 4, months=(0, 20, 50, 70))


def _hungarian_taj(d: Digits) -> Passes:
    return (d[:, :8] * np.array([3, 7, 3, 7, 3, 7, 3, 7])).sum(axis=1) % 10 == d[:, 8]


def _ten_to(value: int) -> Callable[[Digits], Digits]:
    return lambda rest: np.where(rest == 10, value, rest)


def _eleven_minus(rest: Digits) -> Digits:
    return np.where(rest < 2, 0, 11 - rest)


_RO = weighted((2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), 11, _ten_to(1))
_BG = weighted((2, 4, 8, 5, 10, 9, 7, 3, 6), 11, _ten_to(0))
_AFM = weighted((256, 128, 64, 32, 16, 8, 4, 2), 11, _ten_to(0))
_PT = weighted((9, 8, 7, 6, 5, 4, 3, 2), 11, _eleven_minus)
_EMSO = weighted((7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, _eleven_minus)
_UA = weighted((-1, 5, 7, 9, 4, 6, 10, 5, 7), 11, lambda rest: rest % 10)
_MY_NUMBER = weighted((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, _eleven_minus)
_TFN = weighted((1, 4, 3, 7, 5, 8, 6, 9, 10), 11)
_EAN = weighted((1, 3) * 6, 10, lambda rest: (10 - rest) % 10)
_CUIT = weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, lambda rest: (11 - rest) % 11)
_KR = weighted((2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), 11, lambda rest: (11 - rest) % 10)
_TH = weighted((13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2), 11, lambda rest: (11 - rest) % 10)


def _inn(d: Digits) -> Passes:
    a = (d[:, :10] * np.array([7, 2, 4, 10, 3, 5, 9, 4, 6, 8])).sum(axis=1) % 11 % 10
    b = (d[:, :11] * np.array([3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8])).sum(axis=1) % 11 % 10
    return (a == d[:, 10]) & (b == d[:, 11])


def _icelandic(d: Digits) -> Passes:
    rest = (d[:, :8] * np.array([3, 2, 7, 6, 5, 4, 3, 2])).sum(axis=1) % 11
    return (_eleven_minus(rest) == d[:, 8]) & _date(d, 2, 0)


def _baltic(d: Digits) -> Passes:
    one = (d[:, :10] * np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 1])).sum(axis=1) % 11
    two = (d[:, :10] * np.array([3, 4, 5, 6, 7, 8, 9, 1, 2, 3])).sum(axis=1) % 11
    check = np.where(one < 10, one, np.where(two < 10, two, 0))
    return (check == d[:, 10]) & _date(d, 3, 5)


def _turkish(d: Digits) -> Passes:
    tenth = (d[:, 0:9:2].sum(axis=1) * 7 - d[:, 1:8:2].sum(axis=1)) % 10
    return (tenth == d[:, 9]) & (d[:, :10].sum(axis=1) % 10 == d[:, 10]) & (d[:, 0] != 0)


def _snils(d: Digits) -> Passes:
    check = (d[:, :9] * np.arange(9, 0, -1)).sum(axis=1) % 101 % 100
    return check == d[:, 9] * 10 + d[:, 10]


_CN = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])


def _chinese(d: Digits) -> Passes:
    want = np.array([1, 0, 33, 9, 8, 7, 6, 5, 4, 3, 2])  # 33 is X
    return (want[(d[:, :17] * _CN).sum(axis=1) % 11] == d[:, 17]) & _date(d, 10, 12)


def _korean(d: Digits) -> Passes:
    return _KR(d) & _date(d, 2, 4)


_TW = np.array(
    [10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33]
)


def _taiwan(d: Digits) -> Passes:
    area = _TW[d[:, 0] - 10]
    total = area // 10 + area % 10 * 9 + (d[:, 1:9] * np.arange(8, 0, -1)).sum(axis=1) + d[:, 9]
    return total % 10 == 0


def _singapore(d: Digits) -> Passes:
    total = (d[:, 1:8] * np.array([2, 7, 6, 5, 4, 3, 2])).sum(axis=1)
    total += np.where(np.isin(d[:, 0], _letter("TG")), 4, 0)
    local, foreign = _letter("JZIHGFEDCBA"), _letter("XWUTRQPNMLK")
    want = np.where(np.isin(d[:, 0], _letter("ST")), local[total % 11], foreign[total % 11])
    return want == d[:, 8]


def _curp(d: Digits) -> Passes:
    # The alphabet has Ñ between N and O, so letters from O on count one more.
    value = np.where(d > 23, d + 1, d)
    check = (10 - (value[:, :17] * np.arange(18, 1, -1)).sum(axis=1) % 10) % 10
    return check == d[:, 17]


def _rut(d: Digits) -> Passes:
    body = d[:, :-1][:, ::-1]
    factors = np.array([2, 3, 4, 5, 6, 7])[np.arange(body.shape[1]) % 6]
    check = 11 - (body * factors).sum(axis=1) % 11
    return np.where(check == 11, 0, np.where(check == 10, 20, check)) == d[:, -1]


def _irish(d: Digits) -> Passes:
    total = (d[:, :7] * np.arange(8, 1, -1)).sum(axis=1)
    if d.shape[1] == 9:
        total = total + np.where(d[:, 8] == 32, 0, d[:, 8] - 9) * 9
    return np.where(total % 23 == 0, 32, total % 23 + 9) == d[:, 7]


def _npi(d: Digits) -> Passes:
    prefix = np.tile(np.array([8, 0, 8, 4, 0]), (len(d), 1))
    return luhn(np.hstack([prefix, d])) & np.isin(d[:, 0], (1, 2))


_VIN_LETTERS = np.array([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9])


def _vin(d: Digits) -> Passes:
    """49 CFR 565: ninth sign checks the rest."""
    value = np.where(d > 9, _VIN_LETTERS[np.clip(d - 10, 0, 25)], d)
    rest = (value * np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])).sum(axis=1) % 11
    return np.where(rest == 10, 33, rest) == d[:, 8]


def _kvnr(d: Digits) -> Passes:
    """German health insurance number: the letter as two digits, then factors 1 and 2."""
    letter = d[:, 0] - 9
    row = np.column_stack([letter // 10, letter % 10, d[:, 1:9]])
    product = row * np.array([1, 2] * 5)
    return (product // 10 + product % 10).sum(axis=1) % 10 == d[:, 9]


def _german_pension(d: Digits) -> Passes:
    """German pension insurance number: area, birth date, letter, serial, check."""
    letter = d[:, 8] - 9
    row = np.column_stack([d[:, :8], letter // 10, letter % 10, d[:, 9:11]])
    product = row * np.array([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
    return (product // 10 + product % 10).sum(axis=1) % 10 == d[:, 11]


def _austrian(d: Digits) -> Passes:
    """The fourth digit checks the serial before it and the birth date after it."""
    rest = (d * np.array([3, 7, 9, 0, 5, 8, 4, 2, 1, 6])).sum(axis=1) % 11
    return (rest == d[:, 3]) & _date(d, 6, 4)


def _south_african(d: Digits) -> Passes:
    return luhn(d) & _date(d, 2, 4) & (d[:, 10] <= 2)


def _greek(d: Digits) -> Passes:
    return luhn(d) & _date(d, 2, 0)


def _swiss(d: Digits) -> Passes:
    return _EAN(d)


def _yes(d: Digits) -> Passes:
    return np.ones(len(d), dtype=bool)


_ID = "NATIONAL_ID"
_NUMBER_CARD = r"^(4\d{12,18}|5[0-9]\d{10,17}|6\d{11,18}|3[47]\d{13}|3(0[0-5]|[689]\d)\d{11,16}|35\d{14}|(1800|2131)\d{11}|2\d{14,15})$"

SCHEMES: tuple[Scheme, ...] = (
    Scheme("payment card (Luhn)", "CREDIT_CARD", _NUMBER_CARD, tuple(range(12, 20)), luhn, 0.1),
    Scheme("IMEI (Luhn)", "DEVICE_ID", r"^(0[01]|35|44|45|49|5\d|86|91|98|99)\d{13}$", (15,), luhn, 0.1),
    Scheme("SIM card (Luhn)", "DEVICE_ID", r"^89\d{17,18}$", (19, 20), luhn, 0.1),
    Scheme("US provider identifier NPI", "NPI", r"^[12]\d{9}$", (10,), _npi, 0.1),
    Scheme("vehicle identification number", "VEHICLE_ID", r"^[A-HJ-NPR-Z0-9]{17}$", (17,), _vin, 0.09),
    Scheme("DE health insurance number", "HEALTH_PLAN_ID", r"^[A-Z]\d{9}$", (10,), _kvnr, 0.1),
    Scheme("DE tax id", _ID, r"^[1-9]\d{10}$", (11,), _de_tax, 0.07),
    Scheme("DE pension insurance number", _ID, r"^\d{8}[A-Z]\d{3}$", (12,), _german_pension, 0.1),
    Scheme("HR OIB", _ID, r"^\d{11}$", (11,), mod11_10, 0.1),
    Scheme("BR CPF", _ID, r"^\d{11}$", (11,), _cpf, 0.01),
    Scheme("BR CNPJ", _ID, r"^\d{14}$", (14,), _cnpj, 0.01),
    Scheme("FR social security number NIR", _ID, r"^[1-478]\d{5}[0-9AB]\d{8}$", (15,), _nir, 0.01),
    Scheme("ES DNI", _ID, r"^\d{8}[A-Z]$", (9,), _dni, 0.04),
    Scheme("ES NIE", _ID, r"^[XYZ]\d{7}[A-Z]$", (9,), _nie, 0.04),
    Scheme(
        "IT codice fiscale",
        _ID,
        r"^[A-Z]{6}[0-9L-V]{2}[A-EHLMPR-T][0-9L-V]{2}[A-Z][0-9L-V]{3}[A-Z]$",
        (16,),
        _codice_fiscale,
        0.04,
    ),
    Scheme("NL BSN", _ID, r"^\d{9}$", (9,), _bsn, 0.09),
    Scheme("PT NIF", _ID, r"^[1235689]\d{8}$", (9,), _PT, 0.1),
    Scheme("CA or IL number (Luhn)", _ID, r"^\d{9}$", (9,), luhn, 0.1),
    Scheme("GR AFM", _ID, r"^\d{9}$", (9,), _AFM, 0.1),
    Scheme("AU tax file number", _ID, r"^\d{9}$", (9,), _TFN, 0.09),
    Scheme("HU TAJ", _ID, r"^\d{9}$", (9,), _hungarian_taj, 0.1),
    Scheme("BE national number", _ID, r"^\d{11}$", (11,), _be, 0.01),
    Scheme("GB NHS number", _ID, r"^[4-79]\d{9}$", (10,), _nhs, 0.09),
    Scheme(
        "GB national insurance number",
        _ID,
        r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$",
        (9,),
        _yes,
        0.001,
    ),
    Scheme("GB driving licence", "LICENCE", r"^[A-Z9]{5}\d{6}[A-Z9]{2}[0-9A-Z][A-Z]{2}$", (16,), _yes, 0.001),
    Scheme("PL PESEL", _ID, r"^\d{11}$", (11,), _pesel, 0.01),
    Scheme("SE personnummer", _ID, r"^(19|20)?\d{10}$", (10, 12), _swedish, 0.01),
    Scheme("NO fødselsnummer", _ID, r"^\d{11}$", (11,), _norwegian, 0.01),
    Scheme("FI henkilötunnus", _ID, r"^\d{6}[A-FU-Y+]?\d{3}[0-9A-Y]$", (10, 11), _hetu, 0.01),
    Scheme("CZ or SK rodné číslo", _ID, r"^\d{10}$", (10,), _cz, 0.01),
    Scheme("RO CNP", _ID, r"^[1-8]\d{12}$", (13,), lambda d: _RO(d) & _date(d, 3, 5), 0.01),
    Scheme("BG EGN", _ID, r"^\d{10}$", (10,), lambda d: _BG(d) & _date(d, 2, 4, months=(0, 20, 40)), 0.01),
    Scheme("GR AMKA", _ID, r"^\d{11}$", (11,), _greek, 0.01),
    Scheme("AT social insurance number", _ID, r"^\d{10}$", (10,), _austrian, 0.01),
    Scheme("SI or RS EMŠO", _ID, r"^\d{13}$", (13,), lambda d: _EMSO(d) & _date(d, 2, 0), 0.01),
    Scheme("IS kennitala", _ID, r"^\d{10}$", (10,), _icelandic, 0.01),
    Scheme("EE or LT personal code", _ID, r"^[1-6]\d{10}$", (11,), _baltic, 0.01),
    Scheme("CH AHV number", _ID, r"^756\d{10}$", (13,), _swiss, 0.1),
    Scheme("IE PPS number", _ID, r"^\d{7}[A-W][A-IW]?$", (8, 9), _irish, 0.04),
    Scheme("TR kimlik number", _ID, r"^[1-9]\d{10}$", (11,), _turkish, 0.01),
    Scheme("ZA identity number", _ID, r"^\d{13}$", (13,), _south_african, 0.01),
    Scheme("IN Aadhaar", _ID, r"^[1-9]\d{11}$", (12,), verhoeff, 0.1),
    Scheme("IN permanent account number", _ID, r"^[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]$", (10,), _yes, 0.001),
    Scheme("CN resident identity number", _ID, r"^\d{17}[0-9X]$", (18,), _chinese, 0.005),
    Scheme("KR resident registration number", _ID, r"^\d{13}$", (13,), _korean, 0.01),
    Scheme("TH citizen number", _ID, r"^[1-8]\d{12}$", (13,), _TH, 0.1),
    Scheme("JP My Number", _ID, r"^\d{12}$", (12,), _MY_NUMBER, 0.1),
    Scheme("TW identity number", _ID, r"^[A-Z][1289]\d{8}$", (10,), _taiwan, 0.1),
    Scheme("SG NRIC", _ID, r"^[STFG]\d{7}[A-Z]$", (9,), _singapore, 0.04),
    Scheme("MX CURP", _ID, r"^[A-Z][AEIOUX][A-Z]{2}\d{6}[HM][A-Z]{5}[0-9A-Z]\d$", (18,), _curp, 0.1),
    Scheme("AR CUIT", _ID, r"^(20|23|24|27|30|33|34)\d{9}$", (11,), _CUIT, 0.09),
    Scheme("CL RUT", _ID, r"^\d{7,8}[0-9K]$", (8, 9), _rut, 0.09),
    Scheme("MX social security number", _ID, r"^\d{11}$", (11,), luhn, 0.1),
    Scheme("RU INN", _ID, r"^\d{12}$", (12,), _inn, 0.01),
    Scheme("RU SNILS", _ID, r"^\d{11}$", (11,), _snils, 0.01),
    Scheme("UA RNOKPP", _ID, r"^\d{10}$", (10,), _UA, 0.09),
    Scheme("barcode", "NONE", r"^\d{13}$", (13,), _EAN, 0.1),
)
