"""What a column holds, seen from a person's side: names, identifiers, places, dates, special categories.

`classify` looks at one column, `classify_table` at the columns of a table together. Both read a sample of
values and give a class, the letter of the HIPAA Safe Harbor list, the GDPR class, a confidence and the
evidence, which never holds a value. How it is decided: `docs/classification.md`.
"""

from lineproof.data.classification.decide import classify
from lineproof.data.classification.engines import TextEngine, text_engine
from lineproof.data.classification.result import CLASSES, Classification
from lineproof.data.classification.table import Column, classify_table

__all__ = ["CLASSES", "Classification", "Column", "TextEngine", "classify", "classify_table", "text_engine"]
