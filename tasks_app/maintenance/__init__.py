"""The standing duties: one a file, each a `run_once` that answers what it did. `more` asks for another round at once."""
