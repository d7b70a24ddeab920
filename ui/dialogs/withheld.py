"""Who would be on today's list and must not be contacted, with the reason of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.records import WithheldRow
from shopcrm.basics.texts import t
from ui import theme
from ui.widgets import Dialog, DialogScroll, ElidedLabel, Label, Line, SmallButton, TypeBadge
from ui.widgets.member_card import word

MOST = 60  # rows shown; the sums above tell of all


class Withheld(Dialog):
    """One line each; her card is one press away, because that is where it can be changed."""

    wanted = Signal(int)  # whose card is wanted

    def __init__(self, parent: QWidget, rows: Sequence[WithheldRow]) -> None:
        super().__init__(parent, t("withheld.title", n=len(rows)), "message-off", width=620)
        self.cards: list[SmallButton] = []
        sums = Counter(word(row.because) for row in rows)
        said = (t("withheld.sum", why=why, n=n) for why, n in sums.most_common())
        self.body.addWidget(Label(t("withheld.what"), "body", "tx2", wrap=True))
        if len(sums) > 1:
            self.body.addWidget(Label(t("why.join").join(said), "body", wrap=True))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(6), 0)
        column.setSpacing(0)
        for row in rows[:MOST]:
            column.addWidget(Line())
            column.addWidget(self._row(row))
        if len(rows) > MOST:
            column.addWidget(Label(t("withheld.more", n=len(rows) - MOST), "body", "tx2"))
        column.addStretch(1)
        self._scroll = DialogScroll(inside)
        self.body.addWidget(self._scroll, 1)
        self.add_button(t("g.gotit"), "primary")

    def _row(self, row: WithheldRow) -> QWidget:
        widget = QWidget()
        widget.setFixedHeight(theme.px(56))
        line = QHBoxLayout(widget)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(10))
        line.addWidget(TypeBadge(row.type), 0, Qt.AlignmentFlag.AlignVCenter)
        name = ElidedLabel(row.name or t("mb.noname"), "name")
        name.setFixedWidth(theme.px(110))
        line.addWidget(name)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(ElidedLabel(word(row.because), "body_bold", "warn"))
        words.addWidget(ElidedLabel(word(row.why), "small", "tx2"))
        words.addStretch(1)
        line.addLayout(words, 1)
        button = SmallButton(t("search.ctrlenter"))
        button.setAccessibleName(f"{button.words()} {row.name}")
        button.clicked.connect(partial(self._on_card, int(row.member)))
        self.cards.append(button)
        line.addWidget(button)
        return widget

    def _on_card(self, member: int) -> None:
        self.accept()
        self.wanted.emit(member)
