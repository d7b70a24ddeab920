"""Backups: when the last good copy was made, make one now, and the list of copies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from shopcrm.basics.records import BackupFile, CopyState
from shopcrm.basics.settings import SETTINGS
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from shopcrm.shop.backups import copies_of, state_of
from ui import theme
from ui.dialogs.restore import RestoreDialog
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.theme import icons
from ui.widgets import (
    Button,
    Card,
    CheckBox,
    Combo,
    ElidedLabel,
    Label,
    Line,
    SmallButton,
    Stepper,
    Tag,
    empty,
)

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_SHOWN = 12
_OLD_DAYS = 3
_KEEP_MS = 800
_FIELD = 132  # width of the combo and the stepper, which stand one below the other
_TIMES = tuple(f"{hour:02}:{minute:02}" for hour in range(12, 24) for minute in (0, 30))
_SIGNS = {"ok": "circle-check", "warn": "alert-triangle", "bad": "circle-x"}


class BackupsPlace(Place):
    """What protects the shop's data; every listed copy was reopened and counted when it was made."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.files: tuple[BackupFile, ...] = ()
        self.buttons: list[SmallButton] = []  # 恢复这份, one a copy
        self._waiting = QTimer(self)  # a number that is counted up is kept once
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_KEEP_MS)
        for card in (self._build_state(), self._build_automatic(), self._build_list(), self._build_move()):
            self.column.addWidget(card)
        self.column.addStretch(1)
        self._connect()

    def _build_state(self) -> QWidget:
        card = Card()
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        self._icon = QLabel()
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        self.state, self.last = Label("", "h3"), Label("", "body", "tx2", wrap=True)
        self.second_last = Label("", "body", "tx2", wrap=True)
        for label in (self.state, self.last, self.second_last):
            words.addWidget(label)
        self.now = Button(t("bk.now"), "primary", icon="database-export")
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self.now)
        card.body.addLayout(row)
        return card

    def _build_automatic(self) -> QWidget:
        card = Card(t("bk.auto.head"))
        self.at_close, self.second = CheckBox(t("bk.auto.close")), CheckBox(t("bk.auto.second"))
        self.time = Combo([(time, time) for time in _TIMES])
        self.time.setAccessibleName(t("bk.auto.time"))
        self.place = ElidedLabel("", "label", "tx2")
        self.choose_second = SmallButton(t("bk.second.choose"), icon="folder-open")
        self.where = ElidedLabel("", "body")
        self.choose = SmallButton(t("bk.folder.change"), icon="folder-open")
        self.beside = SmallButton(t("bk.folder.beside"))
        limits = SETTINGS["backup.keep"]
        self.keep = Stepper(int(limits.low), int(limits.high), 1, "bk.copies")
        self.keep.set_width(theme.px(_FIELD))
        self.time.setFixedWidth(self.keep.maximumWidth())
        self.keep.setAccessibleName(t("bk.keep"))
        rows: tuple[tuple[tuple[QWidget, ...], tuple[QWidget, ...]], ...] = (
            ((self.at_close,), (Label(t("bk.auto.time"), "label", "tx2"), self.time)),
            ((self.second,), (self.place, self.choose_second)),
            (
                (Label(t("bk.folder.at"), "label", "tx2"), self.where, self.choose, self.beside),
                (Label(t("bk.keep"), "label", "tx2"), self.keep),
            ),
        )
        for left, right in rows:
            row = QHBoxLayout()
            row.setSpacing(theme.px(8))
            for part in left:
                row.addWidget(part)
            row.addStretch(1)
            for part in right:
                row.addWidget(part)
            card.body.addLayout(row)
        return card

    def _build_list(self) -> QWidget:
        self._card = Card(t("bk.restore.head"))
        hint = ElidedLabel(t("bk.restore.hint"), "label", "tx2")
        self._card.head.insertWidget(1, hint, 100)
        self.other = SmallButton(t("bk.restore.other"), icon="file-import")
        self.folder = SmallButton(t("bk.folder"), icon="folder-open")
        self._card.head.addWidget(self.other)
        self._card.head.addWidget(self.folder)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._card.body.addLayout(self._rows)
        return self._card

    def _build_move(self) -> QWidget:
        card = Card(t("bk.move.head"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        self.moved = Label(t("bk.move.how"), "body", "tx2", wrap=True)
        self.take_along = Button(t("bk.move.go"), icon="download")
        row.addWidget(self.moved, 1)
        row.addWidget(self.take_along)
        card.body.addLayout(row)
        return card

    def _connect(self) -> None:
        self.now.clicked.connect(self._on_now)
        self.folder.clicked.connect(self._on_folder)
        self.other.clicked.connect(self._on_other)
        self.at_close.clicked.connect(self._on_at_close)
        self.second.clicked.connect(self._on_second)
        self.time.picked.connect(self._on_time)
        self.keep.changed.connect(self._on_keep_changed)
        self._waiting.timeout.connect(self._on_keep)
        self.choose.clicked.connect(self._on_choose)
        self.beside.clicked.connect(self._on_beside)
        self.choose_second.clicked.connect(self._on_choose_second)
        self.take_along.clicked.connect(self._on_move)

    # -- what is in force ---------------------------------------------------------------------------------

    def read(self) -> None:
        view = self.session.view
        self.at_close.setChecked(bool(view.setting("backup.at_close")))
        self.second.setChecked(bool(view.setting("backup.second")))
        time = str(view.setting("backup.time"))
        self.time.set_items([(one, one) for one in sorted({*_TIMES, time})])
        self.time.set_value(time)
        if not self._waiting.isActive():
            self.keep.set_value(int(str(view.setting("backup.keep"))))
        path = self.session.shop.store.path
        if path is None:
            self._on_read((None, ()))
            return
        now = self.session.now
        self.session.query(
            lambda view: (state_of(view, path, now), copies_of(path)), key="backups.page", done=self._on_read
        )

    def _on_read(self, answer: tuple[CopyState | None, tuple[BackupFile, ...]]) -> None:
        state, self.files = answer
        self._show_rows()
        self._show_state(state)
        if state is not None:
            self._show_places(state)

    def _show_state(self, state: CopyState | None) -> None:
        newest = None if state is None else state.first.newest
        tone, head, last = "warn", t("bk.none"), t("bk.none.text")
        if state is not None and newest is not None:
            age = (self.session.today - newest.at.date()).days
            tone, head = ("ok", t("bk.ok")) if age <= _OLD_DAYS else ("bad", t("bk.old", n=age))
            last = t(
                "bk.last", time=self._when(newest.at), folder=str(state.first.folder),
                members=f"{newest.members:,}", sales=f"{newest.sales:,}",
            )  # fmt: skip
        if self.session.copy_fault:
            tone, head, last = "bad", t("bk.rail.failed"), f"{self.session.copy_fault}\n{last}"
        self.state.setText(head)
        self.last.setText(last)
        colour = theme.now().tokens.status(tone)[0]
        self._icon.setPixmap(icons.pixmap(_SIGNS[tone], colour, theme.px(28)))
        there = None if state is None or state.second is None else state.second.newest
        self.second_last.setVisible(there is not None)
        if there is not None and state is not None and state.second is not None:
            words = t(
                "bk.last.second", time=self._when(there.at), folder=str(state.second.folder),
                members=f"{there.members:,}", sales=f"{there.sales:,}",
            )  # fmt: skip
            self.second_last.setText(words)

    def _show_places(self, state: CopyState) -> None:
        missing = state.missing
        self.where.setText(t("bk.folder.gone", folder=str(missing)) if missing else str(state.first.folder))
        self.where.set_tone("bad" if missing else "")
        self.beside.setVisible(missing is not None or state.is_chosen)
        second = state.second
        if not self.second.isChecked():
            self.place.setText("")
        elif second is None:
            self.place.setText(t("bk.second.none"))
        elif not second.is_there:
            self.place.setText(t("bk.second.away", folder=str(second.folder)))
        else:
            self.place.setText(str(second.folder))

    def _show_rows(self) -> None:
        empty(self._rows)
        self.buttons = []
        for file in self.files[:_SHOWN]:
            self._rows.addWidget(Line())
            self._rows.addWidget(self._row(file))
        self.folder.setVisible(bool(self.files))
        if not self.files:
            self._rows.addWidget(Label(t("bk.none"), "body", "tx2"))

    def _when(self, at: datetime) -> str:
        """The day as people call it, and the time."""
        today = self.session.today
        day = show_day(at.date(), today)
        near = {0: t("g.today"), 1: t("g.yesterday")}.get((today - at.date()).days)
        if near is not None:
            day = t("bk.near", near=near, day=day)
        return t("bk.when", day=day, time=at.strftime("%H:%M"))

    def _row(self, file: BackupFile) -> QWidget:
        row = QWidget()
        row.setFixedHeight(theme.px(46))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        when = Label(self._when(file.at), "body_bold")
        when.setMinimumWidth(theme.px(200))
        line.addWidget(when)
        counts = t("bk.counts", members=f"{file.members:,}", sales=f"{file.sales:,}")
        line.addWidget(ElidedLabel(counts, "body", "tx2"), 1)
        line.addWidget(Tag(t(f"bk.why.{file.why}"), "acc" if file.why == "import" else ""))
        size = Label(t("bk.size", n=f"{file.size / 1_048_576:.1f}"), "label", "tx2")
        size.setContentsMargins(theme.px(20), 0, 0, 0)
        line.addWidget(size)
        back = SmallButton(t("bk.restore.this"))
        back.setAccessibleName(t("bk.restore.sure", time=self._when(file.at)))
        back.clicked.connect(partial(self.ask, file))
        line.addSpacing(theme.px(12))
        line.addWidget(back)
        self.buttons.append(back)
        return row

    def ask(self, file: BackupFile, _checked: bool = False) -> None:
        """Ask whether this copy shall take the place of the data."""
        title = t("bk.restore.sure", time=self._when(file.at))
        RestoreDialog(self, self.session, file.path, title).open()

    @Slot()
    def _on_other(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self.window(), t("bk.restore.other"), "", t("bk.filter"))
        if chosen:
            path = Path(chosen)
            RestoreDialog(self, self.session, path, t("bk.restore.file", file=path.name)).open()

    @Slot()
    def _on_now(self) -> None:
        self.session.do(
            lambda shop, progress: shop.backups.now("by_hand", progress=progress),
            done=self._on_made, busy=self.now, progress=t("bk.now"),
        )  # fmt: skip

    def _on_made(self, file: BackupFile) -> None:
        self.page.toast(t("bk.made", members=f"{file.members:,}", sales=f"{file.sales:,}"))
        self._on_places_changed()

    def _on_places_changed(self, _done: object = None) -> None:
        self.session.copies_changed.emit()
        self.read()

    @Slot()
    def _on_folder(self) -> None:
        if self.files:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.files[0].path.parent)))

    # -- what is changed: at once, with undo --------------------------------------------------------------

    def _set(self, key: str, value: object) -> None:
        self.session.do(
            lambda shop, _: shop.settings.set(key, value), origin=self, done=self._on_places_changed
        )

    @Slot()
    def _on_at_close(self) -> None:
        self._set("backup.at_close", self.at_close.isChecked())

    @Slot(object)
    def _on_time(self, time: object) -> None:
        self._set("backup.time", time)

    @Slot(int)
    def _on_keep_changed(self, _number: int) -> None:
        self._waiting.start()

    @Slot()
    def _on_keep(self) -> None:
        self._set("backup.keep", self.keep.value())

    @Slot()
    def _on_second(self) -> None:
        self._set("backup.second", self.second.isChecked())
        if self.second.isChecked():
            self._carry()

    def _carry(self) -> None:
        """The newest copy into the second place, now that there is one."""
        self.session.do(
            lambda shop, progress: shop.backups.keep_up(progress),
            done=self._on_places_changed, progress=t("bk.now"), say=False,
        )  # fmt: skip

    @Slot()
    def _on_choose(self) -> None:
        self._choose(lambda shop, folder: shop.backups.choose_folder(folder), self._on_places_changed)

    @Slot()
    def _on_beside(self) -> None:
        self.session.do(lambda shop, _: shop.backups.choose_folder(None), done=self._on_places_changed)

    @Slot()
    def _on_choose_second(self) -> None:
        self._choose(lambda shop, folder: shop.backups.choose_second(folder), self._on_second_chosen)

    def _on_second_chosen(self, _done: object) -> None:
        if not self.second.isChecked():
            self._set("backup.second", True)
        self._carry()

    @Slot()
    def _on_move(self) -> None:
        self._choose(
            lambda shop, folder: shop.backups.now("by_hand", to=folder), self._on_moved, self.take_along
        )

    def _on_moved(self, file: BackupFile) -> None:
        self.moved.setText(t("bk.move.done", folder=str(file.path.parent), file=file.path.name))

    def _choose(
        self, work: Callable[[Shop, Path], object], done: Callable[[Any], object], busy: QWidget | None = None
    ) -> None:
        chosen = QFileDialog.getExistingDirectory(self.window(), t("bk.folder.change"))
        if chosen:
            folder = Path(chosen)
            self.session.do(lambda shop, _: work(shop, folder), done=done, busy=busy, progress=t("bk.now"))
