"""Papers laid out and painted: nothing lost, cut or on top of something else; the way to printer and PDF."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog

from shopcrm.basics.errors import Cancelled
from shopcrm.basics.papers import Paper, PaperCell, PaperColumn, PaperTable, Words
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import TYPE_KEYS, OutcomeDraft, Query
from shopcrm.basics.texts import LANGUAGES, t, use
from tests.conftest import DAY
from tests.ui.real_window import open_window, press, put_away, settle
from ui.dialogs.print_preview import PrintPreview
from ui.main_window import MainWindow
from ui.paper import PrintFailed, lay_out, picture, print_out, write_pdf
from ui.paper.layout import LOOKS, MARGIN, MM, Badge, Rule, Shade, Sheet, Text, width
from ui.widgets import open_dialog

WORDS = (
    "换季提醒：去年 11 月买过双面呢大衣，喜欢豆沙色、修身。Registered eighteen days ago, no purchase yet! "
)


def a_cell(chance: random.Random, longest: int = 90) -> PaperCell:
    def some(look: Any) -> Words:
        start = chance.randrange(len(WORDS))
        text = (WORDS * 3)[start : start + chance.randrange(1, longest)]
        return Words(text.strip() or "字", look)

    if chance.random() < 0.2:
        return PaperCell(badge=chance.choice(TYPE_KEYS))
    looks = chance.sample(("plain", "strong", "name", "small"), chance.randrange(3))
    choices = tuple(f"{n}接通" for n in range(chance.choice((0, 0, 6))))
    return PaperCell(tuple(map(some, looks)), None, choices, chance.random() < 0.2)


def a_paper(seed: int, rows: int = 40, columns: int = 5, wide: float = 180, longest: int = 90) -> Paper:
    chance = random.Random(seed)
    made = tuple(PaperColumn(f"第{n}列", wide / columns, chance.random() < 0.3) for n in range(columns))
    lines = tuple(tuple(a_cell(chance, longest) for _ in made) for _ in range(rows))
    return Paper(
        "名单", None, ("禾木衣坊 · 2026年11月21日",), "打印：小敏 10:24", (PaperTable("", made, lines),),
        "打完登记", "用完请收好", rows, "名单",
    )  # fmt: skip


def squeezed(texts: list[str]) -> str:
    return "".join("".join(texts).split())


def body(sheet: Sheet) -> list[Text]:
    """The lines of the rows, without title, headings and foot."""
    shades = [mark.room for mark in sheet.marks if isinstance(mark, Shade)]
    texts = [mark for mark in sheet.marks if isinstance(mark, Text)]
    below = max((shade.bottom() for shade in shades), default=0)
    foot = sheet.height - MARGIN - 6 * MM
    return [mark for mark in texts if below <= mark.room.top() < foot]


def assert_in_place(sheets: list[Sheet]) -> None:
    """Every text fits into its box, every box onto the page, and no two boxes meet."""
    for sheet in sheets:
        texts = [mark for mark in sheet.marks if isinstance(mark, Text)]
        for mark in texts:
            assert width(mark.text, mark.look) <= mark.room.width() + 1, mark
            assert mark.room.left() >= MARGIN - 1, mark
            assert mark.room.right() <= sheet.width - MARGIN + 1, mark
            assert MARGIN <= mark.room.top() < mark.room.bottom() <= sheet.height - MARGIN + 1, mark
        boxes = [mark.room for mark in texts]
        boxes += [mark.room for mark in sheet.marks if isinstance(mark, Badge)]
        for mark, room in zip(texts, list(boxes), strict=False):  # what is written, not the room it may take
            wide = width(mark.text, mark.look)
            left = room.right() - wide if mark.is_right else room.left()
            boxes[texts.index(mark)] = room.__class__(left, room.top(), wide, room.height())
        boxes.sort(key=lambda room: room.top())
        for at, room in enumerate(boxes):
            for other in boxes[at + 1 :]:
                if other.top() >= room.bottom() - 1:
                    break
                assert not room.adjusted(1, 1, -1, -1).intersects(other.adjusted(1, 1, -1, -1)), (room, other)


# ---------------------------------------------------------------- layout


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_lost_or_cut_between_pages(qapp: Any, seed: int, language: str) -> None:
    use(language)
    paper = a_paper(seed)
    sheets = lay_out(paper)
    assert len(sheets) > 1
    assert_in_place(sheets)
    table = paper.tables[0]
    for number, column in enumerate(table.columns):
        wanted, found = [], []
        for row in table.rows:
            wanted += [*(words.text for words in row[number].words), *row[number].choices]
        share = (sheets[0].width - 2 * MARGIN) / len(table.columns)
        for sheet in sheets:
            found += [m.text for m in body(sheet) if int((m.room.left() - MARGIN + 1) / share) == number]
            heads = [m for m in sheet.marks if isinstance(m, Text) and m.text == column.heading]
            assert len(heads) == 1
        assert squeezed(found) == squeezed(wanted)
    badges = [m.type for s in sheets for m in s.marks if isinstance(m, Badge)]
    assert badges == [cell.badge for row in table.rows for cell in row if cell.badge]
    dotted = sum(m.is_dotted for s in sheets for m in s.marks if isinstance(m, Rule))
    assert dotted == sum(cell.to_write for row in table.rows for cell in row)
    for number, sheet in enumerate(sheets, 1):
        said = [mark.text for mark in sheet.marks if isinstance(mark, Text)]
        assert any(t("pr.page", i=number, n=len(sheets)) in text for text in said)
        assert paper.guard in said


def test_a_row_stays_on_one_page(qapp: Any) -> None:
    for sheet in lay_out(a_paper(3)):
        rules = [m.y for m in sheet.marks if isinstance(m, Rule) and not m.is_dotted]
        assert max(m.room.bottom() for m in body(sheet)) <= max(rules)  # every page ends with a whole row


def test_a_row_higher_than_a_page_goes_on(qapp: Any) -> None:
    lines = "\n".join(f"第{n}行" for n in range(200))
    row = (PaperCell(badge="lost"), PaperCell((Words(lines),)))
    paper = a_paper(0, rows=0)._replace(
        tables=(PaperTable("备注", (PaperColumn("会员", 40), PaperColumn("话", 140)), (row, row)),)
    )
    sheets = lay_out(paper)
    assert_in_place(sheets)
    assert squeezed([m.text for s in sheets for m in body(s) if m.text[0] == "第" and "行" in m.text]) == (
        squeezed([lines, lines])
    )


def test_a_heading_stands_with_what_it_heads(qapp: Any) -> None:
    row = (PaperCell((Words("一行"),)),)
    for rows in range(25, 45):
        tables = tuple(
            PaperTable(f"标题{n}", (PaperColumn("列", 180),), (row,) * count)
            for n, count in ((1, rows), (2, 5))
        )
        for sheet in lay_out(a_paper(0, rows=0)._replace(tables=tables)):
            texts = [mark for mark in sheet.marks if isinstance(mark, Text)]
            heading = next((mark for mark in texts if mark.text == "标题2"), None)
            if heading is not None:
                assert any(m.text == "一行" and m.room.top() > heading.room.top() for m in texts)


def test_a_wide_table_turns_the_page(qapp: Any) -> None:
    upright, turned = lay_out(a_paper(1))[0], lay_out(a_paper(1, columns=9, wide=240))[0]
    assert (upright.width, upright.height) == (210 * MM, 297 * MM)
    assert (turned.width, turned.height) == (297 * MM, 210 * MM)


def test_the_same_pages_on_any_thread(qapp: Any, tmp_path: Path) -> None:
    """The worker lays out and writes while the window paints the pages it shows."""
    paper = a_paper(6, rows=60)
    before = [sheet.marks for sheet in lay_out(paper)]
    made: list[list[Sheet]] = []

    def work() -> None:
        for number in range(3):
            made.append(lay_out(paper))
            write_pdf(made[-1], tmp_path / f"{number}.pdf", "名单")

    thread = threading.Thread(target=work)
    thread.start()
    shown = lay_out(paper)
    while thread.is_alive():
        picture(shown[0], QSize(620, 877))
    thread.join()
    assert [[sheet.marks for sheet in sheets] for sheets in made] == [before] * 3
    assert len(pages_of(tmp_path / "2.pdf")) == len(before)


def test_nothing_is_smaller_than_nine_points() -> None:
    assert min(points for points, _, _ in LOOKS.values()) >= 9
    assert MARGIN == 12 * MM


def test_a_thousand_rows_can_be_stopped(qapp: Any) -> None:
    progress = Progress(lambda _done, _total, _what: progress.stop())
    with pytest.raises(Cancelled):
        lay_out(a_paper(2, rows=1_000, longest=12), progress)


# ---------------------------------------------------------------- painting


def dark(image: QImage, sheet: Sheet, mark: Badge) -> float:
    """Share of dark points in a mark's square."""
    k = image.width() / sheet.width
    room = mark.room
    points = [
        image.pixelColor(x, y).lightness() < 128
        for x in range(round(room.left() * k), round(room.right() * k))
        for y in range(round(room.top() * k), round(room.bottom() * k))
    ]
    return sum(points) / len(points)


def test_types_are_told_apart_without_colours(qapp: Any) -> None:
    rows = tuple((PaperCell((), key),) for key in TYPE_KEYS)
    paper = a_paper(0, rows=0)._replace(tables=(PaperTable("", (PaperColumn("", 180),), rows),))
    sheet = lay_out(paper)[0]
    image = picture(sheet, QSize(1240, 1754))
    marks = {mark.type: mark for mark in sheet.marks if isinstance(mark, Badge)}
    share = {key: dark(image, sheet, marks[key]) for key in TYPE_KEYS}
    assert share["loyal"] > 0.6
    assert max(share["potential"], share["drifting"], share["lost"]) < 0.5
    k = image.width() / sheet.width
    edges = {}
    for key, mark in marks.items():  # along the upper edge a dashed outline is broken
        y = round((mark.room.top() + mark.room.width() * 0.025) * k)
        quarter = mark.room.width() / 4
        middle = range(round((mark.room.left() + quarter) * k), round((mark.room.right() - quarter) * k))
        edges[key] = [image.pixelColor(x, y).lightness() < 160 for x in middle]
    assert all(edges["potential"])
    assert all(edges["drifting"])
    assert not all(edges["lost"])
    assert any(edges["lost"])
    assert all(image.pixelColor(x, y).saturation() == 0 for x in range(0, 1240, 7) for y in range(0, 1754, 7))


def pages_of(path: Path) -> list[tuple[float, float]]:
    """Width and height of the pages of a PDF in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", path.read_bytes())
    return [(float(wide), float(tall)) for wide, tall in boxes]


NO_FILE = pytest.mark.qt_log_ignore("QPainter::begin", "QPdf")


@NO_FILE
def test_a_pdf_has_every_page_on_a4(qapp: Any, tmp_path: Path) -> None:
    for columns, size in ((5, (595, 842)), (9, (842, 595))):
        sheets = lay_out(a_paper(4, columns=columns, wide=180 if columns == 5 else 240))
        path = tmp_path / f"{columns}.pdf"
        write_pdf(sheets, path, "名单")
        found = pages_of(path)
        assert len(found) == len(sheets)
        assert {(round(wide), round(tall)) for wide, tall in found} == {size}
    with pytest.raises(OSError, match="名单"):
        write_pdf(sheets, tmp_path / "none" / "a.pdf", "名单")


def to_file(path: Path) -> QPrinter:
    """A printer whose paper is a file."""
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


@NO_FILE
def test_a_printer_gets_the_pages_asked_for(qapp: Any, tmp_path: Path) -> None:
    sheets = lay_out(a_paper(5, rows=80))
    assert len(sheets) >= 4
    path = tmp_path / "all.pdf"
    print_out(sheets, to_file(path), "名单")
    assert len(pages_of(path)) == len(sheets)
    some = to_file(tmp_path / "some.pdf")
    some.setFromTo(2, 3)
    print_out(sheets, some, "名单")
    assert len(pages_of(tmp_path / "some.pdf")) == 2
    with pytest.raises(PrintFailed):
        print_out(sheets, to_file(tmp_path / "none" / "a.pdf"), "名单")


# ---------------------------------------------------------------- in the window


@pytest.fixture
def window(
    shop: Any, a_member: Callable[..., Any], a_sale: Callable[..., Any], qapp: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:  # fmt: skip
    shop.settings.begin("禾木衣坊", "林姐")
    for n in range(12):
        member = a_member(f"客{n}", joined=DAY - timedelta(days=400))
        for back in (7, 100, 200)[: 1 + n % 3]:
            a_sale(member, DAY - timedelta(days=back), 500 + n)
    shop.start_day()
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: ["HP"]))
    made = open_window(shop)
    yield made
    put_away(made, qapp)


def preview(window: MainWindow) -> PrintPreview:
    settle()
    dialog = open_dialog(window)
    assert isinstance(dialog, PrintPreview)
    return dialog


def said(dialog: PrintPreview) -> str:
    """Every text of the pages."""
    return "\n".join(m.text for sheet in dialog._sheets for m in sheet.marks if isinstance(m, Text))


def test_ctrl_p_prints_the_list_as_it_is_shown(
    window: MainWindow, qtbot: Any, shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.navigate("today")
    page: Any = window.current_page()
    press(qtbot, page, Qt.Key.Key_P, modifier=Qt.KeyboardModifier.ControlModifier)
    dialog = preview(window)
    names = [row.name for row in shop.view().tasks(shop.view().day_list().open)]
    assert [name for name in names if name not in said(dialog)] == []
    assert dialog.print is not None
    assert dialog.print.hasFocus()

    def choose(asked: QPrintDialog) -> int:
        asked.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        asked.printer().setOutputFileName(str(tmp_path / "out.pdf"))
        return int(QPrintDialog.DialogCode.Accepted)

    monkeypatch.setattr(QPrintDialog, "exec", choose)
    press(qtbot, dialog, Qt.Key.Key_Return)
    assert open_dialog(window) is None
    assert len(pages_of(tmp_path / "out.pdf")) >= 1
    assert window.toast_.text() == f"已送去打印：今日回访名单，{len(names)} 位"
    assert page.list.hasFocus()


def test_the_done_tab_and_single_rows_are_printed_too(window: MainWindow, shop: Any, qtbot: Any) -> None:
    first, second, *_ = shop.view().day_list().open
    shop.followups.finish(first, OutcomeDraft("reached", note="谢谢"))
    window.navigate("today")
    page: Any = window.current_page()
    page._reload()
    page._on_tab("done")
    qtbot.mouseClick(page.foot.print, Qt.MouseButton.LeftButton)
    dialog = preview(window)
    assert dialog.title.text() == "打印预览：今日已联系"
    assert "谢谢" in said(dialog)
    assert not dialog.message.isVisible()
    dialog.reject()
    page._on_tab("all")
    row = page.model.row_of(second)
    page.list.select_row(row)
    press(qtbot, page.list, Qt.Key.Key_Space)
    page._on_print()
    dialog = preview(window)
    assert dialog._paper.people == 1
    assert shop.view().tasks([second])[0].name in said(dialog)


def test_pages_are_turned_by_keys(
    window: MainWindow, qtbot: Any, shop: Any, a_member: Callable[..., Any]
) -> None:
    for n in range(90):
        a_member(f"多{n}")
    window.navigate("members")
    page: Any = window.current_page()
    page._requery()
    qtbot.mouseClick(page.print, Qt.MouseButton.LeftButton)
    dialog = preview(window)
    n = len(dialog._sheets)
    assert n >= 3
    assert dialog.place.text() == f"第 1 页，共 {n} 页"
    assert not dialog.before.isEnabled()
    for _ in range(30):
        press(qtbot, dialog, Qt.Key.Key_PageDown)
    assert dialog.place.text() == f"第 {n} 页，共 {n} 页"
    assert not dialog.next.isEnabled()
    press(qtbot, dialog, Qt.Key.Key_Home)
    press(qtbot, dialog, Qt.Key.Key_PageUp)
    assert dialog._at == 0
    press(qtbot, dialog, Qt.Key.Key_End)
    assert dialog._at == n - 1
    assert dialog.sheet.verticalScrollBar().value() == 0
    qtbot.mouseClick(dialog.before, Qt.MouseButton.LeftButton)
    assert dialog._at == n - 2
    high = dialog.sheet._page.height()
    dialog.zoom.picked.emit("whole")
    settle()
    assert dialog.sheet._page.height() < high
    assert dialog.sheet.verticalScrollBar().maximum() == 0
    press(qtbot, dialog, Qt.Key.Key_PageUp)
    assert dialog._at == n - 3


def test_whole_messages_and_masked_numbers_can_be_had(window: MainWindow, shop: Any) -> None:
    window.navigate("today")
    page: Any = window.current_page()
    page._on_print()
    dialog = preview(window)
    task = shop.view().day_list().open[0]
    message = shop.view().message(task).text
    assert squeezed([message]) not in squeezed([said(dialog)])
    dialog.message.setChecked(True)
    settle()
    assert squeezed([message]) in squeezed([said(dialog)])
    assert "138 0000" in said(dialog)
    dialog.masked.setChecked(True)
    settle()
    assert "138 0000" not in said(dialog)
    assert "138 ****" in said(dialog)
    assert squeezed([message]) in squeezed([said(dialog)])
    assert t("pr.foot") not in said(dialog)


def test_who_may_not_see_numbers_prints_none(window: MainWindow, shop: Any) -> None:
    clerk = shop.settings.add_staff("小录", "assistant").value
    window.session.set_staff(next(one for one in shop.view().staff() if one.id == clerk))
    window.navigate("today")
    page: Any = window.current_page()
    page._on_print()
    dialog = preview(window)
    assert "138 ****" in said(dialog)
    assert "138 0000" not in said(dialog)
    assert dialog.masked.isChecked()
    assert not dialog.masked.isEnabled()


@NO_FILE
def test_a_printer_that_is_off_is_tried_again(
    window: MainWindow, qtbot: Any, tmp_path: Path, shop: Any
) -> None:
    window.navigate("today")
    page: Any = window.current_page()
    page._on_print()
    dialog = preview(window)
    folder = tmp_path / "none"
    dialog.send_to(to_file(folder / "a.pdf"))
    assert preview(window) is dialog
    assert dialog.problem.isVisible()
    folder.mkdir()
    dialog.problem.acted.emit()
    assert open_dialog(window) is None
    assert (folder / "a.pdf").exists()
    exports = shop.store.read().value("SELECT count(*) FROM journal_entry WHERE kind='export'")
    assert exports == 1


def test_without_a_printer_there_is_the_pdf(
    window: MainWindow, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: []))
    asked = []

    def name(_parent: object, _title: str, start: str, _filter: str) -> tuple[str, str]:
        asked.append(Path(start).name)
        return str(tmp_path / "名单"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", name)
    window.navigate("today")
    page: Any = window.current_page()
    page._on_print()
    dialog = preview(window)
    assert dialog.print is None
    assert dialog.pdf.hasFocus()
    press(qtbot, dialog, Qt.Key.Key_Return)
    assert asked == ["回访名单_2026-11-21.pdf"]
    assert open_dialog(window) is None
    assert len(pages_of(tmp_path / "名单.pdf")) >= 1
    assert str(tmp_path) in window.toast_.text()


def test_members_and_a_card_from_their_page(window: MainWindow, shop: Any, qtbot: Any) -> None:
    window.navigate("members")
    page: Any = window.current_page()
    page.search("客1")
    settle()
    press(qtbot, page.list, Qt.Key.Key_P, modifier=Qt.KeyboardModifier.ControlModifier)
    dialog = preview(window)
    ids = list(shop.view().ids(Query(text="客1")))
    assert dialog._paper.people == len(ids) > 1
    for column in page.model.columns:
        if column.title:
            assert t(column.title) in said(dialog)
    dialog.reject()
    page.list.select_id(ids[0])
    press(qtbot, page.list, Qt.Key.Key_Space)
    qtbot.mouseClick(page.print_chosen, Qt.MouseButton.LeftButton)
    dialog = preview(window)
    assert dialog._paper.people == 1
    dialog.reject()
    settle()
    action = next(action for action in page.more_menu().actions() if action.text() == t("mb.print"))
    action.trigger()
    dialog = preview(window)
    assert dialog._paper.title == shop.view().member(ids[0]).name
    assert "2026-11-14" in said(dialog)


def test_nobody_left_to_print_is_said(window: MainWindow, shop: Any) -> None:
    window.navigate("today")
    page: Any = window.current_page()
    for task in shop.view().day_list().open:
        shop.followups.finish(task, OutcomeDraft("reached"))
    page._on_print()  # the screen does not know yet
    settle()
    dialog = open_dialog(window)
    assert dialog is not None
    assert not isinstance(dialog, PrintPreview)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_of_the_shop_is_in_place(window: MainWindow, shop: Any, language: str) -> None:
    use(language)
    view = shop.view()
    shop.members.save(view_draft(view.member(1)))
    first, *tasks = view.day_list().open
    shop.followups.finish(first, OutcomeDraft("no_answer", note="说来话长" * 40))
    columns = ("name", "phone", "last", "n12", "spend12", "spend", "sizes", "staff", "next", "joined")
    for paper in (
        shop.papers.day_list(tasks),
        shop.papers.day_list(tasks, whole_message=True, type="loyal"),
        shop.papers.done_list(shop.view().day_list().done),
        shop.papers.member_list(Query(), columns[:6]),
        shop.papers.member_list(Query(), columns),
        shop.papers.member_card(1),
    ):
        sheets = lay_out(paper)
        assert_in_place(sheets)
        for before, after in pairwise(sheets):
            assert before.marks != after.marks


def view_draft(card: Any) -> Any:
    """A member with much to say."""
    from shopcrm.basics.records import MemberDraft

    return MemberDraft(
        id=card.id, name="欧阳若云" * 5, phones=tuple((key, key) for key in card.phones), size_top="M",
        likes="羊绒、深色" * 9, notes="她说以后想要更长一点的大衣。\n" * 90, tags="老客、送货上门",
        wechat="averyveryverylongwechatnamewithoutanyblankinit", best_time="19:00-",
    )  # fmt: skip


def test_tomorrows_list_is_printed_as_such_and_once(window: MainWindow, shop: Any) -> None:
    window.navigate("today")
    page: Any = window.current_page()
    page._on_ahead()
    settle()
    assert page.model.ids
    page._on_print()
    page._on_print()
    dialog = preview(window)
    assert dialog._paper.title == "明日回访名单"
    assert "2026年11月22日 周日" in said(dialog)
    dialog.reject()
    assert open_dialog(window) is None
