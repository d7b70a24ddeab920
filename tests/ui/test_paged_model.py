"""Lists hold ids and a few pages, drop overtaken answers, and keep the current row by id."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt

from shopcrm.basics.records import MemberId, Query, Touched
from tests.ui.stand_in import COLUMNS, NOW, StandInShop, people
from ui import theme
from ui.jobs import InlineJobs
from ui.session import Preferences, Session
from ui.tables import MEMBERS, Column, ListView, PagedModel
from ui.tables.paged_model import PAGE, PAGES


@pytest.fixture
def session(qapp: Any) -> Iterator[Session]:
    theme.apply(qapp)  # with a font that has these letters, whichever test runs first
    made = Session(InlineJobs(), Preferences(), lambda: NOW)
    made.open(lambda progress: StandInShop(people(300)))  # type: ignore[arg-type, return-value]
    yield made
    made.close()


@pytest.fixture
def model(session: Session) -> PagedModel:
    made = PagedModel(session, MEMBERS, COLUMNS, lambda row: f"{row.name}!")
    made.set_query(Query())
    return made


def text(model: PagedModel, row: int, column: int = 0) -> Any:
    return model.data(model.index(row, column), Qt.ItemDataRole.DisplayRole)


def test_the_model_keeps_qts_rules(qtmodeltester: Any, model: PagedModel) -> None:
    qtmodeltester.check(model)


def test_cells_titles_and_the_spoken_sentence(model: PagedModel) -> None:
    assert model.rowCount() == 300
    assert text(model, 2) == "周曼丽"
    assert text(model, 2, 2) == "2"
    header = model.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
    assert header == "客户"
    assert model.data(model.index(2, 0), Qt.ItemDataRole.AccessibleTextRole) == "周曼丽!"
    assert model.data(model.index(2, 0), Qt.ItemDataRole.DecorationRole) is None


def test_rows_are_read_by_pages_and_only_when_looked_at(session: Session, model: PagedModel) -> None:
    view: Any = session.view
    before = view.page_reads
    for number in range(PAGE):
        model.row(number)
    assert view.page_reads == before + 1
    model.row(PAGE)
    assert view.page_reads == before + 2
    assert model.pages_held == 2


def test_no_more_than_64_pages_are_held(session: Session) -> None:
    class Many:
        def ids(self, view: Any, query: Any) -> Any:
            return array("q", range(PAGE * (PAGES + 10)))

        def rows(self, view: Any, ids: Any) -> Any:
            return list(ids)

        def key(self, row: Any) -> int:
            return int(row)

    model = PagedModel(session, Many(), (Column("n", "", 50, text=str),))
    model.set_query("all")
    for number in range(0, len(model.ids), PAGE):
        assert model.row(number) == number
    assert model.pages_held == PAGES


def test_touching_reads_only_the_pages_that_hold_the_ids(session: Session, model: PagedModel) -> None:
    view: Any = session.view
    model.row(0)
    model.row(PAGE)
    view.data[3] = view.data[3]._replace(name="新名字")
    reads = view.page_reads
    changed: list[int] = []
    model.dataChanged.connect(lambda top, bottom: changed.append(top.row()))
    model.touch(Touched(frozenset({3})))
    assert changed == [2]
    assert text(model, 2) == "新名字"
    model.row(PAGE)
    assert view.page_reads == reads + 1


def test_a_row_that_vanished_is_blank_and_no_error(session: Session, model: PagedModel) -> None:
    view: Any = session.view
    del view.data[1]
    assert text(model, 0) is None
    assert text(model, 1) == "赵雅琴"


def test_sorting_is_a_new_query(model: PagedModel) -> None:
    model.sort(0, Qt.SortOrder.DescendingOrder)
    assert model.query == Query(sort="name", descending=True)
    assert text(model, 0) == max(row.name for row in people())
    header = model.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
    assert header == "客户 ↓"
    model.sort(1)  # no sort key: nothing happens
    assert model.query.sort == "name"


def test_the_current_row_stays_with_its_id(qtbot: Any, model: PagedModel) -> None:
    view = ListView(model, 46)
    qtbot.addWidget(view)
    seen: list[int] = []
    view.current_changed.connect(seen.append)
    assert view.select_id(40)
    model.set_query(Query(text="陈素芬"))
    assert view.current_id() == 40
    model.set_query(Query(text="赵雅琴"))
    assert view.current_id() in model.ids
    model.set_query(Query(text="没有这个人"))
    assert seen[-1] == -1
    assert view.current_id() == -1


def test_keys_move_and_open_and_unknown_ones_go_on(qtbot: Any, model: PagedModel) -> None:
    view = ListView(model, 46, ticks=True)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.select_row(0)
    opened: list[int] = []
    view.opened.connect(opened.append)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened == [2]
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.current_id() == 300
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.current_id() == 1


def test_ticks_by_space_range_and_all(qtbot: Any, model: PagedModel) -> None:
    view = ListView(model, 46, ticks=True)
    qtbot.addWidget(view)
    view.resize(600, 400)
    counts: list[int] = []
    view.ticks_changed.connect(counts.append)
    view.select_row(1)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.ticked_ids() == [2, 3]
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert counts[-1] == 300
    view.clear_ticks()
    assert view.ticked_ids() == []


def test_only_a_cut_text_has_a_tooltip(qtbot: Any, session: Session, model: PagedModel) -> None:
    view: Any = session.view
    long = "一个很长很长很长很长很长很长很长很长很长很长很长的尺码说明"
    view.data[1] = view.data[1]._replace(sizes=long, id=MemberId(1))
    model.touch(Touched(frozenset({1})))
    shown = ListView(model, 58)
    qtbot.addWidget(shown)
    shown.resize(520, 400)
    shown.show()
    x = shown.columnViewportPosition(1) + 20
    assert shown.cut_text(QPoint(x, 10)) == long
    assert shown.cut_text(QPoint(x, 70)) == ""
