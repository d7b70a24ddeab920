"""The columns of the member list."""

from __future__ import annotations

from PySide6.QtCore import QRect

from shopcrm.basics.records import MemberRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_money, show_phone
from ui.pages.base import Layout
from ui.session import Session
from ui.tables import Column, RowPaint
from ui.widgets.member_card import days_ago

ALL_COLUMNS = 1860  # width of a window that has room for every column


class MemberRows:
    """The columns of the member list."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def columns(self, layout: Layout) -> list[Column]:
        """The columns for a layout."""
        wide, tight = layout.name == "wide", layout.name == "compact"
        widest = wide and layout.width >= ALL_COLUMNS
        found = [
            Column("tick", "", 46, painter=self._tick),
            Column("name", "mb.col.name", 100, painter=self._name, stretch=True, sort="name"),
            Column("phone", "mb.col.phone", 136, painter=self._phone),
            Column("last", "mb.col.last", 106, text=self._last, sort="last"),
        ]
        if not tight:
            found.append(Column("n12", "mb.col.n12", 106, "right", text=self._n12, sort="n12"))
        found.append(Column("spend12", "mb.col.spend12", 116, "right", text=self._spend12, sort="spend12"))
        if wide:
            found.append(Column("spend", "mb.col.spend", 112, "right", text=self._spend, sort="spend"))
            if widest:
                found.append(Column("sizes", "mb.col.sizes", 124, painter=self._sizes))
            found.append(Column("staff", "mb.col.staff", 80, painter=self._staff))
        if not tight:
            found.append(Column("next", "mb.col.next", 104, painter=self._next, sort="next"))
        if widest:
            found.append(Column("joined", "mb.col.joined", 116, text=self._joined, sort="joined"))
        return found

    def sentence(self, row: MemberRow) -> str:
        """One row as a sentence, for who listens to the screen."""
        return t(
            "mb.rowtext", name=row.name or t("mb.noname"), last=self._last(row),
            type=t("type." + row.type) if row.type else t("mb.notype"),
            phone=show_phone(row.phones[0]) if row.phones else t("today.nophone"),
        )  # fmt: skip

    def _tick(self, brush: RowPaint, rect: QRect, row: object) -> None:
        brush.check(rect.left() + brush.px(2), rect.center().y() + 1, brush.ticked)

    def _name(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, MemberRow)
        if row.type:
            brush.badge(rect.left(), rect.center().y() + 1, 26, row.type)
        room = rect.adjusted(brush.px(36), 0, 0, 0)
        brush.text(room, row.name or t("mb.noname"), "name", "" if row.name else brush.tokens.tx2)

    def _phone(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, MemberRow)
        if not row.phones:
            brush.text(rect, t("today.nophone"), colour=brush.tokens.tx2)
            return
        brush.text(
            rect, show_phone(row.phones[0]), colour=brush.tokens.bad if row.phone_wrong else "", whole=True
        )

    def _last(self, row: MemberRow) -> str:
        return days_ago(row.last_day, self._session.today)

    def _n12(self, row: MemberRow) -> str:
        return t("mb.times", n=row.n12)

    def _spend12(self, row: MemberRow) -> str:
        return show_money(row.spend12_fen)

    def _spend(self, row: MemberRow) -> str:
        return show_money(row.spend_fen)

    def _sizes(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, MemberRow)
        brush.text(rect, row.sizes or "—", colour="" if row.sizes else brush.tokens.tx2)

    def _staff(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, MemberRow)
        brush.text(rect, row.staff)

    def _next(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, MemberRow)
        today = self._session.today
        if row.next_due is None:
            brush.text(rect, "—", colour=brush.tokens.tx2)
        elif row.next_due <= today:
            brush.text(rect, t("g.today"), "body_bold", whole=True)
        else:
            brush.text(rect, show_day(row.next_due, row.next_due), whole=True)  # near: no year

    def _joined(self, row: MemberRow) -> str:
        return row.joined.isoformat() if row.joined else "—"
