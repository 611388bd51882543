"""Who is in which set: a dictionary from keyed hashes to dense ids, and sets of ids as compressed bitmaps."""

from lineproof.store.people.sets import PEOPLE, PeopleSets

__all__ = ["PEOPLE", "PeopleSets"]
