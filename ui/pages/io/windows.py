"""What the import page asks and tells in a window of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from shopcrm.basics.errors import ShopError
from shopcrm.basics.records import BatchRow
from shopcrm.basics.texts import t
from shopcrm.shop.imports import Problem
from ui import theme
from ui.dialogs.working import WorkingDialog
from ui.pages.io.grid import worded
from ui.session import Running
from ui.widgets import Dialog, Label, TextArea

_LISTED = 200  # problems shown of a refused file


class RefusedFile(Dialog):
    """Why a file was not taken and what to do; nothing was changed. `accepted` means: try it again."""

    def __init__(self, parent: QWidget, file: Path, error: ShopError) -> None:
        happened, point, to_do = error.sentence.partition(t("err.split"))
        super().__init__(parent, happened if to_do else happened + point, "circle-x", "bad", 480)
        if to_do:
            body = Label(to_do, "body", wrap=True)
            body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(body)
        problems = error.values.get("problems", ())
        if isinstance(problems, tuple) and problems:
            self.listed = TextArea(sunk=True)
            self.listed.setReadOnly(True)
            self.listed.setPlainText(_lines(problems))
            self.listed.setFixedHeight(theme.px(140))
            self.body.addWidget(self.listed)
        self.body.addWidget(Label(t("io.unchanged"), "small", "tx2", wrap=True))
        self.file = file
        self.other = self.add_button(t("io.otherfile"))
        self.again = self.add_button(t("g.retry"), "primary")


def _lines(problems: Sequence[object]) -> str:
    found = [problem for problem in problems if isinstance(problem, Problem)]
    lines = [f"{t('io.fix.row', r=problem.row)}  {worded(problem.sentence)}" for problem in found[:_LISTED]]
    return "\n".join(lines)


class UndoImport(Dialog):
    """Asked before an import of an earlier day is taken back."""

    def __init__(self, parent: QWidget, batch: BatchRow) -> None:
        super().__init__(parent, t("io.undo.sure"), "alert-triangle", "warn")
        self.body.addWidget(Label(t("io.undo.sure2", file=batch.file), "body", wrap=True))
        self._cancel = self.add_button(t("g.cancel"))
        self.undo = self.add_button(t("io.undo"), "danger")

    def open(self) -> None:
        """Show the question; a hasty Enter changes nothing."""
        super().open()
        self._cancel.setFocus()


class KeptMembers(Dialog):
    """Whom the undo of an import left in the shop, because something was entered for them since."""

    def __init__(self, parent: QWidget, names: Sequence[str]) -> None:
        super().__init__(parent, t("io.undone"), "circle-check", "ok")
        self.body.addWidget(Label(t("io.kept", n=f"{len(names):,}"), "body", wrap=True))
        listed = TextArea(sunk=True)
        listed.setReadOnly(True)
        listed.setPlainText("\n".join(names))
        listed.setFixedHeight(theme.px(140))
        self.body.addWidget(listed)
        self.add_button(t("g.gotit"), "primary")


class StagedDialog(WorkingDialog):
    """The progress of work in stages, each with its share of the time: one bar that never goes back."""

    shares: Mapping[str, float] = {}

    def __init__(self, parent: QWidget, running: Running, title: str) -> None:
        self._part = 0.0
        super().__init__(parent, running)
        self.title.setText(title)

    @Slot(int, int, str)
    def _on_stepped(self, done: int, total: int, what: str) -> None:
        before = 0.0
        for stage, share in self.shares.items():
            if stage == what:
                self._part = max(self._part, before + share * (done / total if total else 0.0))
            before += share
        self._bar.set_progress(round(1000 * self._part), 1000)
        self._guess(self._part)
        self._tell(done, total, what)

    def _tell(self, _done: int, _total: int, what: str) -> None:
        self._steps.setText(t(what))


class ReadingDialog(StagedDialog):
    """The progress of reading and checking a file."""

    shares: Mapping[str, float] = {"progress.reading": 0.6, "progress.checking": 0.4}

    def __init__(self, parent: QWidget, running: Running, file: str) -> None:
        super().__init__(parent, running, t("io.reading"))
        self._what.setText(file)

    def _tell(self, done: int, _total: int, what: str) -> None:
        reading = what == "progress.reading" and done > 1
        self._steps.setText(t("io.read", n=f"{done:,}") if reading else t(what))


class ImportingDialog(StagedDialog):
    """The progress of an import: which file, which row of how many, and a stop that leaves nothing behind."""

    shares: Mapping[str, float] = {
        "progress.backup": 0.02,
        "progress.writing": 0.26,
        "progress.types": 0.58,
        "progress.followups": 0.14,
    }

    def __init__(self, parent: QWidget, running: Running, file: str, rows: int) -> None:
        super().__init__(parent, running, t("io.running"))
        self._rows = rows
        self._what.setText(file)
        self._stop.setText(t("io.stop"))

    def _tell(self, done: int, total: int, what: str) -> None:
        if what == "progress.writing" and total > 1:
            row = round(self._rows * done / total)  # members and sales are written apart
            self._steps.setText(t("io.row", i=f"{row:,}", n=f"{self._rows:,}"))
        else:
            self._steps.setText(t(what))
