"""The parameters of one call, however they were sent: query, form, JSON or multipart."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from shipping_sandbox.telegram_api.errors import bad_request
from shipping_sandbox.telegram_api.multipart import Upload, read_multipart

_decode = msgspec.json.Decoder().decode


class Params:
    """Typed access to the parameters of one call; an absent or empty one is None.

    Forms carry nested values as JSON texts, JSON bodies carry them as they are: both read alike.
    """

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Give a text; a JSON number is given as its digits."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, Upload):
            return value.data.decode("utf-8", "replace")
        return str(value)

    def integer(self, name: str) -> int | None:
        """Give a whole number, or None where there is nothing that reads as one."""
        value = self._values.get(name)
        if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                return None
        return int(value) if isinstance(value, int | float) else None

    def flag(self, name: str) -> bool:
        """Say whether a switch is set; the service takes true, yes and 1."""
        value = self._values.get(name)
        if isinstance(value, str):
            return value.strip().lower() in ("true", "yes", "1")
        return bool(value)

    def nested(self, name: str, what: str) -> Any:
        """Give a nested value, decoding it where it came as a text.

        Raises:
            ApiError: 400, it is not JSON; `what` names it in the sentence.
        """
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return _decode(value)
        except msgspec.DecodeError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """Give the file sent under this name, or under the name an `attach://` text points to."""
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self._values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else None


def read_params(query: bytes, content_type: str, body: bytes) -> Params:
    """Merge the query and the body of a call; the body wins.

    Raises:
        ApiError: 400, the body is not what its content type says.
    """
    values: dict[str, Any] = dict(parse_qsl(query.decode("latin-1"), True)) if query else {}
    if not body:
        return Params(values)
    try:
        if content_type.startswith("application/json"):
            decoded = _decode(body)
            if not isinstance(decoded, dict):
                raise ValueError("the JSON body must be an object")
            values.update(decoded)
        elif content_type.startswith("multipart/form-data"):
            values.update(read_multipart(content_type, body))
        else:
            values.update(parse_qsl(body.decode(), True))
    except (ValueError, msgspec.DecodeError) as broken:
        raise bad_request(f"can't parse the request body: {broken}") from broken
    return Params(values)
