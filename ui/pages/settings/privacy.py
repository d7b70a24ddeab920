"""What the shop owes the people it keeps records of: a notice for them, who has not been seen for years, and
where to do what a customer may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from shopcrm.basics.papers import Paper
from shopcrm.basics.records import Changes, MemberId
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.pages.settings.sentence import FieldSentence, days_stepper, name_field
from ui.widgets import Button, Card, Label, SmallButton
from ui.widgets.clipboard import Clipboard

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

_YEARS = "keep_years"
_ASKED = ("copy", "mend", "silent", "erase")


class PrivacyPlace(Place):
    """The notice, the suggestion whom to let go of, and what to do when a customer asks."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._clipboard = Clipboard(self)
        self.ids: tuple[MemberId, ...] = ()  # not seen for as long as the stepper says
        self.column.addWidget(self._build_old())
        self.column.addWidget(self._build_notice())
        self.column.addWidget(self._build_asked())
        self.column.addStretch(1)

    def _build_old(self) -> QWidget:
        card = Card(t("privacy.old"))
        limits = SETTINGS[_YEARS]
        self.years = days_stepper(int(limits.low), int(limits.high), "privacy.years")
        name_field(self.years, t("privacy.old.years", n=""))
        self.save = Button(t("g.save"), "primary", key="Ctrl+Enter", size="small")
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        row.addWidget(FieldSentence("privacy.old.years", {"n": lambda: self.years}), 1)
        row.addWidget(self.save)
        card.body.addLayout(row)
        self.found = Label("", "body_bold", wrap=True)
        self.show_them = SmallButton(t("privacy.old.show"), icon="users")
        told = QHBoxLayout()
        told.setSpacing(theme.px(10))
        told.addWidget(self.found, 1)
        told.addWidget(self.show_them)
        card.body.addLayout(told)
        card.body.addWidget(Label(t("privacy.old.how"), "label", "tx2", wrap=True))
        self.years.changed.connect(self._on_years)
        self.save.clicked.connect(self.save_now)
        self.show_them.clicked.connect(self._on_show)
        return card

    def _build_notice(self) -> QWidget:
        card = Card(t("privacy.notice"))
        self.print = SmallButton(t("privacy.print"), icon="printer")
        self.copy = SmallButton(t("privacy.copy"), icon="copy")
        card.head.addWidget(self.copy)
        card.head.addWidget(self.print)
        card.body.addWidget(Label(t("privacy.draft"), "label", "tx2", wrap=True))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(16))
        self._grid.setVerticalSpacing(theme.px(8))
        self._grid.setColumnStretch(1, 1)
        card.body.addLayout(self._grid)
        self.parts: list[tuple[Label, Label]] = []
        self.print.clicked.connect(self._on_print)
        self.copy.clicked.connect(self._on_copy)
        return card

    def _build_asked(self) -> QWidget:
        card = Card(t("privacy.asked"))
        for what in _ASKED:
            card.body.addWidget(Label(t(f"privacy.asked.{what}"), "body", wrap=True))
        self.go = SmallButton(t("privacy.go"), icon="users")
        card.body.addWidget(self.go, 0, Qt.AlignmentFlag.AlignLeft)
        self.go.clicked.connect(self._on_go)
        return card

    def concerned(self, changes: Changes) -> bool:
        return bool(changes.settings or changes.members or changes.sales or changes.visits)

    def read(self) -> None:
        view = self.session.view
        years = int(str(view.setting(_YEARS)))
        self.years.set_value(years)
        self.years.set_original(years)
        self._show_notice(view.notice())
        self._ask()

    def _show_notice(self, parts: Sequence[tuple[str, str]]) -> None:
        for number, (head, words) in enumerate(parts):
            if number == len(self.parts):
                labels = Label("", "label_bold"), Label("", "body", wrap=True)
                self.parts.append(labels)
                for column, label in enumerate(labels):
                    self._grid.addWidget(label, number, column, Qt.AlignmentFlag.AlignTop)
            self.parts[number][0].setText(head)
            self.parts[number][1].setText(words)

    # -- who has not been seen for years ------------------------------------------------------------------

    def _ask(self) -> None:
        years = self.years.value()
        self.save.setVisible(years != int(str(self.session.view.setting(_YEARS))))
        self.show_them.setEnabled(False)

        def unseen(view: ShopView) -> tuple[int, tuple[MemberId, ...]]:
            return years, view.unseen(years)

        self.session.query(unseen, key="settings.unseen", done=self._on_unseen)

    def _on_unseen(self, found: tuple[int, tuple[MemberId, ...]]) -> None:
        years, self.ids = found
        text = "privacy.old.some" if self.ids else "privacy.old.none"
        self.found.setText(t(text, n=len(self.ids), years=years))
        self.show_them.setVisible(bool(self.ids))
        self.show_them.setEnabled(bool(self.ids))

    @Slot(int)
    def _on_years(self, _years: int) -> None:
        self._ask()

    @Slot()
    def save_now(self) -> None:
        years = self.years.value()
        self.session.do(
            lambda shop, _: shop.settings.set(_YEARS, years), origin=self, busy=self.save,
        )  # fmt: skip

    @Slot()
    def _on_show(self) -> None:
        title = t("privacy.old.title", years=self.years.value())
        self.page.navigate("members", ids=self.ids, title=title)

    @Slot()
    def _on_go(self) -> None:
        self.page.navigate("members")

    # -- the notice ---------------------------------------------------------------------------------------

    @Slot()
    def _on_print(self) -> None:
        from ui.dialogs.print_preview import open_preview  # loads what Qt needs for printing

        open_preview(self, self.session, _notice)

    @Slot()
    def _on_copy(self) -> None:
        self._clipboard.copy(self.session.view.notice_text(), self._on_copied)

    def _on_copied(self, worked: bool) -> None:
        if worked:
            self.page.toast(t("privacy.copied"), icon="copy")
        else:
            self.page.toast(t("copy.failed"), "alert-circle", action=t("g.retry"), slot=self._on_copy)


def _notice(shop: Shop, _masked: bool, _messages: bool) -> Paper:
    return shop.papers.notice()
