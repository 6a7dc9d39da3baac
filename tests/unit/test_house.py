"""The house: what the core may lean on, and what every public thing in it says about itself."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from shipping_core import errors
from shipping_core.conversation.machine import RULES

ROOT = Path(__file__).parents[2]
CORE = ROOT / "src" / "shipping_core"
MODULES = sorted(CORE.rglob("*.py"))
PURE = [m for m in MODULES if m.relative_to(CORE).parts[0] in {"domain", "conversation", "errors.py"}]
IMPURE = {
    "asyncio",
    "concurrent",
    "http",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
}
EXAMPLE = ROOT / "examples" / "buy_a_label.py"


def of(module: Path) -> str:
    """A test id."""
    return str(module.relative_to(CORE).with_suffix(""))


def imported(module: Path) -> set[str]:
    """The top-level names of everything this module imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            found.add((node.module or "").partition(".")[0])
    return found


Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def without_docstring(module: Path) -> Iterator[str]:
    """The module, its public classes and functions, and their public methods, where they say nothing.

    The rules of the table are not written for callers: they are named, registered and drawn instead.
    """
    tree = ast.parse(module.read_text(encoding="utf-8"))
    if module.stat().st_size and not ast.get_docstring(tree):
        yield module.name
    rules = {rule.__name__ for rule in RULES.values()}
    for node in tree.body:
        if isinstance(node, Named) and not node.name.startswith("_") and node.name not in rules:
            members = node.body if isinstance(node, ast.ClassDef) else []
            methods = [m for m in members if isinstance(m, Named) and _is_public_method(m.name)]
            yield from (n.name for n in (node, *methods) if not ast.get_docstring(n))


def _is_public_method(name: str) -> bool:
    return name == "__call__" or not name.startswith("_")


@pytest.mark.parametrize("module", MODULES, ids=of)
def test_given_a_module_of_the_core_when_read_then_it_imports_the_standard_library_and_attrs_only(
    module: Path,
) -> None:
    assert imported(module) <= sys.stdlib_module_names | {"attrs", "shipping_core"}


@pytest.mark.parametrize("module", PURE, ids=of)
def test_given_the_domain_and_the_conversation_when_read_then_they_have_no_clock_chance_or_io(
    module: Path,
) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))

    assert not imported(module) & IMPURE
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef | ast.Await)]


@pytest.mark.parametrize("module", MODULES, ids=of)
def test_given_a_public_thing_of_the_core_when_looked_at_then_it_has_a_docstring(module: Path) -> None:
    assert list(without_docstring(module)) == []


def test_given_the_base_installation_when_its_metadata_is_read_then_it_needs_attrs_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert [need.partition("==")[0] for need in project["dependencies"]] == ["attrs"]


def test_given_attrs_when_its_own_needs_are_read_then_it_has_none() -> None:
    needs = importlib.metadata.requires("attrs") or []

    assert [need for need in needs if "extra ==" not in need] == []


def drawn_errors() -> dict[str, str]:
    """Each error in the tree of `errors`' docstring, with the one it is drawn under."""
    found: dict[str, str] = {}
    above: dict[int, str] = {-4: "Exception"}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"(?:[|` ]   )*(?:[|`]-- )?", line)
        depth, name = match.end() if match else 0, re.split(r"\W", line.lstrip("|`- "), maxsplit=1)[0]
        if isinstance(vars(errors).get(name), type):
            above[depth] = name
            found[name] = above[max(d for d in above if d < depth)]
    return found


def test_given_the_tree_of_errors_when_compared_with_the_classes_then_it_is_drawn_true() -> None:
    classes = {
        name: kind.__base__.__name__
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.ShippingError) and kind.__base__
    }

    assert drawn_errors() == classes


def code_lines(path: Path) -> int:
    """Lines with code on them: no blank ones, no comments, no docstrings."""
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    with path.open("rb") as file:
        tokens = [t for t in tokenize.tokenize(file.readline) if t.type not in quiet]
    lines = {n for t in tokens[1:-1] for n in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def test_given_the_example_when_read_then_it_is_short_and_leans_on_core_and_memory_alone() -> None:
    tree = ast.parse(EXAMPLE.read_text(encoding="utf-8"))
    modules = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    ours = {m for m in modules if m.startswith(("adapters", "shipping"))}

    assert code_lines(EXAMPLE) < 25
    assert {m.partition(".")[0] for m in modules} <= sys.stdlib_module_names | {"adapters", "shipping_core"}
    assert all(m == "adapters.memory" or m.startswith("shipping_core.") for m in ours)


def test_given_the_example_when_run_then_it_saves_the_label_and_tells_price_and_tracking(
    tmp_path: Path,
) -> None:
    run = subprocess.run(
        [sys.executable, str(EXAMPLE)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    label = PdfReader(tmp_path / "label.pdf").pages[0].extract_text()

    assert run.stdout == "9.12 USD, ZZ000000000001\n"
    assert "ZZ000000000001" in label
    assert "John Smith" in label
