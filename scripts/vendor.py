"""Brings other people's files into the tree, as `vendor.toml` names them; `--check` only compares hashes.

Each package comes by `npm pack`, loses its `sourceMappingURL` lines, and is written down in a `manifest.json`
beside it (SHA-256 of every file), so that building and installing need neither Node nor a network.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MAPS = re.compile(rb"^\s*(//|/\*)# sourceMappingURL=.*$\n?", re.MULTILINE)


def packages() -> list[dict[str, Any]]:
    """What is to be brought in."""
    named: list[dict[str, Any]] = tomllib.loads((ROOT / "scripts" / "vendor.toml").read_text())["package"]
    return named


def manifest(package: dict[str, Any]) -> dict[str, Any]:
    """What stands in the tree now."""
    target = ROOT / package["target"]
    hashes = {name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in package["files"]}
    return {name: package[name] for name in ("name", "version", "licence")} | {"sha256": hashes}


def differences() -> list[str]:
    """Packages whose files are not those of their manifest."""
    return [
        package["name"]
        for package in packages()
        if json.loads((ROOT / package["target"] / "manifest.json").read_text()) != manifest(package)
    ]


def fetch(package: dict[str, Any]) -> None:
    """Replace the files by those of the package, and write their manifest.

    Raises:
        CalledProcessError: npm does not give it.
    """
    npm, target = shutil.which("npm") or "npm", ROOT / package["target"]
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{package['name']}@{package['version']}"
        subprocess.run([npm, "pack", wanted], cwd=folder, check=True, capture_output=True)  # noqa: S603
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        target.mkdir(parents=True, exist_ok=True)
        for name in package["files"]:
            (target / name).write_bytes(MAPS.sub(b"", (Path(folder) / "package" / name).read_bytes()))
    (target / "manifest.json").write_text(json.dumps(manifest(package), indent=2) + "\n")


def main() -> int:
    """Fetch everything, or with `--check` say what differs."""
    if "--check" not in sys.argv[1:]:
        for package in packages():
            fetch(package)
    found = differences()
    print("\n".join(f"{name}: not the files of its manifest" for name in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
