"""A calendar under (or over) a field, for “pick a date…”."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QEvent, QLocale, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QApplication, QCalendarWidget, QTableView, QToolButton, QWidget

from shopcrm.basics.texts import language
from ui import theme
from ui.theme import icons
from ui.widgets.floating import Popup


class DayPicker(Popup):
    """Days from `first` to `last`; click or Enter picks, Esc or a click elsewhere closes without a day."""

    picked = Signal(object)  # datetime.date
    closed = Signal()  # without a day

    def __init__(self, anchor: QWidget, first: date, last: date) -> None:
        super().__init__(anchor, 320)
        self._over = anchor
        self.calendar = QCalendarWidget()
        self.calendar.setLocale(QLocale(language()))
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
        self.calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.calendar.setGridVisible(False)
        self.calendar.setDateRange(_qdate(first), _qdate(last))
        self.calendar.setFixedHeight(theme.px(270))
        plain = QTextCharFormat()
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):  # red would say “wrong”
            self.calendar.setWeekdayTextFormat(day, plain)
        self.body.addWidget(self.calendar)
        for name, icon in (("prevmonth", "arrow-left"), ("nextmonth", "arrow-right")):  # Qt's own are black
            button = self.calendar.findChild(QToolButton, f"qt_calendar_{name}")
            if button is not None:
                button.setIcon(icons.icon(icon, theme.now().tokens.tx2, theme.px(18)))
        self._grid = self.calendar.findChild(QTableView)
        self.calendar.activated.connect(self._on_activated)
        self.calendar.clicked.connect(self._on_activated)
        if self._grid is not None:
            self._grid.installEventFilter(self)

    def open(self, day: date) -> None:
        """Show with this day chosen, below the field or, where there is no room, above it."""
        self.calendar.setSelectedDate(_qdate(day))
        self.show_below()
        window = self._over.window()
        high = self.body.sizeHint().height()
        if self.y() + high > window.height() - theme.px(8):
            top = self._over.mapTo(window, QPoint(0, 0)).y() - high - theme.px(4)
            self.setGeometry(self.x(), max(theme.px(8), top), self.width(), high)
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]
        if self._grid is not None:
            self._grid.setFocus(Qt.FocusReason.PopupFocusReason)

    def _leave(self) -> None:
        if self.isVisible():
            QApplication.instance().focusChanged.disconnect(self._on_focus_changed)  # type: ignore[union-attr]
            self.hide()
            self._over.setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot(QDate)
    def _on_activated(self, day: QDate) -> None:
        if self.isVisible():  # a click is told twice
            self._leave()
            self.picked.emit(date(day.year(), day.month(), day.day()))

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and not self.isAncestorOf(new) and self.isVisible():
            QApplication.instance().focusChanged.disconnect(self._on_focus_changed)  # type: ignore[union-attr]
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            self._leave()
            self.closed.emit()
            return True
        return False


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
