"""Bodies are read no further than their limit, packed or not."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from pipelines.egress.bodies import BodyGarbled, BodyTooLarge, is_known, read


def pieces(data: bytes, size: int = 7) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def raw_deflate(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("", b"hello " * 20),
        ("identity", b"hello " * 20),
        ("gzip", gzip.compress(b"hello " * 20, mtime=0)),
        ("x-gzip", gzip.compress(b"hello " * 20, mtime=0)),
        ("gzip", gzip.compress(b"hello " * 15, mtime=0) + gzip.compress(b"hello " * 5, mtime=0)),
        ("deflate", zlib.compress(b"hello " * 20)),
        ("deflate", raw_deflate(b"hello " * 20)),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_body_is_unpacked_however_it_is_cut(coding: str, packed: bytes, size: int) -> None:
    assert read(pieces(packed, size), coding=coding, most=120) == b"hello " * 20
    with pytest.raises(BodyTooLarge):
        read(pieces(packed, size), coding=coding, most=119)


def test_two_hundred_megabytes_in_a_small_gzip_cost_little_memory() -> None:
    packing = zlib.compressobj(wbits=31)
    bomb = b"".join(packing.compress(bytes(1_000_000)) for _ in range(200)) + packing.flush()
    assert len(bomb) < 200_000

    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        read(pieces(bomb, 65_536), coding="gzip", most=1_000_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 4_000_000


def test_what_is_sent_counts_too() -> None:
    with pytest.raises(BodyTooLarge):
        read([gzip.compress(b"", mtime=0)] * 100, coding="gzip", most=1_000)


def test_no_more_is_asked_for_than_the_limit() -> None:
    def endless() -> Iterator[bytes]:
        for number in range(1_000):
            assert number < 3, "asked for more"
            yield b"x" * 10

    with pytest.raises(BodyTooLarge):
        read(endless(), coding="", most=25)


@pytest.mark.parametrize(
    "packed", [b"this is no gzip", gzip.compress(b"x" * 1_000, mtime=0)[:-9], gzip.compress(b"x", mtime=0) + b"junk"]
)
def test_what_is_not_packed_as_it_says_is_told(packed: bytes) -> None:
    with pytest.raises(BodyGarbled):
        read(pieces(packed), coding="gzip", most=10_000)


def test_no_body_is_no_garbage() -> None:
    assert read([], coding="gzip", most=10) == b""


@pytest.mark.parametrize(("coding", "known"), [("", True), ("gzip", True), ("br", False), ("gzip, gzip", False)])
def test_one_known_coding_is_undone(coding: str, known: bool) -> None:
    assert is_known(coding) is known
