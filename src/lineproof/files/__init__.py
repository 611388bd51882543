"""The bytes of files: hashing them, what tells them apart without reading them, digests taken before."""
