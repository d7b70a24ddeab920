"""The preview of a sheet: its rows as they stand in the file, what is wrong with them, and above every
column the field it goes to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from shopcrm.basics.fields import FIELDS
from shopcrm.basics.records import Sentence
from shopcrm.basics.texts import t
from shopcrm.shop.imports import Fate, RowView, SheetPlan
from ui import theme
from ui.tables.paged_model import Index
from ui.theme import icons, paint
from ui.theme.tokens import CONTROL_SMALL, RADIUS_CONTROL, ROW_IMPORT, TABLE_HEADER_IMPORT
from ui.widgets import Combo

PAGE = 64  # rows made at a time
PAGES = 64
NUMBERS = 70  # width of the row numbers
PAD = 10
LEAST, MOST = 84, 260  # width of a column
MEASURED = 60  # rows a column's width is taken from
RIGHT = frozenset(("amount", "price", "qty", "points"))
#: Fields that make a list of members one of sales, visits or contacts: offered on every sheet.
DECIDING = ("sale_day", "amount", "visit_day", "contact_day")

MARKS = {
    "wrong": ("circle-x", "bad"),
    "duplicate": ("copy-x", "warn"),
    "check": ("alert-triangle", "warn"),
    "repaired": ("wand", "info"),
}


def mark(row: RowView) -> str:
    """What is to be said of a row: wrong, duplicate, check, repaired or nothing."""
    if row.fate == Fate.PROBLEM:
        return "wrong"
    if row.fate == Fate.DUPLICATE:
        return "duplicate"
    if row.problems:
        return "check"
    return "repaired" if row.repaired else ""


def worded(sentence: Sentence) -> str:
    """A sentence in the language in force."""
    return t(sentence.id, **sentence.values)


def field_choices(sheet: SheetPlan, fields: Mapping[int, str | None]) -> list[tuple[object, str]]:
    """What a column of the sheet may be, for its combo."""
    offered = [field.id for field in FIELDS if sheet.kind in field.sheets]
    offered += [name for name in (*DECIDING, *fields.values()) if name]
    names = dict.fromkeys(offered)
    return [(None, t("io.skipcol")), *((name, t(f"field.{name}")) for name in names)]


class SheetRows(QAbstractTableModel):
    """Rows of one sheet, all or only those with something to say; only pages looked at are made."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet: SheetPlan | None = None
        self._only: Sequence[int] | None = None  # positions shown, None = all
        self._pages: OrderedDict[int, list[RowView]] = OrderedDict()

    def show_rows(self, sheet: SheetPlan | None, only: Sequence[int] | None) -> None:
        """Show a sheet; `only` are the positions to show, in order."""
        self.beginResetModel()
        self.sheet, self._only = sheet, only
        self._pages.clear()
        self.endResetModel()

    def row(self, number: int) -> RowView | None:
        """The row at a place of the list, None outside of it."""
        if self.sheet is None or not 0 <= number < self.rowCount():
            return None
        if self._only is not None:
            # Rows with problems are few and lie apart: made one by one, kept by the place in the list.
            made = self._pages.get(number)
            if made is None:
                made = [self.sheet.row(self._only[number])]
                self._keep(number, made, PAGE * PAGES)
            return made[0]
        page = self._pages.get(number // PAGE)
        if page is None:
            start = number // PAGE * PAGE
            page = self.sheet.rows(start, start + PAGE)
            self._keep(number // PAGE, page, PAGES)
        return page[number % PAGE]

    def _keep(self, key: int, rows: list[RowView], most: int) -> None:
        self._pages[key] = rows
        while len(self._pages) > most:
            self._pages.popitem(last=False)

    def position(self, number: int) -> int:
        """The position in the sheet of a row of the list, -1 outside."""
        if not 0 <= number < self.rowCount():
            return -1
        return number if self._only is None else self._only[number]

    def place(self, position: int) -> int:
        """The place in the list of a position in the sheet, -1 if it is not shown."""
        if self._only is None:
            return position if 0 <= position < self.rowCount() else -1
        at = bisect_left(self._only, position)
        return at if at < len(self._only) and self._only[at] == position else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        if parent.isValid() or self.sheet is None:
            return 0
        return len(self.sheet) if self._only is None else len(self._only)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self.sheet is None else len(self.sheet.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.row(index.row())
        if row is None:
            return None
        text = row.cells[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return "  ".join((t("io.fix.row", r=row.number), text, *(worded(p.sentence) for p in row.problems)))


class _Cells(QStyledItemDelegate):
    """Cells as text: wrong ones and doubtful ones in a box, repaired ones in colour, left-out rows struck."""

    def __init__(self, view: SheetView) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        now, view = theme.now(), self._view
        c = now.tokens
        rect: QRect = option.rect
        view.paint_row(painter, rect, index.row())
        row = view.rows.row(index.row())
        if row is None:
            return
        column = index.column()
        text, flag = row.cells[column], row.flags[column]
        colour, role = c.tx, "body"
        if flag in ("wrong", "check"):
            colour, fill, _ = c.status("bad" if flag == "wrong" else "warn")
            box = rect.adjusted(2, now.px(3), -2, -now.px(3) - 1)
            paint.rounded(painter, box, now.px(RADIUS_CONTROL), fill, colour, 1.4)
            role = "body_bold"
        elif row.fate in (Fate.DUPLICATE, Fate.SKIPPED):
            colour = c.tx2
        elif flag == "repaired":
            colour = c.info
        elif view.fields.get(column) is None:
            colour = c.tx2
        font = now.font(role)
        font.setStrikeOut(row.fate in (Fate.DUPLICATE, Fate.SKIPPED) and bool(text))
        inner = rect.adjusted(now.px(PAD), 0, -now.px(PAD), -1)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        right = view.fields.get(column) in RIGHT
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(
            inner,
            Qt.AlignmentFlag.AlignVCenter | side | Qt.TextFlag.TextSingleLine,
            paint.cut(text, font, inner.width()),
        )


class _RowHeader(QHeaderView):
    """Row numbers as Excel shows them, with the mark of the row; stays while the columns scroll."""

    def __init__(self, view: SheetView) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._view = view
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)
        self.setSectionsClickable(True)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        now, row = theme.now(), self._view.rows.row(section)
        c = now.tokens
        self._view.paint_row(painter, rect, section)
        if row is None:
            return
        if section == self._view.currentIndex().row():
            painter.fillRect(
                rect.left(), rect.top(), now.px(4), rect.height() - 1,
                QColor(c.acc if self._view.hasFocus() else c.ctl),
            )  # fmt: skip
        painter.setFont(now.font("small"))
        painter.setPen(QColor(c.tx2))
        words = rect.adjusted(now.px(10), 0, 0, -1)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"{row.number}")
        said = mark(row)
        if said:
            name, tone = MARKS[said]
            side = now.px(18)
            picture = icons.pixmap(name, c.status(tone)[0], side)
            painter.drawPixmap(rect.right() - side - now.px(6), rect.center().y() - side // 2, picture)


class _Columns(QHeaderView):
    """The file's own headings over combos with our fields; combos are made when their column is seen."""

    picked = Signal(int, object)  # column, field id or None
    made = Signal()  # combos came into being

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._sheet: SheetPlan | None = None
        self._fields: Mapping[int, str | None] = {}
        self._clashing: frozenset[int] = frozenset()
        self._combos: dict[int, Combo] = {}
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(LEAST // 2)
        self.sectionResized.connect(self._on_moved)

    def set_columns(
        self, sheet: SheetPlan, fields: Mapping[int, str | None], clashing: frozenset[int]
    ) -> None:
        """Show what each column goes to; `clashing` ones are painted as wrong."""
        same = (
            self._sheet is not None
            and self._sheet.sheet_at == sheet.sheet_at
            and self._sheet.kind == sheet.kind
            and len(self._sheet.columns) == len(sheet.columns)
        )
        self._sheet, self._fields, self._clashing = sheet, fields, clashing
        if not same:
            for combo in self._combos.values():
                combo.hide()
                combo.deleteLater()
            self._combos = {}
        for column, combo in self._combos.items():
            self._dress(column, combo)
        self.place()
        self.viewport().update()

    def combo(self, column: int) -> Combo:
        """The combo over a column, made if it was not seen yet."""
        made = self._combos.get(column)
        if made is None:
            assert self._sheet is not None
            made = Combo(field_choices(self._sheet, self._fields))
            made.setProperty("high", "small")
            made.setParent(self)
            made.view().setMinimumWidth(theme.px(170))
            made.setAccessibleName(t("io.column", name=self._sheet.columns[column].heading))
            made.picked.connect(partial(self.picked.emit, column))
            self._combos[column] = made
            self._dress(column, made)
        return made

    def _dress(self, column: int, combo: Combo) -> None:
        combo.set_value(self._fields.get(column))
        combo.set_wrong(column in self._clashing)

    def place(self) -> None:
        """Put the combos over their columns."""
        if self._sheet is None:
            return
        top, high = self.height() - theme.px(CONTROL_SMALL + 9), theme.px(CONTROL_SMALL + 2)
        gap = theme.px(5)
        before = len(self._combos)
        for column in range(min(self.count(), len(self._sheet.columns))):
            x, wide = self.sectionViewportPosition(column), self.sectionSize(column)
            if x + wide > 0 and x < self.viewport().width():
                combo = self.combo(column)
                combo.setGeometry(x + gap, top, wide - 2 * gap, high)
                combo.show()
            elif column in self._combos:
                self._combos[column].hide()
        if len(self._combos) != before:
            self.made.emit()

    def combos(self) -> list[Combo]:
        """The combos there are, from left to right."""
        return [self._combos[column] for column in sorted(self._combos)]

    @Slot()
    def _on_moved(self, *_sizes: int) -> None:
        self.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.place()

    def needed(self, column: int) -> int:
        """How wide a column has to be for its heading."""
        assert self._sheet is not None
        heading = QFontMetrics(theme.now().font("label_bold"))
        combo = QFontMetrics(theme.now().font("label"))
        name = self._fields.get(column)
        words = t(f"field.{name}") if name else t("io.skipcol")
        return max(
            heading.horizontalAdvance(self._sheet.columns[column].heading) + theme.px(2 * PAD + 24),
            combo.horizontalAdvance(words) + theme.px(2 * PAD + 38),
        )

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if self._sheet is None or section >= len(self._sheet.columns):
            return
        now = theme.now()
        c = now.tokens
        heading = self._sheet.columns[section].heading
        font, side = now.font("label_bold"), now.px(17)
        inner = rect.adjusted(now.px(PAD), now.px(10), -now.px(PAD), 0)
        shown = paint.cut(heading, font, inner.width() - side - now.px(5))
        painter.setFont(font)
        painter.setPen(QColor(c.tx))
        line = QRect(inner.left(), inner.top(), inner.width(), now.px(24))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        x = inner.left() + (QFontMetrics(font).horizontalAdvance(shown) + now.px(6) if shown else 0)
        known = self._fields.get(section) is not None
        wrong = section in self._clashing
        name = "circle-x" if wrong else "circle-check" if known else "help-circle"
        tint = c.bad if wrong else c.ok if known else c.warn
        painter.drawPixmap(x, line.center().y() - side // 2, icons.pixmap(name, tint, side))

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.now().tokens
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(c.sunk))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(c.line2))
        painter.end()
        super().paintEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._sheet is not None:
            column = self.logicalIndexAt(event.pos())
            heading = self._sheet.columns[column].heading if column >= 0 else ""
            cut = column >= 0 and self.needed(column) > self.sectionSize(column)
            QToolTip.showText(event.globalPos(), heading if cut else "", self.viewport())
            return True
        return super().viewportEvent(event)


class _Corner(QWidget):
    """Over the row numbers: what they are."""

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(now.tokens.sunk))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(now.tokens.line2))
        painter.setFont(now.font("small"))
        painter.setPen(QColor(now.tokens.tx2))
        line = QRect(now.px(10), now.px(10), self.width(), now.px(24))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, t("io.row.head"))
        painter.end()


class SheetView(QTableView):
    """One sheet of an import plan. `mapped` tells which field a column shall go to."""

    mapped = Signal(int, object)  # column, field id or None
    row_changed = Signal(int)  # position in the sheet, -1 = none

    no_ring = True  # the bar at the current row shows the focus

    def __init__(self) -> None:
        super().__init__()
        self.rows = SheetRows()
        self.fields: Mapping[int, str | None] = {}
        self.columns = _Columns()
        self._dragged: set[int] = set()
        self._wanted: list[int] = []
        self._own = False
        self.setHorizontalHeader(self.columns)
        self.setVerticalHeader(_RowHeader(self))
        self._corner = _Corner(self)
        self.setModel(self.rows)
        self.setItemDelegate(_Cells(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().setFixedWidth(theme.px(NUMBERS))
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_IMPORT))
        self.columns.setFixedHeight(theme.px(TABLE_HEADER_IMPORT))
        self._connect()

    def _connect(self) -> None:
        self.columns.picked.connect(self.mapped)
        self.columns.sectionResized.connect(self._on_resized)
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalHeader().sectionClicked.connect(self.select_row)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)

    # -- what is shown ------------------------------------------------------------------------------------

    def show_sheet(
        self,
        sheet: SheetPlan,
        fields: Mapping[int, str | None],
        clashing: frozenset[int],
        only: Sequence[int] | None,
    ) -> None:
        """Show a sheet with the fields its columns go to; the row in front stays where it can."""
        old = self.rows.sheet
        same = old is not None and old.sheet_at == sheet.sheet_at and len(old.columns) == len(sheet.columns)
        before = self.rows.position(self.currentIndex().row()) if same else -1
        scrolled = self.verticalScrollBar().value() if same else 0
        self.fields = fields
        self.rows.show_rows(sheet, only)
        self.columns.set_columns(sheet, fields, clashing)
        if not same:
            self._dragged = set()
            self._wanted = self._measured(sheet)
        self._widths()
        self.verticalScrollBar().setValue(scrolled)
        if before >= 0:
            self.select_position(before)

    def set_fields(self, fields: Mapping[int, str | None], clashing: frozenset[int]) -> None:
        """Show other fields over the columns; the rows stay as they are."""
        if self.rows.sheet is not None:
            self.fields = fields
            self.columns.set_columns(self.rows.sheet, fields, clashing)
            self.viewport().update()

    def select_position(self, position: int) -> bool:
        """Bring a row of the sheet to the front; False if it is not shown."""
        number = self.rows.place(position)
        if number >= 0:
            self.select_row(number)
        return number >= 0

    @Slot(int)
    def select_row(self, number: int) -> None:
        """Bring a row of the list to the front, and the cell it is about into sight."""
        row = self.rows.row(number)
        if row is None:
            return
        column = next((at for at, flag in enumerate(row.flags) if flag), max(self.currentIndex().column(), 0))
        index = self.rows.index(number, column)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        self.viewport().update()
        self.verticalHeader().viewport().update()
        self.row_changed.emit(self.rows.position(index.row()))

    # -- look ---------------------------------------------------------------------------------------------

    def paint_row(self, painter: QPainter, rect: QRect, number: int) -> None:
        """The background and the divider of a row."""
        c = theme.now().tokens
        chosen = number == self.currentIndex().row()
        fill = c.card if not chosen else c.acc_soft if self.hasFocus() else c.hover
        painter.fillRect(rect, QColor(fill))
        painter.fillRect(QRectF(rect.left(), rect.bottom(), rect.width(), 1), QColor(c.line))

    def _measured(self, sheet: SheetPlan) -> list[int]:
        """The width every column wants, by its heading and its first rows."""
        fonts = [QFontMetrics(theme.now().font(role)) for role in ("body", "body_bold")]
        rows = sheet.rows(0, MEASURED)
        wanted = []
        for column in range(len(sheet.columns)):
            longest = sorted({row.cells[column][:40] for row in rows}, key=len)[-5:]
            cells = max((font.horizontalAdvance(text) for text in longest for font in fonts), default=0)
            wide = max(cells + theme.px(2 * PAD + 4), self.columns.needed(column))
            wanted.append(min(max(wide, theme.px(LEAST)), theme.px(MOST)))
        return wanted

    def _widths(self) -> None:
        """Give every column what it wants, and what is left over to all of them."""
        if self.rows.sheet is None or not self._wanted:
            return
        spare = max(0, self.viewport().width() - sum(self._wanted))
        self._own = True
        share = spare // len(self._wanted)
        for column, wide in enumerate(self._wanted):
            last = column == len(self._wanted) - 1
            self.columns.resizeSection(column, wide + (spare - share * column if last else share))
        self._own = False
        self.columns.place()

    @Slot(int, int, int)
    def _on_resized(self, column: int, _old: int, new: int) -> None:
        if not self._own and column < len(self._wanted):
            self._wanted[column] = new
            self._dragged.add(column)

    @Slot(int)
    def _on_scrolled(self, _value: int) -> None:
        self.columns.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._dragged:
            self._widths()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._corner.setGeometry(0, 0, self.verticalHeader().width(), self.columns.height())
        self._corner.raise_()

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.select_row(0)
        self.viewport().update()
        self.verticalHeader().viewport().update()

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
        self.verticalHeader().viewport().update()

    # -- mouse and keys -----------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() == Qt.MouseButton.NoButton:  # dragging would move the current row
            super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Home: partial(self.select_row, 0),
            Qt.Key.Key_End: partial(self.select_row, self.rows.rowCount() - 1),
        }
        arrows = (
            Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right,
            Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
        )  # fmt: skip
        if event.key() in moves:
            moves[event.key()]()
        elif event.key() in arrows and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Letters never jump."""

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            text = self.said_of(index.row(), index.column()) if index.isValid() else ""
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    def said_of(self, number: int, column: int) -> str:
        """What there is to say of a cell: what is wrong, what we repaired, or its whole text while cut."""
        row = self.rows.row(number)
        if row is None:
            return ""
        if row.flags[column] in ("wrong", "check"):
            return "\n".join(worded(problem.sentence) for problem in row.problems if problem.at == column)
        if row.flags[column] == "repaired":
            kind = "amount" if self.fields.get(column) in ("amount", "price") else "phone"
            return t(f"group.repaired_{kind}.hint")
        if row.fate == Fate.DUPLICATE:
            return t("group.duplicate.hint")
        text = row.cells[column]
        room = self.columns.sectionSize(column) - theme.px(2 * PAD)
        return text if QFontMetrics(theme.now().font("body")).horizontalAdvance(text) > room else ""
