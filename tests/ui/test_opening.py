"""Opening a shop's file before the screen is there."""

import os
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from shopcrm.basics.errors import Cancelled, StoreError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import MemberDraft
from shopcrm.shop import Shop, ShopView
from tests.ui.real_window import put_away
from ui import opening
from ui.app import App, run
from ui.dialogs.restore import DamagedDialog
from ui.jobs import InlineJobs, WorkerJobs
from ui.opening import Ahead, Elsewhere, LookingOver, Opened, Opener, started
from ui.session import Preferences
from ui.widgets import Banner, Dialog

NOW = datetime(2026, 11, 21, 10, 0)
ROOT = Path(__file__).parents[2]


def a_file(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    with Shop.open(folder / "shop.db", clock=lambda: NOW) as shop:
        shop.members.save(MemberDraft(name="王丽"))
    return folder / "shop.db"


def close(opened: Opened) -> None:
    opened.view.close()
    opened.worker_view.close()
    opened.shop.close()


def test_what_was_opened_ahead_is_handed_over_once_and_then_opened_anew(tmp_path: Path) -> None:
    turn = sys.getswitchinterval()
    ahead = Ahead(Opener(a_file(tmp_path), lambda: NOW))
    assert ahead._thread is not None
    ahead._thread.join()
    assert ahead.is_ready
    first = ahead(Progress())
    assert not ahead.is_ready
    assert first.view.total() == 1
    close(first)
    second = ahead(Progress())
    assert second.shop is not first.shop
    close(second)
    assert sys.getswitchinterval() == turn


def test_who_waits_behind_the_list_is_counted_when_others_may_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, asked = Event(), {}
    for name in ("first_tasks", "tasks", "day_list"):
        real = getattr(ShopView, name)

        def noted(view: ShopView, *what: Any, name: str = name, real: Any = real, **how: Any) -> Any:
            asked[name] = alone.is_set()
            return real(view, *what, **how)

        monkeypatch.setattr(ShopView, name, noted)
    with Shop.open(a_file(tmp_path), clock=lambda: NOW) as shop:
        view = shop.view()
        opened = Opened(shop, view, view)
        opening._read_ahead(opened, alone)
        assert asked == {"first_tasks": False, "tasks": False, "day_list": True}
        assert view.first_tasks() == view.day_list().open
        view.close()


def test_what_went_wrong_is_told_where_the_shop_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"no shop at all" * 20)
    ahead = Ahead(Opener(tmp_path / "shop.db", lambda: NOW))
    for _ in range(2):
        with pytest.raises(StoreError) as wrong:
            ahead(Progress())
        assert wrong.value.code == "notadb"


def test_opening_ahead_can_be_stopped(tmp_path: Path) -> None:
    class Slow(Opener):
        def __call__(self, progress: Progress) -> Any:
            while True:
                progress.step(0, 1, "progress.x")

    asked = Progress()
    ahead = Ahead(Slow(tmp_path / "shop.db", lambda: NOW))
    asked.stop()
    with pytest.raises(Cancelled):
        ahead(asked)


def test_a_day_that_cannot_be_started_closes_the_file(tmp_path: Path) -> None:
    shop = Shop.open(a_file(tmp_path), clock=lambda: NOW)
    shop.start_day = lambda progress: 1 / 0  # type: ignore[assignment, method-assign]
    with pytest.raises(ZeroDivisionError):
        started(shop, Progress())
    Shop.open(tmp_path / "shop.db", clock=lambda: NOW).close()  # nobody holds it any more


def test_nothing_of_the_screen_is_loaded_for_it() -> None:
    asked = "import sys, ui.opening; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("again", [False, True])
def test_a_page_made_ahead_is_shown_and_looks_like_any_other(qapp: Any, tmp_path: Path, again: bool) -> None:
    pictures = []
    for ahead in (False, True):
        shop = Shop.open(a_file(tmp_path / str(ahead)), clock=lambda: NOW)
        shop.settings.set("shop.name", "禾木衣坊")
        root = App(qapp, InlineJobs(), Preferences(), lambda: NOW)
        root.window.resize(1366, 697)
        if ahead:
            root.window.make_first_page()
            if again:  # another theme while the file is being opened
                root.window.rebuild()
                root.window.make_first_page()
            made = root.window._pages["today"]
        root.window.show()
        root.session.open(lambda progress, shop=shop: shop)
        root.window.apply_layout()
        qapp.processEvents()
        if ahead:
            assert root.window.current_page() is made
            assert root.window.stack.count() == 2
        pictures.append(root.window.grab().toImage())
        root.window._resized.stop()
        root.window.close()
    assert pictures[0] == pictures[1]


_BOTH_WAYS = """
import sys
from datetime import datetime
from ui import app, theme
from ui.jobs import InlineJobs
from ui.session import Preferences

qapp, now = app._application(), datetime(2026, 11, 21, 10, 0)
for later in (True, False):  # another theme first: only what changed is set
    pictures = []
    for mode in ("dark", "light"):
        preferences = Preferences()
        preferences.set("mode", mode)
        root = app.App(qapp, InlineJobs(), preferences, lambda: now, with_sheet=not later)
        root.window.resize(1366, 697)
        root.window.make_first_page()
        assert (theme.now().tokens.win in qapp.styleSheet()) is not later
        theme.give_sheet(qapp)
        root.window.show()
        root.open(sys.argv[1])
        root.window.apply_layout()
        qapp.processEvents()
        pictures.append(root.window.grab().toImage())
        root.window._resized.stop()
        root.window.close()
    if later:
        made_before = pictures
print(pictures == made_before, pictures[0] != pictures[1])
"""


def test_a_page_made_before_its_style_sheet_looks_like_any_other(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BOTH_WAYS, str(a_file(tmp_path))],
        cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "True"], done.stderr


def second_start(file: Path) -> subprocess.Popen[str]:
    code = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from shopcrm.basics.errors import StoreError
from shopcrm.basics.progress import Progress
from ui.opening import Elsewhere, Opener
try:
    Opener(Path(sys.argv[1]), lambda: datetime(2026, 11, 21, 10, 0))(Progress()).close()
    print("open")
except Elsewhere:
    print("elsewhere")
except StoreError as error:
    print(error.code)
"""
    return subprocess.Popen(
        [sys.executable, "-c", code, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_second_start_brings_the_first_window_forward(qtbot: Any, qapp: Any, tmp_path: Path) -> None:
    file = a_file(tmp_path)
    app = App(qapp, InlineJobs(), Preferences(), lambda: NOW)
    app.listen()
    app.open(file)
    window = app.window
    window.showMinimized()
    child = second_start(file)
    qtbot.waitUntil(lambda: child.poll() is not None, timeout=20_000)
    assert child.communicate()[0] == "elsewhere\n"
    assert not window.isMinimized()
    assert window.isVisible()
    put_away(window, qapp)
    assert (
        second_start(file).communicate()[0] == "open\n"
    )  # nothing is left that would have to be asked about


def test_a_first_copy_that_does_not_answer_is_told_of(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    with Shop.open(file, clock=lambda: NOW):  # a command, say: it has no window
        assert second_start(file).communicate()[0] == "second_copy\n"


def test_a_window_that_is_not_needed_goes(qtbot: Any, qapp: Any, tmp_path: Path) -> None:
    app = App(qapp, InlineJobs(), Preferences(), lambda: NOW)
    app.window.show()

    class There(Opener):
        def __call__(self, progress: Progress) -> Shop:
            raise Elsewhere

    app.session.open(There(tmp_path / "shop.db", lambda: NOW))
    assert not app.window.isVisible()
    assert app.window.findChildren(Dialog) == []
    put_away(app.window, qapp)
    ahead = Ahead(There(tmp_path / "shop.db", lambda: NOW))
    assert ahead._thread is not None
    ahead._thread.join()
    assert ahead.is_elsewhere
    assert run(ahead=ahead) == 0


def told(app: App) -> list[str]:
    """What stands in banners."""
    texts = [banner._words.text() for banner in app.window.findChildren(Banner)]
    return [text for text in texts if text]


def test_a_shop_in_a_cloud_folder_is_warned_about_until_it_was_read(qapp: Any, tmp_path: Path) -> None:
    file = a_file(tmp_path / "我的坚果云")
    prefs = Preferences()
    for shown in (True, False):
        app = App(qapp, InlineJobs(), prefs, lambda: NOW)
        app.watch_the_day()
        app.open(file)
        assert ["坚果云" in text for text in told(app)] == [True] * shown
        for banner in app.window.findChildren(Banner):
            banner.acted.emit()
        app._timer.stop()
        app.stop_looking()
        put_away(app.window, qapp)


def with_a_broken_page(file: Path) -> bytes:
    """A page of the members overwritten: the file opens, and the list would be wrong."""
    with Shop.open(file, clock=lambda: NOW) as shop:
        shop.backups.now("by_hand")
    db = sqlite3.connect(file)
    with db:
        db.executemany("INSERT INTO member (notes) VALUES (?)", [("喜欢深色" * 60,)] * 400)
    page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'member'").fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    raw = bytearray(file.read_bytes())
    raw[(page - 1) * size : page * size] = bytes(range(256)) * (size // 256)
    file.write_bytes(raw)
    return bytes(raw)


def test_damage_is_found_after_the_start_never_written_on_and_healed(
    qtbot: Any, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opening, "LOOK_AFTER_SECONDS", 0.05)
    file = a_file(tmp_path)
    broken = with_a_broken_page(file)
    app = App(qapp, WorkerJobs(), Preferences(), lambda: NOW)
    app.session.opened.connect(app._look_over)
    app.window.show()

    class WithoutAStart(Opener):  # the day's start would meet the damage
        def __call__(self, progress: Progress) -> Any:
            shop = super().__call__(progress)
            return Opened(shop, shop.view(), shop.view())

    app.session.open(WithoutAStart(file, lambda: NOW))
    qtbot.waitUntil(lambda: app.window.findChildren(DamagedDialog) != [], timeout=20_000)
    assert not app.session.is_open
    assert file.read_bytes() == broken
    assert "damaged" in caplog.text
    app.window.findChildren(DamagedDialog)[0].yes.click()
    qtbot.waitUntil(lambda: app.session.is_open, timeout=20_000)
    assert app.session.view.total() == 1
    assert any(broken == kept.read_bytes() for kept in tmp_path.rglob("*") if kept.is_file())
    app.stop_looking()
    put_away(app.window, qapp)


def test_a_changed_audit_trail_is_told_behind_the_start(
    qtbot: Any, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opening, "LOOK_AFTER_SECONDS", 0.05)
    file = a_file(tmp_path)
    with Shop.open(file, clock=lambda: NOW) as shop:
        shop.settings.begin("禾木衣坊", "")
        shop.store.connection.execute("DROP TRIGGER audit_unchanged")
        shop.store.connection.execute("UPDATE audit SET staff = '小雯'")
    app = App(qapp, WorkerJobs(), Preferences(), lambda: NOW)
    app.session.opened.connect(app._look_over)
    app.open(file)
    qtbot.waitUntil(lambda: told(app) != [], timeout=20_000)
    assert "第 1 行" in told(app)[0]
    assert "line 1" in caplog.text
    assert app.session.is_open  # the records are as good as they were
    app.stop_looking()
    put_away(app.window, qapp)


def test_whoever_books_is_not_kept_waiting_by_the_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LOOK_AFTER_SECONDS", 0.01)
    file, busy, told = a_file(tmp_path), [True], []
    asked = Event()

    def is_busy() -> bool:
        asked.set()
        return busy[0]

    with_a_broken_page(file)
    looking = LookingOver(file, is_busy, told.append)
    assert asked.wait(10)
    assert told == []
    busy[0] = False
    looking._thread.join(10)
    assert len(told) == 1
    assert told[0]
    LookingOver(file, lambda: True, told.append).stop()
    assert len(told) == 1


def test_a_clock_behind_what_was_entered_is_told(qapp: Any, tmp_path: Path) -> None:
    file = a_file(tmp_path)
    for today, days in ((NOW, []), (NOW - timedelta(days=2), ["11月21日"])):
        app = App(qapp, InlineJobs(), Preferences(), lambda today=today: today)  # type: ignore[misc]
        app.session.opened.connect(app._warn_of_clock)
        app.open(file)
        assert len(told(app)) == len(days)
        assert all(day in text for day, text in zip(days, told(app), strict=True))
        put_away(app.window, qapp)
