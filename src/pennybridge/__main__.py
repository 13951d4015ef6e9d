"""`python -m pennybridge` is the command `pennybridge`."""

from pennybridge.cli.main import main

main()
