"""Reads the HTML parse mode: its tags become marks, its errors name the byte where they happened.

Tags and entities: https://core.telegram.org/bots/api#html-style.
"""

import re

import attrs

from shipping_sandbox.telegram_api.entities import utf16_len
from shipping_sandbox.telegram_api.errors import ApiError, Json, bad_request

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_STOP = re.compile(r"<|&(?:#(?P<dec>\d{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>lt|gt|amp|quot));")
_TAG_NAME = re.compile(r"/?[^\s>]*")
_ATTRIBUTES = re.compile(r"(?:\s+[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=]+))?)*\s*>")
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>=]+)))?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


@attrs.frozen
class _Open:
    tag: str
    offset: int
    attributes: dict[str, str]


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.length = 0
        self.stack: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        position = 0
        while stop := _STOP.search(self.source, position):
            self.write(self.source[position : stop.start()])
            if stop[0] == "<":
                position = self.tag(stop.start())
            else:
                self.write(_character(stop))
                position = stop.end()
        self.write(self.source[position:])
        if self.stack:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return "".join(self.pieces), self.entities

    def write(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.length += utf16_len(text)

    def tag(self, start: int) -> int:
        name = _TAG_NAME.match(self.source, start + 1)
        tag = name[0].lower() if name else ""
        after = start + 1 + len(tag)
        if tag.startswith("/"):
            return self.close(start, after, tag[1:])
        if after >= len(self.source):
            raise _broken(f"Unclosed start tag at byte offset {self.byte(start)}")
        if tag not in KINDS:
            raise _broken(f'Unsupported start tag "{tag}" at byte offset {self.byte(start)}')
        rest = _ATTRIBUTES.match(self.source, after)
        if rest is None:
            raise _broken(f"Unclosed start tag at byte offset {self.byte(start)}")
        attributes = {m[1].lower(): _plain(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(rest[0])}
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _broken(f'Tag "span" must have class "tg-spoiler" at byte offset {self.byte(start)}')
        self.stack.append(_Open(tag, self.length, attributes))
        return rest.end()

    def close(self, start: int, after: int, tag: str) -> int:
        if not self.stack:
            raise _broken(f"Unexpected end tag at byte offset {self.byte(start)}")
        end = self.source.find(">", after)
        if end < 0 or self.source[after:end].strip():
            raise _broken(f"Unclosed end tag at byte offset {self.byte(start)}")
        opened = self.stack.pop()
        if tag and tag != opened.tag:
            place = self.byte(start)
            raise _broken(
                f'Unmatched end tag at byte offset {place}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        self.mark(opened)
        return end + 1

    def mark(self, opened: _Open) -> None:
        length = self.length - opened.offset
        if not length or opened.tag == "tg-emoji":
            return
        entity: Json = {"type": KINDS[opened.tag], "offset": opened.offset, "length": length}
        if opened.tag == "a":
            entity["url"] = opened.attributes.get("href") or self.written(opened.offset)
        elif opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "code" and self.stack and self.stack[-1].tag == "pre":
            language = opened.attributes.get("class", "").removeprefix("language-")
            self.stack[-1].attributes.setdefault("language", language)
            return
        elif opened.tag == "pre" and opened.attributes.get("language"):
            entity["language"] = opened.attributes["language"]
        self.entities.append(entity)

    def written(self, offset: int) -> str:
        return "".join(self.pieces).encode("utf-16-le")[offset * 2 :].decode("utf-16-le")

    def byte(self, position: int) -> int:
        return len(self.source[:position].encode())


def read_html(source: str) -> tuple[str, list[Json]]:
    """Give the plain text and its marks.

    Raises:
        ApiError: 400 `can't parse entities`, with the reason and the byte offset.
    """
    if "<" not in source and "&" not in source:
        return source, []
    return _Reader(source).read()


def _broken(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def _character(match: re.Match[str]) -> str:
    if match["name"]:
        return _NAMED[match["name"]]
    code = int(match["dec"]) if match["dec"] else int(match["hex"], 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match[0]


def _plain(value: str) -> str:
    return _STOP.sub(lambda m: m[0] if m[0] == "<" else _character(m), value)
