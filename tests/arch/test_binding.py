"""The Qt binding keeps its references to None; one that loses them ends the program after a while."""

import sys
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QLabel

CALLS = 2000
A_HANDFUL = 50  # other code takes and gives a few meanwhile; 6.12.0 on Python 3.11 lost one a call


class _Empty(QAbstractListModel):
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return CALLS

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return None


def test_void_calls_keep_none(qapp: object) -> None:
    label = QLabel()
    before = sys.getrefcount(None)
    for number in range(CALLS):
        label.setText(str(number))
    assert abs(sys.getrefcount(None) - before) < A_HANDFUL


def test_virtuals_that_answer_none_keep_none(qapp: object) -> None:
    model = _Empty()
    match = model.match  # asks data() of every row from C++
    before = sys.getrefcount(None)
    match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, "x", -1, Qt.MatchFlag.MatchExactly)
    assert abs(sys.getrefcount(None) - before) < A_HANDFUL
