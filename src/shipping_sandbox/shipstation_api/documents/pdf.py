"""Draws the label: 4 x 6 inches, or the same on a letter page."""

from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import inch
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from shipping_sandbox.shipstation_api.documents.content import WARNING, Content, content_of
from shipping_sandbox.shipstation_api.records import Label

_WIDTH, _HEIGHT = 4 * inch, 6 * inch
_EDGE = 9.0
_LEFT, _RIGHT = _EDGE, _WIDTH - _EDGE
_INNER = _RIGHT - _LEFT
_PLAIN, _BOLD, _FIXED = "Helvetica", "Helvetica-Bold", "Courier-Bold"
_LEADING = 1.16
_SMALLEST = 5.0
# Heights of the horizontal rules, in points from the bottom.
_TOP, _BANNER, _BANNER_END, _TO, _BARCODE, _FOOT = _HEIGHT - _EDGE, 350.0, 326.0, 250.0, 128.0, 36.0


def render_pdf(label: Label) -> bytes:
    """One page; the same label always gives the same bytes."""
    says = content_of(label)
    buffer = BytesIO()
    on_letter = label.label_layout == "letter"
    canvas = Canvas(buffer, pagesize=letter if on_letter else (_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(f"{says.service} {says.tracking_number}")
    canvas.setAuthor("Shipping Core sandbox")
    canvas.setSubject(says.original)
    if on_letter:
        canvas.translate(0.5 * inch, letter[1] - _HEIGHT - 0.5 * inch)
    _watermark(canvas)
    _frame(canvas)
    _head(canvas, says)
    _banner(canvas, says)
    _sender(canvas, says)
    _recipient(canvas, says)
    _barcode(canvas, says)
    _foot(canvas, says)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _watermark(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillGray(0.93)
    canvas.setFont(_BOLD, 92)
    canvas.translate(_WIDTH / 2, 188)
    canvas.rotate(32)
    canvas.drawCentredString(0, -30, "VOID")
    canvas.restoreState()


def _frame(canvas: Canvas) -> None:
    canvas.setLineWidth(1.6)
    canvas.rect(_LEFT, _EDGE, _INNER, _HEIGHT - 2 * _EDGE)
    for y in (_BARCODE, _FOOT):
        canvas.line(_LEFT, y, _RIGHT, y)
    canvas.setLineWidth(0.7)
    canvas.line(_LEFT, _TO, _RIGHT, _TO)


def _head(canvas: Canvas, says: Content) -> None:
    box = _TOP - _BANNER
    canvas.setLineWidth(1.6)
    canvas.line(_LEFT + box, _BANNER, _LEFT + box, _TOP)
    canvas.setFont(_BOLD, 62)
    canvas.drawCentredString(_LEFT + box / 2, _BANNER + 15, says.mark)
    canvas.setFont(_BOLD, 22)
    canvas.drawString(_LEFT + box + 10, _TOP - 29, says.carrier)
    canvas.setFont(_PLAIN, 7)
    canvas.drawString(_LEFT + box + 10, _TOP - 41, "SANDBOX ACCOUNT")
    left, width = _LEFT + box + 84, _RIGHT - _LEFT - box - 91
    canvas.setLineWidth(1)
    canvas.rect(left, _BANNER + 9, width, box - 18)
    for i, (line, size) in enumerate(
        (("TEST · VOID", 12.5), ("NOT FOR POSTAGE", 9.0), ("SAMPLE LABEL", 7.0))
    ):
        canvas.setFont(_BOLD if i < 2 else _PLAIN, size)
        canvas.drawCentredString(left + width / 2, _TOP - 28 - 14 * i, line)


def _banner(canvas: Canvas, says: Content) -> None:
    canvas.setFillGray(0)
    canvas.rect(_LEFT, _BANNER_END, _INNER, _BANNER - _BANNER_END, fill=1)
    canvas.setFillGray(1)
    text = says.service.upper()
    canvas.setFont(_BOLD, _fit(text, _BOLD, 15, _INNER - 12))
    canvas.drawCentredString(_WIDTH / 2, _BANNER_END + 7, text)
    canvas.setFillGray(0)


def _sender(canvas: Canvas, says: Content) -> None:
    column = _INNER * 0.62
    _lines(canvas, says.sender, _LEFT + 8, _BANNER_END - 4, column - 12, _BANNER_END - _TO - 8, _PLAIN, 8.5)
    facts = [("SHIP DATE", says.ship_date), ("WEIGHT", says.weight), ("SIZE", says.size)]
    if says.signature:
        facts.append(("DELIVERY", "SIGNATURE"))
    y = _BANNER_END - 10
    for name, value in facts:
        if not value:
            continue
        canvas.setFont(_PLAIN, 5.5)
        canvas.drawRightString(_RIGHT - 8, y + 1, name)
        canvas.setFont(_BOLD, _fit(value, _BOLD, 8.5, _INNER - column - 10))
        canvas.drawRightString(_RIGHT - 8, y - 8, value)
        y -= 17


def _recipient(canvas: Canvas, says: Content) -> None:
    canvas.setFont(_BOLD, 8)
    canvas.drawString(_LEFT + 8, _TO - 14, "SHIP")
    canvas.drawString(_LEFT + 8, _TO - 23, "TO:")
    _lines(canvas, says.recipient, _LEFT + 40, _TO - 4, _INNER - 48, _TO - _BARCODE - 8, _BOLD, 13.5)


def _barcode(canvas: Canvas, says: Content) -> None:
    canvas.setFont(_BOLD, 10)
    canvas.drawCentredString(_WIDTH / 2, _BARCODE - 14, f"{says.carrier} TRACKING #")
    bars = Code128(says.tracking_number, barHeight=46, barWidth=1.0, humanReadable=False, quiet=False)
    # As wide as fits with the quiet zones of ten bar widths that a scanner wants.
    bar_width = min(1.6, (_INNER - 8) / (bars.width + 20))
    bars = Code128(says.tracking_number, barHeight=46, barWidth=bar_width, humanReadable=False, quiet=False)
    bars.drawOn(canvas, (_WIDTH - bars.width) / 2, _FOOT + 26)
    canvas.setFont(_FIXED, 10.5)
    canvas.drawCentredString(_WIDTH / 2, _FOOT + 10, says.tracking_groups)


def _foot(canvas: Canvas, says: Content) -> None:
    canvas.setFont(_BOLD, 8)
    canvas.drawCentredString(_WIDTH / 2, _FOOT - 10, WARNING)
    reference = f"Ref {says.reference} · {says.tracking_number} · {says.label_id}"
    canvas.setFont(_PLAIN, _fit(reference, _PLAIN, 6.5, _INNER - 12))
    canvas.drawCentredString(_WIDTH / 2, _FOOT - 20, reference)


def _lines(
    canvas: Canvas,
    lines: tuple[str, ...],
    x: float,
    top: float,
    width: float,
    height: float,
    font: str,
    size: float,
) -> None:
    """Write all lines from `top` down; shrink and wrap rather than lose a letter."""
    while True:
        wrapped = [part for line in lines for part in simpleSplit(line, font, size, width)]
        roomy = len(wrapped) * size * _LEADING <= height
        if size <= _SMALLEST or (roomy and len(wrapped) == len(lines)) or (roomy and size <= 8):
            break
        size -= 0.5
    canvas.setFont(font, size)
    for i, line in enumerate(wrapped):
        canvas.drawString(x, top - size - i * size * _LEADING, line)


def _fit(text: str, font: str, size: float, width: float) -> float:
    """The largest size up to `size` at which `text` is no wider than `width`."""
    wide: float = stringWidth(text, font, size)
    return min(size, size * width / max(1.0, wide))
