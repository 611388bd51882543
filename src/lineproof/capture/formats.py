"""Files that hold a model in a format of no one library: known by their ending and their first bytes."""

from __future__ import annotations

import os

from lineproof.capture.digests import own_business

__all__ = ["model_format"]

_HEADER = 10  # bytes
_ONNX_STARTS = (0x08, 0x0A, 0x12, 0x1A)  # a protobuf whose first field is one of the first of a ModelProto
_LONGEST_HEADER = 100_000_000  # bytes of the JSON before the tensors, the format's own limit


def model_format(path: str) -> str | None:
    """Give `onnx` or `safetensors` for a file that is one, else None.

    Source: ONNX IR specification (ModelProto); safetensors format, "Format" of its documentation.
    """
    ending = os.path.splitext(path)[1].lower()
    if ending not in (".onnx", ".safetensors"):
        return None
    own_business.now, before = True, own_business.now
    try:
        with open(path, "rb") as file:
            first = file.read(_HEADER)
    except OSError:
        return None
    finally:
        own_business.now = before
    if ending == ".onnx":
        return "onnx" if first[:1] and first[0] in _ONNX_STARTS else None
    length = int.from_bytes(first[:8], "little")
    return "safetensors" if first[8:9] == b"{" and length <= _LONGEST_HEADER else None
