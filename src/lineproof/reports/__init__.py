"""Reports: one document model, its renderings, and the evidence that binds them to the log.

Makers import `make`, checkers import `offline`: who checks a file needs nothing that renders.
"""
