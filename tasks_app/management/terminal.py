"""Terminal: how may text that users wrote be printed where a terminal reads it?"""


def plain(text: str) -> str:
    """On one line, and without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
