"""Who is it? The search field that is always ready, the matches below it, and what was booked today."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from shopcrm.basics.records import MemberRow
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.counter.log import LINES, LogBox
from ui.theme import icons
from ui.widgets import Card, KeyCap, Label, SearchBox, SmallButton
from ui.widgets.frame import FoundList, NewRow

_MANY = 12  # lines of the log in a large window


class FindCard(Card):
    """`chosen` follows the arrows, `entered` says it is her; `walk_in` books without a member."""

    chosen = Signal(int)  # a member, 0 for nobody
    entered = Signal()
    walk_in = Signal()
    new_wanted = Signal(str)
    searched = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.field = SearchBox(t("ct.ph"), key="", big=True)
        self._hint, self._count = Label(t("ct.hint"), "small", "tx2"), Label("", "small", "tx2")
        self.found = FoundList()
        self._new = NewRow()
        self.walk = SmallButton(t("ct.walkin"), icon="receipt", key="Enter")
        self._beside = Label("", "small", "tx2")  # the count, where the matches are not listed
        self._other = SmallButton(t("ct.nother.short"))
        self.log = LogBox()
        self._searching, self._enter_waits = False, False
        self._low, self._listed, self._roomy = False, True, False
        self._build()
        self._connect()
        self.show_found("", (), lambda row: "")

    def _build(self) -> None:
        self.body.setSpacing(theme.px(8))
        self._top = QHBoxLayout()
        self._top.setSpacing(theme.px(9))
        self._top.addWidget(self.field, 1)
        self._top.addWidget(self._beside)
        self._top.addWidget(self._other)
        self.body.addLayout(self._top)
        row = QHBoxLayout()
        row.addWidget(self._hint)
        row.addStretch(1)
        row.addWidget(self._count)
        self.body.addLayout(row)
        self.body.addWidget(self.found)
        self.body.addWidget(self._new)
        self.body.addWidget(self.walk, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self._at_log = self.body.count()
        self.body.addStretch(0)
        self.take_log()

    def _connect(self) -> None:
        self.field.searched.connect(self._on_searched)
        self.field.moved.connect(self._on_moved)
        self.field.entered.connect(self._on_entered)
        self.found.clicked.connect(self._on_clicked)
        self._new.clicked.connect(self._on_new)
        self._other.clicked.connect(self._on_new)
        self.walk.clicked.connect(self.walk_in)
        self.log.list.left_up.connect(self.field.focus_all)
        self.log.spread.connect(self._share)

    def fields(self) -> list[QWidget]:
        """Everything that takes the focus, as Tab goes through it."""
        log = self.log
        return [self.field, self._other, self.walk, log.before, log.after, log.all, log.list]

    def take_log(self, *, roomy: bool = False) -> None:
        """The day's log stands here, below the matches, and not in another card; `roomy`: close to them and
        longer."""
        self._roomy = roomy
        self.body.removeWidget(self.log)
        self.body.insertWidget(self._at_log, self.log)
        self.log.set_lines(_MANY if roomy else LINES)
        self._share()

    @Slot()
    def _share(self) -> None:
        """The whole log takes the room that is left, the latest lines stand at the lower end."""
        if self.log.parentWidget() is self:
            whole = self.log.whole
            self.body.setStretch(self._at_log - 1, int(not whole and not self._roomy))
            self.body.setStretch(self._at_log, int(whole))
            self.body.setStretch(self._at_log + 1, int(not whole and self._roomy))

    def show_found(
        self, query: str, rows: Sequence[tuple[MemberRow, str]], age: Callable[[MemberRow], str]
    ) -> None:
        """Show the matches; the first is chosen."""
        self._searching = False
        self.found.rows, self.found.query, self.found.age, self.found.chosen = list(rows), query, age, 0
        self._count.setText(t("ct.found", n=len(rows)) if query else "")
        self._beside.setText(self._count.text())
        self._new.set_words(
            t("ct.nother") if rows else t("search.none", q=query) + t("g.dot") + t("search.new")
        )
        self._show()
        self.found.updateGeometry()
        self.found.update()
        self._tell()
        if self._enter_waits:  # Enter was quicker than the answer
            self._enter_waits = False
            self._on_entered(False)

    def set_sure(self, member: int) -> None:
        """It is her: this match is ticked and waits for Enter no longer; 0 for nobody."""
        self.found.sure = member
        self.found.update()

    def set_low(self, low: bool, *, listed: bool) -> None:
        """As a bar above the other cards: no room for a hint, nor for the matches while booking."""
        self._low, self._listed = low, listed
        self._show()

    def _show(self) -> None:
        typed = bool(self.found.query or self.field.text().strip())
        listed = self._listed or not self._low
        self._hint.setVisible(not self._low)
        self._count.setVisible(not self._low)
        self.found.setVisible(listed and bool(self.found.rows))
        self._new.setVisible(listed and typed)
        self._beside.setVisible(self._low and typed)
        self._other.setVisible(self._low and typed and not listed)
        self.walk.setVisible(not typed and listed)

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
        elif step > 0 and self.log.list.entries and self.log.isVisible():
            self.log.list.setFocus(Qt.FocusReason.TabFocusReason)  # what was just booked

    @Slot(bool)
    def _on_entered(self, control: bool) -> None:
        if control:
            return  # saves what is in the form
        if self._searching:
            self._enter_waits = True
        elif self.found.rows:
            self.entered.emit()
        elif self.field.text().strip():
            self.new_wanted.emit(self.field.text().strip())
        elif self.walk.isVisible():
            self.walk_in.emit()

    @Slot()
    def _on_clicked(self) -> None:
        self._tell()
        self.entered.emit()

    @Slot()
    def _on_new(self) -> None:
        self.new_wanted.emit(self.field.text().strip())


class Waiting(QWidget):
    """Her card is shown: Enter says it is her, the arrows go to the next match."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setVerticalSpacing(theme.px(10))
        self._picture = QLabel()
        self._picture.setPixmap(icons.pixmap("keyboard", theme.now().tokens.ctl, theme.px(52)))
        grid.setRowStretch(0, 1)
        grid.addWidget(self._picture, 1, 0, Qt.AlignmentFlag.AlignCenter)
        for place, (words, role, keys, first) in enumerate(
            (("ct.enter", "h3", ("Enter",), False), ("ct.other", "body", ("\u2191", "\u2193"), True)), start=2
        ):
            row = QHBoxLayout()
            row.setSpacing(theme.px(6))
            label = Label(t(words), role, "tx2" if first else "")
            caps: list[QWidget] = [KeyCap(key) if KeyCap.shown else Label(key, role) for key in keys]
            row.addStretch(1)
            for part in (*caps, label) if first else (label, *caps):
                row.addWidget(part)
            row.addStretch(1)
            grid.addLayout(row, place, 0)
        grid.setRowStretch(4, 1)
