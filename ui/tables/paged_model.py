"""One model for every list of the program: all ids, and only the pages of rows that are looked at."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from shopcrm.basics.errors import ShopError
from shopcrm.basics.records import TaskId, Touched
from shopcrm.basics.texts import t
from ui.session import Session
from ui.tables.row_paint import Painter

if TYPE_CHECKING:
    from shopcrm.shop import ShopView

PAGE = 64  # a jump to any place reads so many rows before it can paint
PAGES = 256

Index = QModelIndex | QPersistentModelIndex


class Source(Protocol):
    """Where a list's ids and rows come from."""

    def ids(self, view: ShopView, query: Any) -> Sequence[int]:
        """The ids a query lets through, in order; may be slow, runs on the worker."""

    def rows(self, view: ShopView, ids: Sequence[int]) -> Sequence[Any]:
        """The rows of some ids; missing ones left out. Quick: one page."""

    def key(self, row: Any) -> int:
        """The id of a row."""


class _Members:
    def ids(self, view: ShopView, query: Any) -> Sequence[int]:
        return view.ids(query)

    def rows(self, view: ShopView, ids: Sequence[int]) -> Sequence[Any]:
        return view.rows(ids)

    def key(self, row: Any) -> int:
        return int(row.id)


class _Tasks:
    """The day's to-dos; the query is the ids themselves, cut from a DayList."""

    def ids(self, view: ShopView, query: Any) -> Sequence[int]:
        return list(query)

    def rows(self, view: ShopView, ids: Sequence[int]) -> Sequence[Any]:
        return view.tasks([TaskId(i) for i in ids])

    def key(self, row: Any) -> int:
        return int(row.id)


MEMBERS = _Members()
TASKS = _Tasks()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `width` in pixels of the normal font level, `sort` the key of the query's order,
    "" = none.
    """

    id: str
    title: str  # text id, "" = no title
    width: int
    align: str = "left"
    painter: Painter | None = None
    text: Callable[[Any], str] | None = None
    sort: str = ""
    stretch: bool = False


class PagedModel(QAbstractTableModel):
    """Holds `ids` and at most 256 pages of 64 rows. Never sorts or filters itself: a new query does."""

    loaded = Signal()  # after every new list of ids
    _numbers = 0

    def __init__(
        self,
        session: Session,
        source: Source,
        columns: Sequence[Column],
        sentence: Callable[[Any], str] | None = None,
    ) -> None:
        super().__init__()
        self._session, self._source = session, source
        self.columns = tuple(columns)
        self._sentence = sentence
        self.ids = array("q")
        self._pages: OrderedDict[int, dict[int, Any]] = OrderedDict()
        self.query: Any = None
        self._key = f"list-{PagedModel._numbers}"
        PagedModel._numbers += 1
        self._failed = False

    # -- what is shown ------------------------------------------------------------------------------------

    def set_query(self, query: Any) -> None:
        """Show what a query lets through; the ids come from the worker, overtaken answers are dropped."""
        self.query = query
        source = self._source
        self._session.query(
            lambda view: array("q", source.ids(view, query)), key=self._key, done=self._on_ids
        )

    def set_ids(self, ids: Iterable[int]) -> None:
        """Show exactly these rows, at once."""
        self._on_ids(array("q", ids))

    def requery(self) -> None:
        """Ask for the ids again."""
        if self.query is not None:
            self.set_query(self.query)

    def touch(self, touched: Touched | Iterable[int]) -> None:
        """Read the rows of these ids again when they are painted next; the order stays."""
        if isinstance(touched, Touched) and touched.all:
            self._pages.clear()
            if self.ids:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, len(self.columns) - 1))
            return
        wanted = set(touched.ids if isinstance(touched, Touched) else touched)
        if not wanted:
            return
        for number, page in list(self._pages.items()):
            if not wanted.isdisjoint(page):
                del self._pages[number]
        last = len(self.columns) - 1
        if len(wanted) > 200:
            if self.ids:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, last))
            return
        for member in wanted:
            row = self.row_of(member)
            if row >= 0:
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    def _on_ids(self, ids: Any) -> None:
        self.beginResetModel()
        self.ids = ids
        self._pages.clear()
        self._failed = False
        self.endResetModel()
        self.loaded.emit()

    # -- rows ---------------------------------------------------------------------------------------------

    def row(self, number: int) -> Any | None:
        """The row at a place, None if it does not exist (any more)."""
        if not 0 <= number < len(self.ids):
            return None
        return self._page(number // PAGE).get(self.ids[number])

    def row_of(self, row_id: int) -> int:
        """The place of an id, -1 if it is not in the list."""
        try:
            return self.ids.index(row_id)
        except ValueError:
            return -1

    def id_at(self, number: int) -> int:
        """The id at a place, -1 outside the list."""
        return self.ids[number] if 0 <= number < len(self.ids) else -1

    @property
    def pages_held(self) -> int:
        """How many pages are in memory."""
        return len(self._pages)

    def _page(self, number: int) -> dict[int, Any]:
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
            return page
        wanted = self.ids[number * PAGE : (number + 1) * PAGE]
        try:
            rows = self._source.rows(self._session.view, wanted)
        except ShopError as error:
            if not self._failed:  # told once, not at every repaint
                self._failed = True
                self._session.failed.emit(error, self.requery)
            rows = []
        page = {self._source.key(row): row for row in rows}
        self._pages[number] = page
        while len(self._pages) > PAGES:
            self._pages.popitem(last=False)
        return page

    # -- Qt -----------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            text = self.columns[index.column()].text
            if text is None:
                return None
            row = self.row(index.row())
            return text(row) if row is not None else None
        if role == Qt.ItemDataRole.AccessibleTextRole and self._sentence is not None:
            row = self.row(index.row())
            return self._sentence(row) if row is not None else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return (t(column.title) if column.title else "") + self.arrow(column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.align == "right" else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def arrow(self, column: Column) -> str:
        """The arrow behind the title of the column the list is sorted by."""
        if not column.sort or getattr(self.query, "sort", None) != column.sort:
            return ""
        return " ↓" if self.query.descending else " ↑"

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """A new query in the order of a column; columns without a `sort` key are not sorted by."""
        if (
            not 0 <= column < len(self.columns)
            or not is_dataclass(self.query)
            or isinstance(self.query, type)
        ):
            return
        key = self.columns[column].sort
        if key:
            descending = order == Qt.SortOrder.DescendingOrder
            self.set_query(replace(self.query, sort=key, descending=descending))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns, as for another layout; the rows stay."""
        if tuple(columns) != self.columns:
            self.beginResetModel()
            self.columns = tuple(columns)
            self.endResetModel()
