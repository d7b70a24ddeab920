"""看号码: one member's whole number for who sees numbers masked, kept and counted by the shop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from shiboken6 import isValid

from shopcrm.basics.progress import Progress
from shopcrm.basics.records import Done, MemberId, StaffRow
from shopcrm.basics.texts import t
from shopcrm.basics.values import is_masked, mask_phone
from ui.session import Session
from ui.widgets.buttons import SmallButton

if TYPE_CHECKING:
    from shopcrm.shop import Shop

Then = Callable[[tuple[str, ...]], object]


class RevealButton(SmallButton):
    """Stands beside a masked number and is gone where there is nothing to look at, or nobody who may ask.

    What was looked at stays in `phones` until another member stands there, somebody else sits there, or the
    window is locked. Without `words` it is only an eye, for a place with little room.
    """

    seen = Signal()  # `phones` are others now

    def __init__(self, session: Session | None = None, *, words: bool = True) -> None:
        super().__init__(t("reveal.see") if words else "", icon="eye")
        self.setAccessibleName(t("reveal.see"))
        self._session = session
        self._member: MemberId | None = None
        self._shown: tuple[str, ...] = ()
        self._whole: tuple[str, ...] = ()
        self.clicked.connect(self._on_clicked)
        if session is not None:
            session.staff_changed.connect(self.forget)
            session.lock_changed.connect(self.forget)
        self.hide()

    @property
    def phones(self) -> tuple[str, ...]:
        """Her numbers: whole once they were looked at."""
        return self._whole or self._shown

    @property
    def is_hiding(self) -> bool:
        """Whether the numbers are masked."""
        return any(map(is_masked, self.phones))

    @property
    def may_ask(self) -> bool:
        """Whether who sits there works with numbers at all: looking may still ask for the owner."""
        return self._session is not None and self._session.may("today")

    def set_member(self, member: MemberId, phones: tuple[str, ...]) -> None:
        """Whose numbers stand there, as this reader is shown them."""
        if member != self._member or tuple(map(mask_phone, self._whole)) != phones:
            self._whole = ()
        self._member, self._shown = member, phones
        self._fit()

    def look(self, then: Then | None = None) -> None:
        """Look at the whole numbers where they are masked, then call `then` with them; nothing is called when
        it is refused, which is told in the usual way."""
        member, session = self._member, self._session
        if not self.is_hiding:
            if then is not None:
                then(self.phones)
        elif member is not None and session is not None:
            seen = _Seen(self, member, session.staff, then)
            session.do(_Reveal(member), origin=self, done=seen, busy=self, say=False)

    def take(self, member: MemberId, phones: tuple[str, ...], asked: StaffRow | None) -> bool:
        """The shop's answer to who asked; whether both are still there."""
        session = self._session
        if member != self._member or session is None or session.is_locked or session.staff != asked:
            return False
        self._whole = tuple(_whole(phones, shown) for shown in self._shown)
        self._fit()
        self.seen.emit()
        return True

    @Slot()
    def forget(self) -> None:
        """Nobody looked."""
        if self._whole:
            self._whole = ()
            self.seen.emit()
        self._fit()

    @Slot()
    def _on_clicked(self) -> None:
        self.look()

    def _fit(self) -> None:
        asks = self.is_hiding and self.may_ask
        self.setVisible(asks)
        if asks and self._session is not None:
            left = self._session.view.reveals_left()
            told = t("reveal.tip", n=left) if left else t("reveal.tip.none")
            self.setToolTip(told if self.words() else t("mb.pair", label=t("reveal.see"), value=told))


def _whole(phones: tuple[str, ...], shown: str) -> str:
    """Which of her numbers is shown so; not all of them need to stand there."""
    return next((phone for phone in phones if mask_phone(phone) == shown), shown)


class _Reveal:
    def __init__(self, member: MemberId) -> None:
        self._member = member

    def __call__(self, shop: Shop, _progress: Progress) -> Done[tuple[str, ...]]:
        return shop.members.reveal(self._member)


class _Seen:
    """Where the answer goes; the button may be gone by then, with its card."""

    def __init__(
        self, button: RevealButton, member: MemberId, asked: StaffRow | None, then: Then | None
    ) -> None:
        self._button, self._member, self._asked, self._then = button, member, asked, then

    def __call__(self, done: Done[tuple[str, ...]]) -> None:
        if (
            isValid(self._button)
            and self._button.take(self._member, done.value, self._asked)
            and self._then is not None
        ):
            self._then(self._button.phones)
