"""The import and export page: a file is checked, imported and can be taken back; lists go out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from shopcrm.basics.errors import Cancelled, ConflictError, ShopError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import BatchId, BatchRow, Changes, Done
from shopcrm.basics.texts import t
from shopcrm.shop.imports import Choices, ImportPlan, ImportResult
from ui import theme
from ui.dialogs.export_callbacks import ExportList, Write, export_callbacks
from ui.pages.base import Layout, Navigator, Page
from ui.pages.io.check import CheckStep
from ui.pages.io.home import HomeStep
from ui.pages.io.result import ResultStep
from ui.pages.io.steps import Steps
from ui.pages.io.windows import ImportingDialog, KeptMembers, RefusedFile, UndoImport
from ui.session import Session
from ui.theme.tokens import PAGE_SIDE

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

HOME, CHECK, RESULT = range(3)


class ImportExportPage(Page):
    """Home, and the two further steps of an import; only the last button of step two writes."""

    def __init__(self, session: Session, window: Navigator, page_id: str = "io") -> None:
        super().__init__(session, window, page_id)
        self.steps = Steps()
        self.home, self.check, self.done = HomeStep(), CheckStep(), ResultStep()
        self.plan: ImportPlan | None = None
        self.result: ImportResult | None = None
        self.file: Path | None = None
        self._asked = 0
        self._saved = ""
        self._left: ImportPlan | None = None
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
        home.undo_wanted.connect(self._on_undo_wanted)
        check.file_wanted.connect(self.choose_file)
        check.back_wanted.connect(self.go_back)
        check.go_wanted.connect(self.import_now)
        check.replan_wanted.connect(self._replan)
        check.save_wanted.connect(self._on_save_left_out)
        done.save.clicked.connect(self._on_save_left_out)
        done.undo.clicked.connect(self._on_undo_now)
        done.today.clicked.connect(self._on_today)

    # -- hooks --------------------------------------------------------------------------------------------

    def shown(self, **args: Any) -> None:
        file, plan, result = args.get("file"), args.get("plan"), args.get("result")
        if isinstance(plan, ImportPlan):
            self.plan, self.file = plan, args.get("path")
            if isinstance(result, ImportResult):
                self._show_result(result)
            else:
                self._show_plan(plan)
        elif file is not None:
            self.read_file(Path(file))

    def carry(self) -> dict[str, Any]:
        return {"plan": self.plan, "result": self.result, "path": self.file} if self.plan is not None else {}

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
        else:
            super().keyPressEvent(event)

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
            self.plan = self.result = self.file = None
        self.steps.set_step(step)
        self.window_.header_changed(self)
        if self.isVisible():
            self.focus_first.setFocus()

    @Slot()
    def go_back(self) -> None:
        """Leave the import; what was decided by hand can be fetched back from the toast."""
        left = self.plan if self.step == CHECK and self.check.changed_by_hand() else None
        self._asked += 1
        self._go(HOME)
        if left is not None:
            self._left = left
            self.toast(t("io.leftcheck"), "info-circle", action=t("io.resume"), slot=self._resume)

    def _resume(self) -> None:
        if self._left is not None:
            self._show_plan(self._left)

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
    def read_file(self, file: Path) -> None:
        """Read a file on the worker and show what it holds; nothing is written."""
        self._asked += 1
        self.session.do(
            partial(_preview, file), origin=self, done=partial(self._on_read, self._asked, file),
            failed=partial(self._on_refused, file), busy=self.home.drop.pick, progress=t("io.reading"),
        )  # fmt: skip

    def _on_read(self, number: int, file: Path, plan: ImportPlan) -> None:
        if number == self._asked:  # else another file was chosen, or the page left, meanwhile
            self.file = file
            self._show_plan(plan)

    def _on_refused(self, file: Path, error: Exception) -> None:
        if not isinstance(error, ShopError):
            self.show_error(error)
            return
        dialog = RefusedFile(self, file, error)
        dialog.accepted.connect(partial(self.read_file, file))
        dialog.other.clicked.connect(self.choose_file)
        dialog.open()

    def _show_plan(self, plan: ImportPlan) -> None:
        self.plan, self.result = plan, None
        self.check.show_plan(plan)
        self._go(CHECK)

    @Slot()
    def _on_several(self) -> None:
        self.toast(t("io.one"), "info-circle")

    # -- checking -----------------------------------------------------------------------------------------

    @Slot(object)
    def _replan(self, choices: Choices) -> None:
        if self.plan is None:
            return
        self._asked += 1
        self.check.bar.go.setEnabled(False)
        self.session.do(
            partial(_replan, self.plan, choices), origin=self, done=partial(self._on_replanned, self._asked),
            failed=self._on_replan_failed, progress=t("io.checking"),
        )  # fmt: skip

    def _on_replanned(self, number: int, plan: ImportPlan | None) -> None:
        if number != self._asked:
            return
        if plan is None:  # stopped: what was shown before still holds
            self.check.take_back()
        else:
            self.plan = plan
            self.check.show_plan(plan)

    def _on_replan_failed(self, error: Exception) -> None:
        self.check.take_back()
        self.show_error(error)

    @Slot()
    def _on_save_left_out(self) -> None:
        plan = self.plan
        if plan is None:
            return
        name = t("io.skipped.file", file=Path(plan.file).stem)
        path = self._ask_where(t("io.saveleft", n=f"{plan.counts.rows_left_out:,}"), name)
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
            self._replan(self.check.choices)
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
            lambda shop, _: shop.imports.undo(batch),
            origin=self, done=self._on_undone, busy=button, say=False,
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

    @Slot(str)
    def _on_export(self, what: str) -> None:
        today = self.session.today
        if what == "callbacks":
            dialog = export_callbacks(self, self.session, self.session.view.day_list())
            dialog.saved.connect(self._on_file_saved)
            return
        choices: list[tuple[object, str]]
        write: Write
        if what == "members":
            everybody = t("ex.which.members", n=f"{self.session.view.total():,}")
            choices, write = [(None, everybody)], _write_members
        elif what == "sales":
            choices, write = sales_times(today), _write_sales
        else:
            choices, write = [(None, self.home.exports.hints[what].whole_text())], _write_not_reached
        title = t(f"ex.list.{what}")
        name = t("io.file", name=title, date=today.isoformat())
        listed = ExportList(self, self.session, t("io.exporting", name=title), choices, name, write)
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


def _preview(file: Path, shop: Shop, progress: Progress) -> object:
    return shop.imports.preview(file, progress)


def _stoppable(work: Callable[[], object]) -> object:
    """What the work answers, None if it was stopped: the page has something to say then."""
    try:
        return work()
    except Cancelled:
        return None


def _replan(plan: ImportPlan, choices: Choices, shop: Shop, progress: Progress) -> object:
    return _stoppable(lambda: shop.imports.replan(plan, choices, progress))


def _apply(plan: ImportPlan, shop: Shop, progress: Progress) -> object:
    return _stoppable(lambda: shop.imports.apply(plan, progress))


def _write_members(shop: Shop, path: Path, _choice: Any, mask: bool, _progress: Progress) -> object:
    return shop.exports.members(path, mask=mask)


def _write_sales(shop: Shop, path: Path, time: Any, mask: bool, _progress: Progress) -> object:
    since, until = time
    return shop.exports.sales(path, since, until, mask=mask)


def _write_not_reached(shop: Shop, path: Path, _choice: Any, mask: bool, _progress: Progress) -> object:
    return shop.exports.not_reached(path, mask=mask)
