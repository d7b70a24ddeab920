"""What the counter asks of the shop, each a step for the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shopcrm.basics.progress import Progress
from shopcrm.basics.records import (
    Done,
    ItemHint,
    MemberId,
    ReturnableLine,
    SaleDraft,
    SaleId,
    SaleRow,
    VisitDraft,
    VisitId,
    VisitRow,
)
from ui.pages.counter.fields import after_minus, asks_back

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

_HINTS = 6
_MANY_HINTS = 60  # of all that fits what is typed, to look for what may come back


@dataclass(frozen=True, slots=True)
class Booking:
    """A draft on its way to the shop; what happens today gets the time of day there."""

    draft: SaleDraft | VisitDraft

    def __call__(self, shop: Shop, _progress: Progress) -> Done[SaleId] | Done[VisitId]:
        draft = self.draft._replace(at=shop.at) if self.draft.day == shop.day else self.draft
        return shop.counter.sell(draft) if isinstance(draft, SaleDraft) else shop.counter.visit(draft)


@dataclass(frozen=True, slots=True)
class Correction:
    """A booking with what is right of it; `moved`: nothing changed but whose it is."""

    booked: SaleRow | VisitRow
    draft: SaleDraft | VisitDraft
    moved: bool

    def __call__(self, shop: Shop, _progress: Progress) -> Done[Any]:
        booked, draft = self.booked, self.draft
        if isinstance(booked, VisitRow):
            assert isinstance(draft, VisitDraft)
            return shop.counter.correct_visit(booked.id, draft)
        assert isinstance(draft, SaleDraft)
        if self.moved and booked.member is None and draft.member is not None:
            return shop.counter.attach(booked.id, draft.member)
        return shop.counter.correct_sale(booked.id, draft)


@dataclass(frozen=True, slots=True)
class Void:
    """Strikes a booking out."""

    booked: SaleRow | VisitRow
    reason: str

    def __call__(self, shop: Shop, _progress: Progress) -> Done[None]:
        if isinstance(self.booked, SaleRow):
            return shop.counter.void_sale(self.booked.id, self.reason)
        return shop.counter.void_visit(self.booked.id)


@dataclass(frozen=True, slots=True)
class Restore:
    """Lets a void booking stand again."""

    booked: SaleRow | VisitRow

    def __call__(self, shop: Shop, _progress: Progress) -> Done[Any]:
        if isinstance(self.booked, SaleRow):
            return shop.counter.restore_sale(self.booked.id)
        return shop.counter.restore_visit(self.booked.id)


@dataclass(frozen=True, slots=True)
class Attach:
    """Gives a receipt without a card to a member."""

    sale: SaleId
    member: MemberId

    def __call__(self, shop: Shop, _progress: Progress) -> Done[Any]:
        return shop.counter.attach(self.sale, self.member)


@dataclass(frozen=True, slots=True)
class Suggested:
    """Articles for what is typed; behind a minus, what she bought and may bring back."""

    member: MemberId | None
    text: str

    def __call__(self, view: ShopView) -> Sequence[ItemHint | ReturnableLine]:
        text = self.text.lower() if self.text.isascii() else self.text
        if self.member is None or not asks_back(text):
            return view.items(self.member, text, _HINTS)
        lines, wanted = view.returnable(self.member), after_minus(text)
        if wanted:
            named = {hint.item for hint in view.items(self.member, wanted, _MANY_HINTS)}
            lines = tuple(line for line in lines if line.item in named)
        return lines[:_HINTS]
