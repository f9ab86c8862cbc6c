"""In how many ways may a text be written that is the same secret?"""

import html
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator


def spellings(secret: str) -> str:
    """A regular expression for `secret`, however JSON, HTML, a URL, Python or base64 writes each of its characters."""
    encoded = secret.encode("utf-8", "surrogateescape")
    packed = {packing(encoded).decode().rstrip("=") for packing in (b64encode, urlsafe_b64encode)}
    letters = "".join(f"(?:{'|'.join(dict.fromkeys(_forms(char)))})" for char in secret)
    return "|".join([letters, *map(re.escape, sorted(packed))])


def _forms(char: str) -> Iterator[str]:
    code, encoded = ord(char), char.encode("utf-8", "surrogateescape")
    yield re.escape(char)
    yield re.escape(html.escape(char))
    yield f"(?i:&#0*{code};|&#x0*{code:x};)"
    yield _hexadecimal("%%%02x", encoded)
    yield _hexadecimal(r"\\x%02x", encoded)
    yield _hexadecimal(r"\\u%04x", _utf16(char))
    yield re.escape(encoded.decode("latin-1"))  # as headers are read
    if not char.isalnum():
        yield rf"\\{re.escape(char)}"
    if char == " ":
        yield r"\+"
    if char in "\n\r\t":
        yield re.escape(repr(char)[1:-1])
    if 0x80 <= code <= 0xFF:  # one byte that is no UTF-8
        yield rf"(?i:\\x{code:02x})"
        yield re.escape(bytes([code]).decode("utf-8", "surrogateescape"))


def _hexadecimal(form: str, units: Iterable[int]) -> str:
    return f"(?i:{''.join(form % unit for unit in units)})"


def _utf16(char: str) -> Iterator[int]:
    units = char.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(units[start : start + 2]) for start in range(0, len(units), 2))
