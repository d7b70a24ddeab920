"""A list leaves the shop as an Excel file: which people, phones masked or not, and where to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from shopcrm.basics.progress import Progress
from shopcrm.basics.records import DayList, TypeKey
from shopcrm.basics.texts import t
from shopcrm.basics.values import parse_day
from ui import theme
from ui.session import Session
from ui.widgets import CheckBox, Combo, Dialog, FieldBlock, Input, Label
from ui.widgets.password import NewPassword

if TYPE_CHECKING:
    from shopcrm.shop import Shop
    from shopcrm.shop.exports import Exports

_ANY_DAYS = "days"  # of the times of a sales list: two days are asked for

Write = Callable[["Exports", Path, Any, bool, Progress], object]
"""Writes the file: the shop's exports, path, the chosen value, whether phones are masked, progress."""


class ExportList(Dialog):
    """Choose which people go into the file, then where it is saved; `saved` tells the path when written.

    `choices` are (value, words) pairs handed to `write`; `columns` says in words what the list holds, or
    offers (value, words) pairs, of which `write` gets the chosen one as the second of a pair. Without
    `masks` nobody is asked whether to mask phones.
    """

    saved = Signal(str)

    def __init__(
        self, parent: QWidget, session: Session, title: str, choices: Sequence[tuple[object, str]],
        file_name: str, write: Write, columns: str | Sequence[tuple[object, str]] = "", *, masks: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(parent, title, width=470)
        self._session, self._title, self._write = session, title, write
        self._file_name = file_name
        self.which = Combo(choices)
        self.body.addWidget(FieldBlock(t("ex.which"), self.which))
        self.columns: Combo | None = None
        if isinstance(columns, str):
            if columns:
                self.body.addWidget(FieldBlock(t("ex.cols"), Label(columns, "body", wrap=True)))
        else:
            self.columns = Combo(columns)
            self.body.addWidget(FieldBlock(t("ex.cols"), self.columns))
        self.masked = CheckBox(t("ex.mask"))
        if not session.sees_phones("staff.mask_exports"):
            self.masked.setChecked(True)
            self.masked.setEnabled(False)
        self.body.addWidget(self.masked)
        self.masked.setVisible(masks)
        self.sealed = CheckBox(t("ex.password"))
        self.password = NewPassword()
        self.password.hide()
        self.body.addWidget(self.sealed)
        self.body.addWidget(self.password)
        self.sealed.toggled.connect(self._on_sealed)
        self.password.resized.connect(self.resize_to_content)
        self.add_button(t("g.cancel"))
        self._save = self.add_button(t("ex.save"), "primary", self._on_save, icon="file-spreadsheet")
        self.password.entered.connect(self._on_save)

    def value(self) -> object:
        """What `write` is given, None while something is missing."""
        chosen = self.which.value()
        return chosen if self.columns is None else (chosen, self.columns.value())

    @Slot(bool)
    def _on_sealed(self, on: bool) -> None:
        self.password.setVisible(on)
        self.resize_to_content()
        if on:
            self.password.word.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_save(self) -> None:
        value = self.value()
        if value is None and self.which.value() is not None:
            return
        password = self.password.checked() if self.sealed.isChecked() else ""
        if password is None:
            return
        ending = ".zip" if password else ".xlsx"
        folder = self._session.prefs.get("export_folder") or QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        start = str(Path(folder) / f"{self._file_name}{ending}")
        kinds = t("ex.filter.sealed") if password else t("ex.filter")
        chosen, _ = QFileDialog.getSaveFileName(self.window(), self._title, start, kinds)
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() != ending:
            path = path.with_name(path.name + ending)
        self._session.prefs.set("export_folder", str(path.parent))
        job = _Job(self._write, path, value, self.masked.isChecked(), password)
        self._path = path
        self._session.do(
            job, origin=self, done=self._on_done, busy=self._save, progress=self._title, say=False
        )

    def _on_done(self, _result: object) -> None:
        self.accept()
        self.saved.emit(str(self._path))


class ExportSales(ExportList):
    """The same for sales: some times to choose from, or any two days."""

    def __init__(
        self, parent: QWidget, session: Session, title: str, times: Sequence[tuple[object, str]],
        file_name: str, write: Write,
    ) -> None:  # fmt: skip
        super().__init__(parent, session, title, [*times, (_ANY_DAYS, t("ex.days"))], file_name, write)
        today = session.today
        self.since, self.until = Input("2026-10-04"), Input("2026-10-31")
        self.since.setText(today.replace(day=1).isoformat())
        self.until.setText(today.isoformat())
        self._blocks = FieldBlock(t("ex.since"), self.since), FieldBlock(t("ex.until"), self.until)
        self._days = QWidget()
        row = QHBoxLayout(self._days)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        for block in self._blocks:
            row.addWidget(block, 1, Qt.AlignmentFlag.AlignTop)
        self.body.insertWidget(1, self._days)
        self._days.hide()
        self.which.currentIndexChanged.connect(self._on_which)

    @Slot()
    def _on_which(self) -> None:
        chosen = self.which.value() == _ANY_DAYS
        self._days.setVisible(chosen)
        self.resize_to_content()

    def value(self) -> object:
        if self.which.value() != _ANY_DAYS:
            return self.which.value()
        today = self._session.today
        since, until = (parse_day(field.text(), today=today).day for field in (self.since, self.until))
        for block, day in zip(self._blocks, (since, until), strict=True):
            block.set_error("" if day is not None else t("ex.day_bad"))
        if since is not None and until is not None and since > until:
            self._blocks[1].set_error(t("ex.day_order"))
            since = None
        self.resize_to_content()
        return None if since is None or until is None else (since, until)


class _Job:
    """One export, carried to the worker."""

    def __init__(self, write: Write, path: Path, value: object, mask: bool, password: str) -> None:
        self._write, self._path, self._value, self._mask = write, path, value, mask
        self._password = password

    def __call__(self, shop: Shop, progress: Progress) -> object:
        exports = shop.exports.behind(self._password)
        return self._write(exports, self._path, self._value, self._mask, progress)


def export_callbacks(
    parent: QWidget, session: Session, days: DayList, chosen: TypeKey | str = ""
) -> ExportList:
    """Open 导出回访名单 for a day's to-dos, `chosen` being the type whose tab is open; the dialog."""
    choices: list[tuple[object, str]] = []
    of_type = [task for task in days.open if days.types.get(task) == chosen]
    if of_type:
        choices.append((tuple(of_type), t("ex.which.type", type=t("type." + chosen), n=len(of_type))))
    if days.open:
        choices.append((days.open, t("ex.which.today", n=len(days.open))))
    if days.waiting:
        everyone = days.open + days.waiting
        choices.append((everyone, t("ex.which.all", n=len(everyone))))
    dialog = ExportList(
        parent, session, t("ex.title"), choices, callbacks_name(days.day), _write_callbacks, t("ex.cols.text")
    )
    dialog.open()
    return dialog


def callbacks_name(day: date) -> str:
    """The file name, without ending, of the call-back list of a day."""
    return t("ex.file.callbacks", date=day.isoformat())


def _write_callbacks(exports: Exports, path: Path, tasks: Any, mask: bool, progress: Progress) -> object:
    return exports.callbacks(path, tasks=tasks, mask=mask, progress=progress)
