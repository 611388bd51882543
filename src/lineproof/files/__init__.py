"""What tells the bytes of files apart without reading them, and the digests that were taken of them."""
