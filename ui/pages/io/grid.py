"""The preview of a sheet: its rows as they stand in the file, what is wrong with them, to be put right in
place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
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

from shopcrm.basics.records import Sentence
from shopcrm.basics.texts import t
from shopcrm.shop.imports import Fate, RowView, SheetPlan
from ui import theme
from ui.pages.io.columns import LEAST, MOST, PAD, Columns, field_name
from ui.tables.paged_model import Index
from ui.theme import icons, paint
from ui.theme.tokens import RADIUS_CONTROL, ROW_IMPORT, TABLE_HEADER_IMPORT
from ui.widgets import Input

PAGE = 64  # rows made at a time
PAGES = 64
NUMBERS = 70  # width of the row numbers
MEASURED = 60  # rows a column's width is taken from
RIGHT = frozenset(("amount", "price", "qty", "points"))
ROOM = 46  # least room a cell is written in, beyond what stands there

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


def change_in_words(sheet: SheetPlan, change: tuple[str, str, str]) -> str:
    """What a row fills or overwrites of a member: `尺码：M → L`."""
    name, old, new = change
    field = field_name(sheet, name)
    return t("io.changed", field=field, old=old, new=new) if old else t("io.filled", field=field, new=new)


class SheetRows(QAbstractTableModel):
    """Rows of one sheet, all or some of them; only pages looked at are made."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet: SheetPlan | None = None
        self._only: Sequence[int] | None = None  # positions shown, None = all
        self._pages: OrderedDict[int, list[RowView]] = OrderedDict()
        self._typed: dict[tuple[int, int], str] = {}  # position, column -> text that is being checked

    def show_rows(self, sheet: SheetPlan | None, only: Sequence[int] | None) -> None:
        """Show a sheet; `only` are the positions to show, in order."""
        self.beginResetModel()
        self.sheet, self._only = sheet, only
        self._pages.clear()
        self._typed.clear()
        self.endResetModel()

    def renew(self, sheet: SheetPlan) -> None:
        """The same rows as another plan sees them: nothing moves, an editor stays open."""
        self.sheet = sheet
        self._typed.clear()
        self._tell()

    def type_into(self, position: int, column: int, text: str) -> None:
        """Show a text in a cell until a plan that knows it comes."""
        self._typed[(position, column)] = text
        self._tell()

    def _tell(self) -> None:
        self._pages.clear()
        if self.rowCount():
            self.dataChanged.emit(
                self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1), []
            )

    def row(self, number: int) -> RowView | None:
        """The row at a place of the list, None outside of it."""
        if self.sheet is None or not 0 <= number < self.rowCount():
            return None
        if self._only is not None:
            # Rows with problems are few and lie apart: made one by one, kept by the place in the list.
            made = self._pages.get(number)
            if made is None:
                made = [self._as_typed(self._only[number], self.sheet.row(self._only[number]))]
                self._keep(number, made, PAGE * PAGES)
            return made[0]
        page = self._pages.get(number // PAGE)
        if page is None:
            start = number // PAGE * PAGE
            rows = self.sheet.rows(start, start + PAGE)
            page = [self._as_typed(start + at, row) for at, row in enumerate(rows)]
            self._keep(number // PAGE, page, PAGES)
        return page[number % PAGE]

    def _as_typed(self, position: int, row: RowView) -> RowView:
        if not self._typed:
            return row
        cells = (self._typed.get((position, at), text) for at, text in enumerate(row.cells))
        return replace(row, cells=tuple(cells))

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

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        said = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole)
        if role not in said:
            return None
        row = self.row(index.row())
        if row is None:
            return None
        text = row.cells[index.column()]
        if role != Qt.ItemDataRole.AccessibleTextRole:
            return text
        return "  ".join((t("io.fix.row", r=row.number), text, *(worded(p.sentence) for p in row.problems)))


class _CellEditor(Input):
    """Where a cell is written anew."""

    no_ring = True  # its border says enough

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # the table would open the cell again


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
            colour, text = c.info, row.stored[column] or text
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
        if index == view.currentIndex() and view.hasFocus():
            box = rect.adjusted(2, now.px(3), -2, -now.px(3) - 1)
            paint.rounded(painter, box, now.px(RADIUS_CONTROL), "", c.acc, 1.4)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = _CellEditor()
        editor.setParent(parent)
        editor.setFixedHeight(self._view.rowHeight(index.row()) - 2)
        editor.setTextMargins(0, 0, 0, 0)
        heading = self._view.rows.sheet.columns[index.column()].heading if self._view.rows.sheet else ""
        editor.setAccessibleName(heading)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # The rows may be renewed while somebody types: what is typed stays.
        if isinstance(editor, Input) and not editor.property("begun"):
            editor.setProperty("begun", True)
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget, _model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, Input) and editor.text() != index.data(Qt.ItemDataRole.EditRole):
            self._view.edited.emit(self._view.rows.position(index.row()), index.column(), editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        wanted = QFontMetrics(theme.now().font("body")).horizontalAdvance(text) + theme.px(ROOM)
        wide = min(max(rect.width(), wanted), self._view.viewport().width())
        x = max(0, min(rect.left(), self._view.viewport().width() - wide))
        editor.setGeometry(x, rect.top(), wide, rect.height() - 2)


class _RowHeader(QHeaderView):
    """Row numbers as Excel shows them, with the mark of the row; stays while the columns scroll."""

    def __init__(self, view: SheetView) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._view = view
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)
        self.setSectionsClickable(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.now().tokens.card))
        painter.end()
        super().paintEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        now, row = theme.now(), self._view.rows.row(section)
        c = now.tokens
        self._view.paint_row(painter, rect, section)
        if row is None:
            return
        if section == self._view.currentIndex().row():
            painter.fillRect(
                rect.left(), rect.top(), now.px(4), rect.height() - 1,
                QColor(c.acc if self._view.is_lit() else c.ctl),
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
    """One sheet of an import plan. `mapped` tells which field a column shall go to, `edited` what was typed
    into a cell; rows are told by their position in the sheet.
    """

    mapped = Signal(int, object)  # column, field id or None
    row_changed = Signal(int)  # position, -1 = none
    edited = Signal(int, int, str)  # position, column, text
    skip_wanted = Signal(int)  # position
    menu_wanted = Signal(int, QPoint)  # position, where on the screen

    no_ring = True  # the bar at the current row shows the focus

    def __init__(self) -> None:
        super().__init__()
        self.rows = SheetRows()
        self.fields: Mapping[int, str | None] = {}
        self.columns = Columns()
        self._dragged: set[int] = set()
        self._wanted: list[int] = []
        self._own = False
        self._told = -1
        self._worked_on = False
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
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
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
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    # -- what is shown ------------------------------------------------------------------------------------

    def show_sheet(
        self,
        sheet: SheetPlan,
        fields: Mapping[int, str | None],
        clashing: frozenset[int],
        only: Sequence[int] | None,
    ) -> None:
        """Show a sheet with the fields its columns go to; the cell in front stays where it can."""
        old = self.rows.sheet
        same = old is not None and old.sheet_at == sheet.sheet_at and len(old.columns) == len(sheet.columns)
        before = self.rows.position(self.currentIndex().row()) if same else -1
        column = max(0, self.currentIndex().column())
        scrolled = self.verticalScrollBar().value() if same else 0
        self.fields = fields
        self._told = -1
        self.rows.show_rows(sheet, only)
        self.columns.set_columns(sheet, fields, clashing)
        if not same:
            self._dragged = set()
            self._wanted = self._measured(sheet)
        self._widths()
        self.verticalScrollBar().setValue(scrolled)
        if before >= 0:
            self.select_position(before, column)

    def renew(self, sheet: SheetPlan, fields: Mapping[int, str | None], clashing: frozenset[int]) -> None:
        """Show the same rows as a new plan of the file sees them; nothing moves."""
        self.rows.renew(sheet)
        self.set_fields(fields, clashing)
        self.verticalHeader().viewport().update()

    def set_fields(self, fields: Mapping[int, str | None], clashing: frozenset[int]) -> None:
        """Show other fields over the columns; the rows stay as they are."""
        if self.rows.sheet is not None:
            self.fields = fields
            self.columns.set_columns(self.rows.sheet, fields, clashing)
            self.viewport().update()

    def select_position(self, position: int, column: int | None = None) -> bool:
        """Bring a row of the sheet to the front; False if it is not shown."""
        number = self.rows.place(position)
        if number >= 0:
            self.select_row(number, column)
        return number >= 0

    @Slot(int)
    def select_row(self, number: int, column: int | None = None) -> None:
        """Bring a row of the list to the front, and the cell it is about into sight."""
        row = self.rows.row(number)
        if row is None:
            return
        if column is None:
            before = max(self.currentIndex().column(), 0)
            column = next((at for at, flag in enumerate(row.flags) if flag), before)
        index = self.rows.index(number, column)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        self.viewport().update()
        self.verticalHeader().viewport().update()
        position = self.rows.position(index.row())
        if position != self._told:
            self._told = position
            self.row_changed.emit(position)

    def position(self) -> int:
        """The row in front by its position in the sheet, -1 if there is none."""
        return self.rows.position(self.currentIndex().row())

    def edit_current(self) -> bool:
        """Open the cell in front for writing; False if there is none."""
        index = self.currentIndex()
        if not index.isValid():
            return False
        self.setFocus()
        self.scrollTo(index)
        self.edit(index)
        return True

    # -- look ---------------------------------------------------------------------------------------------

    def is_lit(self) -> bool:
        """Whether the row in front is the one the owner is at, here or in the box beside the table."""
        return self.hasFocus() or self._worked_on or self.state() == QAbstractItemView.State.EditingState

    def work_on(self, on: bool) -> None:
        """Whether the row in front is being put right beside the table."""
        self._worked_on = on
        self.viewport().update()
        self.verticalHeader().viewport().update()

    def paint_row(self, painter: QPainter, rect: QRect, number: int) -> None:
        """The background and the divider of a row."""
        c = theme.now().tokens
        chosen = number == self.currentIndex().row()
        fill = c.card if not chosen else c.acc_soft if self.is_lit() else c.hover
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
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Delete and control:
            self.skip_wanted.emit(self.position())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self.edit_current()
        elif event.key() in moves:
            moves[event.key()]()
        elif event.key() in arrows and not control:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
        if index.isValid():
            self.setCurrentIndex(index)
            by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
            place = event.pos() if by_mouse else self.visualRect(index).bottomLeft()
            self.menu_wanted.emit(self.position(), self.viewport().mapToGlobal(place))

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
        row, sheet = self.rows.row(number), self.rows.sheet
        if row is None or sheet is None:
            return ""
        if row.flags[column] in ("wrong", "check"):
            return "\n".join(worded(problem.sentence) for problem in row.problems if problem.at == column)
        if row.flags[column] == "repaired":
            return t("tip.fixed", old=row.cells[column], new=row.stored[column])
        field = self.fields.get(column)
        changed = [change_in_words(sheet, change) for change in row.changes if change[0] == field]
        if changed:
            return "\n".join(changed)
        if row.fate == Fate.DUPLICATE:
            return t("group.duplicate.hint")
        text = row.cells[column]
        room = self.columns.sectionSize(column) - theme.px(2 * PAD)
        return text if QFontMetrics(theme.now().font("body")).horizontalAdvance(text) > room else ""
