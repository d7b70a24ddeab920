"""Step 2: what the columns are and what is wrong, on one screen; nothing is written yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.texts import t
from shopcrm.shop.imports import Choices, Fate, Group, ImportPlan, Policy, SheetPlan
from ui import theme
from ui.pages.base import Layout
from ui.pages.io.decisions import Decisions, Row
from ui.pages.io.grid import SheetView
from ui.pages.io.listing import ALL, PROBLEMS, Listing, Shown
from ui.pages.io.panel import PANEL, PANEL_SMALL, Case, ProblemPanel, key_of, problem_of
from ui.tables import ListFrame
from ui.theme import icons
from ui.theme.tokens import CARD_GAP
from ui.widgets import Button, Chip, Combo, ElidedLabel, Label, SmallButton

_NARROW = 1190
#: Kinds of problems that say: these rows meet members who are there.
_MEETING = ("field_conflict", "name_conflict", "same")


@dataclass(frozen=True, slots=True)
class _Answered:
    """A row answered in the fix box: from there it goes on when the answer was checked."""

    group: tuple[str, str]
    number: int  # of the group in the list
    where: tuple[int, int]  # sheet, position
    edited: bool


class CheckStep(QWidget):
    """Shows a plan and collects what the owner decides; the page does the work."""

    decided = Signal(object)  # Choices to check
    go_wanted = Signal()
    back_wanted = Signal()
    file_wanted = Signal()
    save_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.plan: ImportPlan | None = None
        self.listing: Listing | None = None
        self.decisions = Decisions(Choices())
        self._at = 0
        self._show: Shown = ALL
        self._answered: _Answered | None = None
        self._line = _FileLine()
        self.grid = SheetView()
        self.panel = ProblemPanel()
        self.bar = _Bar()
        self._build()
        self._connect()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        column.addWidget(self._line)
        row = QHBoxLayout()
        row.setSpacing(theme.px(CARD_GAP))
        self.frame = ListFrame(self.grid)
        row.addWidget(self.frame, 1)
        row.addWidget(self.panel)
        column.addLayout(row, 1)
        column.addWidget(self.bar)
        self.other, self.sheets, self.chips = self._line.other, self._line.sheets, self._line.chips
        self.fates = self._line.fates

    def _connect(self) -> None:
        self._line.other.clicked.connect(self.file_wanted)
        self._line.sheets.picked.connect(self._on_sheet_picked)
        self._line.shown.connect(self._on_shown)
        self.grid.mapped.connect(self._on_mapped)
        self.grid.edited.connect(self._on_edited)
        self.grid.skip_wanted.connect(self._on_skip_wanted)
        self.grid.menu_wanted.connect(self._on_menu_wanted)
        self.grid.columns.made.connect(self._order)
        self.grid.row_changed.connect(self._on_row_changed)
        self.panel.group_wanted.connect(self._on_group)
        self.panel.step_wanted.connect(self._on_step)
        self.panel.save.clicked.connect(self.save_wanted)
        box = self.panel.box
        box.fixed.connect(self._on_fixed)
        box.typed.connect(self._on_typed)
        box.skip_wanted.connect(self._on_box_skip)
        box.take_in_wanted.connect(self._on_take_in)
        box.policy_wanted.connect(self._on_row_policy)
        box.days_wanted.connect(self._on_days)
        box.left.connect(self._on_box_left)
        self.bar.policy.picked.connect(self._on_policy)
        self.bar.back.clicked.connect(self.back_wanted)
        self.bar.go.clicked.connect(self.go_wanted)

    # -- what is shown ------------------------------------------------------------------------------------

    def show_plan(self, plan: ImportPlan, listing: Listing, decisions: Decisions | None = None) -> None:
        """Show a plan; one of the same file with other choices keeps its place, and what is being typed."""
        same = (
            self.plan is not None
            and decisions is None
            and self.plan.layout.book is plan.layout.book
            and [sheet.sheet_at for sheet in self.plan.sheets] == [sheet.sheet_at for sheet in plan.sheets]
        )
        self.plan, self.listing = plan, listing
        if not same:
            self.decisions = decisions or Decisions(plan.choices)
            self._at, self._show, self._answered = 0, ALL, None
            self.panel.choose(None)
            self._line.set_file(plan)
            self.grid.setAccessibleName(plan.file)
        self.panel.set_plan(plan)
        self.bar.set_plan(plan)
        if same:
            self.grid.renew(self.sheet, self.fields(), self.clashing())
            self._tell_sheet()
        else:
            self._show_sheet()
        self._order()
        if not same:
            self._open_at_fault()
        if self._answered is not None:
            self._go_on(self._answered)
        else:
            self._explain()

    def _open_at_fault(self) -> None:
        """Begin with the first row of this sheet to be put right; the keyboard stays with the table."""
        wrong = (g for g in self.panel.groups if g.level == "wrong" and g.rows[0][0] == self._at)
        group = next(wrong, None)
        if group is not None:
            position = group.rows[0][1]
            problem = problem_of(self.sheet.row(position), group)
            self.grid.select_position(position, problem.at if problem is not None else None)
        self.panel.expect_first()

    def forget(self) -> None:
        """Let go of the plan: a large file takes much room."""
        self.plan = self.listing = None
        self.panel.choose(None)
        self.panel.box.say(None)
        self.grid.rows.show_rows(None, None)
        self.decisions = Decisions(Choices())

    @Slot()
    def _order(self) -> None:
        """Let Tab follow the reading order although combos and groups are made as they are needed."""
        panel, bar = self.panel, self.bar
        chain = [
            self.sheets, self.other, *self.chips.values(), self.fates, *self.grid.columns.combos(),
            self.grid, *panel.buttons, panel.save, *panel.box.controls, bar.policy, bar.back, bar.go,
        ]  # fmt: skip
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    @property
    def sheet(self) -> SheetPlan:
        """The sheet in front."""
        assert self.plan is not None
        return self.plan.sheets[self._at]

    def fields(self) -> dict[int, str | None]:
        """The field of every column of the sheet in front, as chosen."""
        chosen: Mapping[int, str | None] = self.decisions.now.mapping.get(self.sheet.sheet_at, {})
        return {column.at: chosen.get(column.at, column.field) for column in self.sheet.columns}

    def clashing(self) -> frozenset[int]:
        """The columns of the sheet in front that go to one field, at least one of them put there by hand.

        Two headings that a file itself uses for one thing do not clash: one counts, the other fills in.
        """
        by_hand = self.decisions.now.mapping.get(self.sheet.sheet_at, {}).keys()
        places: dict[str, list[int]] = {}
        for column, name in self.fields().items():
            if name is not None:
                places.setdefault(name, []).append(column)
        found = (columns for columns in places.values() if len(columns) > 1)
        return frozenset(column for columns in found if by_hand & set(columns) for column in columns)

    def _show_sheet(self) -> None:
        assert self.listing is not None
        only = self.listing.positions(self._at, self._show)
        if only is not None and not only:
            self._show, only = ALL, None
        self.grid.show_sheet(self.sheet, self.fields(), self.clashing(), only)
        self._tell_sheet()

    def _tell_sheet(self) -> None:
        assert self.plan is not None
        assert self.listing is not None
        self._line.set_sheet(self.plan, self._at, self.fields(), self._show, self.listing)
        self.bar.set_clash(bool(self.clashing()))

    @Slot(object)
    def _on_sheet_picked(self, at: object) -> None:
        if isinstance(at, int):
            self._at = at
            self._show_sheet()
            self._explain()

    @Slot(object)
    def _on_shown(self, which: Shown) -> None:
        self._show = which
        self._show_sheet()
        if self.grid.position() < 0:
            self.grid.select_row(0)
        self._explain()
        self.grid.setFocus()

    # -- decisions ----------------------------------------------------------------------------------------

    def _decide(self) -> None:
        """Let what was decided be checked, unless two columns go to one field."""
        clashing = self.clashing()
        self.grid.set_fields(self.fields(), clashing)
        self.bar.set_clash(bool(clashing))
        if clashing:
            self._answered = None
            return
        if self._answered is not None:
            self.panel.box.set_busy(True)
        self.decided.emit(self.decisions.now)

    def set_checking(self, checking: bool) -> None:
        """Whether what was decided is being checked."""
        self.bar.set_checking(checking)

    def undo(self) -> bool:
        """Take the last decision back; False if there is none."""
        return self._moved_back(self.decisions.back())

    def redo(self) -> bool:
        """Decide again what was taken back; False if nothing was."""
        return self._moved_back(self.decisions.again())

    def _moved_back(self, moved: bool) -> bool:
        if moved:
            self._answered = None
            self._decide()
        return moved

    def take_back(self) -> None:
        """Return to the choices of the plan shown, as when others were refused."""
        if self.plan is not None and self.listing is not None:
            self._answered = None
            self.decisions.return_to(self.plan.choices)
            self.show_plan(self.plan, self.listing)

    def _row(self, position: int) -> Row:
        return (self.sheet.sheet_at, self.sheet.row(position).number)

    @Slot(int, object)
    def _on_mapped(self, column: int, name: object) -> None:
        self.decisions.map(self.sheet.sheet_at, column, None if name is None else str(name))
        self._decide()

    @Slot(object)
    def _on_policy(self, policy: Policy) -> None:
        self.decisions.meet_all(policy)
        self._decide()

    @Slot(int, int, str)
    def _on_edited(self, position: int, column: int, text: str) -> None:
        if position >= 0:
            self.grid.rows.type_into(position, column, text)
            self.decisions.edit(self._row(position), column, text)
            self._decide()

    @Slot(int)
    def _on_skip_wanted(self, position: int) -> None:
        """Ctrl+Del in the table: leave the row out, or take it in again."""
        if position < 0:
            return
        row = self._row(position)
        if self.decisions.is_skipped(row):
            self.decisions.take_in(row)
        elif self.sheet.fate(position) != Fate.SKIPPED:  # an empty row or a total is none anyway
            self.decisions.skip(row)
        else:
            return
        self._decide()

    @Slot(int, QPoint)
    def _on_menu_wanted(self, position: int, place: QPoint) -> None:
        menu = self.row_menu(position)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def row_menu(self, position: int) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        menu.addAction(t("io.editcell"), self.grid.edit_current)
        skipped = self.decisions.is_skipped(self._row(position))
        words = t("io.takein") if skipped else t("io.skiprow.tip")
        menu.addAction(words, lambda: self._on_skip_wanted(position))
        if not skipped and self._meets(position):
            menu.addSeparator()
            for policy, name in _POLICIES.items():
                action = QAction(t(name), menu)
                action.setData(policy)
                menu.addAction(action)
        menu.triggered.connect(self._on_menu_chosen)
        return menu

    def _meets(self, position: int) -> bool:
        """Whether a row meets a member who is there."""
        row = self.sheet.row(position)
        codes = {problem.code for problem in row.problems}
        there = row.fate == Fate.DUPLICATE and self.sheet.kind == "members"
        return there or bool(row.changes) or bool(codes & {*_MEETING, "same_name"})

    @Slot(QAction)
    def _on_menu_chosen(self, action: QAction) -> None:
        policy = action.data()
        position = self.grid.position()
        if policy in _POLICIES and position >= 0:
            self.decisions.meet(self._row(position), policy)
            self._decide()

    # -- problems -----------------------------------------------------------------------------------------

    @Slot(object)
    def _on_group(self, group: Group) -> None:
        self._go_to(group, 0)

    @Slot(int)
    def _on_step(self, step: int) -> None:
        group = self.panel.chosen
        if group is not None:
            number = self._number(group)
            self._go_to(group, (number + step) % len(group.rows) if number >= 0 else 0)

    def _number(self, group: Group) -> int:
        """Which of the group's rows is in front, -1 if none of them is."""
        here = (self._at, self.grid.position())
        return group.rows.index(here) if here in group.rows else -1

    def _go_to(self, group: Group, number: int) -> None:
        at, position = group.rows[number]
        if at != self._at:
            self._at = at
            self._show_sheet()
        problem = problem_of(self.sheet.row(position), group)
        column = problem.at if problem is not None else None
        if not self.grid.select_position(position, column):
            self._show_sheet()  # the rows shown were those of an earlier plan
            if not self.grid.select_position(position, column):
                self._show = ALL
                self._show_sheet()
                self.grid.select_position(position, column)
        self.panel.choose(group)  # the row may belong to others, too
        self._explain()
        self.panel.box.take_focus()

    def _go_on(self, answered: _Answered) -> None:
        """To the next place of the group, or of the next group; a value that is wrong still stays."""
        self._answered = None
        groups = self.panel.groups
        group = next((g for g in groups if key_of(g) == answered.group), None)
        if group is not None and answered.edited and answered.where in group.rows:
            self._go_to(group, group.rows.index(answered.where))
            self.panel.box.still_wrong()
        elif group is not None:
            after = (number for number, row in enumerate(group.rows) if row > answered.where)
            self._go_to(group, next(after, 0))
        elif answered.group == key_of(None):
            self._explain()
        else:
            self._next_group(groups, answered.number)

    def _next_group(self, groups: Sequence[Group], number: int) -> None:
        """The next group with something to put right or to answer; after the last one, the import."""
        in_turn = [*groups[number:], *groups[:number]]
        group = next((g for g in in_turn if g.level == "wrong" or g.ask), None)
        if group is not None:
            self._go_to(group, 0)
        else:
            self.panel.choose(None)
            self._explain()
            target = self.bar.go if self.bar.go.isEnabled() else self.grid
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _explain(self) -> None:
        """Speak of the row in front: as one of the chosen group, or of the first group that waits for it."""
        position = self.grid.position()
        if self.plan is None or position < 0:
            self.panel.choose(None)
            self.panel.box.say(None)
            return
        here = (self._at, position)
        waiting = (g for g in self.panel.groups if g.level == "wrong" or g.ask)
        chosen = (self.panel.chosen,) if self.panel.chosen is not None else ()
        group = next((g for g in (*chosen, *waiting) if here in g.rows), None)
        self.panel.choose(group)
        self.grid.work_on(group is not None)
        row = self.sheet.row(position)
        skipped = self.decisions.is_skipped((self.sheet.sheet_at, row.number))
        problem = problem_of(row, group)
        if problem is None and group is None and not row.changes and not skipped:
            self.panel.box.say(None)
            return
        at, of = (group.rows.index(here) + 1, len(group.rows)) if group is not None else (0, 0)
        self.panel.box.say(Case(self.sheet, row, problem, group, at, of, skipped))

    @Slot(int)
    def _on_row_changed(self, _position: int) -> None:
        self._explain()

    @Slot()
    def _on_box_left(self) -> None:
        self.grid.setFocus()

    def _answer(self, *, edited: bool = False) -> Row | None:
        """The row the fix box speaks of, remembered as answered."""
        case = self.panel.box.case
        if case is None or self.plan is None:
            return None
        # An answer may come while the groups are renewed: what makes a group the same is its key.
        keys = [key_of(group) for group in self.panel.groups]
        number = keys.index(key_of(case.group)) if key_of(case.group) in keys else 0
        self._answered = _Answered(key_of(case.group), number, (self._at, self.grid.position()), edited)
        return (self.sheet.sheet_at, case.row.number)

    @Slot(str)
    def _on_fixed(self, text: str) -> None:
        case = self.panel.box.case
        column = case.problem.at if case is not None and case.problem is not None else None
        if case is None or column is None:
            return
        if text == case.row.cells[column]:
            self.panel.box.still_wrong()
            return
        row = self._answer(edited=True)
        if row is not None:
            self.grid.rows.type_into(self.grid.position(), column, text)
            self.decisions.edit(row, column, text)
            self._decide()

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        """What stands in the fix box is not lost when somebody goes elsewhere."""
        case = self.panel.box.case
        if case is not None and case.problem is not None and case.problem.at is not None:
            self._on_edited(self.grid.position(), case.problem.at, text)

    @Slot()
    def _on_box_skip(self) -> None:
        case = self.panel.box.case
        if case is None or case.skipped:
            return
        row = self._answer()
        if row is not None:
            self.decisions.skip(row)
            self._decide()

    @Slot()
    def _on_take_in(self) -> None:
        row = self._answer()
        if row is not None:
            self.decisions.take_in(row)
            self._decide()

    @Slot(str)
    def _on_row_policy(self, policy: Policy) -> None:
        row = self._answer()
        if row is not None:
            self.decisions.meet(row, policy)
            self._decide()

    @Slot(str)
    def _on_days(self, order: str) -> None:
        case = self.panel.box.case
        column = case.problem.at if case is not None and case.problem is not None else None
        if column is not None and self._answer() is not None:
            self.decisions.read_days(self.sheet.sheet_at, column, "dmy" if order == "dmy" else "mdy")
            self._decide()

    # -- room ---------------------------------------------------------------------------------------------

    def apply_layout(self, layout: Layout) -> None:
        """Make the panel narrower where the window is small."""
        brief = layout.width < _NARROW
        self.panel.setFixedWidth(theme.px(PANEL_SMALL if brief else PANEL))
        self._line.set_brief(brief, layout.single)
        self.bar.set_brief(brief)


class _FileLine(QWidget):
    """File, sheet, what was recognised; at the right which rows are shown."""

    shown = Signal(object)  # ALL, PROBLEMS or a Fate

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        self._file = ElidedLabel("", "body_bold")
        self._file.setMaximumWidth(theme.px(340))
        self._words = Label("", "body", "tx2")
        self.sheets = Combo()
        self.sheets.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.sheets.setMinimumWidth(theme.px(190))
        self.sheets.setProperty("high", "small")
        self.other = SmallButton(t("io.change"))
        self._known_icon, self._ignored_icon = QLabel(), QLabel()
        self._known, self._ignored = Label(""), ElidedLabel("")
        self._only = Label(t("io.show"), "label", "tx2")
        self.chips = {ALL: Chip(t("io.show.all")), PROBLEMS: Chip(t("io.show.problems"))}
        self.fates = Combo()
        self.fates.setProperty("high", "small")
        self.fates.setAccessibleName(t("io.show.fate"))
        self.fates.setFixedWidth(theme.px(132))
        self.fates.picked.connect(self._on_fate)
        for front in (self._file, self._words, self.sheets, self.other):
            row.addWidget(front)
        row.addSpacing(theme.px(6))
        for widget in (self._known_icon, self._known, self._ignored_icon):
            row.addWidget(widget)
        row.addWidget(self._ignored, 1)
        row.addStretch(1)
        row.addWidget(self._only)
        self._group = QButtonGroup(self)
        for key, chip in self.chips.items():
            chip.setObjectName(key)
            self._group.addButton(chip)
            row.addWidget(chip)
        row.addWidget(self.fates)
        self._group.buttonClicked.connect(self._on_chip)
        c, side = theme.now().tokens, theme.px(18)
        self._known_icon.setPixmap(icons.pixmap("circle-check", c.ok, side))
        self._ignored_icon.setPixmap(icons.pixmap("help-circle", c.warn, side))
        self.setFixedHeight(theme.px(40))
        self._single = False

    @Slot(object)
    def _on_chip(self, chip: QWidget) -> None:
        self.shown.emit(chip.objectName())

    @Slot(object)
    def _on_fate(self, fate: object) -> None:
        self.shown.emit(fate if isinstance(fate, Fate) else ALL)

    def set_file(self, plan: ImportPlan) -> None:
        """Name the file and its sheets."""
        self._file.setText(plan.file)
        rows = [f"{len(sheet) + sheet.gaps:,}" for sheet in plan.sheets]
        self.sheets.set_items(
            [(at, t("io.sheet", s=sheet.name, n=rows[at])) for at, sheet in enumerate(plan.sheets)]
        )
        several = len(plan.sheets) > 1
        self.sheets.setVisible(several)
        self._words.setVisible(not several and not self._single)

    def set_sheet(
        self, plan: ImportPlan, at: int, fields: Mapping[int, str | None], show: Shown, listing: Listing
    ) -> None:
        """Say what was recognised on this sheet, and how many rows there are to show."""
        sheet = plan.sheets[at]
        self.sheets.set_value(at)
        rows = f"{len(sheet) + sheet.gaps:,}"
        words = t("io.sheet", s=sheet.name, n=rows) if sheet.name else t("io.sheet.text", n=rows)
        if plan.encoding:
            words = t("io.join").join((words, t("io.encoding", name=plan.encoding)))
        self._words.setText(words)
        self._known.setText(t("io.known", n=sum(name is not None for name in fields.values())))
        left = [column.heading for column in sheet.columns if fields[column.at] is None and column.heading]
        names = t("g.list").join(left)
        said = [t("io.ignored", n=len(left), names=names)] if left else []
        if plan.ignored_sheets:
            sheets = t("g.list").join(plan.ignored_sheets)
            said.append(t("io.ignored.sheets", n=len(plan.ignored_sheets), names=sheets))
        self._ignored.setText(t("io.join").join(said))
        self._ignored.setVisible(bool(said))
        self._ignored_icon.setVisible(bool(said))
        for key, chip in self.chips.items():
            chip.set_count(listing.count(at, key))
            chip.setEnabled(key in (ALL, show) or listing.count(at, key) > 0)
        counted = [(fate, listing.count(at, fate)) for fate in Fate]
        self.fates.set_items(
            [
                (None, t("io.show.fate")),
                *((fate, t(_FATES[fate], n=f"{count:,}")) for fate, count in counted if count),
            ]
        )
        self.fates.set_value(show if isinstance(show, Fate) else None)
        self._group.setExclusive(False)
        with QSignalBlocker(self._group):
            for key, chip in self.chips.items():
                chip.setChecked(key == show)
        self._group.setExclusive(True)

    def set_brief(self, brief: bool, single: bool) -> None:
        """Leave out what is said elsewhere where there is little room, and the sheet where there is least."""
        self._only.setVisible(not brief)
        self._single = single
        self._words.setVisible(not single and self.sheets.isHidden())


_FATES = {
    Fate.NEW: "io.fate.new",
    Fate.UPDATE: "io.fate.update",
    Fate.DUPLICATE: "io.fate.duplicate",
    Fate.PROBLEM: "io.fate.problem",
    Fate.SKIPPED: "io.fate.skipped",
}
_POLICIES: dict[Policy, str] = {
    "fill": "io.policy.fill",
    "overwrite": "io.policy.overwrite",
    "skip": "io.policy.skip",
    "new": "io.policy.new",
}


class _Bar(QFrame):
    """What the import will do, and the button that does it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("frame", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(7), theme.px(12), theme.px(7))
        row.setSpacing(theme.px(10))
        self.words = Label("", "body")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self._undo = Label(t("io.canundo"), "small", "tx2")
        self.sums = ElidedLabel("", "small", "tx2")
        self._brief = self._clash = self._checking = False
        self._meeting = Label(t("io.policy"), "small", "tx2")
        self.policy = Combo([(policy, t(name)) for policy, name in _POLICIES.items()])
        self.policy.setProperty("high", "small")
        self.policy.setAccessibleName(t("io.policy"))
        self.policy.setFixedWidth(theme.px(150))
        self.back = Button(t("io.back"))
        self.go = Button("", "primary", icon="file-import")
        said = QVBoxLayout()
        said.setSpacing(0)
        upper = QHBoxLayout()
        upper.setSpacing(theme.px(18))
        upper.addWidget(self.words, 1)
        upper.addWidget(self._undo, 100)
        said.addLayout(upper)
        said.addWidget(self.sums)
        row.addLayout(said, 1)
        row.addWidget(self._meeting)
        row.addWidget(self.policy)
        row.addSpacing(theme.px(4))
        row.addWidget(self.back)
        row.addWidget(self.go)
        self._ready = 0
        self._sum = self._go = ""

    def set_brief(self, brief: bool) -> None:
        """Let the sentence wrap and leave out the rest, where there is little room."""
        self._brief = brief
        self.words.setWordWrap(brief)
        self._dress()

    def set_plan(self, plan: ImportPlan) -> None:
        """Say what a plan brings."""
        counts = plan.counts
        a, b = f"<b>{counts.members_new:,}</b>", f"<b>{counts.members_updated:,}</b>"
        c, d = f"<b>{counts.sales_new:,}</b>", f"<b>{counts.visits_new + counts.contacts_new:,}</b>"
        others = counts.visits_new + counts.contacts_new
        if counts.sales_new and others:
            words = t("io.sum.all", a=a, b=b, c=c, d=d)
        elif others:
            words = t("io.sum.visits", a=a, b=b, c=d)
        elif counts.sales_new:
            words = t("io.sum", a=a, b=b, c=c)
        else:
            words = t("io.sum.members", a=a, b=b)
        self._ready = counts.rows_ready
        self._sum = words if counts.rows_ready else t("io.nothing.ready")
        self._go = t("io.go", n=f"{counts.rows_ready:,}")
        self.sums.setText(sums(plan))
        met = counts.members_updated + counts.members_same > 0 or plan.choices.policy != "fill"
        met = met or any(group.code in _MEETING for group in plan.groups)
        self.policy.setVisible(met)
        self.policy.set_value(plan.choices.policy)
        self._clash = False
        self._dress()

    def set_clash(self, clash: bool) -> None:
        """Two columns go to one field: nothing can be imported until one of them goes elsewhere."""
        self._clash = clash
        self._dress()

    def set_checking(self, checking: bool) -> None:
        """What was decided is being checked: the figures are those of before."""
        self._checking = checking
        self._dress()

    def _dress(self) -> None:
        self.words.setText(t("io.clash") if self._clash else self._sum)
        self.words.set_tone("bad" if self._clash else "")
        self._undo.setVisible(self._ready > 0 and not self._clash and not self._brief)
        self._meeting.setVisible(not self.policy.isHidden() and not self._brief)
        self.go.setText(t("io.checking") if self._checking else self._go)
        self.go.setEnabled(self._ready > 0 and not self._clash and not self._checking)


def sums(plan: ImportPlan) -> str:
    """The fates of all rows read, which add up."""
    counts = plan.counts
    same = counts.rows - counts.rows_ready - counts.rows_left_out - counts.rows_skipped
    figures = (counts.rows, counts.rows_ready, same, counts.rows_left_out, counts.rows_skipped)
    n, a, b, c, d = (f"{figure:,}" for figure in figures)
    return t("io.sums", n=n, a=a, b=b, c=c, d=d)
