"""The last resort: what a statistical model of American addresses makes of a line."""

from __future__ import annotations


def guessed_city(text: str, state: str) -> str:
    """The city that `text` seems to end with, or an empty string; always a doubtful answer."""
    import usaddress  # its model is loaded only for the few lines that no rule understands

    tokens = usaddress.parse(f"{text}, {state}")[:-1]
    city: list[str] = []
    for token, label in reversed(tokens):
        if label != "PlaceName":
            break
        city.insert(0, token.rstrip(","))
    found = " ".join(city)
    return found if found and text.endswith(found) else ""
