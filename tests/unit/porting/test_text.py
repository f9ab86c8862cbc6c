"""The text of a document: what is written is read again, by every reader of YAML, and what is no document is refused."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks_app.services.porting import reading, writing
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.reading import UnreadableDocument, read
from tasks_app.services.porting.writing import write

# What YAML 1.1 or 1.2 takes for something else, and what its syntax is made of.
TRAPS = [
    *("on", "no", "y", "True", "null", "~", "", "=", "<<", "12:30:00", "2026-01-01", "1e3", "0o17", "0x1f", "1_000"),
    *(".5", "1.", "+1", "-", "-0", ".inf", "# x", " a", "a ", "a: b", "- x", "? x", "x:", "---", "...", "!x", "&x"),
    *("*x", "|", ">", "%x", "@", "`", "'", '"', "\\", "[", "{", "a, b", "\t", "\n", "a\n", "a\n\nb", "a\n\n", "\r\n"),
    *("a\n  b\nc", "a \nb", " a\nb", "\x85", "\u2028", "\ufeff", "😀", "\x07", "\x7f", "\xa0", "a" * 130, "w " * 70),
]
LETTERS = st.sampled_from([*"ab \n:#-'\"\t,[]{}&*!|>%@?.0é😀", "\u2028", "\x85", "\ufeff", "\x7f", "\r"])
TEXTS = (
    st.sampled_from(TRAPS)
    | st.lists(LETTERS, max_size=10).map("".join)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
)
SCALARS = (
    TEXTS
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def same(one: Any, other: Any) -> bool:
    """Of the same types, too."""
    return repr(one) == repr(other)


@settings(max_examples=150, deadline=None)
@given(inner=VALUES)
def test_what_is_written_is_what_every_reader_reads(inner: Any) -> None:
    value = {"k": inner, "list": [inner]}
    as_json, as_yaml = write(value, form=Form.JSON), write(value, form=Form.YAML)

    assert same(read(as_json.encode(), form=Form.JSON), value)
    assert same(read(as_yaml.encode(), form=Form.YAML), value)
    assert same(yaml.safe_load(as_yaml), value)


@settings(max_examples=100, deadline=None)
@given(inner=VALUES)
def test_the_library_in_c_and_in_python_write_and_read_the_same(inner: Any) -> None:
    value = {"k": inner}
    text = write(value, form=Form.YAML)
    in_python = yaml.dump(value, Dumper=writing._Plain, sort_keys=False, allow_unicode=True, width=2**31 - 1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "_Loader", yaml.SafeLoader)
        assert same(read(text.encode(), form=Form.YAML), value)
    assert text == in_python


@pytest.mark.parametrize("form", Form, ids=str)
def test_a_text_ends_with_one_newline_and_holds_no_carriage_return(form: Form) -> None:
    text = write({"a": "b\r\nc", "é": [{}, []]}, form=form)

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text
    assert "é" in text


def test_texts_of_several_lines_are_blocks_and_traps_are_quoted() -> None:
    text = write({"b": "one\n  two\n\nthree", "n": "no", "e": "1e3", "f": 1e-7, "i": 10**30}, form=Form.YAML)

    assert text == "b: |-\n  one\n    two\n\n  three\n'n': 'no'\ne: '1e3'\nf: 1.0e-07\ni: 1.0e+30\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("on: no", {"on": "no"}),
        ("1: 12:30:00", {"1": "12:30:00"}),
        ("a: [true, 0, -1.5e3, 007, 2026-01-01, True]", {"a": [True, 0, -1500.0, "007", "2026-01-01", "True"]}),
        ("\ufeff{a: 'null'}", {"a": "null"}),
        ('{"a": "\\u00e9"}', {"a": "é"}),
    ],
)
def test_yaml_is_read_by_the_schema_of_json(text: str, value: Any) -> None:
    assert same(read(text.encode(), form=Form.YAML), value)


@pytest.mark.parametrize(
    ("text", "words", "pointer"),
    [
        (b"a: &x [1]\nb: 2", "Line 1, column 4: an anchor is not read", "/a"),
        (b"a: [1]\nb: *x", "an alias is not read", "/b"),
        (b"&x a: 1", "an anchor is not read", ""),
        (b"a: !!python/object:os.system x", "a tag is not read", "/a"),
        (b"a: ! 12", "a tag is not read", "/a"),
        (b"a: 1\na: 2", "Line 2, column 1: the key 'a' is there twice", ""),
        (b"p: {q: {a/b: 1, a/b: 2}}", "is there twice", "/p/q"),
        (b"? [a]\n: 1", "a key is a text", ""),
        (b"a: 1\n---\nb: 2", "several documents", ""),
        (b"a: [1", "The document is not YAML: ", ""),
        (b"a: \x00", "The document is not YAML: ", ""),
        (b"a: '\\0'\nb: \"\\0\"", "NUL", "/b"),
        (b"a: \xff", "not UTF-8 (byte 3)", ""),
        (b"a: 99999999999999999999", "does not fit into 64 bits", ""),
        (b"a: 1e999", "is too large", ""),
        (b"a: " + b"[" * 36 + b"]" * 36, "nested deeper than 35 levels", "/a" + "/0" * 34),
        (b"[" * 500_000, "nested deeper than 35 levels", "/0" * 35),
        (b"a" * (1024 * 1024 + 1), "over 1048576 bytes", ""),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "",
)
def test_yaml_that_is_refused_is_refused_with_the_place(text: bytes, words: str, pointer: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        read(text, form=Form.YAML)

    assert words in str(refused.value)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    ("text", "words", "pointer"),
    [
        (b"{", "The document is not JSON: ", ""),
        (b'{"a": 1, "a": 2}', "the key 'a' is there twice", ""),
        (b"[NaN]", "NaN is not JSON", ""),
        (b"[1e999]", "is too large", ""),
        (b"[" + b"9" * 5000 + b"]", "does not fit into 64 bits", ""),
        (b'{"a": ["\\u0000"]}', "NUL", "/a/0"),
        (b'["\\ud800"]', "half of a surrogate pair", "/0"),
        (b"[" * 36 + b"]" * 36, "nested deeper than", "/0" * 35),
        (b"[" * 200_000, "nested deeper than", ""),
        (b"\xff", "not UTF-8", ""),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "",
)
def test_json_that_is_refused_is_refused_with_the_place(text: bytes, words: str, pointer: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        read(text, form=Form.JSON)

    assert words.lower() in str(refused.value).lower()
    assert refused.value.pointer == pointer


def test_a_fault_of_the_reader_itself_is_told_in_its_words() -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "_Loader", yaml.SafeLoader)
        with pytest.raises(UnreadableDocument, match="not YAML: unacceptable character"):
            read(b"a: \x07", form=Form.YAML)
