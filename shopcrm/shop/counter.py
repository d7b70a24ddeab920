"""The counter: a sale, a return, a visit without a purchase, and putting them right afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    Done,
    FittingDraft,
    LineDraft,
    LineRow,
    MemberId,
    SaleDraft,
    SaleId,
    SaleRow,
    Sentence,
    TypeKey,
    VisitDraft,
    VisitId,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import clean_text, show_day, show_money
from shopcrm.store import Tx, members, sales
from shopcrm.store.facts import NewReceipt
from shopcrm.store.settings import staff

if TYPE_CHECKING:
    from shopcrm.shop import Shop

T = TypeVar("T")

KINDS = ("tried", "asked", "looked")
REASONS = ("thinking", "price", "no_size", "style", "colour", "itchy")
_FIRST_DAY = date(1990, 1, 1)
_MOST_FEN = 1_000_000_000  # IMPORT 7.4: 10,000,000 yuan
_MOST_PIECES = 9_999
_LONGEST = 500
_FARTHEST = 366  # days a reminder may lie ahead
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class Counter:
    """Booking what happened today or earlier; types and to-dos of the member follow in the same
    transaction, and the sentence says what changed of them."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    # ------------------------------------------------------------ receipts

    def sell(self, draft: SaleDraft) -> Done[SaleId]:
        """Book a receipt of sold and returned lines; `member` None is an anonymous sale.

        Raises InputError for nonsense (no line, no piece, a future day), Refusal return_too_much,
        return_unknown, member_unknown.
        """
        shop = self._shop
        draft = self._checked_sale(draft)
        with shop.write("sale.add") as tx:
            name = self._check_people(tx, draft.member, draft.staff_id)
            draft = self._check_returns(tx, draft)
            sale = SaleId(sales.add_sale(tx, draft))
            sales.index_items(tx, [line.item for line in draft.lines])
            total = 0
            bought = returned = linked = False
            for line in draft.lines:
                total += line.amount_fen
                # An article given away is bought, too (import rule 7.3).
                if line.amount_fen >= 0 and line.returns_line is None:
                    bought = True
                else:
                    returned = True
                    linked = linked or line.returns_line is not None
            if draft.member is None:
                return tx.done(sale, "done.sale_anonymous", sum=show_money(total))
            receipt = None
            if not returned:
                receipt = NewReceipt(sale, draft.member, draft.day.toordinal(), total)
            if bought and linked:  # no new purchase, but she was here and was talked to
                kind, text, shown = "visit", _exchange(total), show_money(abs(total))
            elif bought:
                kind, text, shown = "purchase", "done.sale", show_money(total)
            else:
                kind, text, shown = "return", "done.return", show_money(total)
            told = self._follow(tx, draft.member, kind if draft.close_task else None, draft.day, receipt)
            return told.done(sale, text, name=name, sum=shown)

    def correct_sale(self, sale: SaleId, draft: SaleDraft) -> Done[SaleId]:
        """Put a receipt right: member, day, time, staff, note and lines become those of the draft.

        A line with an `id` is changed and keeps what came back of it, one without is added, those not named
        go. What was taken back of it moves along to another member. Raises as `sell`, and Refusal
        sale_unknown, already_voided, line_unknown, correct_returned (less than what came back of a line),
        move_tied (what moves along takes back something that stays).
        """
        shop = self._shop
        draft = self._checked_sale(draft)
        with shop.write("sale.correct") as tx:
            _standing(sales.booked_sale(tx, sale), "sale_unknown")
            name = self._check_people(tx, draft.member, draft.staff_id)
            before = sales.receipt(tx, sale)
            assert before is not None
            gone = _lines_gone(tx, before, draft)
            has_moved = draft.member != before.member
            if has_moved or draft.day != before.day or _returns(before.lines) != _returns(draft.lines):
                draft = self._check_returns(tx, draft, sale)
            moving = sales.tied(tx, sale) if has_moved else []
            if not sales.change_sale(tx, sale, draft, gone):
                return tx.done(sale, "done.unchanged")
            _move_along(tx, moving, draft.member)
            sales.index_items(tx, [line.item for line in draft.lines])
            settles = "purchase" if draft.close_task else None
            told = self._moved(tx, before.member, before.day, draft.member, draft.day, settles)
            told.along = len(moving) - 1
            total = show_money(sum(line.amount_fen for line in draft.lines))
            name = name or t("done.walkin")
            if has_moved:
                former = _name(tx, before.member)
                return told.done(sale, "done.sale_moved", name=name, sum=total, old=former)
            return told.done(sale, "done.sale_corrected", name=name, sum=total)

    def void_sale(self, sale: SaleId, reason: str) -> Done[None]:
        """Strike out a receipt that never happened. Refusal sale_unknown, already_voided, void_returned."""
        shop = self._shop
        reason = _text(reason, "void_reason")
        with shop.write("sale.void") as tx:
            booked = _standing(sales.booked_sale(tx, sale), "sale_unknown")
            if any(back.first for back in sales.taken_back(tx, sale).values()):
                raise Refusal("void_returned")
            tx.update("sale", sale, voided_on=tx.day.isoformat(), void_reason=reason)
            told = self._moved(tx, booked.member, booked.day)
            return told.done(None, "done.sale_voided", name=_name(tx, booked.member))

    def restore_sale(self, sale: SaleId) -> Done[SaleId]:
        """Make a void receipt stand again. Refusal sale_unknown, not_voided; return_unknown and
        return_too_much if what it took back is void or came back otherwise."""
        shop = self._shop
        with shop.write("sale.restore") as tx:
            _void(sales.booked_sale(tx, sale), "sale_unknown")
            row = sales.receipt(tx, sale)
            assert row is not None
            self._check_returns(tx, _as_draft(row), sale)
            tx.update("sale", sale, voided_on=None, void_reason="")
            told = self._follow(tx, row.member, None, row.day)
            name, total = _name(tx, row.member), show_money(row.total_fen)
            return told.done(sale, "done.sale_restored", name=name, sum=total)

    def attach(self, sale: SaleId, member: MemberId) -> Done[None]:
        """Give an anonymous receipt to a member, and with it what was taken back of it.

        Refusal sale_unknown, already_attached, member_unknown, move_tied (it takes back something that stays
        anonymous).
        """
        shop = self._shop
        with shop.write("sale.attach") as tx:
            booked = sales.booked_sale(tx, sale)
            if booked is None or booked.voided:
                raise Refusal("sale_unknown")
            if booked.member is not None:
                raise Refusal("already_attached")
            name = self._check_people(tx, member, None)
            moving = sales.tied(tx, sale)
            _move_along(tx, moving, member)
            told = self._follow(tx, member, None, booked.day)
            told.along = len(moving) - 1
            return told.done(None, "done.attached", name=name)

    # ------------------------------------------------------------ visits

    def visit(self, draft: VisitDraft) -> Done[VisitId]:
        """Book a visit without a purchase. Raises InputError for nonsense, Refusal member_unknown."""
        shop = self._shop
        draft = self._checked_visit(draft)
        if draft.remind is not None:
            self._check_reminder(draft.remind, draft.day)
        with shop.write("visit.add") as tx:
            name = self._check_people(tx, draft.member, draft.staff_id)
            visit = VisitId(sales.add_visit(tx, draft))
            for wish in draft.wanted:
                shop.wanted.put(tx, wish._replace(member=draft.member, day=draft.day, visit=visit))
            settles = "visit" if draft.close_task else None
            reminder = None if draft.remind is None else (draft, visit)
            told = self._follow(tx, draft.member, settles, draft.day, reminder=reminder)
            return told.done(visit, "done.visit", name=name)

    def correct_visit(self, visit: VisitId, draft: VisitDraft) -> Done[VisitId]:
        """Put a visit right in everything; the to-do set with it follows unless it was worked on.

        Raises as `visit`, and Refusal visit_unknown, already_voided.
        """
        shop = self._shop
        draft = self._checked_visit(draft)
        with shop.write("visit.correct") as tx:
            _standing(sales.booked_visit(tx, visit), "visit_unknown")
            name = self._check_people(tx, draft.member, draft.staff_id)
            before = sales.visit_row(tx, visit)
            assert before is not None
            if draft.remind is not None and draft.remind != before.remind:
                self._check_reminder(draft.remind, draft.day)
            if draft.member != before.member:
                shop.wanted.untell(tx, visit, before.member)
            changed = sales.change_visit(tx, visit, draft)
            if not changed and draft.remind == before.remind:
                return tx.done(visit, "done.unchanged")
            has_moved = (draft.member, draft.day) != (before.member, before.day)
            if before.remind is not None and (has_moved or draft.remind is None):
                shop.followups.drop_reminder(tx, before.member, before.day)
            if draft.member != before.member:
                shop.wanted.tell(tx, visit, draft.member)
            told = self._moved(
                tx, before.member, before.day, draft.member, draft.day, "visit" if draft.close_task else None,
                None if draft.remind is None else (draft, visit),
            )  # fmt: skip
            if draft.member != before.member:
                return told.done(visit, "done.visit_moved", name=name, old=_name(tx, before.member))
            return told.done(visit, "done.visit_corrected", name=name)

    def void_visit(self, visit: VisitId) -> Done[None]:
        """Strike out a visit that never happened. Refusal visit_unknown, already_voided."""
        shop = self._shop
        with shop.write("visit.void") as tx:
            booked = _standing(sales.booked_visit(tx, visit), "visit_unknown")
            assert booked.member is not None
            tx.update("visit", visit, voided_on=tx.day.isoformat())
            if not sales.visited(tx, booked.member, booked.day):
                shop.followups.drop_reminder(tx, booked.member, booked.day)
            shop.wanted.untell(tx, visit, MemberId(booked.member))
            told = self._moved(tx, booked.member, booked.day)
            return told.done(None, "done.visit_voided", name=_name(tx, booked.member))

    def restore_visit(self, visit: VisitId) -> Done[VisitId]:
        """Make a void visit stand again, and the to-do set with it. Refusal visit_unknown, not_voided."""
        shop = self._shop
        with shop.write("visit.restore") as tx:
            booked = _void(sales.booked_visit(tx, visit), "visit_unknown")
            assert booked.member is not None
            tx.update("visit", visit, voided_on=None)
            shop.followups.restore_reminder(tx, booked.member, booked.day)
            shop.wanted.tell(tx, visit, MemberId(booked.member), again=True)
            told = self._follow(tx, booked.member, None, booked.day)
            return told.done(visit, "done.visit_restored", name=_name(tx, booked.member))

    # ------------------------------------------------------------ what follows from a record

    def _follow(
        self,
        tx: Tx,
        member: int | None,
        settles: str | None,
        day: date,
        receipt: NewReceipt | None = None,
        reminder: tuple[VisitDraft, VisitId] | None = None,
        old: int | None = None,
        since: date | None = None,
    ) -> _Told:
        """Types and to-dos follow the record; `settles`: it also counts as the outcome of the to-do shown.

        `receipt`: it is a new one, and all that is new. `reminder`: a visit that sets a to-do. `old`: whose
        record it was. `since`: the earlier one of two days it was of.
        """
        told = _Told(tx, member)
        whom = frozenset(one for one in (member, old) if one is not None)
        if not whom:
            return told
        shop = self._shop
        if settles is not None and member is not None:
            told.is_settled = shop.followups.on_record(tx, member, settles, day)
        if (since or day) < tx.day:
            shop.types.retell_since(tx, whom, since or day)
        if reminder is None:
            told.types = shop.refresh(tx, whom, receipt=receipt)
        else:  # set by the type she has now, and known to the rules
            tx.touch(members=whom)
            limits, told.types = shop.types.refresh(tx, whom, tx.day)
            shop.followups.remind(tx, *reminder)
            # Who brought her along may be of another type now, too.
            shop.followups.refresh(tx, whom | told.types.keys(), tx.day, limits=limits)
            told.remind = reminder[0].remind
        return told

    def _moved(
        self,
        tx: Tx,
        old: int | None,
        old_day: date,
        member: int | None = None,
        day: date | None = None,
        settles: str | None = None,
        reminder: tuple[VisitDraft, VisitId] | None = None,
    ) -> _Told:
        """The same after a record changed hands or day, or was struck out: what it had settled stands
        again."""
        if old is not None:
            still = member == old or sales.came(tx, old, old_day)
            self._shop.followups.unsettle(tx, old, old_day, counter=not still)
        day = day or old_day
        told = self._follow(tx, member, settles, day, reminder=reminder, old=old, since=min(day, old_day))
        told.named = old if member is None else member
        return told

    # ------------------------------------------------------------ what may be booked

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
        fittings = tuple(
            FittingDraft(_text(item, "item"), _text(size, "size"), liked)
            for item, size, liked in draft.fittings
            if item.strip() or size.strip()
        )
        if fittings and draft.kind != "tried":
            raise InputError("kind", "visit_fittings")
        items = _text(draft.items, "items")
        if fittings:
            items = t("g.list").join(f"{item} {size}".strip() for item, size, _ in fittings)[:_LONGEST]
        return draft._replace(items=items, says=_text(draft.says, "says"), fittings=fittings)

    def _check_day(self, day: date, at: str) -> None:
        if day > self._shop.day:
            raise InputError("day", "day_future")
        if day < _FIRST_DAY:
            raise InputError("day", "day_old")
        if at and not _TIME.fullmatch(at):
            raise InputError("at", "time_bad")

    def _check_reminder(self, remind: date, visit: date) -> None:
        if remind < self._shop.day or remind <= visit:
            raise InputError("remind", "next_day_past")
        if (remind - self._shop.day).days > _FARTHEST:
            raise InputError("remind", "next_day_far")

    def _check_people(self, tx: Tx, member: int | None, staff_id: int | None) -> str:
        """The member's name, empty for an anonymous sale."""
        name = "" if member is None else members.find_name(tx, member)
        if name is None:
            raise Refusal("member_unknown", key=member)
        if staff_id is not None and staff_id not in {person.id for person in tx.known(staff)}:
            raise InputError("staff", "staff_unknown")
        return name

    def _check_returns(self, tx: Tx, draft: SaleDraft, sale: int = 0) -> SaleDraft:
        """Never more comes back of a line than was bought, in pieces and in money, this receipt counted in;
        `sale` is its id where it is on file already. Answers the draft, new returns with what the line they
        take back tells of the article."""
        before: dict[int, tuple[int, int]] = {}
        lines = list(draft.lines)
        for at, line in enumerate(draft.lines):
            if line.returns_line is None:
                continue
            sold = sales.sold_line(tx, line.returns_line, sale)
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
            if line.id is None:
                lines[at] = _as_sold(line, sold)
        return draft._replace(lines=tuple(lines)) if before else draft


class _Told:
    """What followed from a record, for the sentence about it; `named` is the member that sentence names."""

    __slots__ = ("_tx", "along", "is_settled", "named", "remind", "types")

    def __init__(self, tx: Tx, named: int | None) -> None:
        self._tx = tx
        self.named = named
        self.types: Mapping[int, TypeKey] = {}
        self.is_settled = False
        self.remind: date | None = None
        self.along = 0

    def done(self, value: T, text_id: str, /, **values: object) -> Done[T]:
        """The answer of the write: what was done, what moved along, who is of another type now."""
        more = []
        if self.along > 0:
            more.append(t("done.along", n=self.along))
        for member, key in self.types.items():
            if member == self.named:
                more.append(t("done.becomes", type=t(f"type.{key}")))
            else:
                name = members.name_of(self._tx, member)
                more.append(t("done.becomes_who", name=name, type=t(f"type.{key}")))
        if self.is_settled:
            more.append(t("done.settled"))
        if self.remind is not None:
            more.append(t("done.reminder", date=show_day(self.remind, self._tx.day)))
        done = self._tx.done(value, text_id, **values)  # what followed is no part of what an undo names
        if not more:
            return done
        said = t("why.join").join([t(text_id, **values), *more])
        return done._replace(sentence=Sentence("done.followed", {"text": said}))


def _exchange(total: int) -> str:
    if total == 0:
        return "done.exchange_even"
    return "done.exchange" if total > 0 else "done.exchange_back"


def _name(tx: Tx, member: int | None) -> str:
    return t("done.walkin") if member is None else members.name_of(tx, member)


def _standing(booked: sales.Booked | None, unknown: str) -> sales.Booked:
    if booked is None:
        raise Refusal(unknown)
    if booked.voided:
        raise Refusal("already_voided")
    return booked


def _void(booked: sales.Booked | None, unknown: str) -> sales.Booked:
    if booked is None:
        raise Refusal(unknown)
    if not booked.voided:
        raise Refusal("not_voided")
    return booked


def _as_draft(sale: SaleRow) -> SaleDraft:
    lines = tuple(
        LineDraft(
            line.amount_fen, line.item, line.size, line.colour, line.qty, line.returns_line, line.id,
            line.category, line.article_no, line.list_fen,
        )
        for line in sale.lines
    )  # fmt: skip
    return SaleDraft(sale.member, sale.day, lines)


def _as_sold(line: LineDraft, sold: sales.SoldLine) -> LineDraft:
    listed = line.list_fen
    if listed is None and sold.list_fen is not None:
        listed = -round(sold.list_fen * line.qty / sold.qty)
    category, article_no = line.category or sold.category, line.article_no or sold.article_no
    return line._replace(category=category, article_no=article_no, list_fen=listed)


def _returns(lines: Iterable[LineRow | LineDraft]) -> list[tuple[int, int, int]]:
    return sorted(
        (line.returns_line, line.qty, line.amount_fen) for line in lines if line.returns_line is not None
    )


def _lines_gone(tx: Tx, before: SaleRow, draft: SaleDraft) -> list[int]:
    """The lines a corrected receipt no longer has; what came back of any of them stays possible."""
    known = {line.id: line for line in before.lines}
    kept = {line.id: line for line in draft.lines if line.id is not None}
    if len(kept) < sum(line.id is not None for line in draft.lines) or not kept.keys() <= known.keys():
        raise Refusal("line_unknown")
    for line_id, back in sales.taken_back(tx, before.id).items():
        if back.first is None:
            continue
        old, new = known[line_id], kept.get(line_id)
        # A file may bring more back than was sold: only what shrinks is refused.
        if (
            new is None
            or new.returns_line != old.returns_line
            or new.qty < min(back.qty, old.qty)
            or new.amount_fen < min(back.fen, old.amount_fen)
        ):
            raise Refusal("correct_returned", n=back.qty, sum=show_money(back.fen))
        if before.day < draft.day and back.first < draft.day.isoformat():
            raise InputError("day", "return_before_sale")
    return sorted(known.keys() - kept.keys())


def _move_along(tx: Tx, receipts: list[int], member: int | None) -> None:
    for sale in receipts:
        tx.update("sale", sale, member_id=member)
    if receipts and sales.is_torn(tx, receipts):
        raise Refusal("move_tied")


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
    category = line.category and _text(line.category, "category")
    article_no = line.article_no and _text(line.article_no, "article_no")
    listed = abs(line.list_fen or 0) or None  # nothing has a tag of nothing
    if listed is not None:
        if listed > _MOST_FEN:
            raise InputError("list_price", "amount_too_large")
        if line.amount_fen < 0 or line.returns_line is not None:
            listed = -listed
    return LineDraft(
        line.amount_fen, item, size, colour, line.qty, line.returns_line, line.id,
        category, article_no, listed,
    )  # fmt: skip


def _text(raw: str, field: str) -> str:
    if not raw:
        return raw
    text = clean_text(raw)
    if len(text) > _LONGEST:
        raise InputError(field, "text_long", n=_LONGEST)
    return text
