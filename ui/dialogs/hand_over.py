"""Handing over: today's list of who is away, and the members and to-dos of who leaves the shop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from shopcrm.basics.errors import ShopError
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import TYPE_KEYS, LeavingPlan, Share, StaffId, StaffRow, Taken
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_day
from ui import theme
from ui.session import Session
from ui.theme.paint import letter
from ui.widgets import Banner, CheckBox, Dialog, Label

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView


class _Takers(QWidget):
    """Who takes over: a tick for each, and what she gets."""

    picked = Signal()

    def __init__(self, people: Sequence[StaffRow], *, ticked: bool) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(1, 1)
        self.boxes: dict[StaffId, CheckBox] = {}
        self._gets: dict[StaffId, Label] = {}
        for row, person in enumerate(people):
            box, gets = CheckBox(person.name), Label("", "body", "tx2")
            box.setChecked(ticked)
            box.toggled.connect(self.picked)
            grid.addWidget(box, row, 0)
            grid.addWidget(gets, row, 1)
            self.boxes[person.id], self._gets[person.id] = box, gets

    def chosen(self) -> list[StaffId]:
        """Those ticked, in the order shown."""
        return [person for person, box in self.boxes.items() if box.isChecked()]

    def tell(self, words: dict[StaffId, str]) -> None:
        """Say behind the names what each of them gets; nothing behind the others."""
        for person, label in self._gets.items():
            label.setText(words.get(person, ""))


class _HandOver(Dialog):
    """Who hands over to whom; the answer is written when the primary button is pressed."""

    done_ = Signal()

    def __init__(self, parent: QWidget, session: Session, who: StaffRow, title: str, *, ticked: bool) -> None:
        super().__init__(parent, title, "users", width=560)
        self._session, self._who = session, who
        others = [person for person in session.view.staff() if person.active and person.id != who.id]
        self.takers = _Takers(others, ticked=ticked)
        self.takers.picked.connect(self._on_picked)
        self._sum = Label("", "body", wrap=True)
        self._note = Label("", "label", "tx2", wrap=True)
        self._problem = Banner("bad", closable=False)
        self._problem.hide()

    def _fill(self, ask: str, button: str) -> None:
        self.body.addWidget(self._sum)
        self.body.addWidget(Label(ask, "body_bold"))
        self.body.addWidget(self.takers)
        self.body.addWidget(self._note)
        self.body.addWidget(self._problem)
        self.add_button(t("g.cancel"))
        self.go = self.add_button(button, "primary", self._on_go)
        self._on_picked()

    @Slot()
    def _on_picked(self) -> None:
        """Show what the choice means."""

    def _work(self, shop: Shop, progress: Progress) -> object:
        raise NotImplementedError

    @Slot()
    def _on_go(self) -> None:
        self._problem.hide()

        self._session.do(
            self._work, origin=self, done=self._on_done, failed=self._on_refused, busy=self.go,
            progress=t("bk.bulk"),
        )  # fmt: skip

    def _on_done(self, _result: Any) -> None:
        self.accept()
        self.done_.emit()

    def _on_refused(self, error: Exception) -> None:
        self._problem.set_text(error.sentence if isinstance(error, ShopError) else t("err.bug"))
        self._problem.show()
        self.resize_to_content()


class ShareOut(_HandOver):
    """She is away today: the to-dos on her list go round among the others."""

    def __init__(self, parent: QWidget, session: Session, who: StaffRow) -> None:
        super().__init__(parent, session, who, t("away.title", name=who.name), ticked=True)
        self._number = len(session.view.day_list(who.id, whole=False).open)
        self._sum.setText(t("away.sum", name=who.name, n=self._number))
        self._note.setText(t("away.note", name=who.name))
        self._fill(t("away.ask"), t("away.go"))

    def _on_picked(self) -> None:
        chosen = self.takers.chosen()
        share = {person: len(range(place, self._number, len(chosen))) for place, person in enumerate(chosen)}
        self.takers.tell({person: t("g.people", n=n) for person, n in share.items()})
        self.go.setEnabled(bool(chosen) and self._number > 0)

    def _work(self, shop: Shop, progress: Progress) -> object:
        return shop.handover.share_out(self._who.id, self.takers.chosen())


class Leaving(_HandOver):
    """She leaves: what she has is dealt out evenly, or left to nobody; then she is locked out."""

    def __init__(self, parent: QWidget, session: Session, who: StaffRow) -> None:
        super().__init__(parent, session, who, t("leave.title", name=who.name), ticked=True)
        self._fill(t("leave.ask"), t("leave.go"))

    def _on_picked(self) -> None:
        to = self.takers.chosen()
        self.go.setEnabled(False)

        def plan(view: ShopView) -> LeavingPlan | str:
            try:
                return view.leaving(self._who.id, to)
            except ShopError as error:
                return error.sentence

        self._session.query(plan, key="leaving", done=self._on_plan)

    def _on_plan(self, plan: LeavingPlan | str) -> None:
        if isinstance(plan, str):
            self._problem.set_text(plan)
            self._problem.show()
            self.resize_to_content()
            return
        self._sum.setText(t("leave.sum", name=plan.name, n=plan.members, m=plan.tasks))
        self.takers.tell({one.staff: _gets(one) for one in plan.shares if one.staff is not None})
        notes = [t("leave.undo"), *([t("leave.pin")] if self._who.has_pin else [])]
        if not self.takers.chosen():
            notes.insert(0, t("leave.nobody"))
        if plan.exports and plan.last_export is not None:
            day = show_day(plan.last_export, self._session.today)
            notes.append(t("leave.exports", name=plan.name, n=plan.exports, day=day))
            notes.append(t("leave.took", lists=t("g.list").join(map(_took, plan.taken))))
        if plan.reveals:
            seen = {"n": plan.reveals, "m": plan.reveals_month, "own": plan.reveals_own}
            notes.append(t("leave.reveals", name=plan.name, **seen))
        self._note.setText("\n".join(notes))
        self.go.setEnabled(True)
        self.resize_to_content()

    def _work(self, shop: Shop, progress: Progress) -> object:
        return shop.handover.leave(self._who.id, self.takers.chosen(), progress)


def _took(taken: Taken) -> str:
    return t("leave.list", what=taken.what or t("leave.list.none"), times=taken.times, n=f"{taken.rows:,}")


def _gets(share: Share) -> str:
    types = [f"{letter(key)} {share.types[key]}" for key in TYPE_KEYS if share.types.get(key)]
    return t("leave.gets", n=share.members, types=" ".join(types), m=share.tasks)
