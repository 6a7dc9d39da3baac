"""Files that went through a bot: kept in memory, named by ids that can be sent again."""

import mimetypes
import secrets
import struct

import attrs

from shipping_sandbox.telegram_api.errors import Json, bad_request

INLINE_TYPES = frozenset({"application/pdf", "image/png", "image/jpeg"})
"""What a browser may show in place; everything else is handed over as a download."""


@attrs.frozen
class StoredFile:
    """One file; `path` is where the Bot API offers it for download."""

    file_id: str
    file_unique_id: str
    path: str
    file_name: str
    mime_type: str
    data: bytes

    def reference(self) -> Json:
        """Give the three fields every file object begins with."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_unique_id,
            "file_size": len(self.data),
        }

    def document(self) -> Json:
        """Give it as a Document."""
        return {"file_name": self.file_name, "mime_type": self.mime_type, **self.reference()}

    def photo(self) -> list[Json]:
        """Give it as the sizes of a photo; the sandbox keeps one size.

        Raises:
            ApiError: 400, the bytes are neither PNG nor JPEG.
        """
        width, height = image_size(self.data)
        return [{**self.reference(), "width": width, "height": height}]

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Give the HTTP headers for handing it to a browser."""
        place = "inline" if self.mime_type in INLINE_TYPES else "attachment"
        name = self.file_name.encode("ascii", "replace").decode().translate(_UNSAFE)
        return [
            (b"content-type", self.mime_type.encode("latin-1", "replace")),
            (b"content-disposition", f'{place}; filename="{name}"'.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"private, max-age=3600"),
        ]


_UNSAFE = str.maketrans({'"': "_", "\\": "_", "\r": "_", "\n": "_"})


class FileStore:
    """The files of one bot."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, folder: str, file_name: str, mime_type: str, data: bytes) -> StoredFile:
        """Keep new bytes under a new id; a vague type is guessed from the name."""
        if mime_type in ("", "application/octet-stream"):
            mime_type = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
        number = len(self._by_id) + 1
        ending = file_name.rpartition(".")[2] if "." in file_name else "bin"
        file = StoredFile(
            file_id="BQACAgIAAxkDAAI" + secrets.token_urlsafe(24),
            file_unique_id="AgAD" + secrets.token_urlsafe(8),
            path=f"{folder}/file_{number}.{ending}",
            file_name=file_name,
            mime_type=mime_type,
            data=data,
        )
        self._by_id[file.file_id] = file
        self._by_path[file.path] = file
        return file

    def get(self, file_id: str) -> StoredFile | None:
        """Find a file by its id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """Find a file by its download path."""
        return self._by_path.get(path)


def image_size(data: bytes) -> tuple[int, int]:
    """Read width and height in pixels from a PNG or JPEG.

    Raises:
        ApiError: 400, it is neither.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(b"\xff\xd8"):
        place = 2
        while place + 9 <= len(data) and data[place] == 0xFF:
            kind, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
            if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
                height, width = struct.unpack(">HH", data[place + 5 : place + 9])
                return width, height
            place += 2 + length
    raise bad_request("IMAGE_PROCESS_FAILED")
