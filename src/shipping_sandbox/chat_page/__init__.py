"""The chat page: a person's view of the emulated chat, in the browser. No build step, no other host."""

from functools import cache
from pathlib import Path

from litestar import MediaType, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

_FOLDER = Path(__file__).parent
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@cache
def _read(name: str) -> bytes:
    return (_FOLDER / "static" / name).read_bytes()


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def page() -> bytes:
    """Give the page; `?user=1001&user=1002` shows up to four people, `?bot=ID` another bot than the first."""
    return _read("chat.html")


@get("/chat/static/{name:str}", sync_to_thread=False)
def asset(name: FromPath[str]) -> Response[bytes]:
    """Give one script, style or picture of the page.

    Raises:
        NotFoundException: the page has no such file.
    """
    known = {path.name for path in (_FOLDER / "static").iterdir() if path.suffix in _TYPES}
    if name not in known:
        raise NotFoundException
    return Response(_read(name), media_type=_TYPES[Path(name).suffix], headers={"cache-control": "no-cache"})


def create_router() -> Router:
    """Make the page's routes."""
    return Router(path="/", route_handlers=[page, asset])
