"""Forms with files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping_sandbox.telegram_api.multipart import Upload, read_multipart

TYPE = "multipart/form-data; boundary=fence"


@given(st.binary().filter(lambda data: b"--fence" not in data))
def test_given_any_bytes_when_uploaded_then_they_are_unchanged(data: bytes) -> None:
    head = b'--fence\r\nContent-Disposition: form-data; name="document"; filename="a b.pdf"\r\n'
    body = head + b"Content-Type: application/pdf\r\n\r\n" + data + b"\r\n--fence--\r\n"

    assert read_multipart(TYPE, body) == {"document": Upload("a b.pdf", "application/pdf", data)}


def test_given_texts_and_a_coded_name_when_read_then_both_are_there() -> None:
    body = (
        b'--fence\r\ncontent-disposition: form-data; name="chat_id"\r\n\r\n42\r\n'
        b"--fence\r\ncontent-disposition: form-data; name=\"f\"; filename*=UTF-8''%D1%8F.txt\r\n\r\nx\r\n"
        b"--fence--"
    )
    form = read_multipart(TYPE, body)

    assert form == {"chat_id": "42", "f": Upload("я.txt", "application/octet-stream", b"x")}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("multipart/form-data", b"--x"), (TYPE, b"--fence\r\ncontent-type: text/plain\r\n\r\nx\r\n--fence--")],
    ids=["no boundary", "no name"],
)
def test_given_a_broken_form_when_read_then_it_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(ValueError, match="without"):
        read_multipart(content_type, body)
