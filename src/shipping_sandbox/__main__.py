"""`python -m shipping_sandbox telegram|shipstation|oxapay|all --host 127.0.0.1 --port 8080`."""

import os
import signal
import sys
import threading

import click

from shipping_sandbox.server import NAMES, PortTaken, serve
from shipping_sandbox.telegram_api import Settings


@click.command(context_settings={"show_default": True})
@click.argument("name", type=click.Choice(NAMES))
@click.option("--host", default="127.0.0.1", help="Address to listen at.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option(
    "--limits",
    default="off",
    type=click.Choice(["on", "off"]),
    help="Telegram's rate limits: about 1 message a second in a chat, 30 in all.",
)
@click.option("--attached", is_flag=True, help="End when standard input closes: its starter is gone.")
def main(name: str, host: str, port: int, limits: str, attached: bool) -> None:
    """Serve stand-ins of the outside services on this machine; nothing is sent anywhere.

    Prints one line with the address when it listens.
    Exit codes: 0 stopped, 1 the port is taken, 2 wrong usage.
    """
    if attached:
        threading.Thread(target=_end_with_standard_input, daemon=True).start()
    try:
        serve(name, host, port, Settings(limits=limits == "on"))
    except PortTaken as taken:
        click.echo(f"shipping_sandbox: {taken}", err=True)
        sys.exit(1)


def _end_with_standard_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not through a buffer, whose lock would outlive the program
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
