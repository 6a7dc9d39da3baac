"""Invented people and parcels for the load test; the same number gives the same order."""

from __future__ import annotations

from attrs import frozen

FIRST = ("Ada", "Bela", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "June", "Kurt", "Lena", "Milo",
         "Nora", "Otis", "Pia", "Quin", "Rosa", "Sven", "Tess")  # fmt: skip
LAST = ("Abbott", "Barlow", "Calder", "Dalton", "Eastman", "Farrow", "Garland", "Hollis", "Ingram", "Jarvis",
        "Keating", "Lomax", "Mercer", "Norwood", "Oakley", "Prescott", "Quigley", "Radley", "Sutton",
        "Thorne", "Upton", "Vaughn", "Walden", "Yardley", "Zeller", "Ashby", "Bexley", "Corwin", "Draper",
        "Elgin", "Foster", "Gentry", "Hadley", "Irving", "Kendrick", "Lambert", "Marlow", "Nesbit", "Orton",
        "Pelham")  # fmt: skip
PLACES = (
    ("San Francisco", "CA", "94117"), ("Seattle", "WA", "98101"), ("Denver", "CO", "80202"),
    ("Chicago", "IL", "60614"), ("Houston", "TX", "77002"), ("Miami", "FL", "33130"),
    ("Boston", "MA", "02116"), ("Portland", "OR", "97205"), ("Phoenix", "AZ", "85004"),
    ("Nashville", "TN", "37203"), ("Columbus", "OH", "43215"), ("Baltimore", "MD", "21201"),
)  # fmt: skip
STREETS = ("Clayton St", "Juniper Ave", "Willow Ln", "Chestnut St", "Harbor Dr", "Meadow Rd", "Summit Ave")


@frozen
class Person:
    """One end of a parcel's way."""

    name: str
    street1: str
    street2: str
    city: str
    state: str
    postal_code: str
    phone: str

    def one_line(self) -> str:
        """As people paste it."""
        place = f"{self.city} {self.state} {self.postal_code}"
        return f"{self.name}, {self.street1} {self.street2}, {place}, {self.phone}"

    def answers(self) -> tuple[str, ...]:
        """As the step-by-step path asks for it."""
        return (
            self.name, self.street1, self.street2, self.city, self.state, self.postal_code, self.phone
        )  # fmt: skip


@frozen
class Plan:
    """What one user ships."""

    user: int
    sender: Person
    recipient: Person
    pounds: int

    def pasted(self) -> str:
        """The whole order in one message."""
        lines = (
            f"From {self.sender.one_line()}",
            f"To {self.recipient.one_line()}",
            f"{self.pounds} lb, 10x8x6 in",
        )
        return "\n".join(lines)

    def answers(self) -> tuple[str, ...]:
        """The answers to the 18 steps."""
        return (*self.sender.answers(), *self.recipient.answers(), f"{self.pounds} lb", "10", "8", "6")


def _person(number: int) -> Person:
    city, state, postal_code = PLACES[number % len(PLACES)]
    return Person(
        name=f"{FIRST[number % 20]} {LAST[number // 20]}",
        street1=f"{100 + number} {STREETS[number % len(STREETS)]}",
        street2=f"Apt {number + 1}",
        city=city,
        state=state,
        postal_code=postal_code,
        phone=f"+1415555{100 + number % 100:04d}",
    )


def plan(number: int) -> Plan:
    """The order of user `number`, 0 to 399; no two of them share a name or a street line."""
    return Plan(20_000 + number, _person(2 * number), _person(2 * number + 1), 1 + number % 9)
