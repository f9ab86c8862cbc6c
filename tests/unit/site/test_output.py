"""One log of many programs."""

import io
from typing import BinaryIO

from ordinaut_site.output import Output


def written(*, coloured: bool = False) -> tuple[io.BytesIO, Output]:
    stream = io.BytesIO()
    return stream, Output(stream, names=["web", "worker"], coloured=coloured)


def test_lines_stand_behind_their_program_s_name() -> None:
    stream, output = written()

    output.feed("web", b"one\ntwo\r\n")
    output.say("worker", "three")

    assert stream.getvalue() == b"web    | one\nweb    | two\nworker | three\n"


def test_a_line_that_comes_in_pieces_is_written_whole() -> None:
    stream, output = written()

    output.feed("web", b"hal")
    output.feed("worker", b"other\n")
    output.feed("web", b"ves\n")

    assert stream.getvalue() == b"worker | other\nweb    | halves\n"


def test_last_words_without_a_newline_are_not_lost() -> None:
    stream, output = written()

    output.feed("web", b"no newline")
    output.finish("web")
    output.finish("web")

    assert stream.getvalue() == b"web    | no newline\n"


def test_an_endless_line_is_written_before_it_fills_the_memory() -> None:
    stream, output = written()

    output.feed("web", b"x" * 100_000)

    assert stream.getvalue() == b"web    | " + b"x" * 100_000 + b"\n"


def test_each_name_has_a_colour_of_its_own_on_a_terminal() -> None:
    stream, output = written(coloured=True)

    output.say("web", "a")
    output.say("worker", "b")
    output.say("stranger", "c")

    web, worker, stranger = stream.getvalue().splitlines()
    assert web == b"\x1b[36mweb    | \x1b[0ma"
    assert worker == b"\x1b[33mworker | \x1b[0mb"
    assert stranger == b"stranger | c"


class ClosedPipe(io.BytesIO):
    def write(self, _data: object) -> int:
        raise BrokenPipeError


def test_a_reader_that_went_away_is_noticed_once() -> None:
    stream: BinaryIO = ClosedPipe()
    output = Output(stream, names=["web"], coloured=False)

    output.say("web", "one")
    output.say("web", "two")

    assert output.gone
