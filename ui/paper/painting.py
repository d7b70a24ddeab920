"""Laid-out pages on a printer, into a PDF, or as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)

from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import TypeKey
from ui.paper.layout import (
    LOOKS,
    MM,
    POINT,
    Badge,
    Mark,
    Rule,
    Shade,
    Sheet,
    Text,
    baseline,
    font,
    is_thickened,
    width,
)
from ui.theme import paint

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_BLACK, _GREY, _PALE, _LIGHT = (QColor(colour) for colour in ("#000000", "#3c3c3c", "#b4b4b4", "#ececec"))
_PDF_DPI = 600
_THICKER = 0.022  # of the size of a letter
_OUTLINED: dict[TypeKey, Qt.PenStyle] = {
    "potential": Qt.PenStyle.SolidLine, "drifting": Qt.PenStyle.SolidLine, "lost": Qt.PenStyle.DashLine,
}  # fmt: skip


class PrintFailed(Exception):
    """The printer took nothing, or not everything."""


def picture(sheet: Sheet, size: QSize) -> QImage:
    """A page as a picture of about this size, on white."""
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size.width() / sheet.width, size.height() / sheet.height)
    _draw(painter, sheet.marks)
    painter.end()
    return image


def write_pdf(sheets: Sequence[Sheet], path: Path, title: str, progress: Progress = SILENT) -> None:
    """The pages as one PDF. OSError if the file cannot be written; Cancelled."""
    writer = QPdfWriter(str(path))
    writer.setResolution(_PDF_DPI)
    writer.setTitle(title)
    writer.setPageLayout(_layout(sheets[0]))
    if not _draw_all(writer, sheets, progress):
        raise OSError(title)


def print_out(sheets: Sequence[Sheet], printer: QPrinter, title: str, progress: Progress = SILENT) -> None:
    """Send the pages to a printer, as often and in the order its dialog says.

    Raises PrintFailed; Cancelled, then nothing is printed.
    """
    printer.setDocName(title)
    printer.setFullPage(True)
    printer.setPageLayout(_layout(sheets[0]))
    first, last = printer.fromPage() or 1, printer.toPage() or len(sheets)
    chosen = list(sheets[first - 1 : last])
    if printer.pageOrder() == printer.PageOrder.LastPageFirst:
        chosen.reverse()
    if not printer.supportsMultipleCopies():
        if printer.collateCopies():
            chosen = chosen * printer.copyCount()
        else:
            chosen = [sheet for sheet in chosen for _ in range(printer.copyCount())]
    if not _draw_all(printer, chosen, progress) or printer.printerState() in (
        printer.PrinterState.Aborted,
        printer.PrinterState.Error,
    ):
        raise PrintFailed


def _layout(sheet: Sheet) -> QPageLayout:
    turned = sheet.width > sheet.height
    way = QPageLayout.Orientation.Landscape if turned else QPageLayout.Orientation.Portrait
    made = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), way, QMarginsF())
    made.setMode(QPageLayout.Mode.FullPageMode)
    return made


def _draw_all(device: QPdfWriter | QPrinter, sheets: Sequence[Sheet], progress: Progress) -> bool:
    """Every page on a device that has pages; False if it failed."""
    painter = QPainter()
    if not sheets or not painter.begin(device):
        return False
    try:
        for number, sheet in enumerate(sheets):
            progress.step(number, len(sheets), "pr.painting")
            if number and not device.newPage():
                return False
            painter.save()
            painter.scale(_dots(device.logicalDpiX()), _dots(device.logicalDpiY()))
            _draw(painter, sheet.marks)
            painter.restore()
        progress.step(len(sheets), len(sheets), "pr.painting")
    except BaseException:
        abort = getattr(device, "abort", None)  # a printer forgets what it was sent
        if abort is not None:
            abort()
        raise
    finally:
        ended = painter.end()
    return ended


def _dots(dpi: int) -> float:
    """Dots of a device in one unit of the layout."""
    return dpi / 25.4 / MM


def _draw(painter: QPainter, marks: Sequence[Mark]) -> None:
    for mark in marks:
        if isinstance(mark, Text):
            _text(painter, mark)
        elif isinstance(mark, Rule):
            _rule(painter, mark)
        elif isinstance(mark, Shade):
            painter.fillRect(mark.room, _LIGHT)
        else:
            _badge(painter, mark)


def _text(painter: QPainter, mark: Text) -> None:
    painter.setFont(font(mark.look))
    painter.setPen(_GREY if LOOKS[mark.look][2] else _BLACK)
    x = mark.room.left()
    if mark.is_right:
        x = mark.room.right() - width(mark.text, mark.look)
    at = QPointF(x, baseline(mark.room, mark.look))
    painter.drawText(at, mark.text)
    if is_thickened(mark.look):
        painter.drawText(at + QPointF(LOOKS[mark.look][0] * POINT * _THICKER, 0), mark.text)


def _rule(painter: QPainter, mark: Rule) -> None:
    if mark.is_dotted:
        pen = QPen(_GREY, 0.25 * MM, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([1, 2.5])
    else:
        pen = QPen(_PALE, 0.2 * MM)
    painter.setPen(pen)
    painter.drawLine(QPointF(mark.x, mark.y), QPointF(mark.x + mark.width, mark.y))


def _badge(painter: QPainter, mark: Badge) -> None:
    """Told apart without colours: filled, outlined, outlined with dashes."""
    side = mark.room.width()
    stroke = side * 0.05
    box = mark.room.adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
    style = _OUTLINED.get(mark.type)
    pen = QPen(_BLACK, stroke, style or Qt.PenStyle.SolidLine)
    if style == Qt.PenStyle.DashLine:
        pen.setDashPattern([2.6, 2])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush if style else _BLACK)
    painter.drawRoundedRect(box, side * 0.2, side * 0.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    letters = QFont(font("strong"))
    letters.setPixelSize(round(side * 0.6))
    painter.setFont(letters)
    painter.setPen(_BLACK if style else Qt.GlobalColor.white)
    paint.draw_centred(painter, QRectF(mark.room), paint.letter(mark.type))
