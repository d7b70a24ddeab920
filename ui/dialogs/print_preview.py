"""What will be printed, page by page as it will come out; then to a printer, or into a PDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, QStandardPaths, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QScrollArea, QWidget

from shopcrm.basics.papers import Paper
from shopcrm.basics.progress import Progress
from shopcrm.basics.texts import t
from ui import theme
from ui.paper import PrintFailed, Sheet, lay_out, picture, print_out, write_pdf
from ui.session import Session
from ui.widgets import (
    Banner,
    Button,
    CheckBox,
    Dialog,
    FlowRow,
    IconButton,
    Label,
    Segmented,
    announce,
    open_dialog,
)

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_WIDE, _WHOLE = "wide", "whole"
_EDGE = 12  # of the ground around a page

Compose = Callable[["Shop", bool, bool], Paper]
"""Makes the paper on the worker: shop, whether phones are masked, whether whole messages stand on it."""

_Laid = tuple[Paper, list[Sheet]]


def open_preview(
    parent: QWidget,
    session: Session,
    compose: Compose,
    *,
    offers_messages: bool = False,
    saved: Callable[[str], object] | None = None,
) -> None:
    """Make a paper and show it before it is printed; `saved` is told the path of a PDF.

    With `offers_messages` whole messages can be asked for. What `compose` raises is shown in the usual way.
    """
    done = partial(_show, parent.window(), session, compose, offers_messages, saved)
    session.do(_Making(compose), done=done, progress=t("pv.making"), say=False)


def _show(
    window: QWidget,
    session: Session,
    compose: Compose,
    offers_messages: bool,
    saved: Callable[[str], object] | None,
    laid: _Laid,
) -> None:
    if isinstance(open_dialog(window), PrintPreview):  # asked for twice
        return
    dialog = PrintPreview(window, session, compose, laid, offers_messages=offers_messages)
    if saved is not None:
        dialog.saved.connect(saved)
    dialog.open()


class PrintPreview(Dialog):
    """The pages of a paper; Page Up and Down turn them, Home and End go to the first and the last."""

    saved = Signal(str)

    def __init__(
        self, parent: QWidget, session: Session, compose: Compose, laid: _Laid, *, offers_messages: bool
    ) -> None:
        super().__init__(parent, t("pv.title", what=laid[0].title), width=1000)
        self._session, self._compose = session, compose
        self._paper, self._sheets = laid
        self._at = 0
        self._printer: QPrinter | None = None
        self.before = IconButton("chevron-left", t("pv.before"))
        self.next = IconButton("chevron-right", t("pv.next"))
        self.place = Label("", "body")
        self.zoom = Segmented([(_WIDE, t("pv.wide")), (_WHOLE, t("pv.whole"))], digits=False)
        self.message, self.masked = CheckBox(t("pv.message")), CheckBox(t("pv.mask"))
        self.sheet = _SheetView()
        self.problem = Banner("bad", t("pv.failed"), t("g.retry"), closable=False)
        self._build(offers_messages)
        self._connect()
        self._turn(0)

    def _build(self, offers_messages: bool) -> None:
        turning = QWidget()
        row = QHBoxLayout(turning)
        row.setContentsMargins(0, 0, theme.px(10), 0)
        row.setSpacing(theme.px(6))
        for part in (self.before, self.place, self.next):
            row.addWidget(part)
        head = FlowRow(16, 4)
        head.add(turning)
        head.add(self.zoom)
        if offers_messages:
            head.add(self.message)
        if self._paper.people:
            head.add(self.masked)
        if not self._session.sees_phones("staff.mask_exports"):
            self.masked.setChecked(True)
            self.masked.setEnabled(False)
        for beside in (turning, self.message, self.masked):  # as high as the tallest of the row
            beside.setFixedHeight(self.zoom.sizeHint().height())
        self.body.addWidget(head)
        self.body.addWidget(self.sheet, 1)
        self.problem.hide()
        self.body.addWidget(self.problem)
        has_printer = bool(QPrinterInfo.availablePrinterNames())
        if not has_printer:
            self.body.addWidget(Banner("info", t("pv.noprinter"), closable=False))
        self.add_button(t("g.close"))
        self.pdf = self.add_button(
            t("pv.pdf"), "normal" if has_printer else "primary", self._on_pdf, icon="download"
        )
        self.print: Button | None = None
        if has_printer:
            self.print = self.add_button(t("pv.print"), "primary", self._on_print, icon="printer")

    def _connect(self) -> None:
        self.before.clicked.connect(self._on_before)
        self.next.clicked.connect(self._on_next)
        self.zoom.picked.connect(self._on_zoom)
        self.message.toggled.connect(self._make_again)
        self.masked.toggled.connect(self._make_again)
        self.sheet.turned.connect(self._on_turned)
        self.problem.acted.connect(self._on_retry)

    def open(self) -> None:
        """Show the first page; Enter prints."""
        super().open()
        (self.print or self.pdf).setFocus(Qt.FocusReason.OtherFocusReason)

    # -- pages --------------------------------------------------------------------------------------------

    def _turn(self, number: int, *, at_end: bool = False) -> None:
        self._at = max(0, min(number, len(self._sheets) - 1))
        n = len(self._sheets)
        self.place.setText(t("pr.page", i=self._at + 1, n=n))
        self.before.setEnabled(self._at > 0)
        self.next.setEnabled(self._at + 1 < n)
        self.sheet.set_sheet(self._sheets[self._at], self._at + 1, at_end=at_end)
        announce(self, self.place.text())

    @Slot()
    def _on_before(self) -> None:
        self._turn(self._at - 1)

    @Slot()
    def _on_next(self) -> None:
        self._turn(self._at + 1)

    @Slot(int)
    def _on_turned(self, step: int) -> None:
        """Scrolled beyond the end of a page."""
        if 0 <= self._at + step < len(self._sheets):
            self._turn(self._at + step, at_end=step < 0)

    @Slot(str)
    def _on_zoom(self, key: str) -> None:
        self.sheet.set_whole(key == _WHOLE)

    @Slot()
    def _make_again(self) -> None:
        making = _Making(self._compose, self.masked.isChecked(), self.message.isChecked())
        self._session.do(making, origin=self, done=self._on_made, progress=t("pv.making"), say=False)

    def _on_made(self, laid: _Laid) -> None:
        self._paper, self._sheets = laid
        self._turn(self._at)

    # -- out ----------------------------------------------------------------------------------------------

    @Slot()
    def _on_print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        asked = QPrintDialog(printer, self.window())
        asked.setMinMax(1, len(self._sheets))
        asked.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, len(self._sheets) > 1)
        if asked.exec() == QPrintDialog.DialogCode.Accepted:
            self.send_to(printer)

    def send_to(self, printer: QPrinter) -> None:
        """Print on this printer; if it fails the dialog stays and offers to try again."""
        self._printer = printer
        self._show_problem(False)
        self._session.do(
            _Printing(self._paper, self._sheets, printer), origin=self, done=self._on_out,
            failed=self._on_print_failed, busy=self.print, progress=t("pv.printing"),
        )  # fmt: skip

    @Slot()
    def _on_retry(self) -> None:
        if self._printer is not None:
            self.send_to(self._printer)

    def _on_print_failed(self, error: Exception) -> None:
        if isinstance(error, PrintFailed):
            self._show_problem(True)
        else:
            self._session.failed.emit(error, None)

    def _show_problem(self, shown: bool) -> None:
        self.problem.setVisible(shown)
        self.resize_to_content()

    @Slot()
    def _on_pdf(self) -> None:
        folder = self._session.prefs.get("export_folder") or QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        start = str(Path(folder) / f"{self._paper.file_name}.pdf")
        chosen, _ = QFileDialog.getSaveFileName(self.window(), t("pv.pdf"), start, t("pv.pdf.filter"))
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() != ".pdf":
            path = path.with_name(path.name + ".pdf")
        self._session.prefs.set("export_folder", str(path.parent))
        self._session.do(
            _Saving(self._paper, self._sheets, path), origin=self, done=partial(self._on_saved, str(path)),
            busy=self.pdf, progress=t("pv.saving"), say=False,
        )  # fmt: skip

    def _on_saved(self, path: str, _result: object) -> None:
        self.accept()
        self.saved.emit(path)

    def _on_out(self, _result: object) -> None:
        self.accept()

    # -- keys ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.sheet.scroll_on(1 if key == Qt.Key.Key_PageDown else -1)
        elif key == Qt.Key.Key_Home:
            self._turn(0)
        elif key == Qt.Key.Key_End:
            self._turn(len(self._sheets) - 1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.sheet.scroll_by(1 if key == Qt.Key.Key_Down else -1)
        elif control and key == Qt.Key.Key_P and self.print is not None:
            self.print.click()
        else:
            super().keyPressEvent(event)


class _SheetView(QScrollArea):
    """One page on a grey ground, as wide as there is room, or whole."""

    turned = Signal(int)  # scrolled beyond its foot (1) or its head (-1)

    def __init__(self) -> None:
        super().__init__()
        self._sheet: Sheet | None = None
        self._is_whole = False
        self._page = _Page()
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(600), 10_000)  # all the height the window has

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(160))

    def set_sheet(self, sheet: Sheet, number: int, *, at_end: bool = False) -> None:
        """Show another page, from its head or, coming back, from its foot."""
        self._sheet = sheet
        self._page.setAccessibleName(t("pv.sheet", i=number))
        self._draw()
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if at_end else 0)

    def set_whole(self, whole: bool) -> None:
        """Show all of the page, or as wide as there is room."""
        self._is_whole = whole
        self._draw()

    def scroll_on(self, step: int) -> None:
        """A screen further, at the end to the next page."""
        bar = self.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + step * round(bar.pageStep() * 0.9))
        if bar.value() == before:
            self.turned.emit(step)

    def scroll_by(self, step: int) -> None:
        """A line further."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + step * theme.px(40))

    def _draw(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        edge = 2 * theme.px(_EDGE)
        wide = max(60, self.viewport().width() - edge)
        if self._is_whole:
            wide = min(wide, max(60, int((self.viewport().height() - edge) * sheet.width / sheet.height)))
        ratio = self.devicePixelRatioF()
        size = QSize(round(wide * ratio), int(wide * ratio * sheet.height / sheet.width))
        made = QPixmap.fromImage(picture(sheet, size))
        made.setDevicePixelRatio(ratio)
        self._page.set_picture(made)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar, down = self.verticalScrollBar(), event.angleDelta().y() < 0
        if bar.value() == (bar.maximum() if down else bar.minimum()) and event.angleDelta().y():
            self.turned.emit(1 if down else -1)
            event.accept()
        else:
            super().wheelEvent(event)


class _Page(QWidget):
    """The picture of a page in the middle of its ground."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPixmap()

    def set_picture(self, picture: QPixmap) -> None:
        """Show this picture, as large as it is."""
        self._picture = picture
        self.setMinimumHeight(round(picture.deviceIndependentSize().height()) + 2 * theme.px(_EDGE))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.now().tokens
        size = self._picture.deviceIndependentSize()
        room = QRectF(0, 0, size.width(), size.height())
        room.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.line))
        painter.drawPixmap(room.topLeft(), self._picture)
        painter.end()


class _Making:
    """A paper composed and laid out on the worker."""

    def __init__(self, compose: Compose, masked: bool = False, messages: bool = False) -> None:
        self._compose, self._masked, self._messages = compose, masked, messages

    def __call__(self, shop: Shop, progress: Progress) -> _Laid:
        paper = self._compose(shop, self._masked, self._messages)
        return paper, lay_out(paper, progress)


class _Printing:
    """Pages on their way to a printer."""

    def __init__(self, paper: Paper, sheets: list[Sheet], printer: QPrinter) -> None:
        self._paper, self._sheets, self._printer = paper, sheets, printer

    def __call__(self, shop: Shop, progress: Progress) -> object:
        return shop.papers.printed(
            self._paper, lambda: print_out(self._sheets, self._printer, self._paper.title, progress)
        )


class _Saving:
    """Pages on their way into a PDF."""

    def __init__(self, paper: Paper, sheets: list[Sheet], path: Path) -> None:
        self._paper, self._sheets, self._path = paper, sheets, path

    def __call__(self, shop: Shop, progress: Progress) -> object:
        return shop.papers.saved(
            self._paper, self._path, lambda path: write_pdf(self._sheets, path, self._paper.title, progress)
        )
