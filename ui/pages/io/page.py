"""The import and export page: a file is checked, imported and can be taken back; lists go out."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from shopcrm.basics.errors import Cancelled, ConflictError, ShopError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import BatchId, BatchRow, Changes, Done
from shopcrm.basics.texts import t
from shopcrm.shop import arrivals
from shopcrm.shop.homecoming import HomePlan
from shopcrm.shop.imports import Choices, ImportPlan, ImportResult
from shopcrm.shop.moving import MovePlan
from ui import theme
from ui.dialogs.export_callbacks import ExportList, ExportSales, export_callbacks
from ui.dialogs.password import AskPassword
from ui.pages.base import Layout, Navigator, Page
from ui.pages.io.check import CheckStep
from ui.pages.io.coming_home import ComingHome
from ui.pages.io.decisions import Decisions
from ui.pages.io.home import HomeStep
from ui.pages.io.listing import Listing
from ui.pages.io.result import ResultStep
from ui.pages.io.steps import Steps
from ui.pages.io.windows import ImportingDialog, KeptMembers, ReadingDialog, RefusedFile, UndoImport
from ui.session import Session
from ui.theme.tokens import PAGE_SIDE

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView
    from shopcrm.shop.exports import Exports

HOME, CHECK, RESULT = range(3)


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan with the rows there are to show of it, as they come from the worker."""

    plan: ImportPlan
    listing: Listing


class ImportExportPage(Page):
    """Home, and the two further steps of an import; only the last button of step two writes."""

    def __init__(self, session: Session, window: Navigator, page_id: str = "io") -> None:
        super().__init__(session, window, page_id)
        self.steps = Steps()
        self.home, self.check, self.done = HomeStep(), CheckStep(), ResultStep()
        self.checked: Checked | None = None
        self.result: ImportResult | None = None
        self._asked = 0
        self._saved = ""
        self._left: tuple[Checked, Decisions] | None = None
        self._wanted: Choices | None = None  # decided while a check was under way
        self._checking = False
        self.coming_home = ComingHome(self)
        self._stack = QStackedWidget()
        for step in (self.home, self.check, self.done):
            self._stack.addWidget(step)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(PAGE_SIDE), 0, theme.px(PAGE_SIDE), theme.px(16))
        column.addWidget(self._stack)
        self.toast_area = self._stack
        self._connect()
        self._go(HOME)

    def _connect(self) -> None:
        home, check, done = self.home, self.check, self.done
        home.drop.pick.clicked.connect(self.choose_file)
        home.drop.template.clicked.connect(self._on_template)
        home.file_dropped.connect(self.read_file)
        home.several_dropped.connect(self._on_several)
        home.export_wanted.connect(self._on_export)
        home.exports.whole.clicked.connect(self._on_whole)
        home.undo_wanted.connect(self._on_undo_wanted)
        check.file_wanted.connect(self.choose_file)
        check.back_wanted.connect(self.go_back)
        check.go_wanted.connect(self.import_now)
        check.decided.connect(self._on_decided)
        check.save_wanted.connect(self._on_save_left_out)
        done.save.clicked.connect(self._on_save_left_out)
        done.undo.clicked.connect(self._on_undo_now)
        done.today.clicked.connect(self._on_today)

    # -- hooks --------------------------------------------------------------------------------------------

    @property
    def plan(self) -> ImportPlan | None:
        """The plan shown, None on the home screen."""
        return self.checked.plan if self.checked is not None else None

    def shown(self, **args: Any) -> None:
        file, checked, result = args.get("file"), args.get("checked"), args.get("result")
        if isinstance(checked, Checked):
            self._show_checked(checked, args.get("decisions"))
            if isinstance(result, ImportResult):
                self._show_result(result)
        elif file is not None:
            self.read_file(Path(file))

    def carry(self) -> dict[str, Any]:
        if self.checked is None:
            return {}
        return {"checked": self.checked, "decisions": self.check.decisions, "result": self.result}

    def hidden_(self) -> None:
        if self.step == RESULT:
            self._go(HOME)

    def refresh(self, changes: Changes) -> None:
        if changes.batches or changes.members or changes.sales or changes.tasks:
            self.session.query(_Home(), key="io.home", done=self._on_home)
            self.session.do(_not_reached, done=self._on_not_reached, say=False)
        if self.step == RESULT and changes.batches and self.result is not None:
            standing = {batch.id for batch in self.session.view.batches() if not batch.undone}
            if self.result.batch is not None and self.result.batch not in standing:
                self._go(HOME)

    def apply_layout(self, layout: Layout) -> None:
        self.steps.set_brief(layout.width < 1060)
        self.home.apply_layout(layout)
        self.check.apply_layout(layout)

    def escape(self) -> bool:
        if self.step == HOME:
            return False
        self.go_back()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.step == CHECK:
            self.import_now()
        elif event.matches(QKeySequence.StandardKey.Paste) and self.step != CHECK:
            self.paste()
        else:
            super().keyPressEvent(event)

    def edit(self) -> bool:
        return self.step == CHECK and self.check.grid.edit_current()

    def undo(self) -> bool:
        if self.step != CHECK:
            return False
        if not self.check.undo():
            self.toast(t("undo.nothing"), "info-circle")
        return True

    def redo(self) -> bool:
        return self.step == CHECK and (self.check.redo() or True)

    # -- steps --------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """Which of HOME, CHECK and RESULT is in front."""
        return self._stack.currentIndex()

    def _go(self, step: int) -> None:
        self._stack.setCurrentIndex(step)
        importing = step != HOME
        self.title = t("io.title") if importing else t("nav.io")
        self.middle = self.steps if importing else None
        self.own_search = importing
        self.focus_first = (self.home.drop.pick, self.check.grid, self.done.today)[step]
        self.toast_area = (self.home, self.check.frame, self.done)[step]
        if step == HOME:
            self._forget()
        self.steps.set_step(step)
        self.window_.header_changed(self)
        if self.isVisible():
            self.focus_first.setFocus()

    @Slot()
    def go_back(self) -> None:
        """Leave the import; what was decided by hand can be fetched back from the toast."""
        left = None
        if self.step == CHECK and self.checked is not None and self.check.decisions.any:
            left = (self.checked, self.check.decisions)
        self._go(HOME)
        if left is not None:
            self._left = left
            self.toast(t("io.leftcheck"), "info-circle", action=t("io.resume"), slot=self._resume)

    def _resume(self) -> None:
        if self._left is None:
            return
        checked, decisions = self._left
        self._left = None
        self._show_checked(checked, decisions)
        if decisions.now != checked.plan.choices:  # left while they were being checked
            self._on_decided(decisions.now)

    def _forget(self) -> None:
        """Let go of the file; what is being checked of it is not waited for."""
        self._asked += 1
        self._checking = False
        had, self.checked = self.checked is not None, None
        self.result = self._left = self._wanted = None
        self.check.forget()
        if had:
            gc.unfreeze()  # see _calm

    # -- reading a file -----------------------------------------------------------------------------------

    @Slot()
    def choose_file(self) -> None:
        """Ask for a file and check it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self.window(), t("io.title"), self._folder("import_folder"), t("io.filter")
        )
        if chosen:
            self.session.prefs.set("import_folder", str(Path(chosen).parent))
            self.read_file(Path(chosen))

    @Slot(object)
    def read_file(self, file: Path, password: str = "") -> None:
        """Read a file on the worker and show what it holds; nothing is written."""
        self._read(partial(_preview, file, password), partial(self._on_refused, file), file.name)

    def paste(self) -> None:
        """Take the table, or the file, that was copied elsewhere."""
        copied = QApplication.clipboard().mimeData()
        files = [Path(url.toLocalFile()) for url in copied.urls() if url.isLocalFile()]
        text = copied.text()
        if len(files) == 1:
            self.read_file(files[0])
        elif files:
            self._on_several()
        elif "\t" in text or "\n" in text.strip():
            self._read(partial(_preview_text, text), self._on_pasted_refused, t("io.clipboard"))
        else:
            self.toast(t("io.pasted.none"), "info-circle")

    def _read(
        self, work: Callable[[Shop, Progress], object], failed: Callable[[Exception], object], name: str
    ) -> None:
        self._asked += 1
        running = self.session.do(
            work, origin=self, done=partial(self._on_read, self._asked), failed=failed,
            busy=self.home.drop.pick,
        )  # fmt: skip
        if self.session.is_busy:
            ReadingDialog(self, running, name)

    def _on_read(self, number: int, found: Checked | HomePlan | MovePlan) -> None:
        if number != self._asked:  # another file was chosen, or the page left, meanwhile
            return
        if isinstance(found, Checked):
            self._show_checked(found)
        else:
            self.coming_home.show(found)

    def _on_pasted_refused(self, error: Exception) -> None:
        if isinstance(error, ShopError):
            self.toast(error.sentence, "alert-circle")
        else:
            self.show_error(error)

    def _on_refused(self, file: Path, error: Exception) -> None:
        if not isinstance(error, ShopError):
            self.show_error(error)
            return
        if error.code in ("sealed_needs", "password_wrong"):
            wrong = error.sentence if error.code == "password_wrong" else ""
            ask = AskPassword(self, t("pw.file"), t("pw.file.text", file=file.name), wrong)
            ask.given.connect(partial(self.read_file, file))
            ask.open()
            return
        dialog = RefusedFile(self, file, error)
        dialog.accepted.connect(partial(self.read_file, file))
        dialog.other.clicked.connect(self.choose_file)
        dialog.open()

    def _show_checked(self, checked: Checked, decisions: Decisions | None = None) -> None:
        self._asked += 1
        self._checking = False
        self.checked, self.result, self._wanted = checked, None, None
        self.check.set_checking(False)
        self.check.show_plan(checked.plan, checked.listing, decisions or Decisions(checked.plan.choices))
        self._go(CHECK)

    @Slot()
    def _on_several(self) -> None:
        self.toast(t("io.one"), "info-circle")

    # -- checking -----------------------------------------------------------------------------------------

    @Slot(object)
    def _on_decided(self, choices: Choices) -> None:
        """Check what was decided; decisions that come meanwhile are checked together afterwards."""
        self._wanted = choices
        if not self._checking and self.session.is_open:  # a cell gives up its text when the window closes
            self._check_again()

    def _check_again(self) -> None:
        plan, choices, self._wanted = self.plan, self._wanted, None
        if plan is None or choices is None:
            return
        self._asked += 1
        self._checking = True
        self.check.set_checking(True)
        self.session.do(
            partial(_replan, plan, choices), origin=self, done=partial(self._on_replanned, self._asked),
            failed=partial(self._on_replan_failed, self._asked),
        )  # fmt: skip

    def _on_replanned(self, number: int, checked: Checked) -> None:
        if number != self._asked:
            return
        self._checking = False
        self.checked = checked
        if self._wanted is not None:
            self._check_again()
        else:
            self.check.set_checking(False)
            self.check.show_plan(checked.plan, checked.listing)

    def _on_replan_failed(self, number: int, error: Exception) -> None:
        if number == self._asked:
            self._checking = False
            self._wanted = None
            self.check.set_checking(False)
            self.check.take_back()
        self.show_error(error)

    @Slot()
    def _on_save_left_out(self) -> None:
        plan = self.plan
        if plan is None:
            return
        name = t("io.skipped.file", file=Path(plan.file).stem)
        path = self._ask_where(t("io.saveleft", n=f"{plan.rows_to_save:,}"), name)
        if path is not None:
            button = self.check.panel.save if self.step == CHECK else self.done.save
            self.session.do(
                lambda shop, _: shop.imports.problems_workbook(plan, path),
                origin=self, done=self._on_saved, busy=button, say=False,
            )  # fmt: skip

    # -- importing ----------------------------------------------------------------------------------------

    @Slot()
    def import_now(self) -> None:
        """Write the plan shown: all of it or nothing."""
        plan = self.plan
        if plan is None or not self.check.bar.go.isEnabled():
            return
        running = self.session.do(
            partial(_apply, plan), origin=self, done=self._on_imported, failed=self._on_import_failed,
            busy=self.check.bar.go, say=False,
        )  # fmt: skip
        if self.session.is_busy:  # with everything done at once there is nothing to watch
            ImportingDialog(self, running, plan.file, plan.counts.rows_ready)

    def _on_imported(self, done: Done[ImportResult] | None) -> None:
        if done is None:
            self.toast(t("io.cancelled"), "info-circle")
        elif done.value.batch is None:
            self._go(HOME)
            self.toast(t(done.sentence.id, **done.sentence.values), "info-circle")
        else:
            self._show_result(done.value)

    def _on_import_failed(self, error: Exception) -> None:
        if isinstance(error, ConflictError):  # somebody sold something meanwhile: checked again at once
            self.toast(error.sentence, "refresh")
            self._on_decided(self.check.decisions.now)
        else:
            self.show_error(error, self.import_now)

    def _show_result(self, result: ImportResult) -> None:
        assert self.plan is not None
        self.result = result
        self.done.show_result(self.plan, result)
        self._go(RESULT)

    @Slot()
    def _on_today(self) -> None:
        self.navigate("today")

    # -- taking back --------------------------------------------------------------------------------------

    @Slot()
    def _on_undo_now(self) -> None:
        if self.result is not None and self.result.batch is not None:
            self._undo(self.result.batch, self.done.undo)

    @Slot(object)
    def _on_undo_wanted(self, batch: BatchRow) -> None:
        button = self.home.history.undo[batch.id]
        if date.fromisoformat(batch.at[:10]) == self.session.today:
            self._undo(batch.id, button)
            return
        dialog = UndoImport(self, batch)
        dialog.accepted.connect(partial(self._undo, batch.id, button))
        dialog.open()

    def _undo(self, batch: BatchId, button: QWidget) -> None:
        self.session.do(
            lambda shop, progress: shop.imports.undo(batch, progress),
            origin=self, done=self._on_undone, busy=button, progress=t("io.undoing"), say=False,
        )  # fmt: skip

    def _on_undone(self, done: Done[tuple[str, ...]]) -> None:
        if self.step != HOME:
            self._go(HOME)
        self.toast(t("io.undone"), "arrow-back-up", undo=done.entry is not None)
        if done.value:
            KeptMembers(self, done.value).open()

    # -- home ---------------------------------------------------------------------------------------------

    def _on_home(self, answer: tuple[tuple[BatchRow, ...], dict[str, int]]) -> None:
        batches, counts = answer
        self.home.history.set_batches(batches, self.session.today)
        for key, count in counts.items():
            self.home.exports.set_count(key, count)

    def _on_not_reached(self, number: int) -> None:
        self.home.exports.set_count("not_reached", number)

    @Slot()
    def _on_template(self) -> None:
        path = self._ask_where(t("io.template"), t("io.template.file"))
        if path is not None:
            self.session.do(
                lambda shop, _: shop.imports.template(path),
                origin=self, done=self._on_saved, busy=self.home.drop.template, say=False,
            )  # fmt: skip

    @Slot()
    def _on_whole(self) -> None:
        name = t("whole.file", date=self.session.today.isoformat())
        whole = [(None, t("ex.which.whole"))]
        dialog = ExportList(
            self, self.session, t("whole.export"), whole, name, _write_whole, t("ex.cols.whole"), masks=False
        )
        dialog.saved.connect(self._on_file_saved)
        dialog.open()

    @Slot(str)
    def _on_export(self, what: str) -> None:
        today = self.session.today
        if what == "callbacks":
            dialog = export_callbacks(self, self.session, self.session.view.day_list())
            dialog.saved.connect(self._on_file_saved)
            return
        title = t(f"ex.list.{what}")
        name = t("io.file", name=title, date=today.isoformat())
        title = t("io.exporting", name=title)
        listed: ExportList
        if what == "sales":
            listed = ExportSales(self, self.session, title, sales_times(today), name, _write_sales)
        else:
            everybody = t("ex.which.members", n=f"{self.session.view.total():,}")
            words, write = everybody, _write_members
            if what == "not_reached":
                words, write = self.home.exports.hints[what].whole_text(), _write_not_reached
            listed = ExportList(self, self.session, title, [(None, words)], name, write)
        listed.saved.connect(self._on_file_saved)
        listed.open()

    # -- files --------------------------------------------------------------------------------------------

    def _folder(self, key: str) -> str:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return str(self.session.prefs.get(key) or documents)

    def _ask_where(self, title: str, name: str) -> Path | None:
        start = str(Path(self._folder("export_folder")) / name)
        chosen, _ = QFileDialog.getSaveFileName(self.window(), title, start, t("ex.filter"))
        if not chosen:
            return None
        path = Path(chosen)
        if path.suffix.lower() != ".xlsx":
            path = path.with_name(path.name + ".xlsx")
        self.session.prefs.set("export_folder", str(path.parent))
        return path

    def _on_saved(self, path: Path) -> None:
        self._on_file_saved(str(path))

    @Slot(str)
    def _on_file_saved(self, path: str) -> None:
        self._saved = path
        words = t("ex.saved", folder=Path(path).parent)
        self.toast(words, action=t("ex.openfolder"), slot=self._open_folder)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._saved).parent)))


def sales_times(today: date) -> list[tuple[object, str]]:
    """The times a sales list can be taken out for, as (first day, last day) with their words."""
    first = today.replace(day=1)
    before = first - timedelta(days=1)
    return [
        ((first, today), t("io.time.month")),
        ((before.replace(day=1), before), t("io.time.before")),
        ((date(today.year, 1, 1), today), t("io.time.year")),
        ((None, None), t("io.time.all")),
    ]


# -- work for the worker -------------------------------------------------------------------------------------


class _Home:
    """What the home screen shows."""

    def __call__(self, view: ShopView) -> object:
        members = view.total()
        return view.batches(), {"callbacks": view.open_count(), "members": members, "sales": members}


def _not_reached(shop: Shop, _progress: Progress) -> object:
    return len(shop.exports.not_reached_table().rows)


def _calm(work: Callable[[], Any]) -> Any:
    """Do work that makes millions of things, without their being looked through for garbage, then or later:
    that would hold up the screen. The page lets them be looked at again when it lets go of them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return work()
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def _with_rows(plan: ImportPlan) -> Checked:
    return Checked(plan, Listing(plan))


def _shown(plan: arrivals.Arrival) -> Checked | HomePlan | MovePlan:
    return _with_rows(plan) if isinstance(plan, ImportPlan) else plan


def _preview(file: Path, password: str, shop: Shop, progress: Progress) -> object:
    return _calm(lambda: _shown(arrivals.preview(shop, file, progress, password)))


def _preview_text(text: str, shop: Shop, progress: Progress) -> object:
    return _calm(lambda: _with_rows(shop.imports.preview_text(text, progress)))


def _replan(plan: ImportPlan, choices: Choices, shop: Shop, progress: Progress) -> object:
    return _calm(lambda: _with_rows(shop.imports.replan(plan, choices, progress)))


def _apply(plan: ImportPlan, shop: Shop, progress: Progress) -> object:
    """What the import did, None if it was stopped: the page has something to say then."""
    try:
        return _calm(lambda: shop.imports.apply(plan, progress))
    except Cancelled:
        return None


def _write_whole(exports: Exports, path: Path, _choice: Any, _mask: bool, progress: Progress) -> object:
    return exports.whole(path, progress)


def _write_members(exports: Exports, path: Path, _choice: Any, mask: bool, progress: Progress) -> object:
    return exports.members(path, mask=mask, progress=progress)


def _write_sales(exports: Exports, path: Path, time: Any, mask: bool, progress: Progress) -> object:
    since, until = time
    return exports.sales(path, since, until, mask=mask, progress=progress)


def _write_not_reached(exports: Exports, path: Path, _choice: Any, mask: bool, progress: Progress) -> object:
    return exports.not_reached(path, mask=mask, progress=progress)
