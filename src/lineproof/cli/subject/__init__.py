"""The commands about people: `lineproof subject ...`."""
