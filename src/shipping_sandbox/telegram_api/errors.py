"""How the Bot API says no: an HTTP status, a sentence, and sometimes parameters."""

from typing import Any

Json = dict[str, Any]
"""One JSON object as the Bot API writes it; the field lists stand in the published reference."""


class ApiError(Exception):
    """A refusal in the Bot API's own words.

    `description` is the only way to tell many refusals apart, so it is spelt as the service spells it
    (https://core.telegram.org/bots/api#making-requests).
    """

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> Json:
        """Give the answer's body; `parameters` only where there are any."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> ApiError:
    """Make the 400 that blames the caller's values."""
    return ApiError(400, f"Bad Request: {reason}")


def too_many_requests(retry_after_s: int) -> ApiError:
    """Make the 429 that names its waiting time in whole seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s})


def conflict(reason: str) -> ApiError:
    """Make the 409 of two rival ways of fetching updates."""
    return ApiError(409, f"Conflict: {reason}")


def blocked() -> ApiError:
    """Make the 403 for a person who has blocked the bot."""
    return ApiError(403, "Forbidden: bot was blocked by the user")


def not_found() -> ApiError:
    """Make the 404 for a malformed token or an unknown method."""
    return ApiError(404, "Not Found")
