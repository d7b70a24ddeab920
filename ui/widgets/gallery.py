"""A picture of every widget in every state: `python -m ui.widgets.gallery OUT.png [--dark] [--level big]`.

It is how a change of the theme is looked at before it is kept; sample words come from the text files.
"""

from __future__ import annotations

import argparse
import sys

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.records import TYPE_KEYS
from shopcrm.basics.texts import t
from ui import theme
from ui.theme import paint
from ui.theme.tokens import RADIUS_CONTROL
from ui.widgets import (
    Banner,
    Button,
    Card,
    CheckBox,
    Chip,
    Combo,
    EvidenceBox,
    FieldBlock,
    Input,
    KeyCap,
    Label,
    OptionTile,
    OutcomeTile,
    Segmented,
    SizeTile,
    Stepper,
    TabBar,
    Tag,
    Toast,
    TypeBadge,
    TypePill,
)


def _row(*widgets: QWidget, gap: int = 8) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.px(gap))
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _types() -> Card:
    card = Card()
    card.body.addWidget(Label(t("gallery.types"), "label_bold", "tx2"))
    card.body.addLayout(_row(*[TypeBadge(key, side) for key in TYPE_KEYS for side in (22, 26, 30)]))
    card.body.addLayout(_row(*[TypePill(key) for key in TYPE_KEYS]))
    on = Chip(t("type.drifting"), 73, "drifting", closable=False)
    away = Chip(t("gallery.away"), 99, closable=True)
    for chip in (on, away):
        chip.setChecked(True)
    plain = Chip(t("gallery.birthday"), 21)
    card.body.addLayout(
        _row(
            Chip(t("type.loyal"), 47, "loyal"),
            on,
            plain,
            away,
            Chip(t("gallery.add"), icon="plus", checkable=False),
        )
    )
    tabs = TabBar(
        [("all", t("g.all")), ("loyal", t("type.loyal"), "loyal"), ("lost", t("type.lost"), "lost")]
    )
    for key, number in (("all", 23), ("loyal", 6), ("lost", 5)):
        tabs.set_count(key, number)
    card.body.addWidget(tabs)
    box = EvidenceBox()
    box.set_evidence(
        "loyal",
        t("gallery.why"),
        [(True, t("gallery.ev1")), (True, t("gallery.ev2")), (True, t("gallery.ev3"))],
    )
    sizes = QGridLayout()
    sizes.setSpacing(theme.px(8))
    for number, (caption, value) in enumerate(
        (("top", "L"), ("bottom", "29"), ("shoe", "38"), ("height", "162"))
    ):
        tile = SizeTile(t("gallery." + caption), value)
        tile.setFixedWidth(theme.px(70))
        sizes.addWidget(tile, number // 2, number % 2)
    both = QHBoxLayout()
    both.setSpacing(theme.px(12))
    both.addWidget(box, 1, Qt.AlignmentFlag.AlignTop)
    both.addLayout(sizes)
    card.body.addLayout(both)
    card.body.addStretch(1)
    return card


class _Ringed(QWidget):
    """A control with the ring painted around it, as by the keyboard."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        inner.setParent(self)
        self._inner = inner
        self.setFixedHeight(inner.sizeHint().height() + 8)

    def sizeHint(self) -> QSize:
        return self._inner.sizeHint().expandedTo(self._inner.minimumSize()) + QSize(8, 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._inner.setGeometry(self.rect().adjusted(4, 4, -4, -4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint.rounded(painter, self.rect(), theme.px(RADIUS_CONTROL + 3), "", theme.now().tokens.acc_text, 2)
        painter.end()


def _buttons() -> Card:
    card = Card()
    card.body.addWidget(Label(t("gallery.buttons"), "label_bold", "tx2"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(8))
    grid.setVerticalSpacing(theme.px(12))
    c = theme.now().tokens
    for column, state in enumerate(("normal", "hover", "pressed", "ring", "off"), 1):
        grid.addWidget(Label(t("gallery.state." + state), "label", "tx2"), 0, column)
    looks = {
        "primary": (c.acc_hover, c.acc_pressed),
        "tonal": (c.acc_line, c.acc_line),
        "normal": (c.hover, c.line),
        "text": (c.acc_soft, c.acc_line),
        "danger": (c.bad_soft, c.bad_line),
    }
    for row, (role, (hover, pressed)) in enumerate(looks.items(), 1):
        grid.addWidget(Label(t("gallery.role." + role), "label", "tx2"), row, 0)
        for column in range(1, 6):
            button = Button(t("gallery.do." + role), role)
            if column in (2, 3):  # the states a picture cannot be in by itself
                fill = hover if column == 2 else pressed
                border = f"border-color: {fill};" if role == "primary" else ""
                button.setStyleSheet(f"QPushButton {{ background: {fill}; {border} }}")
            button.setEnabled(column != 5)
            button.setMinimumWidth(theme.px(94))
            grid.addWidget(_Ringed(button) if column == 4 else button, row, column)
    grid.setColumnStretch(0, 1)
    card.body.addLayout(grid)
    card.body.addStretch(1)
    return card


def _inputs() -> Card:
    card = Card()
    card.body.addWidget(Label(t("gallery.inputs"), "label_bold", "tx2"))
    grid = QGridLayout()
    grid.setSpacing(theme.px(12))
    focused, off = Input(), Input(t("gallery.owneronly"))
    focused.setText("Zhou")
    off.setEnabled(False)
    wrong = Input()
    wrong.setText("1380000216")
    block = FieldBlock(t("gallery.wrong"), wrong)
    block.set_error(t("gallery.phone"))
    stepper = Stepper(1, 20, unit="gallery.unit")
    stepper.set_value(5)
    changed = Stepper(1, 20, unit="gallery.unit")
    changed.set_original(4)
    changed.set_value(5)
    grid.addWidget(FieldBlock(t("gallery.state.normal"), Input(t("gallery.name"))), 0, 0)
    grid.addWidget(FieldBlock(t("gallery.state.ring"), _Ringed(focused)), 0, 1)
    grid.addWidget(FieldBlock(t("gallery.state.off"), off), 0, 2)
    top = Qt.AlignmentFlag.AlignTop
    grid.addWidget(block, 1, 0, top)
    grid.addWidget(FieldBlock(t("gallery.combo"), Combo([(1, t("gallery.tomorrow"))])), 1, 1, top)
    grid.addWidget(FieldBlock(t("gallery.stepper"), stepper), 1, 2, top)
    grid.addWidget(changed, 2, 2, top)
    one, two = CheckBox(t("gallery.close")), CheckBox(t("gallery.never"))
    one.setChecked(True)
    grid.addLayout(_row(one, two, gap=16), 2, 0, 1, 2)
    for column in range(3):
        grid.setColumnStretch(column, 1)
    card.body.addLayout(grid)
    card.body.addStretch(1)
    return card


def _choices() -> Card:
    card = Card()
    card.body.addWidget(Label(t("gallery.choices"), "label_bold", "tx2"))
    card.body.addWidget(
        Segmented([("1", t("gallery.bought")), ("2", t("gallery.tried")), ("3", t("gallery.looked"))])
    )
    tiles = QHBoxLayout()
    tiles.setSpacing(theme.px(8))
    for digit, word in ((1, "reached"), (3, "willcome"), (6, "later")):
        tile = OutcomeTile(digit, t("gallery." + word))
        tile.setChecked(digit == 3)
        tiles.addWidget(tile)
    card.body.addLayout(tiles)
    options = [OptionTile(n, t("gallery." + w)) for n, w in ((1, "thinking"), (2, "price"), (3, "nosize"))]
    options[0].setChecked(True)
    row = _row(*options)
    for key in ("F2", "Ctrl+C", "Enter"):
        row.addWidget(KeyCap(key))
    card.body.addLayout(row)
    tones = (("wool", ""), ("itchy", "bad"), ("answered", "ok"), ("nophone", "warn"), ("sample", "acc"))
    card.body.addLayout(_row(*[Tag(t("gallery." + word), tone) for word, tone in tones]))
    card.body.addStretch(1)
    return card


class _Row(QWidget):
    """A list row in one of its four states, painted as the lists do."""

    def __init__(self, state: str, fill: str, bar: str) -> None:
        super().__init__()
        self._state, self._fill, self._bar = state, fill, bar
        self.setFixedHeight(theme.px(46))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._fill))
        if self._bar:
            painter.fillRect(0, 0, now.px(4), self.height(), QColor(self._bar))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(now.tokens.line))
        side = now.px(26)
        paint.badge(painter, now.px(14), (self.height() - side) / 2, side, "loyal")
        painter.setFont(now.font("name"))
        painter.setPen(QColor(now.tokens.tx))
        painter.drawText(
            QRect(now.px(50), 0, 200, self.height()), Qt.AlignmentFlag.AlignVCenter, t("gallery.person")
        )
        painter.setFont(now.font("body"))
        painter.setPen(QColor(now.tokens.tx2))
        place = self.rect().adjusted(0, 0, -now.px(12), 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._state)
        painter.end()


def _rows() -> Card:
    card = Card()
    c = theme.now().tokens
    card.body.addWidget(Label(t("gallery.rows"), "label_bold", "tx2"))
    column = QVBoxLayout()
    column.setSpacing(0)
    for state, fill, bar in (
        ("normal", c.card, ""),
        ("hover", c.hover, ""),
        ("chosen", c.acc_soft, c.acc),
        ("away", c.hover, c.ctl),
    ):
        column.addWidget(_Row(t("gallery.state." + state), fill, bar))
    card.body.addLayout(column)
    card.body.addStretch(1)
    return card


def _toasts() -> Card:
    card = Card()
    card.body.addWidget(Label(t("gallery.toasts"), "label_bold", "tx2"))
    for text, icon, undo in (
        (t("gallery.recorded"), "circle-check", True),
        (t("gallery.copied"), "copy", False),
    ):
        host = QWidget()
        host.setFixedHeight(theme.px(46))
        toast = Toast(host)
        toast.say(text, icon, undo=undo)
        toast.move(0, 0)
        card.body.addWidget(host)
        host.installEventFilter(_Pin(toast))
    for kind, word in (("info", "backup"), ("warn", "threewrong"), ("bad", "busyfile")):
        card.body.addWidget(Banner(kind, t("gallery." + word), closable=False))
    card.body.addStretch(1)
    return card


class _Pin(QWidget):
    """Keeps a toast at the left of its host."""

    def __init__(self, toast: Toast) -> None:
        super().__init__(toast.parentWidget())
        self._toast = toast
        self.hide()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        self._toast.place()
        self._toast.move(QPoint(0, 0))
        return False


def build() -> QWidget:
    """The whole picture as one widget of 1366 × 1003."""
    sheet = QWidget()
    sheet.setProperty("fill", "win")
    sheet.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    grid = QGridLayout(sheet)
    grid.setContentsMargins(20, 20, 20, 20)
    grid.setSpacing(theme.px(16))
    for number, card in enumerate((_types(), _buttons(), _inputs(), _choices(), _rows(), _toasts())):
        grid.addWidget(card, number // 2, number % 2)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    return sheet


def main(arguments: list[str]) -> int:
    """Write the picture; returns the exit code."""
    parser = argparse.ArgumentParser(prog="gallery")
    parser.add_argument("out")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--level", default="normal", choices=list(theme.LEVELS))
    chosen = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, "dark" if chosen.dark else "light", chosen.level)
    sheet = build()
    sheet.resize(1366, 1003)
    sheet.show()
    app.processEvents()
    done = sheet.grab().save(chosen.out)
    sheet.close()
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
