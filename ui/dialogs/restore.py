"""恢复备份: what a copy holds, what would be replaced by it, and the question; and the same for a file that
cannot be opened any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shopcrm.basics.errors import Refusal, ShopError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import BackupFile, Salvaged, ShopCounts, StaffRow, Tried
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from ui import theme
from ui.session import Guarded, Session
from ui.widgets import Button, Dialog, FieldBlock, Label, PasswordInput, PinInput

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_PIN = 120
# Beginning of a step's kind -> how such steps are counted in the question.
_PARTS = (("sale.", "log"), ("visit.", "log"), ("task.", "task"), ("import", "import"))


_WANT_PASSWORD = (
    "sealed_needs", "password_wrong", "shop_locked", "shop_password_wrong", "shop_password_or_damage"
)  # fmt: skip
_WANT_INNER = ("inner_needs", "inner_wrong")


class _Word(FieldBlock):
    """A password that is asked for where it turns out to be needed; `given` when it is entered."""

    given = Signal()

    def __init__(self, dialog: Dialog, label: str) -> None:
        self.word, self.enter = PasswordInput(), Button(t("pw.open"))
        super().__init__(label, self.word, beside=self.enter)
        self._dialog = dialog
        self.hide()
        dialog.body.addWidget(self)
        self.word.returnPressed.connect(self.confirm)
        self.enter.clicked.connect(self.confirm)

    def ask(self, error: Refusal) -> None:
        """Show it; what was typed before is wrong."""
        self.show()
        self._say(error.sentence if self.word.text() else "")
        self.word.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the field is for it alone: what the dialog would do is another thing."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    @Slot()
    def confirm(self) -> None:
        """Take what is typed."""
        if self.word.text():
            self.given.emit()
        else:
            self._say(t("pw.empty"))

    def _say(self, wrong: str) -> None:
        self.set_error(wrong)
        self.word.setFocus(Qt.FocusReason.OtherFocusReason)
        self._dialog.resize_to_content()


class RestoreDialog(Dialog):
    """Asked before a copy takes the place of the data, with the owner's PIN if there is one; a hasty Enter
    changes nothing."""

    def __init__(self, parent: QWidget, session: Session, copy: Path, title: str) -> None:
        super().__init__(parent, title, "alert-triangle", "warn", 480)
        self._session, self._copy = session, copy
        self.words = Label(t("bk.restore.checking"), "body", wrap=True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.body.addWidget(self.words)
        self.word = _Word(self, t("pw.word"))  # of a copy that has one
        self.inner = _Word(self, t("pw.inner"))  # of the encrypted shop in a sealed copy
        for word in (self.word, self.inner):
            word.given.connect(self._look)
        owners = _owners(session)
        self._owner = owners[0] if owners else None
        self.pin = PinInput()
        self.pin.setFixedWidth(theme.px(_PIN))
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        asked = t("pin.of", name=owners[0].name) if len(owners) > 1 else t("bk.pin")
        self.pin_block = FieldBlock(asked, self.pin, beside=room)
        if self._owner is not None:
            self.body.addWidget(self.pin_block)
            self.pin.returnPressed.connect(self._on_yes)
        self._no = self.add_button(t("bk.restore.no"))
        self.yes = self.add_button(t("bk.restore.yes"), "danger", self._on_yes)
        self.yes.setEnabled(False)

    def open(self) -> None:
        """Show the question and look into the copy meanwhile."""
        super().open()
        self._no.setFocus()
        self._look()

    @Slot()
    def _look(self) -> None:
        copy, word, inner = self._copy, self.word.word.text(), self.inner.word.text()

        def look(shop: Shop, _progress: Progress) -> object:
            return shop.backups.look(copy, word, inner)

        self._session.do(look, origin=self, done=self._on_looked, failed=self._on_refused, say=False)

    def _on_looked(self, answer: tuple[ShopCounts, Mapping[str, int]]) -> None:
        if self.is_closed:
            return
        counts, since = answer
        holds = t("bk.restore.holds", members=f"{counts.members:,}", sales=f"{counts.sales:,}")
        self.word.hide()
        self.inner.hide()
        self.words.setText("<br>".join((escape(holds), _lost(since), t("bk.restore.pins"))))
        self.yes.setEnabled(True)
        self.resize_to_content()

    def _on_refused(self, error: Exception) -> None:
        if self.is_closed:
            return
        if isinstance(error, Refusal) and error.code in _WANT_PASSWORD:
            self.words.setText(escape(t("pw.copy.text", file=self._copy.name)))
            self.word.ask(error)
            return
        if isinstance(error, Refusal) and error.code in _WANT_INNER:  # that of the copy was right
            self.words.setText(escape(t("pw.inner.text", file=self._copy.name)))
            self.word.hide()
            self.inner.ask(error)
            return
        self.reject()
        self._session.failed.emit(error, None)

    @Slot()
    def _on_yes(self) -> None:
        if not self.yes.isEnabled():
            for word in (self.word, self.inner):
                if word.isVisible():  # its PIN came before its password
                    word.confirm()
            return
        owner, pin = self._owner, self.pin.text()
        if owner is None:
            self._go()
        else:
            self._session.do(
                lambda shop, _: shop.pins.try_(owner.id, pin),
                done=self._on_tried, busy=self.yes, say=False,
            )  # fmt: skip

    def _on_tried(self, tried: Tried) -> None:
        if tried.ok:
            self._go()
            return
        self.pin.clear()
        self.pin_block.set_error(t("pin.wait", n=tried.wait) if tried.wait else t("pin.wrong"))
        self.pin.setFocus(Qt.FocusReason.OtherFocusReason)
        self.resize_to_content()

    def _go(self) -> None:
        self.accept()
        word = self.word.word.text()  # the other one is known from now on
        self._session.restore_wanted.emit(Guarded(self._copy, word) if word else self._copy)


def _owners(session: Session) -> list[StaffRow]:
    """Those who have a PIN: first she who sits there, whose is asked."""
    owners = [who for who in session.view.staff() if who.active and who.role == "owner" and who.has_pin]
    me = None if session.staff is None else session.staff.id
    return sorted(owners, key=lambda who: who.id != me)


def _lost(since: Mapping[str, int]) -> str:
    """What would be replaced, in words."""
    if not since:
        return t("bk.restore.none")
    counted: dict[str, int] = {}
    for kind, n in since.items():
        part = next((part for beginning, part in _PARTS if kind.startswith(beginning)), "other")
        counted[part] = counted.get(part, 0) + n
    parts = t("g.list").join(t(f"bk.restore.p.{part}", n=f"{n:,}") for part, n in counted.items())
    return t("bk.restore.lost", n=f"{sum(since.values()):,}", parts=parts)


class DamagedDialog(Dialog):
    """The data file cannot be read: its last good copy can be restored, or what can still be read of it be
    saved and put in its place; the file itself stays as it is."""

    def __init__(
        self, parent: QWidget, session: Session, sentence: str, file: Path, copy: BackupFile | None
    ) -> None:
        happened, point, to_do = sentence.partition(t("err.split"))
        super().__init__(parent, happened + ("" if to_do else point), "circle-x", "bad", 480)
        self._session, self._file, self._copy = session, file, copy
        self._salvaged: Path | None = None
        self.words = Label(t("bk.damaged.none"), "body", wrap=True)
        if copy is not None:
            when = t("bk.when", day=show_day(copy.at.date(), session.today), time=copy.at.strftime("%H:%M"))
            counts = {"members": f"{copy.members:,}", "sales": f"{copy.sales:,}"}
            self.words.setText(t("bk.damaged", time=when, **counts))
        self.found = Label("", "body", wrap=True)
        self.found.hide()
        self.body.addWidget(self.words)
        self.body.addWidget(self.found)
        self.word = _Word(self, t("pw.word"))  # of an encrypted file whose key is not known
        self.word.given.connect(self._on_look)
        self.add_button(t("bk.quit"))
        other = "primary" if copy is None else "normal"
        self.look = self.add_button(t("bk.salvage.look"), other, self._on_look)
        self.take = self.add_button(t("bk.salvage.take"), other, self._on_take)
        self.take.hide()
        self.yes = self.add_button(t("bk.restore.yes"), "primary", self._on_yes)
        self.yes.setVisible(copy is not None)

    @Slot()
    def _on_look(self) -> None:
        """Save what can be read into a file beside the damaged one, and say how much that is."""
        file, now = self._file, self._session.now
        out = file.with_name(f"{file.stem}-salvaged-{now:%Y%m%d-%H%M%S}{file.suffix}")
        word = self.word.word.text()
        self.look.setEnabled(False)
        self.word.setEnabled(False)
        self._tell(t("bk.salvage.looking"))

        def work(progress: Progress) -> object:
            from shopcrm.shop.backups import salvage

            return salvage(file, out, lambda: now, progress, word)

        self._session.aside(work, done=self._on_salvaged, failed=self._on_nothing)

    def _on_salvaged(self, found: Salvaged) -> None:
        self._salvaged = found.path
        words = t(
            "bk.salvage.found", members=f"{found.members:,}", sales=f"{found.sales:,}", file=found.path.name
        )
        if found.nameless:
            words += t("bk.salvage.nameless", n=f"{found.nameless:,}")
        if self._copy is not None:
            words += t("bk.salvage.copy", members=f"{self._copy.members:,}", sales=f"{self._copy.sales:,}")
        self.look.hide()
        self.word.hide()
        self.take.show()
        self._tell(words)
        self.take.setFocus(Qt.FocusReason.OtherFocusReason)  # not on 退出, where it went meanwhile

    def _on_nothing(self, error: Exception) -> None:
        self.look.hide()
        if isinstance(error, Refusal) and error.code in _WANT_PASSWORD:
            self._tell(t("bk.salvage.word"))
            self.word.setEnabled(True)
            self.word.ask(error)
            return
        self.word.hide()
        self._tell(error.sentence if isinstance(error, ShopError) else t("err.bug"))

    def _tell(self, words: str) -> None:
        self.found.setText(words)
        self.found.show()
        self.resize_to_content()

    @Slot()
    def _on_take(self) -> None:
        self.accept()
        self._session.restore_wanted.emit(self._salvaged)

    @Slot()
    def _on_yes(self) -> None:
        assert self._copy is not None  # else the button is hidden
        self.accept()
        self._session.restore_wanted.emit(self._copy.path)
