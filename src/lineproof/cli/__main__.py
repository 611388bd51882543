"""`python -m lineproof.cli`."""

from lineproof.cli import main

main()
