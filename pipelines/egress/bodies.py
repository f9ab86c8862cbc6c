"""How is an answer's body read when its sender may mean harm?

Never more than the limit is held, neither of what comes in nor of what it unpacks to: 194 kB of gzip can be 200 MB.
Codings as in RFC 9110, 8.4.1.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

CODINGS: Final = "gzip, deflate, identity"

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW_DEFLATE: Final = -zlib.MAX_WBITS  # what some servers send for deflate


class BodyTooLarge(Exception):
    """More bytes than allowed, as sent or as unpacked."""


class BodyGarbled(Exception):
    """What was sent is not what its coding says, or ends too early."""


def is_known(coding: str) -> bool:
    """Whether `read` can undo this coding."""
    return coding in ("", "identity", "gzip", "x-gzip", "deflate")


def read(chunks: Iterable[bytes], *, coding: str, most: int) -> bytes:
    """The whole body, unpacked; at most `most` bytes. Raises `BodyTooLarge`, `BodyGarbled`."""
    limited = _limited(chunks, most=most)
    if coding in ("", "identity"):
        return b"".join(limited)
    try:
        return _unpacked(limited, coding=coding, most=most)
    except zlib.error as wrong:
        raise BodyGarbled(str(wrong)) from None


def _limited(chunks: Iterable[bytes], *, most: int) -> Iterator[bytes]:
    left = most
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise BodyTooLarge
        yield chunk


def _unpacked(chunks: Iterable[bytes], *, coding: str, most: int) -> bytes:
    body = bytearray()
    unpacking = None
    for chunk in chunks:
        packed = chunk
        while packed:
            if unpacking is None or unpacking.eof:  # gzip may be several members, one after the other (RFC 1952, 2.2)
                unpacking = zlib.decompressobj(_window(coding, packed[0]))
            body += unpacking.decompress(packed, most + 1 - len(body))
            if len(body) > most:
                raise BodyTooLarge
            packed = unpacking.unused_data
    if unpacking is not None and not unpacking.eof:
        raise BodyGarbled("it ends too early")
    return bytes(body)


def _window(coding: str, first: int) -> int:
    if coding != "deflate":
        return _GZIP
    return _ZLIB if first & 0x0F == 8 else _RAW_DEFLATE  # the header's compression method (RFC 1950, 2.2)
