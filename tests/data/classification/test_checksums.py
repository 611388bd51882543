"""Check digits hold for published examples, and one wrong digit breaks them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from lineproof.data.classification.detectors.numbers import by_chance, signs
from lineproof.data.classification.national import SCHEMES

# Examples that the registers and standards themselves publish, or made from their rules.
EXAMPLES = {
    "payment card (Luhn)": "4111111111111111",
    "IMEI (Luhn)": "490154203237518",
    "US provider identifier NPI": "1234567893",
    "vehicle identification number": "1M8GDM9AXKP042788",
    "DE health insurance number": "A123456780",
    "DE tax id": "86095742719",
    "DE pension insurance number": "65170839J003",
    "HR OIB": "33392005961",
    "BR CPF": "11144477735",
    "BR CNPJ": "11222333000181",
    "FR social security number NIR": "255081416802538",
    "ES DNI": "12345678Z",
    "ES NIE": "X1234567L",
    "IT codice fiscale": "RSSMRA85T10A562S",
    "NL BSN": "111222333",
    "PT NIF": "123456789",
    "CA or IL number (Luhn)": "046454286",
    "AU tax file number": "123456782",
    "BE national number": "85073003328",
    "GB NHS number": "9434765919",
    "PL PESEL": "44051401359",
    "SE personnummer": "8112189876",
    "NO fødselsnummer": "15108695088",
    "FI henkilötunnus": "131052308T",
    "CZ or SK rodné číslo": "7103192745",
    "RO CNP": "1800101221144",
    "BG EGN": "7523169263",
    "AT social insurance number": "1237010180",
    "IS kennitala": "1201743399",
    "EE or LT personal code": "37605030299",
    "CH AHV number": "7569217076985",
    "IE PPS number": "1234567T",
    "TR kimlik number": "10000000146",
    "ZA identity number": "8001015009087",
    "IN Aadhaar": "234123412346",
    "CN resident identity number": "11010519491231002X",
    "TW identity number": "A123456789",
    "SG NRIC": "S1234567D",
    "MX CURP": "HEGG560427MVZRRL04",
    "AR CUIT": "20123456786",
    "CL RUT": "123456785",
    "RU SNILS": "11223344595",
    "RU INN": "500100732259",
    "barcode": "4006381333931",
}


# Where the last sign is not the check digit, another one does not break the number.
FREE_END = {"vehicle identification number", "AT social insurance number", "IS kennitala"}
WITH_EXAMPLE = [scheme for scheme in SCHEMES if scheme.title in EXAMPLES]


@pytest.mark.parametrize("scheme", WITH_EXAMPLE, ids=lambda scheme: scheme.title)
def test_a_scheme_accepts_its_example_and_no_other_last_sign(scheme):
    example = EXAMPLES[scheme.title]
    assert scheme.holds(signs(pa.array([example])))[0]
    last = example[-1]
    for other in "013579" if last.isdigit() else "AEKNTZ":
        if other == last or scheme.title in FREE_END:
            continue
        wrong = example[:-1] + other
        assert not scheme.holds(signs(pa.array([wrong])))[0], f"{scheme.title} takes {wrong}"


def test_passing_as_often_as_chance_is_no_evidence():
    assert by_chance(10, 100, 0.1) == 1.0
    assert by_chance(90, 100, 0.1) < 1e-9
    assert by_chance(3, 3, 0.1) > 1e-5
