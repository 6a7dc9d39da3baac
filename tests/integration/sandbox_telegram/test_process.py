"""The command: its line, its exit codes, its end."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

SRC = Path(__file__).parents[3] / "src"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "shipping_sandbox", *arguments]


def test_given_a_long_poll_when_told_to_stop_then_it_ends_at_once_and_well() -> None:
    with subprocess.Popen(command("telegram"), cwd=SRC, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[-1]
        with httpx.Client(base_url=url, timeout=30) as client:
            client.get("/bot9:a/getMe")
            waiting = socket.create_connection((url.split("/")[2].split(":")[0], int(url.rpartition(":")[2])))
            waiting.sendall(b"GET /bot9:a/getUpdates?timeout=50 HTTP/1.1\r\nhost: x\r\n\r\n")
            while client.get("/sandbox/telegram/bots/default/stats").json()["calls"].get("getUpdates") != 1:
                pass
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            code = process.wait(10)
        answer = waiting.recv(4096)
        waiting.close()

    assert line.startswith("shipping_sandbox telegram on http://127.0.0.1:")
    assert code == 0
    assert time.monotonic() - began < 3
    assert answer.endswith(b'{"ok":true,"result":[]}')


def test_given_a_taken_port_when_starting_then_one_line_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            command("telegram", "--port", port), cwd=SRC, capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert (
        done.stderr.strip() == f"shipping_sandbox: cannot listen on 127.0.0.1:{port}: Address already in use"
    )


def test_given_an_unknown_name_when_starting_then_it_is_wrong_usage() -> None:
    done = subprocess.run(command("nonsense"), cwd=SRC, capture_output=True, text=True, check=False)

    assert done.returncode == 2
