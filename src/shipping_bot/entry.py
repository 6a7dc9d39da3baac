"""The command's front step: it says what is missing where only the library is installed."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `shipbot`, or say how to install what it needs."""
    try:
        from shipping_bot.cli import main as command
    except ModuleNotFoundError as exc:
        if (exc.name or "").startswith(("shipping", "adapters")):
            raise
        sys.exit(
            f"shipbot needs {exc.name}, which the library alone does not: pip install 'shipping-core[all]'"
        )
    command()


if __name__ == "__main__":
    main()
