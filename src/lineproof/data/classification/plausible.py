"""Whether values could be of a class at all: what a column name alone may not overrule."""

from __future__ import annotations

from collections.abc import Callable

from lineproof.data.classification.detectors.categories import known
from lineproof.data.classification.detectors.people import name_shaped
from lineproof.data.classification.detectors.prose import prose
from lineproof.data.classification.detectors.times import days
from lineproof.data.classification.lists import section
from lineproof.data.classification.sample import Sample

__all__ = ["plausible"]

_IDENTIFIER = r"^[\p{L}\d][\p{L}\d \-./_#:()*・·]+$"
_LABEL = r"^[\p{L}\p{M}\d][\p{L}\p{M}\d \-.,/()'’&+:]*$"


def _numbers(sample: Sample) -> float:
    if sample.kind in {"number", "boolean", "date", "time"} or sample.share(r"^\d{1,2}$") > 0.5:
        return 0.0
    sized = (sample.lengths >= 3) & (sample.lengths <= 41)
    return float((sample.mask(_IDENTIFIER) & sized & sample.mask(r"[\d*]")).mean())


def _phone(sample: Sample) -> float:
    if sample.kind in {"number", "date", "time"}:
        return 0.0
    return float(
        (sample.mask(r"^[+(]?[\d\s().\-/+x#ext*]+$") & (sample.digits >= 4) & (sample.digits <= 20)).mean()
    )


def _label(sample: Sample) -> float:
    if sample.kind == "number" or prose(sample) > 0.5:
        return 0.0
    return float((sample.mask(_LABEL) & (sample.lengths <= 61) & ~sample.mask(r"^[\d.\-:/ ]{3,}$")).mean())


def _words(sample: Sample) -> float:
    return name_shaped(sample) if sample.kind == "text" else 0.0


def _choice(class_: str) -> Callable[[Sample], float]:
    """A category: few distinct labels, or codes, or yes and no."""

    def judge(sample: Sample) -> float:
        if sample.kind == "boolean" or set(sample.folded) <= section("terms", "BOOLEAN"):
            return 0.9
        if sample.kind in {"number", "date", "time"}:
            return 0.0
        few = sample.distinct <= 60 or sample.density < 0.2
        return max(
            known(sample, class_), _label(sample) * (1.0 if few else 0.5) if sample.kind == "text" else 0.6
        )

    return judge


def _days(sample: Sample) -> float:
    if sample.kind == "time":
        return 0.9
    return (
        max(days(sample)[0], 0.9 * sample.share(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")) if len(sample) else 0.0
    )


def _address(sample: Sample) -> float:
    return sample.share(r"\p{L}{2}") if sample.kind == "text" and sample.share("@") < 0.5 else 0.0


def _postcode(sample: Sample) -> float:
    if sample.kind not in {"text", "integer"}:
        return 0.0
    return float((sample.mask(r"^[A-Za-z0-9〒][A-Za-z0-9 \-]{2,9}$") & sample.mask(r"\d")).mean())


def _coordinates(sample: Sample) -> float:
    return 0.9 if sample.kind == "number" else sample.share(r"^[-+(\[]?\d{1,3}[.,]\d+")


def _age(sample: Sample) -> float:
    """Only ages above 89 identify; a column of lower ages is not an identifier."""
    ages = sample.share(r"^\d{1,3}([.,]\d+)?$")
    return ages if ages and sample.any_match(r"^(9\d|1[01]\d)([.,]\d+)?$") else 0.0


def _present(sample: Sample) -> float:
    return 0.9 if sample.kind in {"binary", "nested"} or len(sample) else 0.0


def _picture(sample: Sample) -> float:
    if sample.kind == "binary":
        return max(sample.magic, 0.7)
    return sample.share(r"(?i)(\.(jpe?g|png|gif|webp|heic|bmp|tiff?)|https?://|/|^data:image)")


def _login(sample: Sample) -> float:
    if sample.kind != "text":
        return 0.0
    return float((sample.mask(r"^[@\p{L}\d][\p{L}\d._\-@+]+$") & (sample.lengths <= 40)).mean())


def _identity(sample: Sample) -> float:
    """A device may carry a UUID or a hash as its number."""
    if sample.kind not in {"text", "integer"}:
        return 0.0
    sized = (sample.lengths >= 4) & (sample.lengths <= 72)
    return float((sample.mask(r"^[\p{L}\d][\p{L}\d \-:._{}]*$") & sized).mean())


_BEYOND_TEXT = frozenset({"BIOMETRIC", "GENETIC", "PHOTO"})
_JUDGES: dict[str, Callable[[Sample], float]] = {
    "EMAIL": lambda sample: sample.share("@"),
    "PHONE": _phone,
    "PERSON": _words,
    "CITY": _words,
    "USERNAME": _login,
    "ADDRESS": _address,
    "POSTCODE": _postcode,
    "BIRTH_DATE": _days,
    "DATE": _days,
    "URL": lambda sample: sample.share(r"(?i)(://|^www\.|^[\w-]+(\.[\w-]+)+(/|$)|^@\w+$)"),
    "IP": lambda sample: sample.share(r"(?i)^([\d*x]{1,3}\.){3}[\d*x]{1,3}|:.*:"),
    "GEOLOCATION": _coordinates,
    "AGE": _age,
    "BIOMETRIC": _present,
    "GENETIC": _present,
    "PHOTO": _picture,
    "DEVICE_ID": _identity,
    "FREE_TEXT": lambda _: 0.0,  # a name does not make a text personal; what stands in it does
    "HEALTH": lambda sample: (
        0.9 if sample.kind in {"boolean", "number", "integer"} else _choice("HEALTH")(sample)
    ),
    "DIAGNOSIS": lambda sample: max(_label(sample), prose(sample), 0.7 if sample.kind == "integer" else 0.0),
} | {name: _choice(name) for name in ("RELIGION", "ETHNICITY", "TRADE_UNION", "POLITICAL", "SEXUALITY")}


def plausible(sample: Sample, class_: str) -> float:
    """Share of the values that could be of `class_`; 0.75 for a column without values, where only the name speaks."""
    if sample.kind in {"binary", "nested"} and not len(sample):
        return _JUDGES[class_](sample) if class_ in _BEYOND_TEXT else 0.0
    if not len(sample):
        return 0.75
    return _JUDGES.get(class_, _numbers)(sample)
