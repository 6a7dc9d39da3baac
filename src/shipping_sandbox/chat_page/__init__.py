"""The chat page: a person's view of the emulated chat, in the browser. No build step, no other host."""

from pathlib import Path

from litestar import MediaType, Router, get

from shipping_sandbox.kit.assets import assets, content

_STATIC = Path(__file__).parent / "static"


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def page() -> bytes:
    """Give the page; `?user=1001&user=1002` shows up to four people, `?bot=ID` another bot than the first."""
    return content(_STATIC / "chat.html")


def create_router() -> Router:
    """Make the page's routes."""
    return Router(path="/", route_handlers=[page, assets("/chat/static", _STATIC)])
