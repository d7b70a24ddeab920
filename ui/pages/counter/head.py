"""What stands in the counter's header: who came in today, and the way to the wanted-item book."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopcrm.basics.records import Changes, FootfallDay
from shopcrm.basics.texts import t
from ui import theme
from ui.session import Session
from ui.widgets import Button, IconButton, Label, open_dialog


class Tally(QWidget):
    """进店 12 ＋ －: one press for everybody who comes in; F7 and Shift+F7 while `page` is in front."""

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__()
        self._session = session
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(8), 0, 0, 0)
        row.setSpacing(theme.px(4))
        self.number = Label("", "body_bold")
        self.number.setMinimumWidth(theme.px(26))
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.more = IconButton("plus", t("ff.more"), "normal")
        self.fewer = IconButton("minus", t("ff.fewer"), "normal")
        row.addWidget(Label(t("ff.in"), "body", "tx2"))
        for widget in (self.number, self.more, self.fewer):
            row.addWidget(widget)
        self.more.clicked.connect(self.come_in)
        self.fewer.clicked.connect(self.one_fewer)
        for key, slot in (("F7", self.come_in), ("Shift+F7", self.one_fewer)):
            QShortcut(QKeySequence(key), page).activated.connect(slot)

    def refresh(self, changes: Changes) -> None:
        """Read again what today's tally is, if it may be another."""
        if changes.footfall:
            self.set_day(self._session.view.footfall())

    def set_day(self, day: FootfallDay | None) -> None:
        """Show a day's tally; None: nobody counted, which is not nobody."""
        self.number.setText("—" if day is None else str(day.people))
        self.fewer.setEnabled(day is not None)
        if day is None:
            words = t("ff.unknown")
        else:
            hours = t("g.list").join(t("ff.hour", h=hour, n=people) for hour, people in day.hours)
            words = t("ff.hours", n=day.people, hours=hours)
        self.number.setToolTip(words)
        self.number.setAccessibleName(words)

    @Slot()
    def come_in(self) -> None:
        """One more."""
        if open_dialog(self.window()) is None:
            self._session.do(lambda shop, _: shop.footfall.come_in(), say=False)

    @Slot()
    def one_fewer(self) -> None:
        """One was too many."""
        if open_dialog(self.window()) is None and self.fewer.isEnabled():
            self._session.do(lambda shop, _: shop.footfall.one_fewer(), say=False)


class WantedButton(Button):
    """需求本 n: opens the wanted-item book."""

    def __init__(self, session: Session) -> None:
        super().__init__(t("nav.wanted"), icon="notebook", key="F8")
        self._session = session
        self.setToolTip(t("wt.head.tip"))

    def refresh(self, changes: Changes) -> None:
        """Read again how many people wait, if it may be another number."""
        if changes.members:
            number = self._session.view.wanted_count()
            self.setText(t("wt.head", n=number) if number else t("nav.wanted"))
