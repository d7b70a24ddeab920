"""Who is it? The search field that is always ready, the matches below it, and what was booked today."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.records import DayEntry, MemberRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_money
from ui import theme
from ui.theme import icons, paint
from ui.widgets import Card, Label, Line, SearchBox, SmallButton
from ui.widgets.frame import FoundList, NewRow

_LOG_ROW = 34


class FindCard(Card):
    """`chosen` follows the arrows, `entered` says it is her; `walk_in` books without a member."""

    chosen = Signal(int)  # a member, 0 for nobody
    entered = Signal()
    walk_in = Signal()
    new_wanted = Signal(str)
    searched = Signal(str)
    taken_back = Signal(object)  # DayEntry

    def __init__(self) -> None:
        super().__init__()
        self.field = SearchBox(t("ct.ph"), key="", big=True)
        self._hint, self._count = Label(t("ct.hint"), "small", "tx2"), Label("", "small", "tx2")
        self.found = FoundList()
        self._new = NewRow()
        self.walk = SmallButton(t("ct.walkin"), icon="receipt")
        self.log = TodayLog()
        self._log_title = Label("", "label_bold", "tx2")
        self._searching, self._enter_waits = False, False
        self._build()
        self._connect()
        self.show_found("", (), lambda row: "")

    def _build(self) -> None:
        self.body.setSpacing(theme.px(8))
        self.body.addWidget(self.field)
        row = QHBoxLayout()
        row.addWidget(self._hint)
        row.addStretch(1)
        row.addWidget(self._count)
        self.body.addLayout(row)
        self.body.addWidget(self.found)
        self.body.addWidget(self._new)
        self.body.addWidget(self.walk, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self._today = QWidget()
        column = QVBoxLayout(self._today)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(Line())
        column.addWidget(self._log_title)
        column.addWidget(self.log)
        self.body.addWidget(self._today)

    def _connect(self) -> None:
        self.field.searched.connect(self._on_searched)
        self.field.moved.connect(self._on_moved)
        self.field.entered.connect(self._on_entered)
        self.found.clicked.connect(self._on_clicked)
        self._new.clicked.connect(self._on_new)
        self.walk.clicked.connect(self.walk_in)
        self.log.picked.connect(self.taken_back)

    def show_found(
        self, query: str, rows: Sequence[tuple[MemberRow, str]], age: Callable[[MemberRow], str]
    ) -> None:
        """Show the matches; the first is chosen."""
        self._searching = False
        self.found.rows, self.found.query, self.found.age, self.found.chosen = list(rows), query, age, 0
        self.found.setVisible(bool(rows))
        self._count.setText(t("ct.found", n=len(rows)) if query else "")
        self._new.setVisible(bool(query))
        self._new.set_words(
            t("ct.nother") if rows else t("search.none", q=query) + t("g.dot") + t("search.new")
        )
        self.walk.setVisible(not query)
        self.found.updateGeometry()
        self.found.update()
        self._tell()
        if self._enter_waits:  # Enter was quicker than the answer
            self._enter_waits = False
            self._on_entered(False)

    def set_log(self, entries: Sequence[DayEntry]) -> None:
        """Show what was booked today, the newest first."""
        self._log_title.setText(t("ct.log", n=len(entries)) if entries else t("em.log"))
        self.log.set_entries(entries)

    def set_low(self, low: bool, *, listed: bool) -> None:
        """As a bar above the other cards: no room for the day's log, nor for the matches while booking."""
        self._today.setVisible(not low)
        self._hint.setVisible(not low)
        shown = listed or not low
        self.found.setVisible(shown and bool(self.found.rows))
        self._new.setVisible(shown and bool(self.field.text().strip()))

    def member(self) -> int:
        """The chosen match, 0 for nobody."""
        return int(self.found.rows[self.found.chosen][0].id) if self.found.rows else 0

    def _tell(self) -> None:
        self.chosen.emit(self.member())

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        self._searching, self._enter_waits = True, False
        self.searched.emit(text)

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        if self.found.rows:
            self.found.chosen = (self.found.chosen + step) % len(self.found.rows)
            self.found.update()
            self._tell()

    @Slot(bool)
    def _on_entered(self, _control: bool) -> None:
        if self._searching:
            self._enter_waits = True
        elif self.found.rows:
            self.entered.emit()
        elif self.field.text().strip():
            self.new_wanted.emit(self.field.text().strip())

    @Slot()
    def _on_clicked(self) -> None:
        self._tell()
        self.entered.emit()

    @Slot()
    def _on_new(self) -> None:
        self.new_wanted.emit(self.field.text().strip())


class TodayLog(QWidget):
    """Time, name and what; a click asks to take the booking back."""

    picked = Signal(object)
    LINES = 5

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[DayEntry] = []
        self._current = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(t("ct.log.tip"))

    def set_entries(self, entries: Sequence[DayEntry]) -> None:
        """Show the newest few."""
        self.entries = list(entries[: self.LINES])
        self._current = -1
        self.setVisible(bool(self.entries))
        self.setAccessibleName("; ".join(self.words(entry) for entry in self.entries))
        self.updateGeometry()
        self.update()

    def words(self, entry: DayEntry) -> str:
        """What was booked."""
        if entry.kind == "sale":
            return t("ct.log.sale", sum=show_money(entry.fen))
        if entry.kind == "visit":
            return t("mb.visit." + entry.visit_kind)
        return t("mb.new")

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(_LOG_ROW) * len(self.entries))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move(int(event.position().y()) // theme.px(_LOG_ROW))

    def leaveEvent(self, event: object) -> None:
        self._move(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move(int(event.position().y()) // theme.px(_LOG_ROW))
        self._pick()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.entries:
            self._move((self._current + (1 if key == Qt.Key.Key_Down else -1)) % len(self.entries))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick()
        else:
            super().keyPressEvent(event)

    def _move(self, number: int) -> None:
        number = number if 0 <= number < len(self.entries) else -1
        if number != self._current:
            self._current = number
            self.update()

    def _pick(self) -> None:
        if self._current >= 0:
            self.picked.emit(self.entries[self._current])

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        high = now.px(_LOG_ROW)
        for number, entry in enumerate(self.entries):
            box = QRect(0, number * high, self.width(), high)
            if number == self._current:
                paint.rounded(painter, box, now.px(6), now.tokens.hover)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setFont(now.font("label"))
            painter.setPen(QColor(now.tokens.tx2))
            painter.drawText(box.adjusted(now.px(4), 0, 0, 0), middle, entry.at)
            words = self.words(entry)
            painter.drawText(box.adjusted(0, 0, -now.px(4), 0), middle | Qt.AlignmentFlag.AlignRight, words)
            taken = painter.fontMetrics().horizontalAdvance(words)
            painter.setFont(now.font("body"))
            painter.setPen(QColor(now.tokens.tx))
            room = box.width() - now.px(56) - taken - now.px(14)
            name = entry.name or t("ct.walkin.name")
            painter.drawText(
                box.adjusted(now.px(52), 0, 0, 0),
                middle,
                paint.cut(name, painter.font(), max(room, now.px(20))),
            )
            if number == self._current:
                side = now.px(16)
                painter.drawPixmap(
                    now.px(30), box.center().y() - side // 2 + 1,
                    icons.pixmap("arrow-back-up", now.tokens.acc_text, side),
                )  # fmt: skip
        painter.end()
