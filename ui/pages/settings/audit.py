"""The audit trail 操作日志: who took, deleted, merged or changed what, and whether it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopcrm.basics.records import AuditLine, AuditTrail, Changes, RevealRow
from shopcrm.basics.settings import SETTINGS, is_type_setting
from shopcrm.basics.texts import has, t
from shopcrm.basics.values import show_day
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.widgets import Banner, Card, EmptyState, Label, Line, SmallButton, empty
from ui.widgets.labels import ElidedLabel

REVEAL = "member.reveal"
_AT_ONCE = 50
_STEPS = ("undo", "takeback", "redo")
_MOST_NAMED = 3  # settings


class AuditPlace(Place):
    """The newest lines of the trail."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._shown = _AT_ONCE
        self.fault = Banner("bad", closable=False)
        self.column.addWidget(self.fault)
        self.meter = _Meter()
        self.column.addWidget(self.meter)
        self._card = Card(t("audit.title"))
        self.state = Label("", "body", "tx2")
        self._card.head.addWidget(self.state)
        self._card.body.addWidget(Label(t("audit.hint"), "label", "tx2", wrap=True))
        self.list = QVBoxLayout()
        self.list.setSpacing(0)
        self._card.body.addLayout(self.list)
        self.more = SmallButton("", icon="chevron-down")
        self.more.clicked.connect(self._on_more)
        self._card.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self._card)
        self._empty = EmptyState("list-details", t("audit.empty"), t("audit.empty.text"))
        self.column.addWidget(self._empty)
        self.column.addStretch(1)
        self.fault.hide()
        self._empty.hide()

    def concerned(self, changes: Changes) -> bool:
        return bool(changes.settings or changes.batches or changes.members)

    def read(self) -> None:
        most = self._shown
        self.session.query(
            lambda view: (view.audit(most), view.reveals()), key="settings.audit", done=self._on_read
        )

    @Slot()
    def _on_more(self) -> None:
        self._shown += _AT_ONCE
        self.read()

    def _on_read(self, answer: tuple[AuditTrail, tuple[RevealRow, ...]]) -> None:
        trail, reveals = answer
        self.meter.show_rows(reveals)
        empty(self.list)
        for (_, many), lines in groupby(enumerate(trail.lines), _together):
            newest, *others = (line for _, line in lines)
            self.list.addWidget(Line())
            self.list.addWidget(self._row(newest, 1 + len(others) if many else 1))
        left = trail.n - len(trail.lines)
        self.more.setText(t("audit.more", n=min(left, _AT_ONCE)))
        self.more.setVisible(left > 0)
        self.state.setText("" if trail.fault else t("audit.whole", n=f"{trail.n:,}"))
        if trail.fault:
            self.fault.set_text(t("audit.fault", n=trail.fault))
        self.fault.setVisible(trail.fault is not None)
        self._card.setVisible(bool(trail.n or trail.fault))
        self._empty.setVisible(not (trail.n or trail.fault))

    def _row(self, line: AuditLine, times: int) -> QWidget:
        widget = QWidget()
        widget.setFixedHeight(theme.px(40))
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        at = datetime.fromisoformat(line.at)
        day = Label(f"{show_day(at.date(), self.session.today)} {at:%H:%M}", "body")
        day.setMinimumWidth(theme.px(150))
        who = Label(
            line.staff or t("audit.nobody"),
            "body_bold" if line.staff else "body",
            "" if line.staff else "tx2",
        )
        who.setMinimumWidth(theme.px(84))
        row.addWidget(day)
        row.addWidget(who)
        told = said(line) if times == 1 else t(f"audit.k.{REVEAL}.many", n=times)
        row.addWidget(ElidedLabel(told), 1)
        return widget


class _Meter(Card):
    """Who looked at how many whole numbers; gone while nobody did in the last 30 days."""

    def __init__(self) -> None:
        super().__init__(t("reveal.meter.title"))
        self.body.addWidget(Label(t("reveal.meter.hint"), "label", "tx2", wrap=True))
        self.rows = QVBoxLayout()
        self.rows.setSpacing(0)
        self.body.addLayout(self.rows)
        self.hide()

    def show_rows(self, reveals: Sequence[RevealRow]) -> None:
        """Fill the table, whoever did most today first."""
        empty(self.rows)
        heads = ("", *(t(f"reveal.meter.{days}") for days in ("today", "week", "month")))
        self.rows.addWidget(_meter_row([Label(words, "label", "tx2") for words in heads]))
        for row in reveals:
            numbers = [Label(t("reveal.n", n=n), "body") for n in (row.today, row.week, row.month)]
            self.rows.addWidget(Line())
            self.rows.addWidget(_meter_row([Label(row.name, "body_bold"), *numbers]))
        self.setVisible(bool(reveals))


def _meter_row(cells: Sequence[QWidget]) -> QWidget:
    widget = QWidget()
    widget.setFixedHeight(theme.px(36))
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    for cell in cells:
        row.addWidget(cell, 1)
    return widget


def _together(numbered: tuple[int, AuditLine]) -> tuple[object, bool]:
    """What lines are told in one: the numbers one person looked at on one day without anything between."""
    number, line = numbered
    if line.kind == REVEAL:
        return (line.staff, line.at[:10]), True
    return number, False


def said(line: AuditLine) -> str:
    """What a line tells, in words."""
    step, _, kind = line.kind.partition(".")
    if step in _STEPS:
        return t(f"audit.k.{step}", what=_told(kind, line))
    return _told(line.kind, line)


def _told(kind: str, line: AuditLine) -> str:
    what = dict(line.what)
    rows = what.get("rows")
    names = _settings(what.get("keys"))
    records = sum(rows.values()) if isinstance(rows, dict) else 0
    n = what.get("n", len(names) or records)
    values = what | {"n": n if isinstance(n, str) else f"{n:,}", "names": t("audit.join").join(names)}
    if kind == "restore" and "lines" in what:
        kind = "restore.cut"
    if kind == "export" and "what" not in what:
        kind = "export.plain"
    if kind == "setting.set" and 0 < len(names) <= _MOST_NAMED:
        kind = "setting.set.named"
    return t(f"audit.k.{kind}", **values)


def _settings(keys: object) -> list[str]:
    """What the settings that were changed are called; all numbers of the types are one."""
    found: dict[str, None] = {}
    for key in keys if isinstance(keys, list) else ():
        own = f"audit.s.{key}"
        if key in SETTINGS and is_type_setting(key):
            own = "audit.s.types"
        if has(own):  # neither one of an earlier version nor what only the program sets
            found[t(own)] = None
    return list(found)
