"""Lists of any length: ids and pages in the model, rows painted by their columns."""

from ui.tables.list_view import ListFrame, ListView
from ui.tables.paged_model import MEMBERS, TASKS, Column, PagedModel, Source
from ui.tables.row_paint import RowPaint

__all__ = ["MEMBERS", "TASKS", "Column", "ListFrame", "ListView", "PagedModel", "RowPaint", "Source"]
