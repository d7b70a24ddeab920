"""Lists of members, sales, visits, contacts and people not reached, under headings an import knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date

from shopcrm.basics.records import MemberRow
from shopcrm.basics.texts import has, t
from shopcrm.basics.values import mask_phone, show_discount, show_hours
from shopcrm.basics.values.birthday import Birthday
from shopcrm.reports import Column, Kind, Table
from shopcrm.store import listing, whole
from shopcrm.store import members as people
from shopcrm.store.connection import Row, Rx

_AT_ONCE = 2_000  # rows of members read together
_SHOWN: dict[str, tuple[Kind, int]] = {  # column of the list on the screen: what it holds, characters wide
    "name": ("text", 12), "phone": ("phone", 15), "last": ("date", 12), "n12": ("int", 12),
    "spend12": ("money", 14), "spend": ("money", 14), "sizes": ("text", 14), "staff": ("text", 10),
    "next": ("date", 12), "joined": ("date", 12),
}  # fmt: skip
_People = dict[int | None, tuple[str, str, str]]  # member -> name, first phone, card number


def members(rx: Rx, *, only: Collection[int] | None = None, mask: bool = False) -> Table:
    """All members (or these, in their order), each phone masked if asked for.

    Behind the columns every list has come the shop's own fields and what members said about being contacted,
    where anybody has any of it.
    """
    more, more_of = _more(rx)
    wanted = None if only is None else {member: at for at, member in enumerate(only)}
    names: dict[int, tuple[str, str]] = {}
    found: list[tuple[int, tuple[object, ...]]] = []
    kept = []
    for row in whole.members(rx):
        phones = _phones(row[2], mask)
        names[row[0]] = (row[1], phones[0] if phones else "")
        if wanted is None or row[0] in wanted:
            kept.append((row, phones))
    several = {name for name, count in Counter(name for name, _ in names.values()).items() if count > 1}
    for row, phones in kept:
        referrer_name, referrer_phone = names.get(row[9], ("", ""))
        # A referrer is named by her phone where the name alone would not find her again.
        referrer = (
            referrer_phone
            if referrer_phone and (not referrer_name or referrer_name in several)
            else referrer_name
        )
        cells: tuple[object, ...] = (
            row[1],
            phones[0] if phones else "",
            "、".join(phones[1:]),
            row[5],
            _gender(row[3]),
            _birthday(row[4]),
            _day(row[7]),
            row[8],
            referrer,
            row[11],
            row[12],
            row[13],
            row[14],
            row[15],
            row[10],
            row[16],
            row[17],
            row[18],
            row[19] or None,
            t(f"type.{row[21]}") if row[21] else "",
            row[6],
            *more_of(row[0]),
        )
        found.append((0 if wanted is None else wanted[row[0]], cells))
    found.sort(key=lambda entry: entry[0])
    return Table(t("ex.list.members"), (*_MEMBER_COLUMNS(), *more), tuple(cells for _, cells in found))


def _more(rx: Rx) -> tuple[list[Column], Callable[[int], list[object]]]:
    """The columns that only some shops have, and their cells of a member."""
    fields = [field for field in people.own_fields(rx) if not field.gone and field.filled]
    own, said = whole.own_values(rx), whole.limits(rx)
    columns = [Column(f"own.{field.id}", field.name, "text", 14) for field in fields]
    if said:
        columns += [_column(name, "text", 12) for name in ("contact_no", "consent")]
        columns += [_column("consent_on", "date", 12), _column("consent_by", "text", 12)]
        columns += [_column("best_time", "text", 12)]

    def cells(member: int) -> list[object]:
        values = own.get(member, {})
        found: list[object] = [values.get(field.id, "") for field in fields]
        return found + (_said(said.get(member)) if said else [])

    return columns, cells


def _said(limits: whole.Limits | None) -> list[object]:
    if limits is None:
        return ["", "", None, "", ""]
    told = (t(f"mb.{name}") for name in ("no_call", "no_message", "no_sms") if getattr(limits, name))
    consent = t(f"mb.consent.{limits.consent}") if limits.consent else ""
    return [
        "、".join(told), consent, _day(limits.consent_on), limits.consent_by, show_hours(limits.best_time)
    ]  # fmt: skip


def members_as_shown(rx: Rx, ids: Sequence[int], columns: Sequence[str], *, mask: bool = False) -> Table:
    """These members in this order, with these columns of the list on the screen (its `mb.col` ids) and the
    type that stands before the name; a number that must not be used is left out."""
    shown = []
    for column in columns:
        kind, width = _SHOWN[column]
        shown.append(Column(column, t(f"mb.col.{column}"), kind, width))
        if column == "name":
            shown.append(Column("type", t("list.type"), "text", 10))
    rows: list[tuple[object, ...]] = []
    silent = whole.no_dial(rx)
    for start in range(0, len(ids), _AT_ONCE):
        for row in listing.rows(rx, ids[start : start + _AT_ONCE]):
            rows.append(_as_shown(row._replace(phones=()) if row.id in silent else row, shown, mask))
    return Table(t("ex.list.members"), tuple(shown), tuple(rows))


def without_number(rx: Rx, ids: Collection[int]) -> int:
    """How many of these members stand without their number because it must not be used."""
    return len(whole.no_dial(rx) & set(ids))


def _as_shown(row: MemberRow, columns: Sequence[Column], mask: bool) -> tuple[object, ...]:
    cells = {
        "name": row.name, "type": t(f"type.{row.type}") if row.type else "",
        "phone": "、".join(mask_phone(key) if mask else key for key in row.phones), "last": row.last_day,
        "n12": row.n12, "spend12": row.spend12_fen, "spend": row.spend_fen, "sizes": row.sizes,
        "staff": row.staff, "next": row.next_due, "joined": row.joined,
    }  # fmt: skip
    return tuple(cells[column.id] for column in columns)


def sales(
    rx: Rx,
    since: date | None = None,
    until: date | None = None,
    *,
    mask: bool = False,
    only: int | None = None,
) -> Table:
    """Every article sold or taken back in that time (to one member), voided receipts left out; with category,
    number and price tag where any article has them."""
    people = _people(rx, mask)
    found = whole.lines(rx, since.isoformat() if since else "", until.isoformat() if until else "9999")
    lines = list(_of(found, only))
    told = any(any(line[10:]) for line in lines)
    rows = tuple(
        (
            line[7], _day(line[1]), *people[line[0]], line[2], line[3], line[4], line[5], line[6], line[8],
            t("list.return" if line[6] < 0 else "list.sale"), line[9], *(_article(line) if told else ()),
        )
        for line in lines
    )  # fmt: skip
    columns = [
        _column("order_no", "text", 14), _column("sale_day", "date", 12), _column("name", "text", 12),
        _column("phone", "phone", 15), _column("card", "text", 12), _column("item", "text", 20),
        _column("line_size", "text", 8), _column("colour", "text", 8), _column("qty", "int", 7),
        _column("amount", "money", 12), _column("staff", "text", 10), _column("sale_type", "text", 10),
        _column("sale_note", "text", 24),
    ]  # fmt: skip
    if told:
        columns += [
            _column("category", "text", 10), _column("article_no", "text", 12),
            _column("list_amount", "money", 12), _column("discount", "text", 8),
        ]  # fmt: skip
    return Table(t("ex.list.sales"), tuple(columns), rows)


def _article(line: Row) -> tuple[object, ...]:
    category, article_no, listed = line[10:]
    rate = show_discount(line[6], listed)
    return category, article_no, listed, t("list.discount", n=rate) if rate else ""


def visits(rx: Rx, *, mask: bool = False, only: int | None = None) -> Table:
    """Every visit without a purchase (of one member)."""
    people = _people(rx, mask)
    rows = tuple(
        (
            _day(row[1]),
            *people[row[0]],
            t(f"list.visit.{row[2]}"),
            row[3],
            "、".join(t(f"list.reason.{code}") for code in row[4].split() if has(f"list.reason.{code}")),
            row[5],
            row[6],
        )
        for row in _of(whole.visits(rx), only)
    )
    columns = (
        _column("visit_day", "date", 12), _column("name", "text", 12), _column("phone", "phone", 15),
        _column("card", "text", 12), _column("outcome", "text", 12), _column("visit_item", "text", 20),
        _column("reason", "text", 14), _column("says", "text", 30), _column("staff", "text", 10),
    )  # fmt: skip
    return Table(t("ex.list.visits"), columns, rows)


def contacts(rx: Rx, *, mask: bool = False, only: int | None = None) -> Table:
    """Every contact that happened (with one member)."""
    people = _people(rx, mask)
    rows = tuple(
        (
            _day(row[1]),
            *people[row[0]],
            t(f"list.channel.{row[2]}") if has(f"list.channel.{row[2]}") else row[2],
            _outcome(row[3]),
            _day(row[5]),
            row[6],
            row[7],
        )
        for row in _of(whole.contacts(rx), only)
    )
    columns = (
        _column("contact_day", "date", 12), _column("name", "text", 12), _column("phone", "phone", 15),
        _column("card", "text", 12), _column("channel", "text", 10), _column("contact_outcome", "text", 14),
        _column("next_day", "date", 12), _column("contact_note", "text", 30), _column("staff", "text", 10),
    )  # fmt: skip
    return Table(t("ex.list.contacts"), columns, rows)


def not_reached(rx: Rx, since: date, *, mask: bool = False) -> Table:
    """Members who could not be reached since that day and not since then either; without those whose number
    must not be used."""
    people, silent = _people(rx, mask), whole.no_dial(rx)
    rows = tuple(
        (*people[member], date.fromisoformat(day), tries, _outcome(outcome))
        for member, day, tries, outcome in whole.not_reached(rx, since.isoformat())
        if member not in silent
    )
    columns = (
        _column("name", "text", 12),
        _column("phone", "phone", 15),
        _column("card", "text", 12),
        Column("last_contact", t("list.last_contact"), "date", 12),
        Column("tries", t("list.tries"), "int", 8),
        Column("last_outcome", t("list.last_outcome"), "text", 12),
    )
    return Table(t("ex.list.not_reached"), columns, rows)


def not_reached_left(rx: Rx, since: date) -> int:
    """How many that list leaves out."""
    return without_number(rx, [member for member, *_ in whole.not_reached(rx, since.isoformat())])


def _of(rows: Iterable[Row], member: int | None) -> Iterable[Row]:
    """The rows of one member, who stands first in each; all of them without one."""
    return rows if member is None else (row for row in rows if row[0] == member)


def _MEMBER_COLUMNS() -> tuple[Column, ...]:
    return (
        _column("name", "text", 12), _column("phone", "phone", 15), _column("phone2", "phone", 15),
        _column("card", "text", 12), _column("gender", "text", 6), _column("birthday", "text", 14),
        _column("joined", "date", 12), _column("own_staff", "text", 10), _column("referrer", "text", 12),
        _column("size_top", "text", 9), _column("size_bottom", "text", 9), _column("size_shoe", "text", 8),
        _column("height", "text", 8), _column("weight", "text", 8), _column("wechat", "text", 14),
        _column("likes", "text", 16), _column("avoids", "text", 16), _column("tags", "text", 14),
        _column("points", "int", 8), Column("type", t("list.type"), "text", 10), _column("notes", "text", 30),
    )  # fmt: skip


def _column(field: str, kind: Kind, width: int) -> Column:
    return Column(field, t(f"field.{field}"), kind, width)


def _people(rx: Rx, mask: bool) -> _People:
    people: _People = {None: ("", "", "")}
    for row in whole.members(rx):
        phones = _phones(row[2], mask)
        people[row[0]] = (row[1], phones[0] if phones else "", row[5])
    return people


def _phones(keys: str, mask: bool) -> list[str]:
    phones = keys.split("|") if keys else []
    return [mask_phone(key) for key in phones] if mask else phones


def _gender(code: str) -> str:
    return t("list.male") if code == "m" else t("list.female") if code == "f" else ""


def _birthday(key: str) -> str:
    """The birthday in a form that every import of ours reads again."""
    if not key:
        return ""
    born = Birthday.from_key(key)
    if not born.lunar:
        return f"{born.month:02d}-{born.day:02d}" if born.year is None else key
    year = "" if born.year is None else f"{born.year}年"
    return f"农历{year}{'闰' if born.leap else ''}{born.month}月{born.day}日"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _outcome(code: str) -> str:
    return t(f"list.outcome.{code}") if has(f"list.outcome.{code}") else code
