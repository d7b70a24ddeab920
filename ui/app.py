"""The composition root: application, fonts, theme, session and window are made and tied together here,
nowhere else.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from datetime import datetime
from html import escape
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QByteArray,
    QFileSystemWatcher,
    QLibraryInfo,
    QObject,
    Qt,
    QTimer,
    QTranslator,
    Slot,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from shopcrm.basics import texts
from shopcrm.basics.errors import StoreError
from shopcrm.basics.folders import cloud_of, data_folder, default_db, is_remote, sample_db
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import AuditTrail
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from ui import errors, theme
from ui.copies import Copies
from ui.jobs import InlineJobs, Jobs, WorkerJobs
from ui.main_window import OWN, SAMPLE, MainWindow, app_icon
from ui.opening import Ahead, LookingOver, Opener, Rekeyer, Restorer
from ui.session import Guarded, Preferences, Rekey, Session

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_DAY_CHECK_MS = 30_000
_LOADED_MS = 200  # after the file was opened: what was loaded is kept once the first page is painted
_ICON_MS = 100  # the window is painted first: its icon is letters in seven sizes

Clock = Callable[[], datetime]
log = logging.getLogger("shopcrm.ui")


class App(QObject):
    """Ties one window to one session and carries out what needs more than a page: themes, languages,
    other shops.
    """

    def __init__(
        self,
        app: QApplication,
        jobs: Jobs,
        prefs: Preferences,
        clock: Clock,
        *,
        sample: bool = False,
        with_sheet: bool = True,
    ) -> None:
        """`with_sheet` is False where `theme.give_sheet` follows."""
        super().__init__()
        self._app, self._clock = app, clock
        self._translator: QTranslator | None = None
        self.prefs = prefs
        mode, level = prefs.get("mode", "light"), prefs.get("level", "normal")
        self._dress(mode, level, texts.language(), with_sheet)
        self.session = Session(jobs, prefs, clock)
        self.window = MainWindow(self.session, sample=sample)
        self.window.theme_wanted.connect(self._on_theme_wanted)
        self.window.shop_wanted.connect(self._on_shop_wanted)
        self.session.restore_wanted.connect(self._on_restore_wanted)
        self.session.opened.connect(self._tell_restored)
        self.session.rekey_wanted.connect(self._on_rekey_wanted)
        self.session.opened.connect(self._tell_rekeyed)
        self._day = clock().date()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        self._calls: QFileSystemWatcher | None = None
        self._looking: LookingOver | None = None
        self.copies = Copies(self.window, clock)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._on_scheme_changed)

    def open(self, path: Path | str, *, sample: bool = False) -> None:
        """Open a shop's file on the worker; a sample that does not exist yet is made first."""
        self.session.open(Opener(path, self._clock, sample=sample))

    def watch_the_day(self) -> None:
        """From now on notice midnight, keep copies, look every opened file over for damage, and say so where
        it had better not be or the clock is wrong."""
        self._timer.start(_DAY_CHECK_MS)
        self.copies.start()
        self.session.opened.connect(self._warn_of_place)
        self.session.opened.connect(self._warn_of_clock)
        self.session.opened.connect(self._look_over)

    def listen(self) -> None:
        """From now on come forward when the program is started a second time for the same shop."""
        self.session.opened.connect(self._on_listen)

    @Slot()
    def _on_listen(self) -> None:
        if self._calls is not None:
            self._calls.deleteLater()
        lock = self.session.shop.store.lock
        self._calls = None if lock is None else QFileSystemWatcher([str(lock.path)], self)
        if self._calls is not None:
            self._calls.fileChanged.connect(self._on_called)

    @Slot()
    def _on_called(self) -> None:
        lock = self.session.shop.store.lock if self.session.is_open else None
        if lock is not None and lock.is_called:
            self.window.come_forward()
            lock.answer()

    @Slot()
    def _warn_of_clock(self) -> None:
        ahead = self.session.view.entered_ahead()
        if ahead is not None:
            today = self.session.today
            self.window.show_banner(
                "bad", t("app.clock", today=show_day(today, today), day=show_day(ahead, today))
            )

    @Slot()
    def _warn_of_place(self) -> None:
        path = self.session.shop.store.path
        if path is None or self.prefs.get("place") == str(path):
            return
        cloud = cloud_of(path)
        if not cloud and not is_remote(path):
            return
        text = t("app.place.cloud", cloud=escape(cloud)) if cloud else t("app.place.remote")
        self.window.show_banner(
            "warn", text, t("g.gotit"), lambda: self.prefs.set("place", str(path)), closable=False
        )

    @Slot()
    def _look_over(self) -> None:
        self.stop_looking()
        path = self.session.shop.store.path
        if path is not None:
            self._looking = LookingOver(
                path,
                lambda: self.session.is_busy,
                lambda found: self.session.post(lambda: self._on_seen(path, found)),
            )

    def stop_looking(self) -> None:
        """Let go of the file that is looked over."""
        if self._looking is not None:
            self._looking.stop()
            self._looking = None

    def _on_seen(self, path: Path, found: str | None) -> None:
        if not self.session.is_open or self.session.shop.store.path != path:
            return
        if found is None:
            self.session.query(lambda view: view.audit(0), key="app.audit", done=self._on_trail)
            return
        log.error("the data file is damaged: %s", found)
        # Nothing more is written to it, and not a byte is taken away.
        self.session.leave()
        self.window.rebuild()
        self.session.open_failed.emit(StoreError("corrupt", file=path.name))

    def _on_trail(self, trail: AuditTrail) -> None:
        if trail.fault is not None:
            log.error("the audit trail was changed at line %s", trail.fault)
            self.window.show_banner("bad", t("audit.fault", n=trail.fault))
        else:
            self.window.tell_resets()

    def _dress(self, mode: str, level: str, language: str, with_sheet: bool = True) -> None:
        if language not in texts.LANGUAGES:
            language = texts.LANGUAGES[0]
        texts.use(language)
        if self._translator is not None:
            self._app.removeTranslator(self._translator)
            self._translator = None
        if language != "en":  # Qt's own words: buttons of file dialogs, the menu of a text field
            translator = QTranslator(self)
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if translator.load(f"qtbase_{language}", folder):
                self._app.installTranslator(translator)
                self._translator = translator
        mode = mode if mode in theme.tokens.MODES else "light"
        level = level if level in list(theme.LEVELS) else "normal"
        theme.apply(self._app, mode, level, with_sheet=with_sheet)

    @Slot(str, str, str)
    def _on_theme_wanted(self, mode: str, level: str, language: str) -> None:
        for key, value in (("mode", mode), ("level", level), ("language", language)):
            self.prefs.set(key, value)
        self._dress(mode, level, language)
        self.window.rebuild()
        if self._timer.isActive():
            self.copies.look()  # in the words of the language now in force

    @Slot()
    def _on_scheme_changed(self) -> None:
        if self.prefs.get("mode", "light") == "system" and theme.is_dark("system") != theme.now().tokens.dark:
            self._dress("system", self.prefs.get("level", "normal"), texts.language())
            self.window.rebuild()

    @Slot(str)
    def _on_shop_wanted(self, place: str) -> None:
        sample = place == SAMPLE
        self.stop_looking()
        self.session.leave()
        self.window.rebuild(sample=sample)
        self.open(sample_db() if sample else default_db(), sample=sample)

    @Slot(object)
    def _on_restore_wanted(self, copy: Path | Guarded) -> None:
        path = (
            self.session.shop.store.path
            if self.session.is_open
            else getattr(self.session.opener, "path", None)
        )
        if path is None:  # a shop in memory has no copies
            return
        by = self.session.staff.name if self.session.staff is not None else ""
        self.stop_looking()
        self.session.leave()
        self.window.rebuild()
        word = getattr(self.session.opener, "password", "")  # a copy may have that of the shop
        guarded = copy if isinstance(copy, Guarded) else Guarded(copy, word)
        self.session.open(Restorer(path, guarded.path, self._clock, guarded.password, by))

    @Slot()
    def _tell_restored(self) -> None:
        opener = self.session.opener
        if not isinstance(opener, Restorer):
            return
        if opener.refused is not None:
            errors.show(self.window, opener.refused)
        elif opener.restored is not None:
            found = opener.restored
            kept = found.saved.path if found.saved is not None else found.put_aside
            words = "bk.restored.saved" if kept is not None else "bk.restored"
            name = escape(kept.name) if kept is not None else ""
            counts = found.counts
            self.window.show_banner(
                "ok", t(words, members=f"{counts.members:,}", sales=f"{counts.sales:,}", saved=name)
            )
        opener.refused = opener.restored = None  # told once

    @Slot(object)
    def _on_rekey_wanted(self, rekey: Rekey) -> None:
        path = self.session.shop.store.path if self.session.is_open else None
        if path is None:  # a shop in memory is on no disk
            return
        self.stop_looking()
        self.session.leave()
        self.window.rebuild()
        self.session.open(Rekeyer(path, rekey.new, rekey.old, self._clock))

    @Slot()
    def _on_sheet_wanted(self) -> None:
        from ui.dialogs.encrypting import sheet
        from ui.dialogs.print_preview import open_preview

        open_preview(self.window, self.session, sheet)

    @Slot()
    def _tell_rekeyed(self) -> None:
        opener = self.session.opener
        if not isinstance(opener, Rekeyer):
            return
        if opener.refused is not None:
            errors.show(self.window, opener.refused)
        elif opener.rekeyed is not None and opener.rekeyed.recovery:
            from ui.dialogs.encrypting import RecoveryKey

            dialog = RecoveryKey(self.window, self.session, opener.rekeyed.recovery)
            dialog.print_wanted.connect(self._on_sheet_wanted)
            dialog.open()
        elif opener.rekeyed is not None:
            self.window.show_banner("ok", t("enc.off.done"))
        opener.refused = opener.rekeyed = None  # told once

    @Slot()
    def _on_tick(self) -> None:
        today = self._clock().date()
        if today != self._day and self.session.is_open and not self.session.is_busy:
            self._day = today
            self.window.new_day()


def run(
    db_path: Path | None = None,
    demo: bool = False,
    language: str | None = None,
    ahead: Ahead | None = None,
    loaded: Callable[[], object] = gc.enable,
) -> int:
    """Open the window on a shop's file (the own one by default) and stay until it is closed; the exit code.

    `ahead` has begun to open it already; `loaded` is called once it is open and shown.
    """
    if ahead is not None and ahead.is_elsewhere:
        return 0
    app = _application()
    _start_log()
    prefs = Preferences(data_folder() / "window.json")
    language = language or prefs.get("language")
    if language in texts.LANGUAGES:
        texts.use(language)
    root = App(app, WorkerJobs(app), prefs, datetime.now, sample=demo, with_sheet=False)
    _catch(root)
    window = root.window
    kept = str(prefs.get("window") or "").encode("ascii", "ignore")
    if not window.restoreGeometry(QByteArray.fromBase64(QByteArray(kept))):
        window.resize(1366, 697)
        window.setWindowState(Qt.WindowState.WindowMaximized)
    root.listen()
    opener = ahead or Opener(db_path or (sample_db() if demo else default_db()), datetime.now, sample=demo)

    icon_soon = _later(window, _ICON_MS, lambda: app.setWindowIcon(app_icon()))
    kept_soon = _later(window, _LOADED_MS, loaded)
    for told in (root.session.opened, root.session.open_failed):
        told.connect(lambda *_: kept_soon.start())

    def begin() -> None:
        root.session.open(opener)
        if ahead is not None:
            window.make_first_page()
        theme.give_sheet(app)

    def show() -> None:
        theme.give_sheet(app)
        window.show()
        window.apply_layout()
        icon_soon.start()

    if ahead is not None and ahead.is_ready:
        # All the first page asks is known: it is painted once, with its list. What is asked here is answered
        # after that.
        root.session.opened.connect(
            lambda: root.session.query(lambda _: None, key="app.first", done=lambda _: show())
        )
        begin()
    else:  # the window stands before the file is open
        show()
        QTimer.singleShot(0, begin)
    root.watch_the_day()
    try:
        return app.exec()
    finally:
        icon_soon.stop()
        kept_soon.stop()
        root.stop_looking()


def _later(owner: QObject, wait: int, call: Callable[[], object]) -> QTimer:
    """A timer that calls once, `wait` ms after it was started."""
    made = QTimer(owner)
    made.setSingleShot(True)
    made.setInterval(wait)
    made.timeout.connect(call)
    return made


def make_window(
    shop: Shop | Path | str,
    *,
    size: tuple[int, int] = (1366, 697),
    mode: str = "light",
    level: str = "normal",
    language: str | None = None,
    clock: Clock | None = None,
    sample: bool = False,
) -> MainWindow:
    """A window for pictures and tests: everything runs at once in this thread; `size` is the client area.

    `window.close()` closes the shop, too. `window.app` holds the parts together. Raises what opening raises.
    """
    app = _application()
    prefs = Preferences()
    prefs.set("mode", mode)
    prefs.set("level", level)
    if language is not None:
        texts.use(language)
    if clock is None:
        clock = datetime.now if isinstance(shop, Path | str) else shop.clock
    root = App(app, InlineJobs(), prefs, clock, sample=sample)
    window = root.window
    window.app = root  # type: ignore[attr-defined]
    window.resize(*size)
    window.show()
    window.activateWindow()  # focus is part of the picture
    app.processEvents()
    faults: list[BaseException] = []
    root.session.open_failed.connect(faults.append)
    if isinstance(shop, Path | str):
        root.open(shop)
    else:
        root.session.open(_Given(shop))
    if faults:
        window.close()
        raise faults[0]
    window.apply_layout()
    app.processEvents()
    return window


class _Given:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def __call__(self, _progress: Progress) -> Shop:
        return self._shop


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        # The style by its name: asked to set it, PySide also makes classes of all that styles are made of.
        app = QApplication([*sys.argv[:1], "-style", theme.STYLE])
        app.setProperty("style", theme.STYLE)
    app.setApplicationName("shopcrm")
    app.setApplicationDisplayName(t("app.name"))
    return app


def _start_log() -> None:
    logging.getLogger("shopcrm").addHandler(_LogFile(data_folder()))
    logging.getLogger("shopcrm").setLevel(logging.INFO)


class _LogFile(logging.Handler):
    """The log of this computer; what writes it is only loaded with the first line, on most days never."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._writer: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._writer is None:
            self._writer = self._open()
        self._writer.emit(record)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        super().close()

    def _open(self) -> logging.Handler:
        from logging.handlers import RotatingFileHandler

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            writer = RotatingFileHandler(
                self._folder / "shopcrm.log", maxBytes=500_000, backupCount=2, encoding="utf-8"
            )
        except OSError:
            return logging.NullHandler()  # the shop's own sentence about the folder is told at its file
        writer.setFormatter(_Places("%(asctime)s %(levelname)s %(name)s %(message)s"))
        return writer


class _Places(logging.Formatter):
    """What an error says of itself stays out of the log, and a number in whatever else it is told."""

    def format(self, record: logging.LogRecord) -> str:
        from shopcrm.basics.masking import mask_text  # with the first line, on most days never

        return mask_text(super().format(record))

    def formatException(self, error: Any) -> str:
        return errors.places_of(error[1])


def _catch(root: App) -> None:
    """Errors nobody caught become one dialog and a line in the log; every write is a transaction,
    so nothing is half done.
    """

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        log.critical("uncaught", exc_info=(kind, error, trace))
        errors.show(root.window, error)

    sys.excepthook = hook


__all__ = ["OWN", "SAMPLE", "App", "make_window", "run"]
