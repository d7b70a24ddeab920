"""The first start: the shop's name, the owner's and her PIN, and whether the text is easy to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopcrm.basics import texts
from shopcrm.basics.errors import InputError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import TYPE_KEYS, Done, StaffId
from shopcrm.basics.texts import t
from ui import theme
from ui.dialogs.restore import RestoreDialog
from ui.pages.base import Layout, Navigator, Page
from ui.session import Session
from ui.theme import DARK, LEVELS, LIGHT, paint
from ui.theme.tokens import PAGE_SIDE
from ui.widgets import (
    Button,
    ChoiceTile,
    FieldBlock,
    Input,
    Label,
    PinInput,
    SmallButton,
    TypeBadge,
)

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_PANEL, _FORM = 430, 560
_MARK, _SAMPLE_SIZE = 52, 16
SAMPLE = "sample"  # what the window's open_shop calls the sample shop


class FirstRunPage(Page):
    """Three fields, of which one is needed, and the size of the text; a sample shop for whoever wants to look
    first."""

    full_window = True
    own_search = True

    def __init__(self, session: Session, window: Navigator, page_id: str = "first_run") -> None:
        super().__init__(session, window, page_id)
        self.title = t("app.name")
        self.name, self.owner = Input(t("fr.shop.ph")), Input(t("fr.owner.ph"))
        self.name_block = FieldBlock(t("fr.shop"), self.name, strong=True)
        self.owner_block = FieldBlock(t("fr.owner"), self.owner, t("fr.optional"), strong=True)
        self.pin = PinInput()
        self.pin_block = FieldBlock(t("fr.pin"), self.pin, t("fr.pin.optional"), strong=True)
        self.go = Button(t("fr.go"), "primary", size="big")
        self.sample = Button(t("fr.demo"), size="big")
        self.restore = SmallButton(t("fr.restore"), icon="file-import")
        self.levels = {
            level: ChoiceTile(t("fr.font.sample"), t(f"dp.level.{level}"), _SAMPLE_SIZE * k)
            for level, k in LEVELS.items()
        }
        self._panel = _Panel()
        self._build()
        self._connect()
        self.focus_first = self.name

    def _build(self) -> None:
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._panel)
        form = QWidget()
        form.setMaximumWidth(theme.px(_FORM + 2 * PAGE_SIDE))
        column = QVBoxLayout(form)
        column.setContentsMargins(theme.px(PAGE_SIDE), theme.px(20), theme.px(PAGE_SIDE), theme.px(20))
        column.setSpacing(theme.px(4))
        column.addStretch(2)
        column.addWidget(Label(t("fr.title"), "h1"))
        column.addWidget(Label(t("fr.later"), "body", "tx2"))
        column.addSpacing(theme.px(16))
        fields = QHBoxLayout()
        fields.setSpacing(theme.px(16))
        fields.addWidget(self.name_block, 1, Qt.AlignmentFlag.AlignTop)
        fields.addWidget(self.owner_block, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(fields)
        column.addSpacing(theme.px(8))
        third = QHBoxLayout()  # as wide as one of those above
        third.setSpacing(theme.px(16))
        third.addWidget(self.pin_block, 1, Qt.AlignmentFlag.AlignTop)
        third.addStretch(1)
        column.addLayout(third)
        column.addSpacing(theme.px(16))
        column.addWidget(Label(t("fr.font"), "label_bold"))
        tiles = QHBoxLayout()
        tiles.setSpacing(theme.px(12))
        for tile in self.levels.values():
            tiles.addWidget(tile, 1)
        self.levels[theme.now().level].setChecked(True)
        column.addLayout(tiles)
        column.addSpacing(theme.px(24))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(12))
        buttons.addWidget(self.go, 1)
        buttons.addWidget(self.sample)
        column.addLayout(buttons)
        column.addSpacing(theme.px(8))
        column.addWidget(self.restore, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        whole.addStretch(1)
        whole.addWidget(form, 100)
        whole.addStretch(1)

    def _connect(self) -> None:
        self.go.clicked.connect(self._on_go)
        self.sample.clicked.connect(self._on_sample)
        self.restore.clicked.connect(self._on_restore)
        self.name.returnPressed.connect(self._on_name_entered)
        self.owner.returnPressed.connect(self._on_owner_entered)
        self.pin.textChanged.connect(self._on_pin_typed)
        self.pin.returnPressed.connect(self._on_go)
        for tile in self.levels.values():
            tile.clicked.connect(self._on_level)

    @Slot()
    def _on_name_entered(self) -> None:
        self.owner.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_owner_entered(self) -> None:
        self.pin.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot(str)
    def _on_pin_typed(self, text: str) -> None:
        from shopcrm.shop.pins import is_easy, is_pin

        self.pin_block.set_error("")
        self.pin_block.set_note(t("pin.easy") if is_pin(text) and is_easy(text) else "")

    @Slot()
    def _on_level(self) -> None:
        level = next(level for level, tile in self.levels.items() if tile.isChecked())
        if level != theme.now().level:
            self.window_.apply_theme(theme.now().mode, level, texts.language())

    @Slot()
    def _on_sample(self) -> None:
        self.window_.open_shop(SAMPLE)

    @Slot()
    def _on_restore(self) -> None:
        """A shop from another computer: a backup, or the workbook that holds all of it."""
        chosen, _ = QFileDialog.getOpenFileName(self.window(), t("fr.restore"), "", t("fr.filter"))
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() != ".xlsx":
            RestoreDialog(self, self.session, path, t("bk.restore.file", file=path.name)).open()
            return

        def bring(shop: Shop, progress: Progress) -> object:
            from shopcrm.shop.arrivals import move_in

            return move_in(shop, path, progress)

        self.session.do(
            bring, origin=self, done=self._on_moved_in, busy=self.restore, progress=t("fr.restore")
        )

    def _on_moved_in(self, _done: object) -> None:
        self.session.reread_staff()
        self.navigate("today")

    @Slot()
    def _on_go(self) -> None:
        for block in (self.name_block, self.owner_block, self.pin_block):
            block.set_error("")
        name, owner, pin = self.name.text(), self.owner.text(), self.pin.text()
        if pin and not owner.strip():
            self._refuse(self.owner_block, t("fr.pin.whose"))
            return

        def begin(shop: Shop, _progress: object) -> Done[tuple[StaffId | None, str]]:
            if pin:
                from shopcrm.shop.pins import is_pin

                if not is_pin(pin):  # before anything is written
                    raise InputError("pin", "pin_digits")
            done = shop.settings.begin(name, owner)
            code = ""
            if pin and done.value is not None:
                shop.actor = done.value
                shop.pins.set(done.value, pin)
                code = shop.pins.new_recovery(done.value)
            return Done((done.value, code), done.changes, done.sentence, done.entry)

        self.session.do(
            begin, origin=self, done=self._on_begun, failed=self._on_refused, busy=self.go, say=False,
        )  # fmt: skip

    def _on_begun(self, done: Done[tuple[StaffId | None, str]]) -> None:
        owner, code = self.owner.text().strip(), done.value[1]
        window = self.window()
        self.session.reread_staff()
        self.navigate("today")
        if code:
            from ui.dialogs.pins import show_code

            show_code(window, owner, code)

    def _on_refused(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            self.show_error(error, self._on_go)
            return
        blocks = {"staff_name": self.owner_block, "pin": self.pin_block}
        self._refuse(blocks.get(error.field, self.name_block), error.sentence)

    def _refuse(self, block: FieldBlock, words: str) -> None:
        block.set_error(words)
        block.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def carry(self) -> dict[str, Any]:
        return {"name": self.name.text(), "owner": self.owner.text(), "pin": self.pin.text()}

    def shown(self, name: str = "", owner: str = "", pin: str = "", **args: Any) -> None:
        if name or owner or pin:
            self.pin.setText(pin)
            self.name.setText(name)
            self.owner.setText(owner)

    def apply_layout(self, layout: Layout) -> None:
        self._panel.setVisible(layout.width >= _PANEL + _FORM)


class _Panel(QWidget):
    """The promise of the program, on the rail's dark in both themes."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(theme.px(_PANEL))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(48), theme.px(56), theme.px(48), theme.px(24))
        column.setSpacing(theme.px(4))
        column.addWidget(_Mark())
        column.addWidget(_Room(24))
        for text, role, colour in (
            (t("app.name"), "kpi", LIGHT.rail_on), (t("app.slogan"), "h3", LIGHT.rail_text),
        ):  # fmt: skip
            column.addWidget(_lit(Label(text, role), colour))
        column.addWidget(_Room(40))
        for key in TYPE_KEYS:
            row = QHBoxLayout()
            row.setSpacing(theme.px(16))
            row.addWidget(TypeBadge(key, 36, DARK))
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(_lit(Label(t(f"type.{key}"), "name"), LIGHT.rail_on))
            words.addWidget(_lit(Label(t(f"fr.type.{key}"), "label"), LIGHT.rail_text2))
            row.addLayout(words, 1)
            column.addLayout(row)
            column.addWidget(_Room(16))
        column.addStretch(1)
        column.addWidget(_lit(Label(t("app.local"), "label"), LIGHT.rail_text2))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(LIGHT.rail))
        painter.end()


class _Mark(QWidget):
    """The program's letter on its colour."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(_MARK), theme.px(_MARK))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = theme.px(_MARK)
        paint.rounded(painter, self.rect().adjusted(0, 0, side - self.width(), 0), side * 0.22, LIGHT.acc)
        font = theme.now().font("h1")
        font.setPixelSize(round(side * 0.62))
        painter.setFont(font)
        painter.setPen(QColor(LIGHT.on_acc))
        painter.drawText(0, 0, side, self.height(), Qt.AlignmentFlag.AlignCenter, t("app.letter"))
        painter.end()


class _Room(QWidget):
    """A distance that gives way where the window is low."""

    def __init__(self, high: int) -> None:
        super().__init__()
        self._high = high
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        return QSize(0, theme.px(self._high))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


def _lit(label: Label, colour: str) -> Label:
    """A label in a colour of the rail, which is dark in both themes."""
    label.setStyleSheet(f"color: {colour}; background: transparent;")
    return label
