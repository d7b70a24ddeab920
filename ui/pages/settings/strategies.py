"""How a type is treated: what stands on the strip above its list, and on the card behind it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import TYPE_KEYS, Strategy, TypeKey
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.base import Page
from ui.theme.tokens import CARD_GAP
from ui.widgets import Button, Card, FieldBlock, Input, Label, SmallButton, TextArea, TypeBadge

_LINES = 3
_SHORT = ("title", "actions", "goal", "offer")  # one line; the others a line for each point
_PARTS = ("title", "actions", "goal", "do", "dont", "offer")
_BETWEEN = " / "  # actions stand in one line


class StrategyEditor(QWidget):
    """What is typed for a type stays until it is saved or given up."""

    changed = Signal()  # a draft was begun or is no more

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self._type: TypeKey = TYPE_KEYS[0]
        self._drafts: dict[str, Strategy] = {}
        self._filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card(" ")
        self.title = card.title
        self._badge = TypeBadge("", 26)
        card.head.insertWidget(0, self._badge)
        self.usual = SmallButton(t("words.usual"), icon="arrow-back-up")
        card.head.addWidget(self.usual)
        card.body.addWidget(Label(t("words.strategy.what"), "body", "tx2", wrap=True))
        self.fields: dict[str, Input | TextArea] = {}
        self.blocks: dict[str, FieldBlock] = {}
        for part in _PARTS:
            field = Input() if part in _SHORT else TextArea()
            if isinstance(field, TextArea):
                field.setFixedHeight(field.fontMetrics().lineSpacing() * _LINES + theme.px(30))
            field.textChanged.connect(self._on_typed)
            hint = t("words.strategy.hint." + part) if part in ("actions", "do", "dont") else ""
            block = FieldBlock(t("words.strategy." + part), field, hint)
            self.fields[part], self.blocks[part] = field, block
        for parts in (("title",), ("actions",), ("goal",), ("do", "dont"), ("offer",)):
            row = QHBoxLayout()
            row.setSpacing(theme.px(CARD_GAP))
            for part in parts:
                row.addWidget(self.blocks[part])
            card.body.addLayout(row)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        self.save = Button(t("g.save"), "primary", key="Ctrl+Enter")
        self.drop = Button(t("words.drop"))
        buttons.addWidget(self.save)
        buttons.addWidget(self.drop)
        buttons.addStretch(1)
        card.body.addLayout(buttons)
        column.addWidget(card)
        column.addStretch(1)
        self.save.clicked.connect(self.save_now)
        self.drop.clicked.connect(self._on_drop)
        self.usual.clicked.connect(self._on_usual)

    def open(self, type_key: str) -> None:
        """Show a type, with what was begun for it."""
        self._type = next(key for key in TYPE_KEYS if key == type_key)
        self._badge.set_type(type_key)
        self.title.setText(t("words.strategy.of", type=t("type." + type_key)))
        self._fill(self._drafts.get(type_key) or self.session.view.strategy(self._type))

    def chain(self) -> list[QWidget]:
        """What Tab goes to, in the order one reads."""
        return [self.usual, *self.fields.values(), self.save, self.drop]

    def drafts(self) -> Mapping[str, Strategy]:
        """What was typed and not saved, by type."""
        return dict(self._drafts)

    def take(self, drafts: Mapping[str, Strategy]) -> None:
        """Go on with what another such editor had."""
        self._drafts.update(drafts)
        self.open(self._type)

    def _fill(self, told: Strategy) -> None:
        self._filling = True
        for part, field in self.fields.items():
            text = _BETWEEN.join(told.actions) if part == "actions" else str(getattr(told, part))
            if _text(field) != text:
                field.setText(text) if isinstance(field, Input) else field.setPlainText(text)
            self.blocks[part].set_error("")
        self._filling = False
        self._show_buttons()

    def _typed(self) -> Strategy:
        texts = {part: _text(field).strip() for part, field in self.fields.items()}
        actions = tuple(words.strip() for words in texts.pop("actions").split(_BETWEEN.strip()))
        return Strategy(actions=tuple(filter(None, actions)), **texts)  # type: ignore[arg-type]

    def _show_buttons(self) -> None:
        begun = self._type in self._drafts
        self.save.setEnabled(begun)
        self.drop.setVisible(begun)
        self.usual.setVisible(self.session.view.strategy(self._type).is_own)

    # -- what is done ---------------------------------------------------------------------------------------

    @Slot()
    def _on_typed(self) -> None:
        if self._filling:
            return
        typed, told = self._typed(), self.session.view.strategy(self._type)
        if typed == told._replace(words="", is_own=False):
            self._drafts.pop(self._type, None)
        else:
            self._drafts[self._type] = typed
        self._show_buttons()
        self.changed.emit()

    @Slot()
    def save_now(self) -> None:
        """Keep what was typed."""
        type_key, draft = self._type, self._drafts.get(self._type)
        if draft is not None:
            self.session.do(
                lambda shop, _: shop.words.set_strategy(type_key, draft),
                origin=self, done=self._on_saved, failed=self._on_refused, busy=self.save,
            )  # fmt: skip

    def _on_saved(self, _result: object) -> None:
        self._drafts.pop(self._type, None)
        self.open(self._type)
        self.changed.emit()

    def _on_refused(self, error: Exception) -> None:
        part = error.field.rpartition(".")[2] if isinstance(error, InputError) else ""
        if isinstance(error, InputError) and part in self.blocks:
            self.blocks[part].set_error(error.sentence)
            self.fields[part].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.page.show_error(error, self.save_now)

    @Slot()
    def _on_drop(self) -> None:
        self._drafts.pop(self._type, None)
        self.open(self._type)
        self.changed.emit()

    @Slot()
    def _on_usual(self) -> None:
        """As recommended again."""
        type_key = self._type
        self.session.do(
            lambda shop, _: shop.words.set_strategy(type_key, None),
            origin=self, done=self._on_saved, busy=self.usual,
        )  # fmt: skip


def _text(field: Input | TextArea) -> str:
    return field.text() if isinstance(field, Input) else field.toPlainText()
