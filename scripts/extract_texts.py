"""Keeps the translations of the Telegram door in step with its English sentences.

Without arguments, every `locale/*.po` gets the messages it lacks (untranslated, or fuzzy where an old
translation is near) and loses those that the code no longer has. With `--check` nothing is written:
each thing to mend is printed, and the exit code is 1 when there is one.
"""

from __future__ import annotations

import argparse
import ast
import io
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.plurals import get_plural

SOURCE: Final = Path(__file__).resolve().parents[1] / "src" / "adapters" / "telegram"
KEYWORDS: Final[dict[str, Any]] = {"_": None, "gettext": None, "ngettext": (1, 2)}
HEADER: Final = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def python_texts(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:  # noqa: ARG001
    """Babel's extraction method for our modules; unlike its own, it looks inside f-strings on Python 3.11.

    Raises:
        ValueError: `_` is given something that is not a plain string, which nobody could translate.
    """
    for node in ast.walk(ast.parse(fileobj.read())):
        name = _called(node)
        if name not in keywords or not isinstance(node, ast.Call):
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if texts:
            yield node.lineno, name, tuple(texts) if len(texts) > 1 else texts[0], []
        elif name == "_" or any(isinstance(a, ast.JoinedStr) for a in node.args):
            raise ValueError(f"line {node.lineno}: only a plain string can be translated")


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def template(source: Path = SOURCE) -> Catalog:
    """Every message in the modules of `source`."""
    found = Catalog()
    for path in sorted(source.glob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract(python_texts, file, keywords=KEYWORDS):
                found.add(message)
    return found


def read(text: str, language: str) -> Catalog:
    """A catalogue from the text of its file."""
    return pofile.read_po(io.BytesIO(text.encode()), locale=language)


def written(catalogue: Catalog, language: str) -> str:
    """The text of a catalogue's file: sorted, with nothing in it that changes by itself."""
    body = io.BytesIO()
    pofile.write_po(
        body, catalogue, width=100, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    header = HEADER.format(language=language, plural=get_plural(language).plural_forms)
    return header + body.getvalue().decode().strip() + "\n"


def problems(catalogue: Catalog, wanted: Catalog) -> list[str]:
    """What is wrong with a translation, a line each; an empty list means nothing is."""
    ours = {m.id: m for m in catalogue if m.id}
    needed = {m.id: m for m in wanted if m.id}
    found = [f"missing: {_first(i)}" for i in needed if i not in ours]
    gone = [*(i for i in ours if i not in needed), *(m.id for m in catalogue.obsolete.values())]
    found += [f"obsolete: {_first(i)}" for i in gone]
    for message in ours.values():
        found += [f"{trouble}: {_first(message.id)}" for trouble in _troubles(message, catalogue.num_plurals)]
    return sorted(found)


def _troubles(message: Message, plurals: int) -> Iterator[str]:
    if message.fuzzy:
        yield "fuzzy"
    many = isinstance(message.id, tuple)
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if len(texts) != (plurals if many else 1):
        yield "plural forms"
    elif not all(texts):
        yield "untranslated"
    elif any(
        _placeholders(t or "") != _placeholders(message.id[-1] if many else _first(message.id)) for t in texts
    ):
        yield "placeholders"


def _first(identity: Any) -> str:
    return str(identity if isinstance(identity, str) else identity[0])


def _placeholders(text: str) -> list[str]:
    try:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return [text]


def main(arguments: list[str] | None = None) -> int:
    """Update or check every catalogue; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where something is wrong")
    check = parser.parse_args(arguments).check
    wanted, bad = template(), 0
    for path in sorted((SOURCE / "locale").glob("*.po")):
        catalogue = read(path.read_text(encoding="utf-8"), path.stem)
        if not check:
            catalogue.update(wanted)
            path.write_text(written(catalogue, path.stem), encoding="utf-8")
            catalogue = read(path.read_text(encoding="utf-8"), path.stem)
        found = problems(catalogue, wanted)
        sys.stdout.writelines(f"{path.name}: {line}\n" for line in found)
        bad += len(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
