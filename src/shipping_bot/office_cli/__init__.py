"""`shipbot orders|users|refunds|topups|keys|settings|stats|…`: the office at a terminal.

Lists are made from the same table as the API's (`shipping_core.domain.listing`); acts are the same use cases.
Whoever may run this may do everything: the operator's name in the audit is `cli:` and the login name.
"""

from __future__ import annotations

import click

from shipping_bot.office_cli import decisions, keys, orders, people, refunds, topups, words
from shipping_bot.office_cli.lists import GROUPS
from shipping_bot.office_cli.reports import check_ledger, stats

ACTS = (decisions, keys, orders, people, refunds, topups, words)
"""Each has put its commands into the groups."""


def add_to(main: click.Group) -> None:
    """Every command of the office."""
    for group in GROUPS.values():
        main.add_command(group)
    main.add_command(stats)
    main.add_command(check_ledger)
