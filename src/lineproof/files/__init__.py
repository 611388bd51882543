"""The bytes of files: hashing, what tells them apart without reading them, and digests that were taken before."""
