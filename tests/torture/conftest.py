"""What the long fault runs share."""

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("faults", Path(__file__).parent / "faults.py")
sys.modules["faults"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["faults"])
