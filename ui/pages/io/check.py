"""Step 2: what the columns are and what is wrong, on one screen; nothing is written yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.texts import t
from shopcrm.shop.imports import Choices, Group, ImportPlan, RowView, SheetPlan
from ui import theme
from ui.pages.base import Layout
from ui.pages.io.grid import MARKS, SheetView, worded
from ui.tables import ListFrame
from ui.theme import icons, paint
from ui.theme.tokens import CARD_GAP, RADIUS_TILE
from ui.widgets import (
    Button,
    Card,
    Chip,
    Combo,
    ElidedLabel,
    IconButton,
    Label,
    SmallButton,
)

_PANEL, _PANEL_SMALL = 312, 268
_GROUP = 48  # height of a group
_ALL, _PROBLEMS = "all", "problems"


class CheckStep(QWidget):
    """Shows a plan and collects what the owner decides; the page does the work."""

    replan_wanted = Signal(object)  # Choices
    go_wanted = Signal()
    back_wanted = Signal()
    file_wanted = Signal()
    save_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.plan: ImportPlan | None = None
        self.choices = Choices()
        self._at = 0
        self._show = _ALL
        self._with_problems: list[tuple[int, ...]] = []
        self._line = _FileLine()
        self.grid = SheetView()
        self.panel = _Panel()
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

    def _connect(self) -> None:
        self._line.other.clicked.connect(self.file_wanted)
        self._line.sheets.picked.connect(self._on_sheet_picked)
        self._line.shown.connect(self._on_shown)
        self.grid.mapped.connect(self._on_mapped)
        self.grid.columns.made.connect(self._order)
        self.grid.row_changed.connect(self._on_row_changed)
        self.panel.group_wanted.connect(self._on_group)
        self.panel.step_wanted.connect(self._on_step)
        self.panel.policy.picked.connect(self._on_policy)
        self.panel.save.clicked.connect(self.save_wanted)
        self.bar.back.clicked.connect(self.back_wanted)
        self.bar.go.clicked.connect(self.go_wanted)

    # -- what is shown ------------------------------------------------------------------------------------

    def show_plan(self, plan: ImportPlan) -> None:
        """Show a plan, new or made again with other choices; a file with the same sheets keeps its place."""
        same = (
            self.plan is not None
            and self.plan.file == plan.file
            and [sheet.sheet_at for sheet in self.plan.sheets] == [sheet.sheet_at for sheet in plan.sheets]
        )
        self.plan, self.choices = plan, plan.choices
        self._with_problems = [sheet.with_problems for sheet in plan.sheets]
        if not same:
            self._at, self._show = 0, _ALL
        self._line.set_file(plan)
        self.grid.setAccessibleName(plan.file)
        self.panel.set_plan(plan)
        self.bar.set_plan(plan)
        self._show_sheet()
        self._order()

    @Slot()
    def _order(self) -> None:
        """Let Tab follow the reading order although combos and groups are made as they are needed."""
        panel, bar = self.panel, self.bar
        chain = [
            self.sheets, self.other, *self.chips.values(), *self.grid.columns.combos(), self.grid,
            *panel.buttons, *panel.box.buttons, panel.policy, panel.save, bar.back, bar.go,
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
        chosen: Mapping[int, str | None] = self.choices.mapping.get(self.sheet.sheet_at, {})
        return {column.at: chosen.get(column.at, column.field) for column in self.sheet.columns}

    def clashing(self) -> frozenset[int]:
        """The columns of the sheet in front that go to one field, at least one of them put there by hand.

        Two headings that a file itself uses for one thing do not clash: one counts, the other fills in.
        """
        by_hand = self.choices.mapping.get(self.sheet.sheet_at, {}).keys()
        places: dict[str, list[int]] = {}
        for column, name in self.fields().items():
            if name is not None:
                places.setdefault(name, []).append(column)
        found = (columns for columns in places.values() if len(columns) > 1)
        return frozenset(column for columns in found if by_hand & set(columns) for column in columns)

    def _show_sheet(self) -> None:
        sheet = self.sheet
        said = self._with_problems[self._at]
        if self._show == _PROBLEMS and not said:
            self._show = _ALL
        fields, clashing = self.fields(), self.clashing()
        self.grid.show_sheet(sheet, fields, clashing, said if self._show == _PROBLEMS else None)
        assert self.plan is not None
        self._line.set_sheet(self.plan, self._at, fields, self._show, len(said))
        self.bar.set_clash(bool(clashing))

    # -- choices ------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_sheet_picked(self, at: object) -> None:
        if isinstance(at, int):
            self._at = at
            self._show_sheet()

    @Slot(str)
    def _on_shown(self, which: str) -> None:
        self._show = which
        self._show_sheet()
        self.grid.setFocus()

    @Slot(int, object)
    def _on_mapped(self, column: int, name: object) -> None:
        at = self.sheet.sheet_at
        mine = {**self.choices.mapping.get(at, {}), column: None if name is None else str(name)}
        self.choices = replace(self.choices, mapping={**self.choices.mapping, at: mine})
        clashing = self.clashing()
        self.grid.set_fields(self.fields(), clashing)
        self.bar.set_clash(bool(clashing))
        if not clashing:
            self.replan_wanted.emit(self.choices)

    @Slot(object)
    def _on_policy(self, policy: object) -> None:
        self.choices = replace(self.choices, policy="overwrite" if policy == "overwrite" else "fill")
        if not self.clashing():
            self.replan_wanted.emit(self.choices)

    def take_back(self) -> None:
        """Return to the choices of the plan shown, as when others were refused."""
        if self.plan is not None:
            self.show_plan(self.plan)

    def changed_by_hand(self) -> bool:
        """Whether the owner decided anything here."""
        return self.plan is not None and (bool(self.choices.mapping) or self.choices.policy != "fill")

    # -- problems -----------------------------------------------------------------------------------------

    @Slot(object)
    def _on_group(self, group: Group) -> None:
        self._go_to(group, 0)

    @Slot(int)
    def _on_step(self, step: int) -> None:
        group = self.panel.chosen
        if group is not None:
            self._go_to(group, (self.panel.place + step) % len(group.rows))

    def _go_to(self, group: Group, number: int) -> None:
        at, position = group.rows[number]
        if at != self._at:
            self._at = at
            self._show_sheet()
        if not self.grid.select_position(position):
            self._show = _ALL
            self._show_sheet()
            self.grid.select_position(position)
        self.panel.set_place(number)
        self.panel.explain(self.sheet, self.sheet.row(position))

    @Slot(int)
    def _on_row_changed(self, position: int) -> None:
        if position < 0:
            self.panel.explain(None, None)
            return
        row = self.sheet.row(position)
        self.panel.explain(self.sheet, row if row.problems else None)

    def apply_layout(self, layout: Layout) -> None:
        """Make the panel narrower where the window is small."""
        self.panel.setFixedWidth(theme.px(_PANEL if layout.width >= 1190 else _PANEL_SMALL))
        self._line.set_brief(layout.width < 1190)
        self.bar.set_brief(layout.width < 1190)


class _FileLine(QWidget):
    """File, sheet, what was recognised; at the right which rows are shown."""

    shown = Signal(str)

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
        self.chips = {_ALL: Chip(t("io.show.all")), _PROBLEMS: Chip(t("io.show.problems"))}
        for front in (self._file, self._words, self.sheets, self.other):
            row.addWidget(front)
        row.addSpacing(theme.px(6))
        for widget in (self._known_icon, self._known, self._ignored_icon):
            row.addWidget(widget)
        row.addWidget(self._ignored, 1)
        row.addStretch(1)
        row.addWidget(self._only)
        group = QButtonGroup(self)
        for key, chip in self.chips.items():
            chip.setObjectName(key)
            group.addButton(chip)
            row.addWidget(chip)
        group.buttonClicked.connect(self._on_chip)
        c, side = theme.now().tokens, theme.px(18)
        self._known_icon.setPixmap(icons.pixmap("circle-check", c.ok, side))
        self._ignored_icon.setPixmap(icons.pixmap("help-circle", c.warn, side))
        self.setFixedHeight(theme.px(40))

    @Slot(object)
    def _on_chip(self, chip: QWidget) -> None:
        self.shown.emit(chip.objectName())

    def set_file(self, plan: ImportPlan) -> None:
        """Name the file and its sheets."""
        self._file.setText(plan.file)
        self.sheets.set_items(
            [(at, t("io.sheet", s=sheet.name, n=f"{len(sheet):,}")) for at, sheet in enumerate(plan.sheets)]
        )
        several = len(plan.sheets) > 1
        self.sheets.setVisible(several)
        self._words.setVisible(not several)

    def set_sheet(
        self, plan: ImportPlan, at: int, fields: Mapping[int, str | None], show: str, problems: int
    ) -> None:
        """Say what was recognised on this sheet, and how many rows there are to show."""
        sheet = plan.sheets[at]
        self.sheets.set_value(at)
        rows = f"{len(sheet):,}"
        self._words.setText(t("io.sheet", s=sheet.name, n=rows) if sheet.name else t("io.sheet.text", n=rows))
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
        self.chips[_ALL].set_count(len(sheet))
        self.chips[_PROBLEMS].set_count(problems)
        self.chips[_PROBLEMS].setEnabled(problems > 0)
        self.chips[show].setChecked(True)

    def set_brief(self, brief: bool) -> None:
        """Leave out what is said elsewhere, where there is little room."""
        self._only.setVisible(not brief)


class _GroupButton(QAbstractButton):
    """One kind of problem: icon, name, how many rows, what becomes of them."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.said = group
        self._title, self._hint = worded(group.title), worded(group.hint)
        self._count = t("io.history.rows", n=f"{len(group.rows):,}")
        self.setText(self._title)
        self.setAccessibleName(t("io.group", title=self._title, n=self._count, hint=self._hint))
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        room = theme.px(_PANEL_SMALL - 90)
        if QFontMetrics(theme.now().font("small")).horizontalAdvance(self._hint) > room:
            self.setToolTip(self._hint)
        self.ring_radius = RADIUS_TILE

    def sizeHint(self) -> QSize:
        return QSize(theme.px(220), theme.px(_GROUP))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        c = now.tokens
        painter = QPainter(self)
        if self.isChecked():
            paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), c.acc_soft, c.acc, 1.5)
        elif self.underMouse():
            paint.rounded(painter, self.rect(), now.px(RADIUS_TILE), c.hover)
        name, tone = MARKS[self.said.level]
        side, left = now.px(19), now.px(10)
        top, half = now.px(3), now.px(23)
        painter.drawPixmap(left, top + (half - side) // 2, icons.pixmap(name, c.status(tone)[0], side))
        bold, small = now.font("body_bold"), now.font("small")
        x = left + side + now.px(9)
        count = QFontMetrics(bold).horizontalAdvance(self._count)
        room = self.width() - x - now.px(10)
        painter.setFont(bold)
        painter.setPen(QColor(c.tx))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        title = paint.cut(self._title, bold, room - count - now.px(8))
        painter.drawText(QRectF(x, top, room, half), flags, title)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(x, top, room, half), right, self._count)
        painter.setFont(small)
        painter.setPen(QColor(c.tx2))
        hint = paint.cut(self._hint, small, room)
        painter.drawText(QRectF(x, top + half - now.px(1), room, now.px(20)), flags, hint)
        painter.end()


class _Panel(Card):
    """How many rows come in, and what is wrong with the others by kind."""

    group_wanted = Signal(object)  # Group
    step_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__(padding=False)
        self.chosen: Group | None = None
        self.place = 0
        body = QVBoxLayout()
        body.setContentsMargins(theme.px(13), theme.px(12), theme.px(13), theme.px(12))
        body.setSpacing(theme.px(6))
        self.body.addLayout(body)
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        self._icon = QLabel()
        self.headline = Label("", "h3", wrap=True)
        self.subline = Label("", "small", "tx2", wrap=True)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.headline, 1)
        body.addLayout(head)
        body.addWidget(self.subline)
        listed = QWidget()
        self._groups = QVBoxLayout(listed)
        self._groups.setContentsMargins(0, 0, 0, 0)
        self._groups.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(listed)
        body.addWidget(self._scroll, 100)
        self.box = _Explained()
        self.box.step_wanted.connect(self.step_wanted)
        body.addWidget(self.box)
        body.addStretch(1)
        self.policy = Combo([("fill", t("io.policy.fill")), ("overwrite", t("io.policy.overwrite"))])
        self.policy.setProperty("high", "small")
        self.policy.setAccessibleName(t("io.policy"))
        line = QHBoxLayout()
        line.setSpacing(theme.px(8))
        line.addWidget(Label(t("io.policy"), "small", "tx2"))
        line.addWidget(self.policy, 1)
        body.addLayout(line)
        self.save = Button("", icon="download", size="small")
        body.addWidget(self.save)
        self.buttons: list[_GroupButton] = []

    def set_plan(self, plan: ImportPlan) -> None:
        """Say what a plan brings and list its groups."""
        counts, c = plan.counts, theme.now().tokens
        same = counts.sales_duplicate + counts.members_same + counts.visits_duplicate
        if counts.rows_ready:
            self.headline.setText(t("io.ready", n=f"{counts.rows_ready:,}"))
            picture = icons.pixmap("circle-check", c.ok, theme.px(22))
        else:
            self.headline.setText(t("io.nothing"))
            picture = icons.pixmap("info-circle", c.info, theme.px(22))
        self._icon.setPixmap(picture)
        left, there = f"{counts.rows_left_out:,}", f"{same:,}"
        if counts.rows_left_out and same:
            words = t("io.ready2", a=left, b=there)
        elif counts.rows_left_out:
            words = t("io.ready.left", a=left)
        else:
            words = t("io.ready.same", b=there) if same else t("io.ready.clean")
        self.subline.setText(words)
        self.save.setText(t("io.saveleft", n=f"{counts.rows_left_out:,}"))
        self.save.setVisible(counts.rows_left_out > 0)
        self.policy.set_value(plan.choices.policy)
        chosen = (self.chosen.code, self.chosen.level) if self.chosen is not None else None
        for button in self.buttons:
            self._groups.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.chosen = None
        for group in plan.groups:
            button = _GroupButton(group)
            button.clicked.connect(self._on_clicked)
            self._groups.addWidget(button)
            self.buttons.append(button)
            if (group.code, group.level) == chosen:
                self.chosen = group
                button.setChecked(True)
        high = theme.px(_GROUP)
        self._scroll.setMinimumHeight(min(2, len(self.buttons)) * high)
        self._scroll.setMaximumHeight(len(self.buttons) * high)
        self.place = 0
        self.explain(None, None)

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if not isinstance(button, _GroupButton):
            return
        again = button.said is self.chosen
        for other in self.buttons:
            other.setChecked(other is button)
        self.chosen = button.said
        if again:
            self.step_wanted.emit(1)
        else:
            self.group_wanted.emit(button.said)

    def set_place(self, number: int) -> None:
        """Which row of the chosen group is in front."""
        self.place = number

    def explain(self, sheet: SheetPlan | None, row: RowView | None) -> None:
        """Say below the groups what is wrong with a row; None says nothing."""
        if sheet is None or row is None:
            self.box.hide()
            return
        at, of = 0, 0
        if self.chosen is not None:
            of = len(self.chosen.rows)
            where, position = self.chosen.rows[self.place]
            if where != sheet.at or sheet.row(position).number != row.number:
                of = 0
            at = self.place + 1
        self.box.set_row(sheet, row, at, of, worded(self.chosen.hint) if of and self.chosen else "")
        self.box.show()
        QTimer.singleShot(0, self, self._show_chosen)  # when the box has its height

    @Slot()
    def _show_chosen(self) -> None:
        for button in self.buttons:
            if button.isChecked():
                self._scroll.ensureWidgetVisible(button, 0, 0)


class _Explained(QFrame):
    """A row in words: where it is, whose it is, what is wrong and what to do."""

    step_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("frame", "sunk")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(10))
        column.setSpacing(theme.px(4))
        head = QHBoxLayout()
        head.setSpacing(theme.px(4))
        self._title = ElidedLabel("", "body_bold")
        self._place = Label("", "small", "tx2")
        self._before = IconButton("chevron-up", t("io.before"))
        self._next = IconButton("chevron-down", t("io.next"))
        self._before.clicked.connect(self._on_before)
        self._next.clicked.connect(self._on_next)
        self.buttons = (self._before, self._next)
        head.addWidget(self._title, 1)
        head.addWidget(self._place)
        head.addWidget(self._before)
        head.addWidget(self._next)
        column.addLayout(head)
        self.words = Label("", "label", wrap=True)
        column.addWidget(self.words)
        self.hide()

    @Slot()
    def _on_before(self) -> None:
        self.step_wanted.emit(-1)

    @Slot()
    def _on_next(self) -> None:
        self.step_wanted.emit(1)

    def set_row(self, sheet: SheetPlan, row: RowView, at: int, of: int, otherwise: str) -> None:
        """Show a row, the `at`-th of `of` in the chosen group; `otherwise` is said when no cell is wrong."""
        names = [row.cells[column.at] for column in sheet.columns if column.field == "name"]
        name = next((text for text in names if text), "")
        row_words = t("io.fix", r=row.number, name=name) if name else t("io.fix.row", r=row.number)
        self._title.setText(row_words)
        self._place.setText(t("io.fix.place", i=f"{at:,}", n=f"{of:,}") if of else "")
        for button in self.buttons:
            button.setVisible(of > 1)
        said = dict.fromkeys(worded(problem.sentence) for problem in row.problems)
        self.words.setText("\n".join(said) or otherwise)


class _Bar(QFrame):
    """What the import will do, and the button that does it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("frame", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(10))
        self.words = Label("", "body")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self._undo = Label(t("io.canundo"), "small", "tx2")
        self._brief = False
        self.back = Button(t("io.back"))
        self.go = Button("", "primary", icon="file-import")
        row.addWidget(self.words, 1)
        row.addSpacing(theme.px(12))
        row.addWidget(self._undo, 20)
        row.addWidget(self.back)
        row.addWidget(self.go)
        self._ready = 0
        self._sum = ""
        self._clash = False

    def set_brief(self, brief: bool) -> None:
        """Let the sentence wrap and leave out the rest, where there is little room."""
        self._brief = brief
        self.words.setWordWrap(brief)
        self._undo.setVisible(self._ready > 0 and not self._clash and not brief)

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
        self._sum = words if counts.rows_ready else t("io.done.nothing", n=f"{counts.rows:,}")
        self.go.setText(t("io.go", n=f"{counts.rows_ready:,}"))
        self.set_clash(False)

    def set_clash(self, clash: bool) -> None:
        """Two columns go to one field: nothing can be imported until one of them goes elsewhere."""
        self._clash = clash
        self.words.setText(t("io.clash") if clash else self._sum)
        self.words.set_tone("bad" if clash else "")
        self._undo.setVisible(self._ready > 0 and not clash and not self._brief)
        self.go.setEnabled(self._ready > 0 and not clash)
