"""Large things, kept by what they are: one object per content, named by its SHA-256."""

from lineproof.store.objects.interface import Kept, Objects
from lineproof.store.objects.local import LocalObjects
from lineproof.store.objects.place import OBJECTS_SETTING, open_objects

__all__ = ["OBJECTS_SETTING", "Kept", "LocalObjects", "Objects", "open_objects"]
