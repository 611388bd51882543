"""The commands about objects: `lineproof objects ...`."""
