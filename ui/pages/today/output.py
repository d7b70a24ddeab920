"""What leaves Today: the call-back list as a workbook, the day's list and what came of it on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from shopcrm.basics.records import TYPE_KEYS, DayList, StaffId, TaskId
from shopcrm.basics.texts import t

if TYPE_CHECKING:
    from shopcrm.basics.papers import Paper
    from shopcrm.shop import Shop
    from ui.pages.base import Page


class Output(QObject):
    """Opens the window a list leaves by, and says where it went."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page, self._session = page, page.session
        self._tab, self._saved = "", ""

    def export(self, tab: str, staff: StaffId | None) -> None:
        """The call-back list of one person, or of everybody, as a workbook; of the tab's type where it has
        one."""
        self._tab = tab
        self._session.query(lambda view: view.day_list(staff), key="today.export", done=self._open_export)

    def _open_export(self, days: DayList) -> None:
        from ui.dialogs.export_callbacks import export_callbacks  # not on the way to the first list

        dialog = export_callbacks(self._page, self._session, days, self._tab)
        dialog.saved.connect(self._on_saved)

    def print_open(
        self, tasks: Sequence[TaskId], tab: str, staff: StaffId | None, *, ahead: bool, is_part: bool
    ) -> None:
        """To-dos on paper, in this order; `ahead`: tomorrow's, `is_part`: only those that are ticked."""
        kind = next((key for key in TYPE_KEYS if key == tab), None)

        def paper(shop: Shop, mask: bool, messages: bool) -> Paper:
            return shop.papers.day_list(
                tasks, type=kind, staff=staff, ahead=ahead, is_part=is_part, whole_message=messages, mask=mask
            )

        self._open_preview(paper, offers_messages=True)

    def print_done(self, tasks: Sequence[TaskId]) -> None:
        """What came of these to-dos on paper."""

        def paper(shop: Shop, mask: bool, _messages: bool) -> Paper:
            return shop.papers.done_list(tasks, mask=mask)

        self._open_preview(paper, offers_messages=False)

    def _open_preview(self, paper: Callable[[Shop, bool, bool], Paper], *, offers_messages: bool) -> None:
        from ui.dialogs.print_preview import open_preview  # not on the way to the first list

        open_preview(self._page, self._session, paper, offers_messages=offers_messages, saved=self._on_saved)

    @Slot(str)
    def _on_saved(self, path: str) -> None:
        self._saved = path
        words = t("ex.saved", folder=Path(path).parent)
        self._page.toast(words, action=t("ex.openfolder"), slot=self._open_folder)

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._saved).parent)))
