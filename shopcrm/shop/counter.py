"""The counter: a sale, a return, a visit without a purchase, and correcting them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import Done, LineDraft, MemberId, SaleDraft, SaleId, VisitDraft, VisitId
from shopcrm.basics.values import clean_text, show_money
from shopcrm.store import Tx, members, sales
from shopcrm.store.facts import NewReceipt
from shopcrm.store.settings import staff

if TYPE_CHECKING:
    from shopcrm.shop import Shop

KINDS = ("tried", "asked", "looked")
REASONS = ("thinking", "price", "no_size", "style", "colour", "itchy")
_FIRST_DAY = date(1990, 1, 1)
_MOST_FEN = 1_000_000_000  # IMPORT 7.4: 10,000,000 yuan
_MOST_PIECES = 9_999
_LONGEST = 500
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class Counter:
    """Booking what happened today or earlier; types and to-dos of the member follow in the same
    transaction."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def sell(self, draft: SaleDraft) -> Done[SaleId]:
        """Book a receipt of sold and returned lines; `member` None is an anonymous sale.

        Raises InputError for nonsense (no line, no piece, a future day), Refusal return_too_much,
        return_unknown, member_unknown.
        """
        shop = self._shop
        draft = self._checked_sale(draft)
        with shop.store.write("sale.add", shop.actor, shop.clock()) as tx:
            name = self._check_people(tx, draft.member, draft.staff_id)
            self._check_returns(tx, draft)
            sale = SaleId(sales.add_sale(tx, draft))
            sales.index_items(tx, [line.item for line in draft.lines])
            total = 0
            bought = returned = False
            for line in draft.lines:
                total += line.amount_fen
                # An article given away is bought, too (import rule 7.3).
                if line.amount_fen >= 0 and line.returns_line is None:
                    bought = True
                else:
                    returned = True
            if draft.member is None:
                return tx.done(sale, "done.sale_anonymous", sum=show_money(total))
            receipt = None
            if not returned:
                receipt = NewReceipt(sale, draft.member, draft.day.toordinal(), total)
            kind = "purchase" if bought else "return"
            self._follow(tx, draft.member, kind if draft.close_task else None, draft.day, receipt)
            return tx.done(sale, "done.sale" if bought else "done.return", name=name, sum=show_money(total))

    def visit(self, draft: VisitDraft) -> Done[VisitId]:
        """Book a visit without a purchase. Raises InputError for nonsense, Refusal member_unknown."""
        shop = self._shop
        draft = self._checked_visit(draft)
        with shop.store.write("visit.add", shop.actor, shop.clock()) as tx:
            name = self._check_people(tx, draft.member, draft.staff_id)
            visit = VisitId(sales.add_visit(tx, draft))
            self._follow(tx, draft.member, "visit" if draft.close_task else None, draft.day)
            return tx.done(visit, "done.visit", name=name)

    def correct_sale(self, sale: SaleId, draft: SaleDraft) -> Done[SaleId]:
        """Put a receipt right: member, day, time, staff, note and lines become those of the draft.

        A line with an `id` is changed and keeps what came back of it, one without is added, those not named
        go. Receipts tied to it by a return move to the new member, too. Raises as `sell`, and Refusal
        sale_unknown, already_voided, line_unknown, correct_returned (less than what came back of a line).
        """
        raise NotImplementedError

    def correct_visit(self, visit: VisitId, draft: VisitDraft) -> Done[VisitId]:
        """Put a visit right in everything; the to-do set with it follows unless it was worked on.

        Raises as `visit`, and Refusal visit_unknown, already_voided.
        """
        raise NotImplementedError

    def restore_sale(self, sale: SaleId) -> Done[SaleId]:
        """Make a voided receipt stand again. Refusal sale_unknown, not_voided; return_unknown and
        return_too_much if what it took back is void or came back otherwise."""
        raise NotImplementedError

    def restore_visit(self, visit: VisitId) -> Done[VisitId]:
        """Make a voided visit stand again. Refusal visit_unknown, not_voided."""
        raise NotImplementedError

    def void_sale(self, sale: SaleId, reason: str) -> Done[None]:
        """Strike out a receipt that never happened. Refusal sale_unknown, already_voided, void_returned."""
        shop = self._shop
        reason = _text(reason, "void_reason")
        with shop.store.write("sale.void", shop.actor, shop.clock()) as tx:
            booked = sales.booked_sale(tx, sale)
            if booked is None:
                raise Refusal("sale_unknown")
            if booked.voided:
                raise Refusal("already_voided")
            if sales.is_taken_back(tx, sale):
                raise Refusal("void_returned")
            tx.update("sale", sale, voided_on=tx.day.isoformat(), void_reason=reason)
            self._follow(tx, booked.member, None, date.fromisoformat(booked.day))
            return tx.done(None, "done.sale_voided")

    def void_visit(self, visit: VisitId) -> Done[None]:
        """Strike out a visit that never happened. Refusal visit_unknown, already_voided."""
        shop = self._shop
        with shop.store.write("visit.void", shop.actor, shop.clock()) as tx:
            booked = sales.booked_visit(tx, visit)
            if booked is None:
                raise Refusal("visit_unknown")
            if booked.voided:
                raise Refusal("already_voided")
            tx.update("visit", visit, voided_on=tx.day.isoformat())
            self._follow(tx, booked.member, None, date.fromisoformat(booked.day))
            return tx.done(None, "done.visit_voided")

    def attach(self, sale: SaleId, member: MemberId) -> Done[None]:
        """Give an anonymous receipt to a member. Refusal sale_unknown, already_attached, member_unknown."""
        shop = self._shop
        with shop.store.write("sale.attach", shop.actor, shop.clock()) as tx:
            booked = sales.booked_sale(tx, sale)
            if booked is None or booked.voided:
                raise Refusal("sale_unknown")
            if booked.member is not None:
                raise Refusal("already_attached")
            name = self._check_people(tx, member, None)
            tx.update("sale", sale, member_id=member)
            self._follow(tx, member, None, date.fromisoformat(booked.day))
            return tx.done(None, "done.attached", name=name)

    # ------------------------------------------------------------

    def _follow(
        self, tx: Tx, member: int | None, settles: str | None, day: date, receipt: NewReceipt | None = None
    ) -> None:
        """Types and to-dos follow the record; `settles`: it also counts as the outcome of the to-do shown.

        `receipt`: it is a new one, and all that is new.
        """
        if member is None:
            return
        shop = self._shop
        tx.touch(members=(member,))
        if settles is not None:
            shop.followups.on_record(tx, member, settles, day)
        shop.refresh(tx, frozenset((member,)), receipt=receipt)

    def _checked_sale(self, draft: SaleDraft) -> SaleDraft:
        self._check_day(draft.day, draft.at)
        if not draft.lines:
            raise InputError("lines", "no_line")
        lines = tuple(map(_checked_line, draft.lines))
        order_no = draft.order_no and _text(draft.order_no, "order_no")
        note = draft.note and _text(draft.note, "note")
        return SaleDraft(
            draft.member, draft.day, lines, draft.at, order_no, draft.staff_id, note, draft.close_task
        )

    def _checked_visit(self, draft: VisitDraft) -> VisitDraft:
        self._check_day(draft.day, draft.at)
        if draft.kind not in KINDS:
            raise InputError("kind", "visit_kind")
        if not set(draft.reasons) <= set(REASONS):
            raise InputError("reasons", "visit_reason")
        return draft._replace(items=_text(draft.items, "items"), says=_text(draft.says, "says"))

    def _check_day(self, day: date, at: str) -> None:
        if day > self._shop.day:
            raise InputError("day", "day_future")
        if day < _FIRST_DAY:
            raise InputError("day", "day_old")
        if at and not _TIME.fullmatch(at):
            raise InputError("at", "time_bad")

    def _check_people(self, tx: Tx, member: int | None, staff_id: int | None) -> str:
        """The member's name, empty for an anonymous sale."""
        name = "" if member is None else members.find_name(tx, member)
        if name is None:
            raise Refusal("member_unknown", key=member)
        if staff_id is not None and staff_id not in {person.id for person in staff(tx)}:
            raise InputError("staff", "staff_unknown")
        return name

    def _check_returns(self, tx: Tx, draft: SaleDraft) -> None:
        """Never more comes back of a line than was bought, in pieces and in money, this receipt counted
        in."""
        before: dict[int, tuple[int, int]] = {}
        for line in draft.lines:
            if line.returns_line is None:
                continue
            sold = sales.sold_line(tx, line.returns_line)
            if sold is None or sold.voided or sold.member != draft.member or sold.fen < 0:
                raise Refusal("return_unknown")
            if draft.day < date.fromisoformat(sold.day):
                raise InputError("day", "return_before_sale")
            qty, fen = before.get(line.returns_line, (sold.returned_qty, sold.returned_fen))
            qty, fen = qty + line.qty, fen - line.amount_fen
            if qty > sold.qty or fen > sold.fen:
                raise Refusal(
                    "return_too_much",
                    sum=show_money(sold.fen - sold.returned_fen),
                    n=sold.qty - sold.returned_qty,
                )
            before[line.returns_line] = (qty, fen)


def _checked_line(line: LineDraft) -> LineDraft:
    if not 1 <= line.qty <= _MOST_PIECES:
        raise InputError("qty", "qty_bad", n=_MOST_PIECES)
    if abs(line.amount_fen) > _MOST_FEN:
        raise InputError("amount", "amount_too_large")
    if line.returns_line is not None and line.amount_fen > 0:
        raise InputError("amount", "return_positive")
    item = line.item and _text(line.item, "item")
    size = line.size and _text(line.size, "size")
    colour = line.colour and _text(line.colour, "colour")
    return LineDraft(line.amount_fen, item, size, colour, line.qty, line.returns_line)


def _text(raw: str, field: str) -> str:
    if not raw:
        return raw
    text = clean_text(raw)
    if len(text) > _LONGEST:
        raise InputError(field, "text_long", n=_LONGEST)
    return text
