"""Invented orders, as people paste them."""

from __future__ import annotations

import itertools

_numbers = itertools.count(100)
SENDER = "Jane Doe, 215 Clayton St, San Francisco CA 94117"
BOX = "2 lb 3 oz, 10x8x6 in"
PEOPLE = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper")


def somebody() -> str:
    """A recipient whom no other test knows."""
    number = next(_numbers)
    return f"Rosa {PEOPLE[number % 10]}{PEOPLE[number // 10 % 10].lower()}"


def an_order(recipient: str = "", *, to: str = "742 Summit Ave, Denver CO 80202", box: str = BOX) -> str:
    """Everything in one message."""
    return f"From {SENDER}\nTo {recipient or somebody()}, {to}\n{box}"


THE_STEPS = (
    "Jane Doe", "215 Clayton St", "Apt 3", "San Francisco", "CA", "94117", "415 555 0134",
    "Rosa Lomax", "742 Summit Ave", "Suite 5", "Denver", "CO", "80202", "303 555 0178",
    "2 lb 3 oz", "10", "8", "6",
)  # fmt: skip
"""The answers to the 18 questions."""

IN_RUSSIAN = """От кого: Иван Петров, 215 Clayton St, San Francisco, CA 94117, тел. 415 555 0134
Кому: Анна Смирнова, 742 Summit Ave, Denver, CO 80202
Вес: 1,2 кг, размер 30x20x10 см"""
