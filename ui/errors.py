"""The only place that turns an error into a dialog: what happened, what to do, details on demand."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication, QWidget

from shopcrm import __version__
from shopcrm.basics.errors import Cancelled, ShopError
from shopcrm.basics.texts import t
from ui import theme
from ui.widgets import Dialog, Label, SmallButton, TextArea, open_dialog

log = logging.getLogger("shopcrm.ui")


def sentence(error: BaseException) -> str:
    """What happened, for a line under a field or a toast."""
    return error.sentence if isinstance(error, ShopError) else t("err.bug")


def show(parent: QWidget, error: BaseException, retry: Callable[[], object] | None = None) -> Dialog | None:
    """Open the dialog of an error and answer it; None for a cancelled action, which is no error. What stands
    there already is not said again."""
    if isinstance(error, Cancelled):
        return None
    there = open_dialog(parent.window())
    if retry is None and isinstance(there, _ErrorDialog) and there.says == sentence(error):
        return there
    if isinstance(error, ShopError):
        log.info("told: %s", error.code)
    else:
        log.error("a fault of ours: %s", type(error).__name__, exc_info=error)
    dialog = _ErrorDialog(parent, error, retry)
    dialog.open()
    return dialog


def places_of(error: BaseException) -> str:
    """Where an error came from, as a traceback without its words: they may hold a number or a name, and this
    goes into the log and to whoever is asked for help."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    lines = []
    for one in reversed(chain):
        code = getattr(one, "code", "") or getattr(one, "sqlite_errorname", "")
        lines += [*traceback.format_tb(one.__traceback__), f"{type(one).__name__} {code}".rstrip() + "\n"]
    return "".join(lines)


class _ErrorDialog(Dialog):
    def __init__(self, parent: QWidget, error: BaseException, retry: Callable[[], object] | None) -> None:
        title, text, details = _words(error)
        super().__init__(parent, title, "circle-x", "bad", 470)
        self._retry = retry
        self.says = sentence(error)
        if text:
            body = Label(text, "body", wrap=True)
            body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(body)
        self._details = TextArea(sunk=True)
        self._details.setPlainText(details)
        self._details.setReadOnly(True)
        self._details.setFixedHeight(theme.px(140))
        self._details.hide()
        if details:
            self._more = SmallButton(t("g.details"), icon="chevron-right")
            self._more.clicked.connect(self._on_more)
            self.body.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
            self.body.addWidget(self._details)
        if retry is not None:
            self.add_button(t("g.close"))
            self.add_button(t("g.retry"), "primary", self._on_retry)
        else:
            self.add_button(t("g.gotit"), "primary")

    @Slot()
    def _on_more(self) -> None:
        shown = not self._details.isVisible()
        self._details.setVisible(shown)
        self._more.setText(t("err.copy") if shown else t("g.details"))
        if not shown:
            QApplication.clipboard().setText(self._details.toPlainText())
        self.resize_to_content()

    @Slot()
    def _on_retry(self) -> None:
        self.accept()
        if self._retry is not None:
            self._retry()


def _words(error: BaseException) -> tuple[str, str, str]:
    if isinstance(error, ShopError):
        # "What happened. What to do." is one entry of the texts; its first part is the title.
        happened, point, to_do = error.sentence.partition(t("err.split"))
        return (happened, to_do, "") if to_do else (happened + point, "", "")
    return t("err.bug"), t("err.bug.hint"), f"shopcrm {__version__}\n{places_of(error)}"
