"""How the four types are told apart here and now: every number in force, in one sentence a rule."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel

from shopcrm.basics.records import TYPE_KEYS
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_money
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.theme import icons
from ui.widgets import Card, Label, Line, TypeBadge


class TypesPlace(Place):
    """Read-only: the numbers the shop's own sales have set, and the ones that are fixed."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        card = Card(t("st.rules"))
        card.head.addWidget(Label(t("st.rules.first"), "small", "tx2"))
        self.rules: dict[str, Label] = {}
        for number, key in enumerate(TYPE_KEYS):
            if number:
                card.body.addWidget(Line())
            head = QHBoxLayout()
            head.setSpacing(theme.px(10))
            head.addWidget(TypeBadge(key, 26))
            head.addWidget(Label(t(f"type.{key}"), "name"))
            head.addStretch(1)
            card.body.addLayout(head)
            self.rules[key] = Label("", "body", wrap=True)
            self.rules[key].setContentsMargins(theme.px(36), 0, 0, 0)
            card.body.addWidget(self.rules[key])
        self.column.addWidget(card)
        basis = Card(t("st.basis"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(24))
        self.basis: dict[str, Label] = {}
        for number, figure in enumerate(("span", "gap", "ticket", "active")):
            row, column = divmod(number, 2)
            words = QHBoxLayout()
            words.setSpacing(theme.px(10))
            words.addWidget(Label(t(f"st.basis.{figure}"), "label", "tx2"))
            self.basis[figure] = Label("", "body_bold")
            words.addWidget(self.basis[figure])
            words.addStretch(1)
            self._grid.addLayout(words, row, column)
        basis.body.addLayout(self._grid)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(8))
        icon = QLabel()
        icon.setPixmap(icons.pixmap("info-circle", theme.now().tokens.info, theme.px(18)))
        foot.addWidget(icon)
        self._foot = Label("", "label", "tx2", wrap=True)
        foot.addWidget(self._foot, 1)
        basis.body.addLayout(foot)
        self.column.addWidget(basis)
        self.column.addStretch(1)

    def read(self) -> None:
        limits = self.session.view.limits()
        s, c = limits.settings, limits.calibration
        vip = t("st.loyal.vip", n=s.vip_min_purchases, v=_money(c.vip_spend)) if c.vip_spend > 0 else ""
        self.rules["loyal"].setText(
            t(
                "st.loyal",
                f=c.loyal_purchases,
                m=_money(c.loyal_spend),
                n=round(s.loyal_silence_span * c.span),
                vip=vip,
            )
        )
        power = t("st.potential.power", p=_money(c.power_ticket)) if c.power_ticket > 0 else ""
        self.rules["potential"].setText(
            t("st.potential", v=s.hot_visit_days, g=s.grace_days, b=s.new_buyer_days, r=s.rising_purchases,
              d=s.rising_days, power=power)
        )  # fmt: skip
        self.rules["drifting"].setText(t("st.drifting"))
        self.rules["lost"].setText(
            t("st.lost", a=limits.lost_once, b=limits.lost_repeat, k=s.frequent_purchases - 1,
              m=s.frequent_purchases, c=limits.lost_frequent, v=s.lost_visit_keepalive)
        )  # fmt: skip
        self.basis["span"].setText(t("st.days", n=round(c.span)))
        self.basis["gap"].setText(t("st.days", n=round(c.typical_gap)))
        self.basis["ticket"].setText(_money(c.ticket_mid) if c.buyers else t("st.none"))
        self.basis["active"].setText(t("g.people", n=c.active12))
        enough = c.active12 >= s.min_active_for_pct
        self._foot.setText(t("st.basis.own" if enough else "st.basis.few", n=c.gaps, m=s.min_active_for_pct))


def _money(fen: float) -> str:
    return show_money(round(fen / 100) * 100)
