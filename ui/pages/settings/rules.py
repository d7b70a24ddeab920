"""跟进规则: whom to contact when, how much, on which days and occasions. A preview until it is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget

from shopcrm.basics.errors import Cancelled, InputError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import TYPE_KEYS, Changes, RuleRow, RuleValues
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.events import Events
from ui.pages.settings.limits import DAYS, LIMITS, Days, Limits
from ui.pages.settings.place import Place, scrolled
from ui.pages.settings.rule_draft import RULES_OWN, RuleDraft
from ui.pages.settings.rule_line import RuleLine, count_words
from ui.pages.settings.sentence import CardColumns
from ui.theme import icons
from ui.widgets import Button, Card, Dialog, Label, Line, SmallButton, TabBar, TypeBadge

if TYPE_CHECKING:
    from shopcrm.shop import ShopView

ANY = "any"
_GROUPS = (("loyal", 0), ("potential", 0), ("drifting", 1), ("lost", 0), (ANY, 1))  # and their column
_TABS = ("rules", "limits", "days", "events")
_ASK_MS = 60  # after the last change, before it is counted
_SLOW_MS = 150  # then it says that it is counting
_WIDE = 1300


class RulesPlace(Place):
    """Tabs of cards over a bar that says what the preview would make of today, discards or applies it."""

    scrolls_itself = True

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.draft = RuleDraft()
        self.lines: dict[str, RuleLine] = {}
        self._now: Mapping[str, int] | None = None  # to-dos of today by rule, as things are
        self._then: Mapping[str, int] | None = None  # the same by the draft
        self._counting: Progress | None = None
        self._go: Callable[[], object] | None = None  # where to, once applied
        self._leaving: Dialog | None = None
        self._ask = self._timer(_ASK_MS, self._count)
        self._slow = self._timer(_SLOW_MS, self._say_counting)
        self._rows: tuple[RuleRow, ...] = ()
        self._to_make: list[tuple[str, int]] = []  # groups whose lines are not made yet
        self._leaves: dict[str, Label] = {}  # by type: that a visit makes another one of her
        self._make = self._timer(0, self._make_next)
        head = QHBoxLayout()
        self.tabs = TabBar([(key, t(f"rp.tab.{key}")) for key in _TABS])
        self.usual = SmallButton(t("rp.recommend.rules"), icon="arrow-back-up")
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.usual)
        self.column.addLayout(head)
        self.owner_only = Label(t("rp.owner"), "body", "warn")
        self.owner_only.hide()
        self.column.addWidget(self.owner_only)
        self._rules = CardColumns(_WIDE)
        self.limits, self.days, self.events = Limits(), Days(), Events(page)
        self._stack = self.toast_area = QStackedWidget()  # a toast leaves the bar free
        for part in (self._rules, self.limits, self.days, self.events):
            part.setProperty("page", "true")
            part.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            self._stack.addWidget(scrolled(part))
        self.column.addWidget(self._stack, 1)
        self.column.addWidget(self._bar())
        self.session.staff_changed.connect(self._on_staff)
        self.tabs.picked.connect(self.open_tab)
        self.usual.clicked.connect(self._on_usual)
        self.limits.changed.connect(self._on_setting)
        self.days.changed.connect(self._on_setting)

    def _timer(self, after: int, slot: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after)
        made.timeout.connect(slot)
        return made

    def _bar(self) -> Card:
        bar = Card(padding=False)
        bar.setProperty("frame", "card")
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(18), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(10))
        picture = QLabel()
        picture.setPixmap(icons.pixmap("eye", theme.now().tokens.acc_text, theme.px(20)))
        self.words = Label("", "body", wrap=True)
        self.drop = Button(t("rp.drop"))
        self.apply = Button(t("rp.apply"), "primary", "check", key="Ctrl+Enter")
        row.addWidget(picture)
        row.addWidget(self.words, 1)
        row.addWidget(self.drop)
        row.addWidget(self.apply)
        bar.body.addLayout(row)
        self.drop.clicked.connect(self._on_drop)
        self.apply.clicked.connect(self.put_in_force)
        return bar

    # -- reading --------------------------------------------------------------------------------------------

    def read(self) -> None:
        self.session.query(_in_force, key="settings.rules", done=self._on_read)
        self.events.read()

    @Slot()
    def _on_staff(self) -> None:
        if self.isVisible() and self.session.is_open:
            self.read()  # another person may have other rights

    def concerned(self, changes: Changes) -> bool:
        return bool(changes.settings or changes.types or changes.batches or changes.tasks)

    def _on_read(self, found: _InForce) -> None:
        self.draft.rebase(found.rows, found.settings, found.own)
        if not self.lines:
            self._rows, self._to_make = found.rows, list(_GROUPS)
            self._make_next()
        may = self.session.may("rules")
        self._stack.setEnabled(may)
        self.usual.setEnabled(may)
        self.owner_only.setVisible(not may)
        self._now = None
        self._show()

    @Slot()
    def _make_next(self) -> None:
        """The rules of one type after the other: hundreds of fields at once would hold the window up."""
        group, column = self._to_make.pop(0)
        card = self._group_card(group)
        mine = [row for row in self._rows if group_of(row) == group]
        for row in mine:
            if row is not mine[0]:
                card.body.addWidget(Line())
            line = RuleLine(row)
            line.changed.connect(self._on_rule)
            line.recommended.connect(self._on_rule_usual)
            line.show_values(self.draft.row(row.key), self.draft.rule(row.key))
            card.body.addWidget(line)
            self.lines[row.key] = line
        self._rules.add(card, column)
        if self._to_make:
            self._make.start()
        self._show_counts()

    def _group_card(self, group: str) -> Card:
        card = Card()
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        if group != ANY:
            head.addWidget(TypeBadge(group, 26))
        head.addWidget(Label(t("rp.any") if group == ANY else t(f"type.{group}"), "h3"))
        if group == ANY:
            head.addWidget(Label(t("rp.any.hint"), "small", "tx2"))
        elif group in ("drifting", "lost"):
            self._leaves[group] = Label(t("rp.stop.anyway"), "small", "tx2", wrap=True)
            head.addWidget(self._leaves[group], 1)
        head.addStretch(1)
        card.body.addLayout(head)
        return card

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Everything as the draft has it; what today would become is asked."""
        for key, line in self.lines.items():
            line.show_values(self.draft.row(key), self.draft.rule(key))
        for group, label in self._leaves.items():
            mine = (self.draft.row(row.key) for row in self._rows if group_of(row) == group)
            label.setVisible(any(row.stops_anyway for row in mine))
        self.limits.show_draft(self.draft)
        self.days.show_draft(self.draft, self.session.today)
        off = {row.key for row in self._rows if not self.draft.rule(row.key).on}
        self.events.show_off(off)
        self._show_bar()
        self._stop_counting()
        if self.isVisible():
            self._ask.start()
            if not self._slow.isActive():
                self._slow.start()

    def _show_bar(self) -> None:
        dirty = self.draft.is_dirty()
        self.drop.setEnabled(dirty)
        self.apply.setEnabled(dirty)
        calm = t("rp.calm.events" if self.tabs.current() == "events" else "rp.calm")
        self.words.setText(self._preview() if dirty else calm)
        self.words.set_tone("" if dirty else "tx2")

    def _preview(self) -> str:
        if self._now is None or self._then is None:
            return t("rp.preview")
        before, after = sum(self._now.values()), sum(self._then.values())
        if before == after:
            return t("rp.preview.same", n=before)
        return t("rp.preview.change", n=before, m=after)

    @Slot()
    def _count(self) -> None:
        self._stop_counting()
        progress = self._counting = Progress()
        changes, known = self.draft.changes(), self._now

        def ask(view: ShopView) -> _Counted | Exception | None:
            try:
                now = view.would_make({}, progress=progress) if known is None else known
                then = view.would_make(changes, progress=progress) if changes else now
            except Cancelled:
                return None
            except InputError as error:
                return error
            return _Counted(now, then)

        self.session.query(ask, key="settings.rules.count", done=self._on_counted)

    def _stop_counting(self) -> None:
        if self._counting is not None:
            self._counting.stop()
            self._counting = None

    def _on_counted(self, found: _Counted | InputError | None) -> None:
        if found is None or self._ask.isActive():
            return  # overtaken
        self._slow.stop()
        if isinstance(found, InputError):
            self.words.setText(found.sentence)
            self.words.set_tone("bad")
            self.apply.setEnabled(False)
            return
        self._now, self._then = found.now, found.then
        self._show_counts()
        self._show_bar()

    def _show_counts(self) -> None:
        if self._now is None or self._then is None:
            return
        for key, line in self.lines.items():
            words, is_changed = count_words(key, self._now, self._then, on=self.draft.rule(key).on)
            line.show_count(words, is_changed=is_changed)

    @Slot()
    def _say_counting(self) -> None:
        self._then = None
        for line in self.lines.values():
            line.show_count(t("rp.counting"))
        self._show_bar()

    @Slot(str)
    def open_tab(self, key: str) -> None:
        """Show one of the tabs."""
        self.tabs.set_current(key)
        self._stack.setCurrentIndex(_TABS.index(key))
        self.usual.setVisible(key != "events")
        self.usual.setText(t("rp.recommend.rules" if key == "rules" else "rp.recommend.limits"))
        self._show_bar()

    # -- changing -------------------------------------------------------------------------------------------

    @Slot(str, str, object)
    def _on_rule(self, key: str, field: str, values: RuleValues) -> None:
        self.draft.set_rule(key, field, values)
        self._show()

    @Slot(str)
    def _on_rule_usual(self, key: str) -> None:
        self.draft.recommend_rules((key,))
        self._show()

    @Slot(str, object)
    def _on_setting(self, key: str, value: object) -> None:
        self.draft.set(key, value)
        self._show()

    @Slot()
    def _on_usual(self) -> None:
        tab = self.tabs.current()
        if tab == "rules":
            self.draft.recommend_rules(tuple(row.key for row in self._rows))
        else:
            self.draft.recommend(LIMITS if tab == "limits" else DAYS)
        self._show()

    @Slot()
    def _on_drop(self) -> None:
        self.draft.drop()
        self._show()
        self.tabs.setFocus()

    def undo(self) -> bool:
        if self.tabs.current() == "events" or not self.draft.undo():
            return False  # what is done to the book of occasions is the shop's to take back
        self._show()
        return True

    def redo(self) -> bool:
        if self.tabs.current() == "events" or not self.draft.redo():
            return False
        self._show()
        return True

    @Slot()
    def put_in_force(self) -> None:
        """Apply the draft as one step that can be undone."""
        changes = self.draft.changes()
        if changes and self.apply.isEnabled():
            self._stop_counting()
            self.session.do(
                lambda shop, _: shop.settings.set_many(changes),
                origin=self, done=self._on_applied, failed=self._on_refused, busy=self.apply,
            )  # fmt: skip

    def _on_applied(self, _result: object) -> None:
        self.draft.begin_anew()
        self.read()
        if self._go is not None:
            go, self._go = self._go, None
            go()

    def _on_refused(self, error: Exception) -> None:
        self._go = None
        if isinstance(error, InputError):
            self.words.setText(error.sentence)
            self.words.set_tone("bad")
        else:
            self.page.show_error(error, self.put_in_force)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ask.stop()
        self._slow.stop()
        self._stop_counting()  # the worker is wanted elsewhere

    def save_now(self) -> None:
        self.put_in_force()

    # -- leaving --------------------------------------------------------------------------------------------

    def asks_first(self, go: Callable[[], object]) -> bool:
        if not self.draft.is_dirty():
            return False
        if self._leaving is not None:
            return True
        dialog = self._leaving = Dialog(self, t("rp.leave"), "eye", "acc")
        dialog.body.addWidget(Label(t("rp.leave.text"), "body", wrap=True))
        dialog.add_button(t("rp.leave.stay"))
        dialog.add_button(t("rp.drop"), slot=partial(self._drop_and, dialog, go))
        dialog.add_button(t("rp.apply"), "primary", partial(self._apply_and, dialog, go))
        dialog.accepted.connect(self._on_answered)
        dialog.rejected.connect(self._on_answered)
        dialog.open()
        return True

    @Slot()
    def _on_answered(self) -> None:
        self._leaving = None

    def _drop_and(self, dialog: Dialog, go: Callable[[], object]) -> None:
        dialog.accept()
        self.draft.begin_anew()
        self._show()
        go()

    def _apply_and(self, dialog: Dialog, go: Callable[[], object]) -> None:
        dialog.accept()
        self._go = go
        self.put_in_force()

    def carry(self) -> dict[str, Any]:
        return {"draft": self.draft, "tab": self.tabs.current()}

    def take(self, **carried: Any) -> None:
        self.draft = carried["draft"]
        self.open_tab(carried["tab"])
        self.read()


@dataclass(frozen=True, slots=True)
class _InForce:
    rows: tuple[RuleRow, ...]
    settings: Mapping[str, object]
    own: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class _Counted:
    now: Mapping[str, int]
    then: Mapping[str, int]


def _in_force(view: ShopView) -> _InForce:
    own = view.setting(RULES_OWN)
    values = {key: view.setting(key) for key in (*LIMITS, *DAYS)}
    return _InForce(view.rules(), values, own if isinstance(own, dict) else {})


def group_of(row: RuleRow) -> str:
    """Under which type a rule stands: the first it holds for, or nobody's in particular."""
    return ANY if len(row.types) == len(TYPE_KEYS) else row.types[0]
