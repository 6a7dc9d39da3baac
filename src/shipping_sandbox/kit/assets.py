"""A page's own files: scripts, styles and pictures from one folder, nothing else."""

from functools import cache
from pathlib import Path

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@cache
def content(path: Path) -> bytes:
    """The bytes of a file that comes with the program."""
    return path.read_bytes()


def assets(prefix: str, folder: Path) -> HTTPRouteHandler:
    """The route that gives the files of `folder` below `prefix`."""

    @get(f"{prefix}/{{name:str}}", sync_to_thread=False)
    def asset(name: FromPath[str]) -> Response[bytes]:
        known = {path.name for path in folder.iterdir() if path.suffix in _TYPES}
        if name not in known:
            raise NotFoundException
        media_type = _TYPES[Path(name).suffix]
        return Response(content(folder / name), media_type=media_type, headers={"cache-control": "no-cache"})

    return asset
