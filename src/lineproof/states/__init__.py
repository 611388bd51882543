"""What the data of recorded runs is like: states, profiles and classes kept with dataset versions.

`record.py` reads data and is imported where that is done; the rest is light.
"""

from lineproof.states.budget import Budget
from lineproof.states.recall import Recalled, recall
from lineproof.states.runs import record_runs, turn
from lineproof.states.words import words_on

__all__ = ["Budget", "Recalled", "recall", "record_runs", "turn", "words_on"]
