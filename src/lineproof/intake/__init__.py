"""The one door for every event: spools of recorded processes, and events of other tools."""
