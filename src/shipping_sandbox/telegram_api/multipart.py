"""Reads `multipart/form-data`, the shape in which bots upload files (RFC 7578)."""

import re
from urllib.parse import unquote

import attrs

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(r'(?<![\w*])name="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FILE_NAME = re.compile(r'(?<![\w*])filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FILE_NAME_UTF8 = re.compile(r"(?<!\w)filename\*=UTF-8''([^;\s]+)", re.IGNORECASE)


@attrs.frozen
class Upload:
    """One uploaded file; `data` is its bytes, unchanged."""

    file_name: str
    content_type: str
    data: bytes


def read_multipart(content_type: str, body: bytes) -> dict[str, str | Upload]:
    """Split a form into texts and files, the last one of a name winning.

    Raises:
        ValueError: the boundary is missing or a part has no name.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("multipart body without a boundary")
    mark = b"--" + found[1].strip().encode("latin-1")
    form: dict[str, str | Upload] = {}
    for chunk in (b"\r\n" + body).split(b"\r\n" + mark)[1:]:
        if chunk.startswith(b"--"):
            break
        head, _, data = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name, value = _part(head.decode("utf-8", "replace"), data)
        form[name] = value
    return form


def _part(head: str, data: bytes) -> tuple[str, str | Upload]:
    headers = dict(_header(line) for line in head.split("\r\n") if ":" in line)
    disposition = headers.get("content-disposition", "")
    name = _NAME.search(disposition)
    if name is None:
        raise ValueError("multipart part without a name")
    file_name = _file_name(disposition)
    if file_name is None:
        return name[1], data.decode("utf-8", "replace")
    return name[1], Upload(file_name, headers.get("content-type", "application/octet-stream"), data)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _file_name(disposition: str) -> str | None:
    if coded := _FILE_NAME_UTF8.search(disposition):
        return unquote(coded[1])
    plain = _FILE_NAME.search(disposition)
    return None if plain is None else re.sub(r"\\(.)", r"\1", plain[1])
