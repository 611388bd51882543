"""The commands about the log as a whole: `lineproof ledger ...`."""
