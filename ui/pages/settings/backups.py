"""Backups: when the last good copy was made, make one now, and the list of copies."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from shopcrm.basics.records import BackupFile
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from ui import theme
from ui.dialogs.restore import RestoreDialog
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.theme import icons
from ui.widgets import Button, Card, ElidedLabel, Label, Line, SmallButton, Tag, empty

_SHOWN = 12
_OLD_DAYS = 3


class BackupsPlace(Place):
    """What protects the shop's data; every listed copy was reopened and counted when it was made."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        card = Card()
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        self._icon = QLabel()
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        self.state, self.last = Label("", "h3"), Label("", "body", "tx2", wrap=True)
        words.addWidget(self.state)
        words.addWidget(self.last)
        self.now = Button(t("bk.now"), "primary", icon="database-export")
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self.now)
        card.body.addLayout(row)
        self.column.addWidget(card)
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
        self.column.addWidget(self._card)
        self.column.addStretch(1)
        self.files: tuple[BackupFile, ...] = ()
        self.buttons: list[SmallButton] = []  # 恢复这份, one a copy
        self.now.clicked.connect(self._on_now)
        self.folder.clicked.connect(self._on_folder)
        self.other.clicked.connect(self._on_other)

    def read(self) -> None:
        self.session.do(lambda shop, _: shop.backups.files(), done=self._on_files)

    def _on_files(self, files: tuple[BackupFile, ...]) -> None:
        self.files = files
        today = self.session.today
        tokens = theme.now().tokens
        empty(self._rows)
        self.buttons = []
        for file in files[:_SHOWN]:
            self._rows.addWidget(Line())
            self._rows.addWidget(self._row(file, today))
        self._card.setVisible(bool(files))
        if not files:
            self.state.setText(t("bk.none"))
            self.last.setText(t("bk.none.text"))
            self._icon.setPixmap(icons.pixmap("alert-triangle", tokens.warn, theme.px(28)))
            return
        newest = files[0]
        age = (today - newest.at.date()).days
        stale = age > _OLD_DAYS
        self.state.setText(t("bk.old", n=age) if stale else t("bk.ok"))
        self.last.setText(
            t(
                "bk.last",
                time=self._when(newest, today),
                members=f"{newest.members:,}",
                sales=f"{newest.sales:,}",
            )
        )
        self._icon.setPixmap(
            icons.pixmap("alert-triangle", tokens.warn, theme.px(28))
            if stale
            else icons.pixmap("circle-check", tokens.ok, theme.px(28))
        )

    def _when(self, file: BackupFile, today: date) -> str:
        return t("bk.when", day=show_day(file.at.date(), today), time=file.at.strftime("%H:%M"))

    def _row(self, file: BackupFile, today: date) -> QWidget:
        row = QWidget()
        row.setFixedHeight(theme.px(46))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        when = Label(self._when(file, today), "body_bold")
        when.setMinimumWidth(theme.px(200))
        line.addWidget(when)
        line.addWidget(
            Label(t("bk.counts", members=f"{file.members:,}", sales=f"{file.sales:,}"), "body", "tx2"), 1
        )
        line.addWidget(Tag(t(f"bk.why.{file.why}"), "acc" if file.why == "import" else ""))
        size = Label(t("bk.size", n=f"{file.size / 1_048_576:.1f}"), "label", "tx2")
        size.setContentsMargins(theme.px(20), 0, 0, 0)
        line.addWidget(size)
        back = SmallButton(t("bk.restore.this"))
        back.setAccessibleName(t("bk.restore.sure", time=self._when(file, today)))
        back.clicked.connect(partial(self.ask, file))
        line.addSpacing(theme.px(12))
        line.addWidget(back)
        self.buttons.append(back)
        return row

    def ask(self, file: BackupFile, _checked: bool = False) -> None:
        """Ask whether this copy shall take the place of the data."""
        when = self._when(file, self.session.today)
        RestoreDialog(self, self.session, file.path, t("bk.restore.sure", time=when)).open()

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
        self.read()

    @Slot()
    def _on_folder(self) -> None:
        if self.files:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.files[0].path).parent)))
