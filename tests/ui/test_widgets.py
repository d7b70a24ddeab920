"""What a page builder relies on in every widget, at every font level."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QIcon, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import theme
from ui.widgets import (
    Banner,
    Button,
    CheckBox,
    Chip,
    Combo,
    Dialog,
    ElidedLabel,
    EmptyState,
    EvidenceBox,
    FieldBlock,
    FocusRing,
    Input,
    KeyHint,
    Label,
    OutcomeTile,
    SearchBox,
    Segmented,
    Stepper,
    TabBar,
    TagRow,
    TextArea,
    Toast,
    TypeBadge,
    TypePill,
    gallery,
    open_dialog,
)


@pytest.fixture(autouse=True)
def light(qapp: Any) -> None:
    theme.apply(qapp)


@pytest.fixture
def window(qtbot: Any) -> QWidget:
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    made.activateWindow()
    return made


def put(window: QWidget, *widgets: QWidget) -> None:
    for widget in widgets:
        window.layout().addWidget(widget)
    QCoreApplication.processEvents()


@pytest.mark.parametrize("role", ["primary", "normal", "danger"])
def test_the_icon_of_a_button_follows_its_state(window: QWidget, role: str) -> None:
    button = Button("保存", role, "check")
    put(window, button)

    def seen() -> bytes:
        mode = QIcon.Mode.Normal if button.isEnabled() else QIcon.Mode.Disabled
        return bytes(button.icon().pixmap(button.iconSize(), mode).toImage().constBits())

    usual = seen()
    button.setEnabled(False)
    grey = seen()
    assert grey != usual
    tokens = theme.now().tokens
    assert QColor(tokens.tx2 if role == "primary" else tokens.txd).name() in {
        QColor(button.icon().pixmap(button.iconSize(), QIcon.Mode.Disabled).toImage().pixel(x, y)).name()
        for x in range(18)
        for y in range(18)
    }
    button.setEnabled(True)
    assert seen() == usual
    window.setEnabled(False)
    assert seen() == grey, "also when what stands around it is disabled"


@pytest.mark.parametrize("level", theme.LEVELS)
def test_controls_have_the_heights_of_the_design(qapp: Any, window: QWidget, level: str) -> None:
    k = theme.apply(qapp, "light", level).k
    expected = [
        (Button("保存", "primary"), 40),
        (Button("保存", size="small"), 32),
        (Button("保存", size="big"), 48),
        (Input(), 40),
        (Combo([(1, "一")]), 40),
        (Stepper(1, 9), 40),
        (OutcomeTile(1, "联系上了"), 46),
        (Chip("本月生日", 21), 36),
        (TabBar([("a", "全部")]), 42),
        (Segmented([("a", "买了")]), 46),
        (TypePill("lost"), 26),
    ]
    put(window, *[widget for widget, _ in expected])
    qapp.processEvents()
    for widget, height in expected:
        assert abs(max(widget.sizeHint().height(), widget.minimumHeight()) - height * k) <= 1, type(
            widget
        ).__name__
    theme.apply(qapp)


def test_undo_key_of_an_empty_field_belongs_to_the_window(window: QWidget) -> None:
    for field in (Input(), TextArea(), SearchBox()):
        put(window, field)
        empty = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert field.event(empty) is False
        assert not empty.isAccepted()
        field.setFocus()
        (field.insert if isinstance(field, Input) else field.insertPlainText)("字")
        typed = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        field.event(typed)
        assert typed.isAccepted()


def test_search_is_live_also_while_pinyin_is_composed(qtbot: Any, window: QWidget) -> None:
    box = SearchBox("找人")
    put(window, box)
    seen: list[str] = []
    box.searched.connect(seen.append)
    qtbot.keyClicks(box, "44")
    box.clear()
    box.inputMethodEvent(QInputMethodEvent("zhou'm l", []))
    assert seen == ["4", "44", "", "zhouml"]
    box.set_quietly("周")
    assert seen[-1] == "zhouml"


def test_search_box_keys(qtbot: Any, window: QWidget) -> None:
    box = SearchBox()
    put(window, box)
    moved: list[int] = []
    entered: list[bool] = []
    box.moved.connect(moved.append)
    box.entered.connect(entered.append)
    box.setText("4471")
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (moved, entered) == ([1, -1], [False, True])
    with qtbot.assertNotEmitted(box.escaped):
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""
    with qtbot.waitSignal(box.escaped):
        qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_a_field_says_what_is_wrong_until_it_is_typed_into(qtbot: Any, window: QWidget) -> None:
    field = Input()
    block = FieldBlock("手机号 *", field)
    put(window, block)
    block.set_error("手机号要 11 位")
    assert field.property("wrong") == "true"
    assert field.accessibleDescription() == "手机号要 11 位"
    assert field.accessibleName() == "手机号"
    qtbot.keyClicks(field, "1")
    assert block.error() == ""
    assert field.property("wrong") == "false"


def test_combo_tells_only_what_the_user_picks(window: QWidget) -> None:
    combo = Combo([("a", "一"), ("b", "二")])
    put(window, combo)
    seen: list[object] = []
    combo.picked.connect(seen.append)
    combo.set_value("b")
    combo.set_value("unknown")
    assert combo.value() == "b"
    combo.activated.emit(0)
    assert seen == ["a"]


def test_stepper_stays_in_its_range_and_marks_a_change(qtbot: Any, window: QWidget) -> None:
    stepper = Stepper(1, 20, unit="rp.times")
    put(window, stepper)
    stepper.set_original(4)
    stepper.set_value(4)
    assert stepper.property("changed") == "false"
    seen: list[int] = []
    stepper.changed.connect(seen.append)
    field = stepper.focusProxy()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert seen == [5, 15, 20]
    assert stepper.property("changed") == "true"
    field.setText("999")
    field.editingFinished.emit()
    assert stepper.value() == 20
    field.setText("")
    field.editingFinished.emit()
    assert stepper.value() == 20


def test_stepper_tells_while_typed_and_waits_with_what_is_out_of_range(qtbot: Any, window: QWidget) -> None:
    stepper = Stepper(5, 60, unit="rp.days", none="不限")
    put(window, stepper)
    seen: list[int] = []
    stepper.changed.connect(seen.append)
    field = stepper.focusProxy()
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "45")  # 4 is none yet
    assert (seen, field.text()) == ([45], "45")
    field.setCursorPosition(0)
    qtbot.keyClicks(field, "2")
    assert (seen, field.text(), stepper.value()) == ([45], "245", 45)
    field.setCursorPosition(2)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    assert (seen, field.cursorPosition()) == ([45, 24], 2)
    stepper.set_range(0, 9)
    assert (stepper.value(), seen) == (9, [45, 24])
    stepper.set_value(0)
    field.clearFocus()
    assert field.text() == "不限"


def test_tabs_move_by_arrows_and_tell_once(qtbot: Any, window: QWidget) -> None:
    tabs = TabBar([("all", "全部"), ("loyal", "忠诚型", "loyal"), ("lost", "流失型", "lost")])
    put(window, tabs)
    seen: list[str] = []
    tabs.picked.connect(seen.append)
    tabs.set_count("loyal", 6)
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    qtbot.keyClick(tabs, Qt.Key.Key_Left)
    qtbot.keyClick(tabs, Qt.Key.Key_Left)
    assert seen == ["loyal", "all", "lost"]
    tabs.set_current("loyal")
    assert tabs.current() == "loyal"
    assert len(seen) == 3


def test_segmented_picks_by_mouse_and_arrows(qtbot: Any, window: QWidget) -> None:
    parts = Segmented([("a", "买了"), ("b", "试了没买"), ("c", "看看")])
    put(window, parts)
    parts.resize(600, 46)
    seen: list[str] = []
    parts.picked.connect(seen.append)
    qtbot.mouseClick(parts, Qt.MouseButton.LeftButton, pos=parts.rect().center())
    qtbot.keyClick(parts, Qt.Key.Key_Right)
    qtbot.keyClick(parts, Qt.Key.Key_Right)
    assert seen == ["b", "c", "a"]


def test_chip_counts_and_closes(qtbot: Any, window: QWidget) -> None:
    chip = Chip("60 天没来", 1099, closable=True)
    put(window, chip)
    assert chip.words() == "60 天没来 1,099"
    chip.setChecked(True)
    chip.resize(chip.sizeHint())
    with qtbot.waitSignal(chip.closed):
        qtbot.mouseClick(
            chip,
            Qt.MouseButton.LeftButton,
            pos=QPoint(chip.width() - 15, chip.height() // 2),
        )


def test_tiles_leave_enter_to_the_page(qtbot: Any, window: QWidget) -> None:
    tile = OutcomeTile(3, "会来店")
    put(window, tile)
    qtbot.keyClick(tile, Qt.Key.Key_Return)
    assert not tile.isChecked()
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    assert tile.isChecked()
    assert tile.accessibleName() == "3 会来店"


def test_only_a_cut_label_has_a_tooltip(window: QWidget) -> None:
    label = ElidedLabel("羊绒衫 米白 ¥698 很长的一句话")
    put(window, label)
    label.resize(60, 20)
    assert label.text().endswith("…")
    assert label.toolTip() == label.whole_text()
    label.resize(600, 20)
    assert label.text() == label.whole_text()
    assert label.toolTip() == ""


def test_tags_beyond_two_rows_are_counted(qapp: Any, window: QWidget) -> None:
    tags = TagRow(2)
    put(window, tags)
    tags.resize(200, 100)
    tags.set_tags([(f"喜好{number}", "") for number in range(12)])
    last = tags._tags[-1]
    assert last.text.startswith("+")
    assert int(last.text[1:]) + len(tags._tags) - 1 == 12
    assert "喜好11" in last.toolTip()


@pytest.mark.parametrize(
    ("language", "letter", "name"), [("zh_TW", "潛", "潛在型"), ("en", "P", "Potential")]
)
def test_types_are_named_in_the_language(window: QWidget, language: str, letter: str, name: str) -> None:
    from shopcrm.basics import texts
    from ui.theme import paint

    texts.use(language)
    assert paint.letter("potential") == letter
    badge, pill = TypeBadge("potential"), TypePill("potential")
    put(window, badge, pill)
    assert badge.accessibleName() == pill.accessibleName() == name


def test_evidence_shows_one_line_a_rule(window: QWidget) -> None:
    box = EvidenceBox()
    put(window, box)
    box.set_evidence("drifting", "为什么是游离型", [(False, "买 <b>2</b> 次"), (True, "<b>66</b> 天前来过")])
    assert box.isVisible()
    assert len(box._rows) == 3
    box.set_evidence("loyal", "为什么是忠诚型", [(True, "买 <b>9</b> 次")])
    assert len(box._rows) == 2


def test_a_dialog_keeps_the_keyboard_and_gives_it_back(qtbot: Any, window: QWidget) -> None:
    behind = Input()
    put(window, behind)
    behind.setFocus()
    dialog = Dialog(window, "新会员")
    first, second = Input(), Input()
    dialog.body.addWidget(first)
    dialog.body.addWidget(second)
    dialog.add_button("取消")
    save = dialog.add_button("保存", "primary")
    dialog.open()
    assert open_dialog(window) is dialog
    assert first.hasFocus()
    seen = [window.focusWidget()]
    for _ in range(4):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        seen.append(window.focusWidget())
    assert seen[0] is first
    assert seen[1] is second
    assert save in seen
    assert seen[4] is first
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(first, Qt.Key.Key_Return)
    assert behind.hasFocus()
    assert open_dialog(window) is None


def test_escape_rejects_and_a_disabled_primary_does_nothing(qtbot: Any, window: QWidget) -> None:
    dialog = Dialog(window, "问一句")
    field = Input()
    dialog.body.addWidget(field)
    go = dialog.add_button("好", "primary")
    go.setEnabled(False)
    dialog.open()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert open_dialog(window) is dialog
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(field, Qt.Key.Key_Escape)


def test_enter_in_several_lines_of_text_is_text(qtbot: Any, window: QWidget) -> None:
    dialog = Dialog(window, "备注")
    area = TextArea()
    dialog.body.addWidget(area)
    dialog.add_button("好", "primary")
    dialog.open()
    qtbot.keyClick(area, Qt.Key.Key_Return)
    assert area.toPlainText() == "\n"
    dialog.reject()


def test_toast_offers_undo_and_a_new_one_replaces_it(qtbot: Any, window: QWidget) -> None:
    toast = Toast(window)
    toast.say("已记录", undo=True)
    assert toast.text() == "已记录"
    with qtbot.waitSignal(toast.undo_wanted):
        toast._act.click()
    assert toast.text() == ""
    hit: list[int] = []
    toast.say("已存到文件夹", action="打开", slot=lambda: hit.append(1))
    toast._act.click()
    assert hit == [1]


def test_toast_goes_by_itself(qtbot: Any, window: QWidget) -> None:
    toast = Toast(window)
    toast.seconds = 0.01
    toast.say("已记录")
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_ring_follows_the_keyboard_and_not_lists(qtbot: Any, window: QWidget) -> None:
    ring = FocusRing(window)
    one, two = Input(), Input()
    two.no_ring = True  # type: ignore[attr-defined]
    put(window, one, two)
    one.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(ring.isVisible)
    place = one.mapTo(window, one.rect().topLeft())
    assert ring.geometry().contains(place)
    two.setFocus(Qt.FocusReason.TabFocusReason)
    assert not ring.isVisible()


def test_banner_acts_and_closes(qtbot: Any, window: QWidget) -> None:
    banner = Banner("warn", "已经 9 天没备份了", "现在备份")
    put(window, banner)
    with qtbot.waitSignal(banner.acted):
        banner._action.click()


def test_checkbox_toggles_anywhere_on_its_words(qtbot: Any, window: QWidget) -> None:
    box = CheckBox("顺便完成今天的跟进")
    put(window, box)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center())
    assert box.isChecked()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_label_of_the_gallery_is_cut(qapp: Any, qtbot: Any, mode: str) -> None:
    theme.apply(qapp, mode)
    sheet = gallery.build()
    qtbot.addWidget(sheet)
    sheet.resize(1366, 1003)
    sheet.show()
    qapp.processEvents()
    for label in sheet.findChildren(Label):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.sizeHint().width() - 1, label.text()
    for button in sheet.findChildren(Button):
        if button.isVisible() and button.text():
            assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()), button.text()
    sheet.hide()
    theme.apply(qapp)


def test_making_a_widget_opens_no_window(qapp: Any, qtbot: Any) -> None:
    evidence = EvidenceBox()
    evidence.set_evidence("lost", "为什么", [(True, "x")])
    made = [
        KeyHint("F2", "柜台"),
        Banner("info", "示例店", "换成我的店"),
        EmptyState("database", "还没有会员", "先放进来一些"),
        FieldBlock("手机号", Input()),
        Chip("本月生日", 21, closable=True),
        evidence,
    ]
    for widget in made:
        qtbot.addWidget(widget)
    assert [window for window in qapp.topLevelWidgets() if window.isVisible()] == []


def test_a_dialog_is_as_high_as_its_words_at_every_width(window: QWidget) -> None:
    words = "从坏了的文件里救出的都在这里，" * 8
    for wide in range(300, 332):
        dialog = Dialog(window, "?", width=wide)
        label = Label(words, wrap=True)
        dialog.body.addWidget(label)
        dialog.open()
        QCoreApplication.processEvents()
        assert label.height() >= label.heightForWidth(label.width()), wide
        dialog.accept()
