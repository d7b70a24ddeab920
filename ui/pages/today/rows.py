"""How a to-do looks in the list: who, why, last purchase and contact, until when; or what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QRect

from shopcrm.basics.records import TaskRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day, show_money, show_phone
from ui.pages.today.handled import handled_words
from ui.tables import Column, RowPaint
from ui.theme.tokens import ROW_TODO
from ui.widgets.member_card import days_ago, joined_dot, limits, outcome_words, word

__all__ = ["ROW_TODO", "TaskRows"]


class TaskRows:
    """The columns of the to-do list; asked of the page while painting: today, who waits, and who was handled
    by somebody else while she stood here."""

    def __init__(
        self,
        today: Callable[[], date],
        is_waiting: Callable[[int], bool],
        is_handled: Callable[[int], bool],
    ) -> None:
        self._today, self._is_waiting, self._is_handled = today, is_waiting, is_handled

    def columns(self, layout: str, done: bool) -> list[Column]:
        """The columns for a layout, of the open or of the finished to-dos."""
        narrow = layout in ("narrow", "compact")
        who = Column("who", "today.col.who", 160 if narrow else 190, painter=self._who)
        if done:
            outcome, why, at, by = (110, 120, 62, 88) if layout == "compact" else (150, 140, 84, 90)
            return [
                who,
                Column("outcome", "today.col.outcome", outcome, painter=self._outcome),
                Column("why", "today.col.why", why, painter=self._why, stretch=True),
                Column("at", "today.col.at", at, text=self._at),
                Column("by", "today.col.by", by, painter=self._by),
            ]
        if layout == "compact":
            who = Column("who", "today.col.who", 176, painter=self._who)
        found = [who, Column("why", "today.col.why", 140, painter=self._why, stretch=True)]
        if layout != "compact":
            found.append(Column("last", "today.col.last", 164 if narrow else 176, painter=self._last))
        if layout == "wide":
            found.append(Column("contact", "today.col.lastcontact", 130, painter=self._contact))
            found.append(Column("staff", "today.col.staff", 80, painter=self._staff))
        found.append(Column("due", "today.col.due", 106 if layout == "narrow" else 118, painter=self._due))
        return found

    def sentence(self, row: TaskRow) -> str:
        """One row as a sentence, for who listens to the screen."""
        return t(
            "today.rowtext", name=row.name, type=t("type." + row.type), why=word(row.why),
            last=days_ago(row.last_day, self._today()), due=self._due_words(row),
        )  # fmt: skip

    # -- cells --------------------------------------------------------------------------------------------

    def _who(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        if brush.ticked:
            brush.check(rect.left() + brush.px(4), rect.center().y() + 1, True)
        else:
            brush.badge(rect.left(), rect.center().y() + 1, 30, row.type)
        room = rect.adjusted(brush.px(40), 0, 0, 0)
        phone = show_phone(row.phones[0]) if row.phones else t("today.nogood")
        brush.two_lines(room, row.name or t("mb.noname"), phone, "name", whole=True)

    def _why(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        if self._is_handled(row.id):
            brush.two_lines(rect, handled_words(row, self._today()), word(row.why), "body", brush.tokens.ok)
            return
        marks = [t("today.copiedmark")] if row.copied and row.state == "open" else []
        if row.is_assigned and row.state == "open":
            marks.append(t("today.givento", name=row.staff))
        brush.two_lines(rect, word(row.why), joined_dot([*marks, *limits(row), word(row.context)]))

    def _last(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        today = self._today()
        if row.last_day is None:
            since = t("g.registered", date=show_day(row.joined, today)) if row.joined else ""
            brush.two_lines(rect, t("g.neverbought"), since)
            return
        top, bottom = brush.halves(rect)
        brush.text(top, days_ago(row.last_day, today))
        price = show_money(row.last_fen)
        room = bottom.width() - brush.width(price, "small") - brush.px(5)
        item = QRect(bottom.left(), bottom.top(), room, bottom.height())
        width = brush.text(item, row.last_item, "small", brush.tokens.tx2) if row.last_item else 0
        rest = bottom.adjusted(width + (brush.px(5) if width else 0), 0, 0, 0)
        brush.text(rest, price, "small", brush.tokens.tx2, whole=True)

    def _contact(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        if row.last_contact_day is None:
            brush.text(rect, t("today.nocontact"), "body", brush.tokens.tx2)
            return
        day = show_day(row.last_contact_day, self._today())
        brush.two_lines(rect, day, outcome_words(row.last_contact_outcome))

    def _staff(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        brush.text(rect, row.staff)

    def _due(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        words = self._due_words(row)
        middle = rect.center().y() + 1
        faint = self._is_waiting(row.id) or self._is_handled(row.id)
        if row.overdue_days > 0 and not faint:
            brush.pill(rect.left() - brush.px(2), middle, words, "alert-circle")
        else:
            brush.text(rect, words, colour=brush.tokens.tx2 if faint else "", whole=True)

    def _due_words(self, row: TaskRow) -> str:
        if self._is_handled(row.id):
            return t("today.handled")
        if self._is_waiting(row.id):
            return t("today.queued")
        if row.due > self._today():
            return show_day(row.due, self._today())
        return t("today.overdue", n=row.overdue_days) if row.overdue_days > 0 else t("g.today")

    def _outcome(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        # Without an outcome it was a visit or a sale at the counter that settled it.
        brush.text(rect, outcome_words(row.outcome) or t("today.bycounter"), "body_bold")

    def _at(self, row: TaskRow) -> str:
        return row.closed_at[-5:]

    def _by(self, brush: RowPaint, rect: QRect, row: object) -> None:
        assert isinstance(row, TaskRow)
        brush.text(rect, row.closed_by)
