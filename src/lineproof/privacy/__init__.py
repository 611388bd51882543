"""People: where somebody's data is, and what learned from it."""

from lineproof.privacy.find import FoundPerson, Place, Prediction, find_person
from lineproof.privacy.named import subject_named

__all__ = ["FoundPerson", "Place", "Prediction", "find_person", "subject_named"]
