"""The first screen: put a file in, take a list out, and what was imported before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.records import BatchRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from ui import theme
from ui.pages.base import Layout
from ui.theme import icons
from ui.theme.tokens import CARD_GAP, CONTROL_SMALL, RADIUS_CARD
from ui.widgets import Button, Card, ElidedLabel, Label, Line, SmallButton, empty

LISTS = (
    ("callbacks", "checklist"),
    ("members", "users"),
    ("sales", "receipt"),
    ("not_reached", "message-off"),
)
_SHOWN = 40  # imports listed


class HomeStep(QScrollArea):
    """Three cards; the page does what they ask for."""

    file_dropped = Signal(object)  # Path
    several_dropped = Signal()
    export_wanted = Signal(str)  # key of LISTS
    undo_wanted = Signal(object)  # BatchRow

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(CARD_GAP))
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.px(CARD_GAP))
        self.drop = DropArea()
        card = Card(t("io.import"))
        card.title.setMinimumHeight(theme.px(CONTROL_SMALL))  # beside the card whose head has a button
        card.body.addWidget(self.drop, 1)
        self._row.addWidget(card, 3)
        self.exports = _ExportCard()
        self._row.addWidget(self.exports, 2)
        column.addLayout(self._row, 5)
        self.history = _HistoryCard()
        column.addWidget(self.history, 3)
        self.setWidget(inner)
        self.drop.file_dropped.connect(self.file_dropped)
        self.drop.several_dropped.connect(self.several_dropped)
        self.exports.wanted.connect(self.export_wanted)
        self.history.undo_wanted.connect(self.undo_wanted)

    def apply_layout(self, layout: Layout) -> None:
        """Put the cards one below the other where the window is narrow."""
        upright = layout.width < 900
        way = QBoxLayout.Direction.TopToBottom if upright else QBoxLayout.Direction.LeftToRight
        self._row.setDirection(way)
        self.history.set_brief(layout.width < 1060)


class DropArea(QWidget):
    """Where a file is dropped or chosen."""

    file_dropped = Signal(object)  # Path
    several_dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._over = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(16), theme.px(16), theme.px(16))
        column.setSpacing(theme.px(6))
        column.addStretch(1)
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._icon.setPixmap(icons.pixmap("file-spreadsheet", theme.now().tokens.acc_text, theme.px(44)))
        self._title = Label(t("io.drop"), "h3", wrap=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = Label(f"{t('io.formats')}\n{t('io.paste.hint')}", "body", "tx2", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (self._icon, self._title, self._text):
            column.addWidget(widget)
        column.addSpacing(theme.px(6))
        self.pick = Button(t("io.pick"), "primary", icon="folder-open")
        self.template = Button(t("io.template"), "text", icon="download")
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        row.addStretch(1)
        row.addWidget(self.pick)
        row.addWidget(self.template)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def set_over(self, over: bool) -> None:
        """Whether a file is held over the area."""
        self._over = over
        self._title.setText(t("io.release") if over else t("io.drop"))
        self._title.set_tone("acc" if over else "")
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.set_over(False)
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if len(files) == 1:
            self.file_dropped.emit(files[0])
        elif files:
            self.several_dropped.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.now().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(c.acc if self._over else c.ctl), 2 if self._over else 1.5)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(QColor(c.acc_soft if self._over else c.sunk))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, theme.px(RADIUS_CARD), theme.px(RADIUS_CARD))
        painter.end()


class _ExportCard(Card):
    """The lists that leave the shop."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__(t("io.export"))
        self.buttons: dict[str, Button] = {}
        self.hints: dict[str, ElidedLabel] = {}
        self.body.setSpacing(0)
        for number, (key, icon) in enumerate(LISTS):
            if number:
                self.body.addWidget(Line())
            self.body.addWidget(self._list(key, icon))
        self.body.addStretch(1)
        self.whole = SmallButton(t("whole.export"), icon="database-export")
        self.whole.setToolTip(t("whole.export.tip"))
        self.head.addWidget(self.whole)

    def _list(self, key: str, icon: str) -> QWidget:
        row = QWidget()
        row.setFixedHeight(theme.px(63))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(12))
        picture = QLabel()
        picture.setPixmap(icons.pixmap(icon, theme.now().tokens.acc_text, theme.px(26)))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(Label(t(f"ex.list.{key}"), "body_bold"))
        self.hints[key] = ElidedLabel("", "small", "tx2")
        words.addWidget(self.hints[key])
        words.addStretch(1)
        button = Button(t("io.excel"), icon="file-spreadsheet", size="small")
        button.setAccessibleName(t("io.excel.of", name=t(f"ex.list.{key}")))
        button.setObjectName(key)
        button.clicked.connect(self._on_clicked)
        self.buttons[key] = button
        line.addWidget(picture)
        line.addLayout(words, 1)
        line.addWidget(button)
        return row

    @Slot()
    def _on_clicked(self) -> None:
        self.wanted.emit(self.sender().objectName())

    def set_count(self, key: str, count: int) -> None:
        """Say how much a list holds; an empty one cannot be taken out."""
        self.hints[key].setText(t(f"ex.list.{key}.hint", n=f"{count:,}"))
        self.buttons[key].setEnabled(count > 0)


class _HistoryCard(Card):
    """Imports, newest first, each to be taken back for 30 days."""

    undo_wanted = Signal(object)  # BatchRow

    def __init__(self) -> None:
        super().__init__(t("io.history"))
        self.undo: dict[int, SmallButton] = {}
        self._batches: Sequence[BatchRow] = ()
        self._today = date.min
        self._brief = False
        self.body.setSpacing(theme.px(2))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.body.addLayout(self._rows)
        self.body.addStretch(1)

    def set_batches(self, batches: Sequence[BatchRow], today: date) -> None:
        """List these imports."""
        self._batches, self._today = batches[:_SHOWN], today
        self._fill()

    def set_brief(self, brief: bool) -> None:
        """Leave out who did it, where there is little room."""
        if brief != self._brief:
            self._brief = brief
            self._fill()

    def _fill(self) -> None:
        empty(self._rows)
        self.undo = {}
        if not self._batches:
            self._rows.addWidget(Label(t("io.history.none"), "body", "tx2"))
            return
        titles = [t(f"io.history.{key}") for key in ("at", "file", "result", "skipped", "who")]
        self._rows.addWidget(self._line([Label(words, "small", "tx2") for words in titles], QWidget(), 30))
        for batch in self._batches:
            self._rows.addWidget(Line())
            self._rows.addWidget(self._batch(batch))

    def _batch(self, batch: BatchRow) -> QWidget:
        if batch.undoable:
            end: QWidget = SmallButton(t("io.undo"), icon="arrow-back-up")
            end.setToolTip(t("tip.undoimport"))
            end.setObjectName(str(batch.id))
            end.clicked.connect(self._on_undo)  # type: ignore[attr-defined]
            self.undo[batch.id] = end  # type: ignore[assignment]
        else:
            end = Label(t("io.history.undone") if batch.undone else t("io.tooold"), "small", "tx2")
        tone = "tx2" if batch.undone else ""
        skipped = t("io.history.rows", n=f"{batch.rows_skipped:,}") if batch.rows_skipped else ""
        cells = (when(batch.at, self._today), batch.file, _result(batch), skipped, batch.staff)
        labels: list[QWidget] = [Label(cells[0], "body", tone)]
        labels += [ElidedLabel(words, "body", tone) for words in cells[1:]]
        return self._line(labels, end, 46)

    def _line(self, cells: Sequence[QWidget], end: QWidget, height: int) -> QWidget:
        row = QWidget()
        row.setFixedHeight(theme.px(height))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(12))
        shares = (0, 5, 4, 0, 0)
        widths = (146, 0, 0, 76, 0 if self._brief else 96)
        for cell, share, width in zip(cells, shares, widths, strict=True):
            if width:
                cell.setFixedWidth(theme.px(width))
            elif share:
                cell.setMinimumWidth(theme.px(60))
                cell.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            else:
                continue
            line.addWidget(cell, share)
        box = QHBoxLayout()
        box.addStretch(1)
        box.addWidget(end)
        holder = QWidget()
        holder.setFixedWidth(theme.px(180))
        holder.setLayout(box)
        box.setContentsMargins(0, 0, 0, 0)
        line.addWidget(holder)
        return row

    @Slot()
    def _on_undo(self) -> None:
        wanted = self.sender().objectName()
        for batch in self._batches:
            if str(batch.id) == wanted:
                self.undo_wanted.emit(batch)


def when(at: str, today: date) -> str:
    """The moment of an import for reading: `11月1日 10:05`."""
    moment = datetime.fromisoformat(at)
    return t("io.when", day=show_day(moment.date(), today), time=moment.strftime("%H:%M"))


def _result(batch: BatchRow) -> str:
    said = (
        ("io.history.sales", batch.sales_new),
        ("io.history.members", batch.members_new),
        ("io.history.updated", batch.members_updated),
        ("io.history.visits", batch.visits_new),
        ("io.history.contacts", batch.contacts_new),
    )
    return t("io.join").join(t(name, n=f"{number:,}") for name, number in said if number)
