"""The view of a PagedModel: fixed row heights, one painter per column, a bar at the current row,
ticks by id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
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
    QVBoxLayout,
    QWidget,
)

from shopcrm.basics.texts import t
from ui import theme
from ui.tables.paged_model import Column, Index, PagedModel
from ui.tables.row_paint import RowPaint
from ui.theme.tokens import RADIUS_CARD, TABLE_HEADER

PAD = 12  # left and right inside a cell
_WIDEST = 2_000  # pixels of a column
_PAGES = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_MOVES: dict[int, int] = {
    Qt.Key.Key_Up: -1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageDown: 1,
}  # fmt: skip


class _Painter(QStyledItemDelegate):
    """Paints background, bar and divider of a row, and lets the column paint its cell."""

    def __init__(self, view: ListView) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, c = self._view, theme.now().tokens
        number = index.row()
        rect: QRect = option.rect
        chosen = view.currentIndex().row() == number
        hovered = view.hovered_row == number
        focused = view.has_list_focus()
        if chosen:
            painter.fillRect(rect, QColor(c.acc_soft if focused else c.hover))
        elif hovered:
            painter.fillRect(rect, QColor(c.hover))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(c.line))
        if chosen and view.first_column() == index.column():
            painter.fillRect(
                rect.left(), rect.top(), theme.px(4), rect.height(), QColor(c.acc if focused else c.ctl)
            )
        row = view.paged.row(number)
        if row is None:
            return
        brush = RowPaint(painter, number, chosen, hovered, view.is_ticked(view.paged.id_at(number)))
        painter.save()
        painter.setClipRect(rect)
        paint_cell(brush, rect, view.paged.columns[index.column()], row)
        painter.restore()


def paint_cell(brush: RowPaint, rect: QRect, column: Column, row: Any) -> None:
    """Let a column paint its cell of a row."""
    pad = theme.px(PAD)
    inner = rect.adjusted(pad, 0, -pad, -1)
    if column.painter is not None:
        column.painter(brush, inner, row)
    elif column.text is not None:
        brush.text(inner, column.text(row), align=column.align, whole=column.align == "right")


class Remembers(Protocol):
    """Where what belongs to this computer is kept: `session.prefs`."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept under a key."""

    def set(self, key: str, value: Any) -> None:
        """Keep a value."""


class _Header(QHeaderView):
    """Titles on the sunk fill, an arrow in the text of the column sorted by; borders may be dragged."""

    dropped = Signal()  # the mouse let go

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setViewport(_Viewport())
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionsMovable(False)
        self.setMinimumSectionSize(24)
        self.is_held = False  # by the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.is_held = True
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.is_held = False
        self.dropped.emit()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        now = theme.now()
        model = self.model()
        painter.fillRect(rect, QColor(now.tokens.sunk))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(now.tokens.line))
        text = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) or ""
        side = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        painter.setFont(now.font("label"))
        painter.setPen(QColor(now.tokens.tx2))
        pad = now.px(PAD)
        painter.drawText(rect.adjusted(pad, 0, -pad, -1), side | Qt.TextFlag.TextSingleLine, text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.now().tokens.sunk))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.now().tokens.line))
        painter.end()
        super().paintEvent(event)


class ListView(QTableView):
    """A list of rows. The current row is the one whose card is shown; ticks are a set of ids beside it.

    `row_height` is in pixels of the normal font level. Keys the list does not know go on to the page.
    """

    current_changed = Signal(int)  # id, -1 = none
    opened = Signal(int)  # Enter or double click
    ticks_changed = Signal(int)  # how many are ticked
    menu_wanted = Signal(int, QPoint)  # id, place on the screen

    no_ring = True  # the bar at the current row shows the focus

    def __init__(self, model: PagedModel, row_height: int, *, ticks: bool = False) -> None:
        super().__init__()
        self.paged = model
        self._high, self._may_tick = row_height, ticks
        self._ticked: set[int] = set()
        self._last_ticked = -1
        self._range: tuple[int, frozenset[int]] | None = None  # where Shift+arrows began, and what was ticked
        self._keep = -1
        self._keep_row = 0
        self.hovered_row = -1
        self._prefs: Remembers | None = None
        self._prefs_key = ""
        self._own: dict[str, int] = {}  # column -> width somebody gave it, in pixels of the normal font level
        self._dragged: tuple[int, int, int] | None = None  # column, width before and now
        self._header = _Header()
        self.setHorizontalHeader(self._header)
        self.setViewport(_Viewport())
        self.setModel(model)
        self.setItemDelegate(_Painter(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._connect()
        self._scale()

    def _connect(self) -> None:
        self.paged.modelAboutToBeReset.connect(self._on_about_to_reset)
        self.paged.modelReset.connect(self._on_reset)
        self.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self._header.sectionClicked.connect(self._on_section_clicked)
        self._header.sectionResized.connect(self._on_section_resized)
        self._header.dropped.connect(self._on_dropped)
        self._header.sectionHandleDoubleClicked.connect(self._on_handle_double_clicked)

    # -- current row --------------------------------------------------------------------------------------

    def current_id(self) -> int:
        """The id of the current row, -1 if there is none."""
        return self.paged.id_at(self.currentIndex().row()) if self.currentIndex().isValid() else -1

    def current_row(self) -> Any | None:
        """The data of the current row, None if there is none."""
        return self.paged.row(self.currentIndex().row())

    def select_id(self, row_id: int) -> bool:
        """Make a row current and visible; False if it is not in the list."""
        row = self.paged.row_of(row_id)
        if row < 0:
            return False
        self.select_row(row)
        return True

    def select_row(self, row: int) -> None:
        """Make the row at a place current and visible; outside the list the nearest one."""
        if not self.paged.ids:
            return
        index = self.paged.index(min(max(row, 0), len(self.paged.ids) - 1), self.first_column())
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        )
        self.scrollTo(index)

    def has_list_focus(self) -> bool:
        """Whether keys go to the list."""
        return self.hasFocus()

    def first_column(self) -> int:
        """The leftmost column shown."""
        for section in range(len(self.paged.columns)):
            if not self.isColumnHidden(section):
                return section
        return 0

    # -- ticks --------------------------------------------------------------------------------------------

    def ticked_ids(self) -> list[int]:
        """The ids ticked, in the order of the list; ticks of rows filtered out do not count."""
        return [row_id for row_id in self.paged.ids if row_id in self._ticked]

    def is_ticked(self, row_id: int) -> bool:
        """Whether a row is ticked."""
        return row_id in self._ticked

    def clear_ticks(self) -> None:
        """Untick everything."""
        self._ticked.clear()
        self._tell_ticks()

    def tick_current(self) -> None:
        """Tick the current row, or untick it."""
        self._tick(self.currentIndex().row())

    def _tick(self, row: int, *, on: bool | None = None) -> None:
        row_id = self.paged.id_at(row)
        if row_id < 0:
            return
        wanted = row_id not in self._ticked if on is None else on
        (self._ticked.add if wanted else self._ticked.discard)(row_id)
        self._last_ticked = row
        self._tell_ticks()

    def _tick_as_far_as(self, row: int) -> None:
        """Tick from where Shift+arrows began to a row; on the way back what was passed is as it was."""
        if not self.paged.ids:
            return
        began = self._range or (self.currentIndex().row(), frozenset(self._ticked))
        self.select_row(row)
        first, last = sorted((began[0], self.currentIndex().row()))
        self._ticked = {*began[1], *self.paged.ids[first : last + 1]}
        self._range, self._last_ticked = began, self.currentIndex().row()
        self._tell_ticks()

    def _rows_shown(self) -> int:
        return max(self.viewport().height() // max(self.rowHeight(0), 1) - 1, 1)

    def _tell_ticks(self) -> None:
        self.viewport().update()
        self.ticks_changed.emit(len(self._ticked))

    # -- look ---------------------------------------------------------------------------------------------

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns, as for another layout."""
        self.paged.set_columns(columns)
        self._widths()

    def remember(self, prefs: Remembers, key: str) -> None:
        """Keep the widths somebody gives columns under this key, one for each layout, and show those kept."""
        kept = prefs.get(key, {})
        self._prefs, self._prefs_key = prefs, key
        self._own = {
            name: width for name, width in (kept if isinstance(kept, dict) else {}).items()
            if isinstance(name, str) and isinstance(width, int) and 0 < width < _WIDEST
        }  # fmt: skip
        self._widths()

    def _scale(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.px(self._high))
        self.horizontalHeader().setFixedHeight(theme.px(TABLE_HEADER))
        self._widths()

    def _widths(self) -> None:
        header = self.horizontalHeader()
        widths, own = {}, {}
        stretched = -1
        for number, column in enumerate(self.paged.columns):
            if column.stretch:
                stretched = number
            elif not self.isColumnHidden(number):
                widths[number] = max(theme.px(column.width), self._title_width(column))
                own[number] = max(theme.px(self._own.get(column.id, column.width)), self._title_width(column))
        if stretched >= 0:
            least = theme.px(self.paged.columns[stretched].width)
            if sum(own.values()) + least <= self.viewport().width():  # else those of the layout
                widths = own
            widths[stretched] = max(self.viewport().width() - sum(widths.values()), least)
        for number, width in widths.items():
            header.resizeSection(number, width)

    def _title_width(self, column: Column) -> int:
        """A title is never cut."""
        if not column.title:
            return 0
        title = t(column.title) + self.paged.arrow(column)
        return QFontMetrics(theme.now().font("label")).horizontalAdvance(title) + theme.px(2 * PAD) + 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._widths()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "hovered_row"):
            self._scale()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.select_row(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # -- mouse and keyboard -------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.rowAt(int(event.position().y())))
        if event.buttons() == Qt.MouseButton.NoButton:  # dragging would move the current row
            super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.cut_text(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    def cut_text(self, place: QPoint) -> str:
        """What does not fit into the cell at a place of the viewport, "" if everything does."""
        index = self.indexAt(place)
        row = self.paged.row(index.row()) if index.isValid() else None
        if row is None:
            return ""
        nowhere = QPixmap(1, 1)
        painter = QPainter(nowhere)
        brush = RowPaint(painter, index.row())
        paint_cell(brush, self.visualRect(index), self.paged.columns[index.column()], row)
        painter.end()
        return "\n".join(brush.cuts)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._range = None
        place = event.position().toPoint()
        row, column = self.rowAt(place.y()), self.columnAt(place.x())
        if self._may_tick and column >= 0 and self.paged.columns[column].id == "tick" and row >= 0:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._last_ticked >= 0:
                for number in range(min(row, self._last_ticked), max(row, self._last_ticked) + 1):
                    self._ticked.add(self.paged.id_at(number))
                self._tell_ticks()
            else:
                self._tick(row)
            return
        if self._may_tick and row >= 0 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._tick(row)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.rowAt(int(event.position().y()))
        if row >= 0:
            self.opened.emit(self.paged.id_at(row))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self.rowAt(event.pos().y()) if event.reason() == QContextMenuEvent.Reason.Mouse else -1
        if row >= 0:
            self.select_row(row)
        if self.current_id() >= 0:
            self.menu_wanted.emit(self.current_id(), event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        row = self.currentIndex().row()
        if not (shift and key in (*_MOVES, Qt.Key.Key_Shift)):
            self._range = None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            if self.current_id() >= 0:
                self.opened.emit(self.current_id())
        elif self._may_tick and key == Qt.Key.Key_Space:
            self._tick(row)
        elif self._may_tick and control and key == Qt.Key.Key_A:
            self._ticked = set(self.paged.ids)
            self._tell_ticks()
        elif self._may_tick and shift and key in _MOVES:
            self._tick_as_far_as(row + _MOVES[key] * (self._rows_shown() if key in _PAGES else 1))
        elif key == Qt.Key.Key_Home:
            self.select_row(0)
        elif key == Qt.Key.Key_End:
            self.select_row(len(self.paged.ids) - 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not control:
            super().keyPressEvent(event)
        else:
            event.ignore()  # digits, Ctrl+C, Esc ... belong to the page

    def keyboardSearch(self, search: str) -> None:
        """Letters never jump: they belong to the input method."""

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    # -- model --------------------------------------------------------------------------------------------

    @Slot()
    def _on_about_to_reset(self) -> None:
        self._keep, self._keep_row = self.current_id(), self.currentIndex().row()

    @Slot()
    def _on_reset(self) -> None:
        self._widths()
        self.hovered_row = self._last_ticked = -1
        self._range = None
        if not self.paged.ids:
            self.current_changed.emit(-1)
        elif not (self._keep >= 0 and self.select_id(self._keep)):
            self.select_row(self._keep_row if self._keep >= 0 else 0)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_row_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.viewport().update()
        if now.isValid():
            self.current_changed.emit(self.paged.id_at(now.row()))

    @Slot(int, int, int)
    def _on_section_resized(self, section: int, before: int, now: int) -> None:
        if self._header.is_held:
            first = self._dragged[1] if self._dragged is not None and self._dragged[0] == section else before
            self._dragged = section, first, now

    @Slot()
    def _on_dropped(self) -> None:
        """A border was dragged: the column keeps that width, and the one that stretches takes the rest."""
        dragged, self._dragged = self._dragged, None
        if dragged is None:
            return
        section, before, now = dragged
        columns, more = self.paged.columns, now - before
        if columns[section].stretch and section + 1 < len(columns):  # its right border is the next one's left
            section, more = section + 1, -more
            before = self.columnWidth(section)
        stretched = next((n for n, column in enumerate(columns) if column.stretch), -1)
        column = columns[section]
        if column.title and not column.stretch and stretched >= 0:
            room = self.viewport().width() - theme.px(columns[stretched].width) - before - sum(
                self.columnWidth(n) for n in range(len(columns)) if n not in (section, stretched)
            )  # fmt: skip
            width = max(before + min(more, max(room, 0)), self._title_width(column))
            self._own[column.id] = round(width / theme.now().k)
            self._keep_widths()
        self._widths()

    @Slot(int)
    def _on_handle_double_clicked(self, section: int) -> None:
        """The column is as wide as it was meant to be."""
        self._dragged = None
        self._own.pop(self.paged.columns[section].id, None)
        self._keep_widths()
        self._widths()

    def _keep_widths(self) -> None:
        if self._prefs is not None:
            self._prefs.set(self._prefs_key, dict(self._own))

    @Slot(int)
    def _on_section_clicked(self, section: int) -> None:
        column = self.paged.columns[section]
        if not column.sort:
            return
        same = getattr(self.paged.query, "sort", None) == column.sort
        down = not self.paged.query.descending if same else column.align == "right"
        self.paged.sort(section, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder)
        self._widths()


class ListFrame(QFrame):
    """The card around a list: its round corners lie over the rows."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.setProperty("frame", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(view)
        self._corners = _Corners(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._corners.setGeometry(self.rect())
        self._corners.raise_()


class _Viewport(QWidget):
    """What Qt would make itself; asked for Qt's own, PySide makes classes of all kinds of widgets first."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("qt_scrollarea_viewport")
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)


class _Corners(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.now()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole, inside = QPainterPath(), QPainterPath()
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        whole.addRect(QRectF(self.rect()))
        inside.addRoundedRect(box, now.px(RADIUS_CARD), now.px(RADIUS_CARD))
        painter.fillPath(whole.subtracted(inside), QColor(now.tokens.win))
        painter.setPen(QPen(QColor(now.tokens.line), 1))
        painter.drawPath(inside)
        painter.end()
