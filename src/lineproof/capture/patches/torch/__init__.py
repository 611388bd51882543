"""PyTorch: a training is what happens between the first and the last step of an optimiser.

There is no call to wrap around it, and functions that models are compiled from are left alone. What is
observed is at its borders: data sets and loaders, steps (by PyTorch's own hook), checkpoints.
"""

from __future__ import annotations

from lineproof.capture.patches.torch.patch import TorchPatch

__all__ = ["TorchPatch"]
