"""Value types that every room shares: references, OpenLineage events, facets, entries. No I/O."""
