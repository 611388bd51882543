"""The commands by which people state facts: each makes one entry, with who says it and why."""
