"""What is on a printed page: the day's list to call by, what came of it, members as listed, a member's card.

Rows and cards in, a worded `Paper` out; the same figures as on the screen and in the call-back workbook.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from shopcrm.basics.papers import Look, Paper, PaperCell, PaperColumn, PaperTable, Words
from shopcrm.basics.records import OUTCOMES, MemberCard, MemberRow, TaskId, TaskRow, TypeKey
from shopcrm.basics.texts import has, t
from shopcrm.basics.values import (
    mask_phone,
    show_day,
    show_discount,
    show_money,
    show_phone,
    show_weekday,
)
from shopcrm.basics.values.birthday import Birthday
from shopcrm.reports.callbacks import limits, say

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')  # in the name of a file
_PHONES = 2  # of a member in a line of a list
_LATEST = 40  # articles, visits and contacts of a card
_BADGE = 8.5
_MEMBER_COLUMNS: dict[str, tuple[float, bool]] = {  # of the list on the screen: millimetres, figures
    "name": (30, False), "phone": (27, False), "last": (19, False), "n12": (18, True),
    "spend12": (20, True), "spend": (19, True), "sizes": (24, False), "staff": (15, False),
    "next": (17, False), "joined": (22, False),
}  # fmt: skip


_GROUPS = 4  # of the recovery key, on a line
_RECOVERY = ("use", "keep", "lost")


class Print(NamedTuple):
    """What every paper says of itself, and whether its numbers are masked."""

    shop: str
    now: datetime
    by: str  # who prints, "" nobody in particular
    mask: bool

    @property
    def day(self) -> date:
        """The day it is printed."""
        return self.now.date()

    @property
    def made(self) -> str:
        """By whom and when."""
        time = f"{self.now:%H:%M}"
        return t("pr.made", name=self.by, time=time) if self.by else t("pr.made.nobody", time=time)

    def phone(self, key: str) -> str:
        """A number as it is printed."""
        return mask_phone(key) if self.mask else show_phone(key)

    def facts(self, *parts: str, day: date | None = None) -> str:
        """The line under a title: shop, day (today), and what else there is to say."""
        day = day or self.day
        told = t("pr.date", year=day.year, day=show_day(day, day), weekday=show_weekday(day))
        return t("g.dot").join(part for part in (self.shop, told, *parts) if part)

    def guard(self, phones: Iterable[str]) -> str:
        """The warning at the foot of pages that hold whole numbers."""
        return t("pr.foot") if not self.mask and any(phones) else ""


# ---------------------------------------------------------------- the day


def day_list(
    rows: Sequence[TaskRow],
    says: Mapping[TaskId, str],
    withheld: int,
    made: Print,
    *,
    type: TypeKey | None = None,
    ahead: date | None = None,
    whose: str = "",
) -> Paper:
    """The list of today, or of tomorrow, the day `ahead`, to call by: why, what it `says` for each to-do, the
    outcomes to circle and a line to write on; `withheld` is how many are not on it because nobody may contact
    them, `whose` list it is in words."""
    columns = (
        PaperColumn("", _BADGE),
        PaperColumn(t("today.col.who"), 28),
        PaperColumn(t("pr.why"), 77.5),
        PaperColumn(t("today.col.last"), 30),
        PaperColumn(t("pr.outcome"), 42),
    )
    choices = tuple(t(f"pr.out.{number}") for number in range(1, len(OUTCOMES) + 1))
    lines = tuple(
        (
            PaperCell(badge=row.type),
            _who(row, made),
            PaperCell((_why(row), *_small(_context(row)), *_small(says.get(row.id, "")))),
            _last(row, made.day),
            PaperCell(choices=choices, to_write=True),
        )
        for row in rows
    )
    late = sum(row.overdue_days > 0 for row in rows)
    people = t("pr.people.late", n=len(rows), late=late) if late else t("pr.people", n=len(rows))
    title = t("pr.day" if ahead is None else "pr.tomorrow")
    if type is not None:
        title = t("pr.of_type", title=title, type=t(f"type.{type}"))
    facts = [made.facts(whose, people, day=ahead)]
    if withheld:
        facts.append(t("pr.withheld", n=withheld))
    return Paper(
        title, None, tuple(facts), made.made, (PaperTable("", columns, lines),), t("pr.hint"),
        made.guard(_numbers(rows)), len(rows), t("pr.file.day", date=(ahead or made.day).isoformat()),
    )  # fmt: skip


def done_list(rows: Sequence[TaskRow], made: Print) -> Paper:
    """What came of the to-dos that were done today, and who did them."""
    columns = (
        PaperColumn("", _BADGE),
        PaperColumn(t("today.col.who"), 32),
        PaperColumn(t("today.col.why"), 60),
        PaperColumn(t("today.col.outcome"), 55),
        PaperColumn(t("today.col.by"), 24),
    )
    lines = tuple(
        (
            PaperCell(badge=row.type),
            _who(row, made),
            PaperCell((Words(say(row.why)),)),
            PaperCell(_came_of(row, made.day)),
            PaperCell(_words(row.closed_by) + _small(row.closed_at[-5:])),
        )
        for row in rows
    )
    return Paper(
        t("pr.done"), None, (made.facts(t("pr.people", n=len(rows))),), made.made,
        (PaperTable("", columns, lines),), "", made.guard(_numbers(rows)), len(rows),
        t("pr.file.done", date=made.day.isoformat()),
    )  # fmt: skip


def _who(row: TaskRow, made: Print) -> PaperCell:
    phones = [made.phone(key) for key in row.phones[:_PHONES]] if row.may_dial else [t("pr.hidden")]
    shown = "\n".join(phones) or t("today.nogood")
    return PaperCell((Words(row.name or t("mb.noname"), "name"), Words(shown)))


def _numbers(rows: Sequence[TaskRow]) -> Iterable[str]:
    return (key for row in rows if row.may_dial for key in row.phones)


def _why(row: TaskRow) -> Words:
    why = say(row.why)
    if row.overdue_days > 0:
        return Words(t("pr.late", n=row.overdue_days, why=why), "strong")
    return Words(why)


def _context(row: TaskRow) -> str:
    """What else is known about the reason, what she does not want, and when to call her."""
    told = [say(row.context)] if row.context is not None else []
    return t("g.dot").join([*told, *limits(row)])


def _last(row: TaskRow, today: date) -> PaperCell:
    if row.last_day is None:
        since = t("g.registered", date=show_day(row.joined, today)) if row.joined else ""
        return PaperCell((Words(t("g.neverbought")), *_small(since)))
    bought = " ".join(
        part for part in (row.last_item, show_money(row.last_fen) if row.last_fen else "") if part
    )
    return PaperCell((Words(_ago(row.last_day, today)), *_small(bought)))


def _came_of(row: TaskRow, today: date) -> tuple[Words, ...]:
    reason = f"out.r.{row.reason}"
    told = [
        t(reason) if row.reason and has(reason) else row.reason,
        t("pr.next", day=show_day(row.next_day, today)) if row.next_day else "",
    ]
    # Without an outcome it was a visit or a sale at the counter that settled it.
    outcome = _outcome(row.outcome) or t("today.bycounter")
    return (
        Words(outcome, "strong"),
        *_small(t("g.dot").join(part for part in told if part)),
        *_small(row.note),
    )


# ---------------------------------------------------------------- members


def member_list(
    rows: Sequence[MemberRow], columns: Sequence[str], silent: Collection[int], made: Print
) -> Paper:
    """Members in the order given with these columns of the list on the screen (its `mb.col` ids); the number
    of whoever is `silent` is left out, and how many they are is said."""
    shown = [PaperColumn("", _BADGE)] + [
        PaperColumn(t(f"mb.col.{column}"), *_MEMBER_COLUMNS[column]) for column in columns
    ]
    lines = tuple(
        (PaperCell(badge=row.type), *_member_cells(row, columns, row.id in silent, made)) for row in rows
    )
    facts = [made.facts(t("pr.people", n=f"{len(rows):,}"))]
    hidden = sum(row.id in silent and bool(row.phones) for row in rows)
    if hidden and "phone" in columns:
        facts.append(t("pr.nodial", n=hidden))
    numbers = (key for row in rows if row.id not in silent for key in row.phones)
    return Paper(
        t("pr.members"), None, tuple(facts), made.made, (PaperTable("", tuple(shown), lines),), "",
        made.guard(numbers) if "phone" in columns else "", len(rows),
        t("pr.file.members", date=made.day.isoformat()),
    )  # fmt: skip


def _member_cells(
    row: MemberRow, columns: Sequence[str], is_silent: bool, made: Print
) -> Iterable[PaperCell]:
    due = "" if row.next_due is None else show_day(row.next_due, row.next_due)
    if row.next_due is not None and row.next_due <= made.day:
        due = t("g.today")
    phones = [made.phone(key) for key in row.phones[:_PHONES]]
    cells = {
        "name": row.name or t("mb.noname"), "phone": t("pr.hidden") if is_silent else "\n".join(phones),
        "last": _ago(row.last_day, made.day), "n12": t("mb.times", n=row.n12),
        "spend12": show_money(row.spend12_fen), "spend": show_money(row.spend_fen), "sizes": row.sizes,
        "staff": row.staff, "next": due, "joined": row.joined.isoformat() if row.joined else "",
    }  # fmt: skip
    return (PaperCell(_words(cells[column], "strong" if column == "name" else "plain")) for column in columns)


# ---------------------------------------------------------------- one member


def member_card(card: MemberCard, made: Print) -> Paper:
    """All a member's card shows; her numbers stay out where they must not be used."""
    verdict = card.verdict
    name = card.name or t("mb.noname")
    facts = [made.facts(t("pr.card.what"))]
    if verdict is not None:
        facts.append(t("g.dot").join((t(f"type.{verdict.type}"), say(verdict.reason))))
    if states := _states(card, made.day):
        facts.append(t("g.dot").join(states))
    file_name = t("pr.file.card", name=_FORBIDDEN.sub("_", name))
    tables = [_particulars(card, made), _evidence(card), _sales(card), _visits(card), _contacts(card)]
    if card.notes:
        tables.append(_text(t("mb.tab.notes"), card.notes))
    return Paper(
        name, None if verdict is None else verdict.type, tuple(facts), made.made,
        tuple(table for table in tables if table.rows), "",
        made.guard(card.phones if card.may_dial else ()), 1, file_name, what=t("pr.card.what"),
    )  # fmt: skip


def _states(card: MemberCard, today: date) -> list[str]:
    told = []
    if card.archived:
        told.append(t("mb.archived"))
    if card.phone_wrong:
        told.append(t("mb.phonewrong"))
    if card.is_never:
        told.append(t("mb.never"))
        return told
    if card.pause_until is not None and card.pause_until >= today:
        told.append(t("mb.paused", day=show_day(card.pause_until, today)))
    return told + limits(card)


def _particulars(card: MemberCard, made: Print) -> PaperTable:
    """Labels and values in two columns; what takes more room stands last."""
    phones = "\n".join(made.phone(key) for key in card.phones) if card.may_dial else t("pr.hidden")
    comma = t("mb.comma")
    known = [
        (t("mb.phone"), phones if card.phones else t("today.nophone")),
        (t("mb.call"), card.call_name),
        (t("mb.birthday"), _birthday(card.birthday)),
        (t("mb.staff"), card.staff),
        (t("mb.joined"), card.joined.isoformat() if card.joined else ""),
        (t("mb.card"), card.card_no),
        (t("mb.top"), card.size_top or "—"),
        (t("mb.bottom"), card.size_bottom or "—"),
        (t("mb.shoe"), card.size_shoe or "—"),
        (t("mb.height"), card.height),
        (t("mb.weight"), card.weight),
        (t("mb.wechat"), card.wechat),
        (t("mb.referrer"), card.referrer),
        *((label, value) for label, (_, value) in zip(card.own_names, card.own, strict=True)),
        (t("mb.likes"), comma.join(card.likes)),
        (t("mb.avoid"), comma.join(card.avoids)),
        (t("field.tags"), comma.join(card.tags)),
    ]
    if card.n:
        spent = {"spend12": show_money(card.spend12_fen), "spend": show_money(card.spend_fen)}
        known.append((t("mb.tab.sales"), t("pr.card.sums", n=card.n12, **spent)))
    wishes = comma.join(wish.words for wish in card.wanted)
    known += [
        (t("pr.card.open"), "" if card.task is None else say(card.task.why)),
        (t("pr.card.wanted"), wishes),
        (t("pr.card.angry"), "\n".join(complaint.words for complaint in card.complaints)),
    ]
    cells = [
        (PaperCell((Words(label, "small"),)), PaperCell(_words(value))) for label, value in known if value
    ]
    if len(cells) % 2:
        cells.append((PaperCell(), PaperCell()))
    rows = tuple((*left, *right) for left, right in zip(cells[::2], cells[1::2], strict=True))
    columns = (PaperColumn("", 26), PaperColumn("", 67), PaperColumn("", 26), PaperColumn("", 67))
    return PaperTable("", columns, rows)


def _evidence(card: MemberCard) -> PaperTable:
    """Each figure her type was decided by, and whether it was met."""
    if card.verdict is None:
        return PaperTable("", (), ())
    rows = tuple(
        (_cell(say(one.sentence)), _cell(t("pr.card.met" if one.holds else "pr.card.unmet")))
        for one in card.verdict.evidence
        if one.holds
        or one.sentence.id != "ev.lost"  # that somebody who comes is not lost goes without saying
    )
    title = t("mb.why", type=t(f"type.{card.verdict.type}"))
    return PaperTable(title, (PaperColumn("", 150), PaperColumn("", 36, True)), rows)


def _sales(card: MemberCard) -> PaperTable:
    bought = [(sale, line) for sale in card.sales if not sale.voided for line in sale.lines]
    columns = (
        PaperColumn(t("field.sale_day"), 24), PaperColumn(t("field.item"), 74),
        PaperColumn(t("field.line_size"), 18), PaperColumn(t("field.qty"), 14, True),
        PaperColumn(t("pr.card.amount"), 28, True), PaperColumn(t("field.staff"), 28),
    )  # fmt: skip
    rows = []
    for sale, line in bought[:_LATEST]:
        rate = show_discount(line.amount_fen, line.list_fen)
        told = (line.item or t("mb.noitem"), line.colour, t("list.discount", n=rate) if rate else "")
        item = " ".join(part for part in told if part)
        item = t("mb.return", item=item) if line.amount_fen < 0 else item
        cells = (
            sale.day.isoformat(),
            item,
            line.size,
            str(line.qty),
            show_money(line.amount_fen),
            sale.staff,
        )
        rows.append(tuple(map(_cell, cells)))
    return PaperTable(_latest("mb.tab.sales", len(rows), len(bought)), columns, tuple(rows))


def _visits(card: MemberCard) -> PaperTable:
    came = [visit for visit in card.visits if not visit.voided]
    columns = (
        PaperColumn(t("field.visit_day"), 24), PaperColumn(t("pr.card.what_happened"), 134),
        PaperColumn(t("field.staff"), 28),
    )  # fmt: skip
    rows = []
    for visit in came[:_LATEST]:
        kind = f"mb.visit.{visit.kind}"
        reasons = (f"mb.reason.{code}" for code in visit.reasons)
        told = (
            t(kind) if has(kind) else visit.kind, visit.items,
            t("mb.comma").join(t(reason) for reason in reasons if has(reason)), visit.says,
        )  # fmt: skip
        words = t("g.dot").join(part for part in told if part)
        rows.append((_cell(visit.day.isoformat()), _cell(words), _cell(visit.staff)))
    return PaperTable(_latest("mb.tab.visits", len(rows), len(came)), columns, tuple(rows))


def _contacts(card: MemberCard) -> PaperTable:
    columns = (
        PaperColumn(t("field.contact_day"), 24), PaperColumn(t("field.channel"), 22),
        PaperColumn(t("today.col.outcome"), 112), PaperColumn(t("field.staff"), 28),
    )  # fmt: skip
    rows = []
    for contact in card.contacts[:_LATEST]:
        reason, channel = f"out.r.{contact.reason}", f"list.channel.{contact.channel}"
        told = (
            _outcome(contact.outcome), t(reason) if contact.reason and has(reason) else "",
            t("pr.next", day=contact.next_day.isoformat()) if contact.next_day else "", contact.note,
        )  # fmt: skip
        words = t("g.dot").join(part for part in told if part)
        way = t(channel) if has(channel) else contact.channel
        rows.append((_cell(contact.day.isoformat()), _cell(way), _cell(words), _cell(contact.staff)))
    return PaperTable(_latest("mb.tab.contacts", len(rows), len(card.contacts)), columns, tuple(rows))


def _text(title: str, text: str) -> PaperTable:
    return PaperTable(title, (PaperColumn("", 186),), ((_cell(text),),))


def _latest(title: str, shown: int, all_there: int) -> str:
    return t(title) if shown == all_there else t("pr.card.latest", what=t(title), n=shown, all=all_there)


# ---------------------------------------------------------------- for customers


def notice(parts: Sequence[tuple[str, str]], made: Print) -> Paper:
    """What the shop tells its customers about their particulars; nobody stands on it."""
    rows = tuple((PaperCell(_words(head, "strong")), PaperCell(_words(text, "name"))) for head, text in parts)
    table = PaperTable("", (PaperColumn("", 34), PaperColumn("", 152)), rows)
    return Paper(
        t("notice.title"), None, (made.facts(),), "", (table,), "", "", 0,
        t("notice.file", date=made.day.isoformat()),
    )  # fmt: skip


def recovery(key: str, file: str, made: Print) -> Paper:
    """The sheet with the key that opens an encrypted shop when its password is lost."""
    groups = key.split("-")
    lines = "\n".join("  ".join(groups[at : at + _GROUPS]) for at in range(0, len(groups), _GROUPS))
    rows = [(t("recovery.key"), _words(lines, "name"))]
    rows += [(t(f"recovery.{part}"), _words(t(f"recovery.{part}.text", file=file))) for part in _RECOVERY]
    cells = tuple((PaperCell(_words(head, "strong")), PaperCell(words)) for head, words in rows)
    table = PaperTable("", (PaperColumn("", 34), PaperColumn("", 152)), cells)
    return Paper(
        t("recovery.title"), None, (made.facts(),), "", (table,), "", "", 0,
        t("recovery.file", date=made.day.isoformat()),
    )  # fmt: skip


# ---------------------------------------------------------------- words


def _words(text: str, look: Look = "plain") -> tuple[Words, ...]:
    return (Words(text, look),) if text else ()


def _small(text: str) -> tuple[Words, ...]:
    return _words(text, "small")


def _cell(text: str) -> PaperCell:
    return PaperCell(_words(text))


def _outcome(outcome: str) -> str:
    """An outcome by its name; a foreign one as it was written."""
    return t(f"out.{OUTCOMES.index(outcome) + 1}") if outcome in OUTCOMES else outcome


def _birthday(key: str) -> str:
    try:
        return Birthday.from_key(key).show() if key else ""
    except ValueError:
        return key


def _ago(day: date | None, today: date) -> str:
    if day is None:
        return t("g.neverbought")
    days = (today - day).days
    return t("g.daysago", n=days) if days > 1 else t("g.yesterday" if days == 1 else "g.today")
