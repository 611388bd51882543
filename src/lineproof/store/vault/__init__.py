"""Payloads about people: encrypted under a key of each person, which can be destroyed."""

from lineproof.store.vault.interface import Destruction, KeyStore, Person
from lineproof.store.vault.reading import readable, with_vault
from lineproof.store.vault.split import per_person
from lineproof.store.vault.vault import Vault, make_subjects_key

__all__ = [
    "Destruction",
    "KeyStore",
    "Person",
    "Vault",
    "make_subjects_key",
    "per_person",
    "readable",
    "with_vault",
]
