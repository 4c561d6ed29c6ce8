"""CSV files as streams of rows: rows keep to themselves, files that are none are told as such."""

import io
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import InputError
from linkage_node.limits import ROW_CHARACTERS
from linkage_node.register.lines import Record, Records
from linkage_node.register.mapping import Mapping
from linkage_node.register.rows import SourceRow
from linkage_node.register.source import CsvSource, prefix_digest, sniff

MAPPING = Mapping.model_validate({"identifiers": {"bsn": "bsn"}, "record_ref": "ref"})
HUGE = "x" * (ROW_CHARACTERS + 10)


def rows_of(path: Path, mapping: Mapping = MAPPING) -> list[SourceRow]:
    """All rows of a file."""
    with CsvSource(path, mapping.encoding, mapping.delimiter) as source:
        return list(source.rows(source.layout(mapping)))


def short(rows: list[SourceRow]) -> list[tuple[int, str, str]]:
    """(line, reference, reason if it could not be read)."""
    return [(row.row, row.ref, row.fault[1] if row.fault else "") for row in rows]


def records(text: str, width: int | None = None) -> list[Record]:
    """Records of a text with semicolons."""
    return list(Records(io.StringIO(text, newline="")).read(";", width))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859-15"])
def test_ways_to_write_a_file(tmp_path: Path, delimiter: str, line_end: str, encoding: str) -> None:
    """Delimiters are told from the header; line ends, encodings and byte order marks are all read alike."""
    path = tmp_path / "x.csv"
    lines = [f"ref{delimiter}bsn{delimiter}naam", f'é1{delimiter}999990019{delimiter}"De{delimiter} Vries"']
    path.write_bytes(line_end.join([*lines, ""]).encode(encoding))
    mapping = MAPPING.model_copy(update={"encoding": encoding.removesuffix("-sig")})
    assert rows_of(path, mapping) == [SourceRow(2, "é1", {"bsn": {"bsn": "999990019"}}, {})]


def test_the_number_of_a_row_is_its_line(tmp_path: Path) -> None:
    """A row's number is the line where it begins, also after a field of several lines and after blank lines."""
    path = tmp_path / "x.csv"
    path.write_text('ref;bsn;note\n1;a;"one\ntwo\nthree"\n\n2;b;\n')
    assert short(rows_of(path)) == [(2, "1", ""), (6, "2", "")]


def test_a_header_of_several_lines(tmp_path: Path) -> None:
    """Column names may hold line ends, and are found without the blanks around them."""
    path = tmp_path / "x.csv"
    path.write_text('"ref ";bsn;"a\nnote"\n1;a;b\n')
    assert short(rows_of(path)) == [(3, "1", "")]


def test_a_single_column(tmp_path: Path) -> None:
    """In a file of one column an empty line is a row without a value."""
    path = tmp_path / "x.csv"
    path.write_text("bsn\n999990019\n\n")
    rows = rows_of(path, Mapping.model_validate({"identifiers": {"bsn": "bsn"}}))
    assert [(row.ref, row.identifiers["bsn"]["bsn"]) for row in rows] == [
        ("row:2", "999990019"),
        ("row:3", ""),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('1;"a;b\n2;c;d\n3;e;f\n', [(1, "row_malformed"), (2, ""), (3, "")]),  # never closed
        (
            '1;"a;b\n2;c;d\n3;"e";f\n',
            [(1, "row_malformed"), (2, ""), (3, "")],
        ),  # closed by another row's quote
        ('1;"a"b;c\n2;c;d\n', [(1, "row_malformed"), (2, "")]),  # text after a quoted field
        ("1;a\n2;c;d;e\n3;e;f\n", [(1, "row_malformed"), (2, "row_malformed"), (3, "")]),
        (f"1;a;{HUGE}\n2;c;d\n", [(1, "value_too_long"), (2, "")]),
        (
            f"1;a;{'x' * 200_000}\n2;c;d\n",
            [(1, "value_too_long"), (2, "")],
        ),  # one field too long for the parser
        (f'1;a;"x\n{HUGE}\n2;c;d\n', [(1, "row_malformed"), (2, "value_too_long"), (3, "")]),
        ("1;a\0;b\n2;c;d\n", [(1, ""), (2, "")]),
        (f"1;a;{HUGE}", [(1, "value_too_long")]),
        ('1;a;"b', [(1, "row_malformed")]),
    ],
)
def test_a_broken_row_costs_itself_only(text: str, expected: list[tuple[int, str]]) -> None:
    """Whatever is wrong with a row, the rows around it are read."""
    assert [(record.line, record.reason) for record in records(text, 3)] == expected


@given(st.text(alphabet='ab;"\r\n\0é', max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    """No text makes the reader fail or run on forever, and lines are numbered upwards."""
    lines = [record.line for record in records(text, 2)]
    assert lines == sorted(set(lines))


@given(st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=8))
def test_what_csv_writes_is_read_back(table: list[list[str]]) -> None:
    """Fields with delimiters, quotes and line ends come back as they were written."""
    text = "".join(";".join('"' + field.replace('"', '""') + '"' for field in row) + "\n" for row in table)
    assert [record.fields for record in records(text, 3)] == table


def test_mixed_encodings(tmp_path: Path) -> None:
    """A row with bytes of another encoding in a used column is rejected, in an unused one it does not matter."""
    path = tmp_path / "x.csv"
    path.write_bytes(
        b"ref;bsn;naam\n"
        + "1;999990019;Zoë\n".encode()
        + "2;999990019;Zoë\n".encode("cp1252")
        + "ë3;999990019;Zo\n".encode("cp1252")
        + "4;99999\xe9;Zo\n".encode("cp1252")
        + b"5;\xff\xfe\xed\xa0\x80\xc3;Zo\n"
        + "ë6;999990019;Zo\n".encode()
    )
    assert short(rows_of(path)) == [
        (2, "1", ""),
        (3, "2", ""),
        (4, "", "encoding_invalid"),
        (5, "4", "encoding_invalid"),
        (6, "5", "encoding_invalid"),
        (7, "ë6", ""),
    ]
    faults = [row.fault[0] for row in rows_of(path) if row.fault]
    assert faults == ["record_ref", "bsn", "bsn"]


def test_broken_utf_16(tmp_path: Path) -> None:
    """A lone surrogate spoils its own row; a byte too few at the end spoils the last."""
    path = tmp_path / "x.csv"
    path.write_bytes(
        "\ufeffref;bsn\n1;".encode("utf-16-le") + b"\x00\xd8" + "\n2;b\n3;c".encode("utf-16-le")[:-1]
    )
    mapping = MAPPING.model_copy(update={"encoding": "utf-16"})
    assert short(rows_of(path, mapping)) == [
        (2, "1", "encoding_invalid"),
        (3, "2", ""),
        (4, "3", "encoding_invalid"),
    ]


def make_directory(path: Path) -> None:
    """A folder in place of a file."""
    path.mkdir()


def make_pipe(path: Path) -> None:
    """A pipe that nobody writes to."""
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "file_missing"),
        (make_directory, "file_is_directory"),
        (make_pipe, "file_not_regular"),
        (b"", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"\n\n1;2\n", "file_malformed"),
        (b'ref;"bsn\n1;2\n', "file_malformed"),
        (HUGE.encode(), "file_malformed"),
        (b"ref,bsn\n1,999990019\n", "delimiter_wrong"),
        (b"name;city\na;b\n", "column_missing"),
        (b"ref;bsn;bsn\n1;2;3\n", "column_ambiguous"),
        (b"1;999990019\n2;999990020\n", "header_is_data"),
        ("ref;bsn\n".encode("utf-16"), "encoding_invalid"),
        ("ref;bsn\n1;2\n".encode("utf-16-le"), "encoding_invalid"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: object, code: str) -> None:
    """Each has its own reason, and is told before a row is read."""
    path = tmp_path / "x.csv"
    if callable(content):
        content(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    mapping = MAPPING.model_copy(update={"delimiter": ";"})
    with pytest.raises(InputError) as raised:
        rows_of(path, mapping)
    assert raised.value.code == code
    assert str(path) in raised.value.detail


def test_utf_16_without_a_mark(tmp_path: Path) -> None:
    """A file that is not in the encoding that the mapping states is told as such."""
    path = tmp_path / "x.csv"
    path.write_bytes(b"ref;bsn\n1;2\n3")
    with pytest.raises(InputError) as raised:
        rows_of(path, MAPPING.model_copy(update={"encoding": "utf-16"}))
    assert raised.value.code in {"encoding_invalid", "delimiter_wrong"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """Said as such."""
    path = tmp_path / "x.csv"
    path.write_text("ref;bsn\n")
    path.chmod(0)
    with pytest.raises(InputError, match="file_unreadable"):
        rows_of(path)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """Appending to it, or putting another in its place, is noticed at the end."""
    path = tmp_path / "x.csv"
    path.write_text("ref;bsn\n1;2\n")
    with CsvSource(path) as source:
        source.check_unchanged()
        with path.open("a") as file:
            file.write("3;4\n")
        with pytest.raises(InputError, match="file_changed"):
            source.check_unchanged()


def test_the_digest_is_of_the_bytes_read(tmp_path: Path) -> None:
    """What was read can be recognised again by its length and keyed digest, and nothing else matches."""
    path = tmp_path / "x.csv"
    path.write_text("ref;bsn\n" + "1;2\n" * 1000)
    with CsvSource(path, digest_key=b"key") as source:
        list(source.rows(source.layout(MAPPING)))
        position, digest = source.position, source.digest
    assert position == path.stat().st_size
    assert prefix_digest(path, position, b"key") == digest
    assert prefix_digest(path, position, b"other") != digest
    assert prefix_digest(path, position - 1, b"key") != digest
    with path.open("a") as file:
        file.write("3;4\n")
    assert prefix_digest(path, position, b"key") == digest


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Twenty times as many rows, and one line of 40 MB, need no more memory."""

    def peak(rows: int, tail: int) -> int:
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as file:
            file.write("ref;bsn\n")
            file.writelines(f"{row};999990019\n" for row in range(rows))
            file.writelines("x" * 1_000_000 for _ in range(tail))
        tracemalloc.start()
        with CsvSource(path) as source:
            count = sum(1 for _ in source.rows(source.layout(MAPPING)))
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == rows + bool(tail)
        return highest

    small = peak(5_000, 2)
    assert peak(100_000, 40) < small + 1_000_000


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("a;b,c;d", ";"), ('a,"b;c;d",e', ","), ("a\tb", "\t"), ("a|b|c,d", "|"), ("a", ";"), ("", ";")],
)
def test_telling_the_delimiter(header: str, delimiter: str) -> None:
    """The one that stands most often outside quotes."""
    assert sniff(header) == delimiter
