"""The label for a 203 dpi thermal printer."""

from shipping_sandbox.shipstation_api.documents.content import WARNING, content_of
from shipping_sandbox.shipstation_api.documents.latin import in_latin
from shipping_sandbox.shipstation_api.records import Label

_LINE = 34


def render_zpl(label: Label) -> bytes:
    """A 4 x 6 inch label in ZPL II, UTF-8."""
    says = content_of(label)
    out = ["^XA^CI28^PW812^LL1218", _text(30, 30, 40, says.service), _text(30, 80, 28, WARNING)]
    out += [_text(30, 130 + _LINE * i, 26, line) for i, line in enumerate(says.sender)]
    out += [
        _text(30, 420, 26, f"{says.weight}  {says.size}  {says.ship_date}"),
        _text(30, 470, 30, "SHIP TO:"),
    ]
    out += [_text(60, 510 + 44 * i, 36, line) for i, line in enumerate(says.recipient)]
    out += [f"^FO60,880^BY2^BCN,160,Y,N,N^FD{says.tracking_number}^FS"]
    out += [_text(30, 1120, 24, f"Ref {says.reference}  {says.label_id}"), "^XZ"]
    return "\n".join(out).encode()


def _text(x: int, y: int, height: int, text: str) -> str:
    # A caret or a tilde in a name would be read as a command.
    safe = in_latin(text).replace("^", " ").replace("~", " ")
    return f"^FO{x},{y}^A0N,{height}^FD{safe}^FS"
