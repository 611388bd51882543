"""How much words look like given names, surnames, places or plain words.

Words of the lists count as what they are. All others are judged by their letters: a three-letter model of each
list, built when first used, tells `Wiśniewska` from `Kettle` without having seen either. One word says little;
the mean over hundreds of distinct values says much.
"""

from __future__ import annotations

from functools import cache, lru_cache

import msgspec
import numpy as np

from lineproof.data.classification.lists import names, section, words
from lineproof.data.classification.sample import Array, Sample

__all__ = ["KINDS", "Reading", "reading", "word_weights"]

KINDS = ("given", "surnames", "places", "words")
_SIGNS = 28  # a boundary, 26 letters, anything else
_BACKOFF = 4.0  # weight of the two-letter model beneath the three-letter one
_SHARPNESS = 0.55  # letters of one word are not independent
_TRUST = 0.75  # most that the letters alone may say
_PUNCTUATION = str.maketrans(dict.fromkeys('.,;:()[]{}"/\\|&+*_-–\u3000・', " ") | {"'": "", "`": ""})
_CODE: Array = np.full(256, 27, dtype=np.int64)
_CODE[ord(" ")] = 0
_CODE[ord("a") : ord("z") + 1] = np.arange(1, 27)


def _codes(tokens: list[str]) -> tuple[Array, Array]:
    """Codes of the joined tokens, two boundaries between them, and where each ends."""
    joined = "  " + "  ".join(tokens) + "  "
    lengths = np.array([len(token) for token in tokens])
    ends = np.cumsum(lengths + 2)
    return _CODE[np.frombuffer(joined.encode("ascii", "replace"), dtype=np.uint8)], ends


def _triples(codes: Array) -> Array:
    return (codes[:-2] * _SIGNS + codes[1:-1]) * _SIGNS + codes[2:]


@cache
def _model() -> Array:
    """Log probability of a sign after two others, for each kind."""
    tables = []
    for kind in KINDS:
        listed = [part for part in set(" ".join(words(kind)).split()) if part.isascii()]
        counts = (
            np.bincount(_triples(_codes(listed)[0]), minlength=_SIGNS**3).reshape((_SIGNS,) * 3).astype(float)
        )
        pairs = counts.sum(axis=0) + 0.05
        lower = pairs / pairs.sum(axis=1, keepdims=True)
        tables.append((counts + _BACKOFF * lower) / (counts.sum(axis=2, keepdims=True) + _BACKOFF))
    return np.log(np.array(tables).reshape(len(KINDS), -1))


def _by_letters(tokens: list[str]) -> Array:
    codes, ends = _codes(tokens)
    sums = np.concatenate(
        [np.zeros((len(KINDS), 1)), np.cumsum(_model()[:, _triples(codes)], axis=1)], axis=1
    )
    # The triple that ends a token starts two signs before its last boundary.
    totals = np.diff(sums[:, np.concatenate([[0], ends])], axis=1).T * _SHARPNESS
    weights = np.exp(totals - totals.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def word_weights(tokens: list[str]) -> Array:
    """For each folded word, weights of `KINDS` that sum to one."""
    if not tokens:
        return np.zeros((0, len(KINDS)))
    weights = _TRUST * _by_letters(tokens) + (1 - _TRUST) / len(KINDS)
    listed = np.array([[token in words(kind) for kind in KINDS] for token in tokens], dtype=float)
    known = listed.sum(axis=1) > 0
    listed[known] /= listed[known].sum(axis=1, keepdims=True)
    weights[known] = 0.8 * listed[known] + 0.2 * weights[known]
    return weights


class Reading(msgspec.Struct, frozen=True):
    """A column read word by word; shares are over the distinct values.

    Attributes:
        weights: Mean weights of `KINDS`.
        first: Mean weights of the first words of values of several words.
        last: Mean weights of their last words.
        counted: Mean number of words of a value, titles and particles aside.
        known: Share of words that are in the lists of names.
        titled: Share of values with a form of address or degree.
        companies: Share of values with a word of companies.
        last_variety: Distinct last words in relation to the values of several words.
    """

    weights: Array
    first: Array
    last: Array
    counted: float
    known: float
    titled: float
    companies: float
    last_variety: float


def _tokens(folded: list[str]) -> list[list[str]]:
    return [value.translate(_PUNCTUATION).split() for value in folded]


def _telling(value: list[str]) -> list[str]:
    """Words without forms of address, particles and initials."""
    aside = section("affixes", "title") | section("affixes", "particle")
    return [word for word in value if len(word) > 1 and word not in aside]


@lru_cache(maxsize=8)
def reading(sample: Sample) -> Reading:
    """Read the values of a column in Latin letters."""
    split = _tokens(sample.folded)
    titles, companies = section("affixes", "title"), section("affixes", "company")
    values = [telling for value in split if (telling := _telling(value))]
    distinct = sorted({word for value in values for word in value})
    weights = dict(zip(distinct, word_weights(distinct), strict=True))
    uniform = np.full(len(KINDS), 1 / len(KINDS))
    means = [np.mean([weights[word] for word in value], axis=0) for value in values]
    several = [value for value in values if len(value) > 1]
    return Reading(
        weights=np.mean(means, axis=0) if means else uniform,
        first=np.mean([weights[value[0]] for value in several], axis=0) if several else uniform,
        last=np.mean([weights[value[-1]] for value in several], axis=0) if several else uniform,
        counted=float(np.mean([len(value) for value in values])) if values else 0.0,
        known=sum(word in names() for word in distinct) / max(len(distinct), 1),
        titled=sum(not titles.isdisjoint(value) for value in split) / max(len(split), 1),
        companies=sum(not companies.isdisjoint(value) for value in split) / max(len(split), 1),
        last_variety=len({value[-1] for value in several}) / max(len(several), 1),
    )
