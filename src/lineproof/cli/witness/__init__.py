"""The commands about witnesses: `lineproof witness ...`."""
