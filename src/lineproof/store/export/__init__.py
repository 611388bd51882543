"""The log as static files that anybody can check: written in steps, verified with a public key alone."""

from lineproof.store.export.check import verify_export
from lineproof.store.export.proof import prove_entry, verify_entry_proof
from lineproof.store.export.write import Exported, export_log

__all__ = ["Exported", "export_log", "prove_entry", "verify_entry_proof", "verify_export"]
