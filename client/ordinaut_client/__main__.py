"""`python -m ordinaut_client` is the command line."""

from ordinaut_client.cli import main

main()
