"""The shop: its name, and how many to-dos a day."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout

from shopcrm.basics.errors import InputError
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.widgets import Button, Card, FieldBlock, Input, Label, Stepper

_TASKS = "tasks_per_day"


class ShopPlace(Place):
    """Two numbers and names that messages and lists use."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        card = Card(t("st.shop"))
        self.name = Input(t("fr.shop.ph"))
        self.name_block = FieldBlock(t("st.shop.name"), self.name)
        self.name_block.setMaximumWidth(theme.px(420))
        limits = SETTINGS[_TASKS]
        self.tasks = Stepper(int(limits.low), int(limits.high), 1, "rp.people")
        self.tasks.set_width(theme.px(150))
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        row.addWidget(Label(t("st.tasks"), "body"))
        row.addWidget(self.tasks)
        row.addWidget(Label(t("st.tasks.hint"), "label", "tx2"))
        row.addStretch(1)
        self.save = Button(t("g.save"), "primary", key="Ctrl+Enter")
        buttons = QHBoxLayout()
        buttons.addWidget(self.save)
        buttons.addStretch(1)
        card.body.addWidget(self.name_block)
        card.body.addSpacing(theme.px(8))
        card.body.addLayout(row)
        card.body.addSpacing(theme.px(8))
        card.body.addLayout(buttons)
        self.column.addWidget(card)
        self.column.addStretch(1)
        self.save.clicked.connect(self._on_save)
        self.name.returnPressed.connect(self._on_save)

    def read(self) -> None:
        view = self.session.view
        self.name.setText(str(view.setting("shop.name")))
        number = int(str(view.setting(_TASKS)))
        self.tasks.set_value(number)
        self.tasks.set_original(number)
        self.name_block.set_error("")

    @Slot()
    def _on_save(self) -> None:
        name = self.name.text().strip()
        if not name:
            self.name_block.set_error(t("err.shop_name_needed"))
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        values = {"shop.name": name, _TASKS: self.tasks.value()}
        self.session.do(
            lambda shop, _: shop.settings.set_many(values),
            origin=self,
            failed=self._on_refused,
            busy=self.save,
        )

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, InputError) and error.field == "shop.name":
            self.name_block.set_error(error.sentence)
        else:
            self.page.show_error(error, self._on_save)
