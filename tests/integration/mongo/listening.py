"""What a store says to the server, and how the server would do it."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from integration.mongo.servers import Client

ENVELOPE = {"lsid", "$db", "$clusterTime", "readConcern", "writeConcern", "txnNumber", "maxTimeMS"}


@define
class Heard(CommandListener):
    """Every command that was sent."""

    commands: list[tuple[str, dict[str, Any]]] = field(factory=list)

    def started(self, event: CommandStartedEvent) -> None:
        """Remember it."""
        self.commands.append((event.command_name, dict(event.command)))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to do."""

    def names(self) -> list[str]:
        """Their names, and forget them."""
        names = [name for name, _ in self.commands]
        self.commands.clear()
        return names


def stages(plan: Any) -> set[str]:
    """Every stage named anywhere in a plan."""
    if isinstance(plan, list):
        return set().union(*map(stages, plan)) if plan else set()
    if not isinstance(plan, dict):
        return set()
    own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
    return own | stages([v for k, v in plan.items() if k != "rejectedPlans"])


def explained(raw: tuple[Client, str], name: str, command: dict[str, Any]) -> Any:
    """The server's account of a command it was sent, and of what it cost."""
    client, database = raw
    plain = {k: v for k, v in command.items() if k not in ENVELOPE}
    asked = {"explain": {name: plain.pop(name), **plain}, "verbosity": "executionStats"}
    return client[database].command(asked)
