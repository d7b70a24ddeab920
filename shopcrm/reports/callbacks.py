"""The call-back list: whom to call, why, what to say, and blank columns for what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shopcrm.basics.records import OUTCOMES, MemberCard, Sentence, TaskRow, TypeKey
from shopcrm.basics.texts import t
from shopcrm.basics.values import mask_phone, show_hours, show_money, show_phone
from shopcrm.reports import Column, Kind, Table
from shopcrm.store.tasks import Words

# id, kind, width in characters, hidden
_COLUMNS: tuple[tuple[str, Kind, int, bool], ...] = (
    ("name", "text", 10, False),
    ("type", "text", 8, False),
    ("why", "text", 34, False),
    ("basis", "text", 40, False),
    ("phone", "phone", 16, False),
    ("last", "text", 24, False),
    ("sizes", "text", 22, False),
    ("likes", "text", 22, False),
    ("say", "text", 52, False),
    ("outcome", "text", 12, False),
    ("next", "date", 12, False),
    ("note", "text", 20, False),
    ("task", "text", 10, True),
)


class Callback(NamedTuple):
    """One line of the list: the to-do, its message, and what is known of the member."""

    row: TaskRow
    message: str
    words: Words
    key: str  # by which the line is known when the list comes home


def callback_list(entries: Sequence[Callback], *, type: TypeKey | None = None, mask: bool = False) -> Table:
    """The list in the order given; outcomes are chosen from the six, the hidden key finds the to-do again."""
    outcomes = tuple(t(f"out.{number}") for number in range(1, len(OUTCOMES) + 1))
    columns = tuple(
        Column(id, t(f"callbacks.{id}"), kind, width, outcomes if id == "outcome" else None, hidden)
        for id, kind, width, hidden in _COLUMNS
    )
    title = t("callbacks.title") if type is None else t("callbacks.title_type", type=t(f"type.{type}"))
    return Table(title, columns, tuple(_cells(entry, mask=mask) for entry in entries))


def _cells(entry: Callback, *, mask: bool) -> tuple[object, ...]:
    row, words = entry.row, entry.words
    why = say(row.why)
    if row.overdue_days:
        why = t("callbacks.late", n=row.overdue_days, why=why)
    if row.context is not None:
        why = f"{why}\n{say(row.context)}"
    for limit in limits(row):
        why = f"{why}\n{limit}"
    show = mask_phone if mask else show_phone
    sizes = (
        t(f"callbacks.{place}", size=size)
        for place, size in zip(("top", "bottom", "shoe"), words.sizes, strict=True)
        if size
    )
    taste = (words.likes, t("callbacks.avoids", words=words.avoids) if words.avoids else "")
    return (
        row.name, t(f"type.{row.type}"), why, "" if words.reason is None else say(words.reason),
        "\n".join(show(key) for key in row.phones if row.may_dial), _last(row), t("why.join").join(sizes),
        "；".join(part for part in taste if part), entry.message, None, None, None, entry.key,
    )  # fmt: skip


def limits(row: TaskRow | MemberCard) -> list[str]:
    """What she does not want, and when to call her."""
    told = [t(f"mb.{name}") for name in ("no_call", "no_message", "no_sms") if getattr(row, name)]
    if row.best_time and not row.no_call:
        told.append(t("mb.callat", hours=show_hours(row.best_time)))
    return told


def say(sentence: Sentence) -> str:
    """A sentence in the language in force."""
    return t(sentence.id, **sentence.values)


def _last(row: TaskRow) -> str:
    if row.last_day is None:
        return t("g.neverbought")
    bought = " ".join(
        part for part in (row.last_item, show_money(row.last_fen) if row.last_fen else "") if part
    )
    return f"{row.last_day.isoformat()}\n{bought}" if bought else row.last_day.isoformat()
