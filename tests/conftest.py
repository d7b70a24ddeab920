"""What every test stands on: a fixed day, a data folder of its own, no network, and nothing left behind."""

import gc
import importlib
import logging
import os
import pkgutil
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["SHOPCRM_FORCE_FONT"] = "1"  # pictures and text widths are the same on every machine

import shopcrm
import ui
from shopcrm.basics import texts
from shopcrm.basics.records import LineDraft, MemberDraft, MemberId, SaleDraft, SaleId, VisitDraft, VisitId

DAY = date(2026, 11, 21)

# First calls load tables and machines are shared: time is measured in tests/bench, not here.
# The same examples in every run: new ones are looked for behind --slow, not by chance in somebody's check.
hypothesis.settings.register_profile("shop", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True)
hypothesis.settings.load_profile("shop")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also the tests that take many seconds")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--slow"):
        hypothesis.settings.load_profile("search")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    slow = [item for item in items if "slow" in item.keywords]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if "slow" not in item.keywords]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Examples are also made of the numbers and words in the modules that are loaded; with all of them loaded
    beforehand it makes no difference which tests ran before in the same process."""
    if any("hypothesis" in item.keywords for item in session.items):
        for package in (shopcrm, ui):
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)


# -- guards: every test, whether it knows them or not --------------------------------------------------------


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test alone, and the language every test starts in."""
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("SHOPCRM_DATA", str(folder))
    texts.use("zh_CN")
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be reached: a shop's data goes nowhere."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            pytest.fail(f"network call to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def nothing_left_running(own_folder: Path) -> Iterator[None]:
    """No thread, active timer or visible window outlives its test."""
    if "PySide6.QtWidgets" in sys.modules:
        gc.collect()  # the last test's windows go now and not in the middle of making the next one's
        gc.freeze()  # what is left stays to the end: no need to look at it again in every test
        _calm_screen()
    threads, windows = set(threading.enumerate()), _windows()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=2)
    left = [thread.name for thread in set(threading.enumerate()) - threads]
    assert not left, f"threads left running: {left}"
    if "PySide6.QtWidgets" in sys.modules:
        _no_screen_left(windows)


def _calm_screen() -> None:
    """The last test's pointer may stand where a toast comes up, and a toast under the pointer stays."""
    from PySide6.QtGui import QCursor
    from PySide6.QtWidgets import QApplication

    if QApplication.instance():
        QCursor.setPos(0, 0)
        # Closing a test's last window would tell Qt to quit, and every later event loop would end at once.
        QApplication.setQuitOnLastWindowClosed(False)


def _windows() -> list[Any]:
    if "PySide6.QtWidgets" not in sys.modules:
        return []
    from PySide6.QtWidgets import QApplication

    return QApplication.topLevelWidgets() if QApplication.instance() else []


def _no_screen_left(known: list[Any]) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QLayout, QLayoutItem
    from shiboken6 import getAllValidWrappers

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    made = [window for window in _windows() if window not in known]
    visible = [window for window in made if window.isVisible()]
    timers = [item for item in getAllValidWrappers() if isinstance(item, QTimer) and item.isActive()]
    # PySide keeps the wrapper of a layout item that is gone, and takes what comes to lie there for it.
    items = [item for item in getAllValidWrappers() if isinstance(item, QLayoutItem)]
    wrapped = sum(not isinstance(item, QLayout) for item in items)
    names = [f"{type(item).__name__} of {type(item.parent()).__name__}" for item in (*visible, *timers)]
    for timer in timers:
        timer.stop()
    for window in made:  # a closed window still lives, and the next change of the theme would paint it
        window.close()
        window.deleteLater()
    if made:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not names, f"still visible or ticking: {names}"
    assert not wrapped, f"{wrapped} items of layouts are wrapped (ui.widgets.layouts)"


@pytest.fixture(autouse=True)
def no_open_transaction(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever was begun was committed or rolled back."""
    connect, made = sqlite3.connect, []

    def remembered(*args: Any, **options: Any) -> sqlite3.Connection:
        made.append(connect(*args, **options))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", remembered)
    yield
    begun = [connection for connection in made if _is_in_transaction(connection)]
    made.clear()
    assert not begun, "a transaction was left open"


def _is_in_transaction(connection: sqlite3.Connection) -> bool:
    try:
        return connection.in_transaction
    except sqlite3.ProgrammingError:  # closed
        return False


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing warns in the log, unless the test asks for `caplog` to look at it."""
    if "caplog" in request.node._fixtureinfo.argnames:
        yield
        return
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(f"{record.name}: {record.getMessage()}")  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    assert not said, f"unexpected log: {said}"


# -- every shop once more, encrypted -------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module with `ALSO_ENCRYPTED`, names of tests that look into the file themselves, runs all the others
    a second time over encrypted files."""
    left_out = getattr(metafunc.module, "ALSO_ENCRYPTED", None)
    if left_out is not None and metafunc.function.__name__ not in left_out:
        metafunc.parametrize("behind_a_password", [False, True], ids=["plain", "encrypted"], indirect=True)


@pytest.fixture(autouse=True)
def behind_a_password(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whether every shop made in this test is encrypted from its first byte, its key known."""
    if not getattr(request, "param", False):
        yield
        return
    from shopcrm.store import connection, keys

    key, of, connect = keys.Key(bytes(range(32)), bytes(range(16))), keys.of, connection._connect
    keys.remember(key)
    monkeypatch.setattr(keys, "of", lambda file: of(file) if file.exists() and file.stat().st_size else key)
    monkeypatch.setattr(
        connection, "_connect", lambda uri, own, recipe: connect(uri, own or key, recipe)
    )  # what lives in memory goes through that library, too
    yield
    keys.forget()


# -- the shop ------------------------------------------------------------------------------------------------


class Clock:
    """The wall clock of the tests: stands still at ten o'clock until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 10, 0)

    def __call__(self) -> datetime:
        return self.now

    def set(self, day: date, time: str = "10:00") -> None:
        """Move to another moment."""
        self.now = datetime.fromisoformat(f"{day.isoformat()} {time}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> Iterator[Any]:
    """A new shop in memory on the fixed day."""
    from shopcrm.shop import Shop

    with Shop.open(":memory:", clock=clock) as shop:
        yield shop


@pytest.fixture
def shop_file(own_folder: Path) -> Path:
    """Where a shop on disk goes, for two connections, locks and backups; nothing is there yet."""
    return own_folder / "shop.db"


@pytest.fixture
def a_member(shop: Any) -> Callable[..., MemberId]:
    """`a_member("王丽", phone="13800000001", **fields of MemberDraft)`: its id."""
    from shopcrm.basics.values import phone_key

    made = iter(range(1, 10_000))

    def add(name: str = "", phone: str | None = None, **fields: Any) -> MemberId:
        number = next(made)
        typed = f"138 0000 {number:04}" if phone is None else phone
        phones = ((typed, phone_key(typed) or ""),) if typed else ()
        return shop.members.save(MemberDraft(name=name or f"会员{number}", phones=phones, **fields)).value

    return add


@pytest.fixture
def a_sale(shop: Any) -> Callable[..., SaleId]:
    """`a_sale(member, day, yuan, **fields of SaleDraft)`: one article at so many yuan, negative = return."""

    def sell(
        member: MemberId | None, day: date = DAY, yuan: int = 300, *, item: str = "连衣裙", **fields: Any
    ) -> SaleId:
        line = LineDraft(amount_fen=yuan * 100, item=item)
        return shop.counter.sell(SaleDraft(member=member, day=day, lines=(line,), **fields)).value

    return sell


@pytest.fixture
def a_visit(shop: Any) -> Callable[..., VisitId]:
    """`a_visit(member, day, kind, **fields of VisitDraft)`: came in and bought nothing."""

    def come(member: MemberId, day: date = DAY, kind: str = "tried", **fields: Any) -> VisitId:
        return shop.counter.visit(VisitDraft(member=member, day=day, kind=kind, **fields)).value

    return come


@pytest.fixture
def session(shop: Any, clock: Clock, qapp: Any) -> Iterator[Any]:
    """The screen's way to `shop`, opened, its jobs done at once in this thread."""
    from ui.jobs import InlineJobs
    from ui.session import Preferences, Session

    session = Session(InlineJobs(), Preferences(), clock)
    session.open(lambda progress: shop)
    yield session
    session.close()
