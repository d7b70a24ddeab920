"""Everything a shop keeps, table by table, going out whole and coming into an empty shop.

The history of changes and of imports stays where it is: it tells of files and steps of one data file. PINs
never leave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shopcrm.basics.records import EVENT_KINDS, OUTCOMES, TYPE_KEYS
from shopcrm.basics.rights import ROLES
from shopcrm.store.connection import Row, Rx
from shopcrm.store.erasing import her_people
from shopcrm.store.writing import Tx, as_json

MOST_ROWS = 900_000  # what a file may bring home
MARK, FORMAT = "shopcrm-whole-shop", 1  # by which a file is known to hold one, and how it is laid out

Kind = Literal[
    "id", "ref", "text", "int", "flag", "money", "real", "day", "json", "object", "birthday", "code"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """One column: what its cells hold, whether they may be empty (NULL), which row of which table a `ref`
    names, or a text within its words (own:3, 〔own.3〕), which codes there are; `before` is what a file says
    that was made before there was the column."""

    id: str
    kind: Kind = "text"
    table: str = ""
    may_lack: bool = False
    codes: tuple[str, ...] = ()
    before: str | None = None


@dataclass(frozen=True, slots=True)
class KeptTable:
    """One table; tables stand in an order in which every row finds what it refers to, but for its own
    table's rows."""

    name: str
    columns: tuple[KeptColumn, ...]


def _texts(names: str) -> tuple[KeptColumn, ...]:
    return tuple(KeptColumn(name) for name in names.split())


def _of(kind: Kind, names: str, *, may_lack: bool = False) -> tuple[KeptColumn, ...]:
    return tuple(KeptColumn(name, kind, may_lack=may_lack) for name in names.split())


def _code(name: str, *codes: str, may_lack: bool = False) -> KeptColumn:
    return KeptColumn(name, "code", may_lack=may_lack, codes=codes)


_ID = KeptColumn("id", "id")
_MEMBER = KeptColumn("member_id", "ref", "member")
_STAFF = KeptColumn("staff_id", "ref", "staff", may_lack=True)

KEPT: tuple[KeptTable, ...] = (
    KeptTable("setting", (_ID, *_texts("key"), *_of("json", "value"), *_texts("at"), _STAFF)),
    KeptTable("staff", (
        _ID, *_texts("name"), _code("role", *ROLES), *_of("flag", "active"),
        KeptColumn("rights", before="reveal"),
    )),
    KeptTable("member", (
        _ID, *_texts("name call_name card_no"), _code("gender", "", "f", "m"), *_of("birthday", "birthday"),
        *_of("day", "joined", may_lack=True), _STAFF,
        KeptColumn("referrer_id", "ref", "member", may_lack=True),
        *_texts("wechat size_top size_bottom size_shoe height weight likes avoids tags notes"),
        *_of("int", "points_opening"), *_of("flag", "no_call"), *_of("flag", "no_message"),
        *_of("day", "pause_until", may_lack=True), _code("pin_type", *TYPE_KEYS, may_lack=True),
        *_of("day", "pin_until", may_lack=True), *_texts("pin_reason"),
        *_of("day", "archived_on", may_lack=True), *_texts("created_at"),
        *_of("flag", "no_sms"), _code("consent", "", "yes", "no"), *_of("day", "consent_on", may_lack=True),
        KeptColumn("consent_by"), KeptColumn("best_time"),
        KeptColumn("merged_into", "ref", "member", may_lack=True), *_of("day", "erased_on", may_lack=True),
    )),
    KeptTable("own_field", (_ID, *_texts("name"), *_of("int", "seq"), *_of("day", "gone_on", may_lack=True))),
    KeptTable("own_value", (_ID, _MEMBER, KeptColumn("field_id", "ref", "own_field"), *_texts("value"))),
    KeptTable("phone", (_ID, _MEMBER, *_of("int", "seq"), *_texts("typed key"), *_of("flag", "wrong"))),
    KeptTable("sale", (
        _ID, KeptColumn("member_id", "ref", "member", may_lack=True), *_of("day", "day"),
        *_texts("at order_no"), _STAFF, *_texts("note"), *_of("day", "voided_on", may_lack=True),
        *_texts("void_reason"),
    )),
    KeptTable("line", (
        _ID, KeptColumn("sale_id", "ref", "sale"), *_texts("item size colour"), *_of("int", "qty"),
        *_of("money", "amount_fen"), KeptColumn("returns_line_id", "ref", "line", may_lack=True),
        *_texts("category"), KeptColumn("article_no"), *_of("money", "list_fen", may_lack=True),
    )),
    KeptTable("visit", (
        _ID, _MEMBER, *_of("day", "day"), *_texts("at"), _code("kind", "tried", "asked", "looked"),
        *_texts("items reasons says"), _STAFF, *_of("day", "voided_on", may_lack=True),
    )),
    KeptTable("fitting", (
        _ID, KeptColumn("visit_id", "ref", "visit"), *_texts("item size"), *_of("flag", "liked"),
    )),
    KeptTable("wanted", (
        _ID, _MEMBER, *_of("day", "day"), *_texts("item size colour note"), _STAFF,
        _code("state", "open", "arrived", "dropped"), *_of("day", "arrived_on", may_lack=True),
        KeptColumn("visit_id", "ref", "visit", may_lack=True),
    )),
    KeptTable("complaint", (
        _ID, _MEMBER, *_of("day", "day"), _code("level", "normal", "serious"), *_texts("words"),
        *_of("day", "due"), _code("state", "open", "settled"), *_of("day", "settled_on", may_lack=True),
        KeptColumn("settlement"), *_of("money", "compensation_fen"), _STAFF,
    )),
    KeptTable("rating", (
        _ID, _MEMBER, *_of("day", "day"), _code("kind", "satisfaction", "recommend"), *_of("int", "score"),
        _STAFF,
    )),
    KeptTable("footfall", (_ID, *_of("day", "day"), *_of("int", "hour"), *_of("int", "people"))),
    KeptTable("task", (
        _ID, _MEMBER, *_texts("rule"), *_of("day", "anchor"), *_of("int", "step"), _code("type", *TYPE_KEYS),
        *_of("day", "due expires"), _code("channel", "call", "message"), *_of("real", "priority"),
        *_of("object", "why context"), _code("state", "open", "done", "skipped", "expired", "stopped"),
        *_of("day", "closed_on", may_lack=True), *_texts("closed_why"), _code("outcome", "", *OUTCOMES),
        *_of("int", "tries snoozes"), *_of("day", "appointment", may_lack=True), _STAFF,
        KeptColumn("copied_at", "text", may_lack=True), *_of("day", "forward_on", may_lack=True),
    )),
    KeptTable("contact", (
        _ID, _MEMBER, KeptColumn("task_id", "ref", "task", may_lack=True), *_of("day", "day"),
        *_texts("at channel outcome reason"), *_of("day", "next_day", may_lack=True),
        *_texts("note message"), KeptColumn("template", table="template"), _STAFF,
        *_of("real", "chance", may_lack=True),
    )),
    KeptTable("template", (
        _ID, KeptColumn("occasion"), *_texts("language name"), KeptColumn("words", table="own_field"), _STAFF,
        *_of("day", "made_on"),
        *_of("day", "gone_on", may_lack=True),
    )),
    KeptTable("event", (
        _ID, _code("kind", *EVENT_KINDS), *_texts("name day until offer item types"), *_of("int", "lead"),
        *_of("day", "gone_on", may_lack=True),
    )),
    KeptTable("draw", (
        _ID, _MEMBER, *_texts("rule quarter"), *_of("day", "day"), _code("type", *TYPE_KEYS),
        *_of("flag", "held"),
    )),
)  # fmt: skip

_OWNED = ("sale", "visit")  # tables of members' rows to which rows of other tables belong
_NAMED_ID = re.compile(r"(?<=^own:)\d+$|(?<=〔own\.)\d+(?=〕)")  # of an own wording, of an own field
_RECORDS = ("member", "sale", "visit", "task", "contact")
_LAST_ID = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name=?"


def rows(rx: Rx, table: KeptTable) -> Iterator[Row]:
    """Every row of a table by its id, in the order of its columns."""
    names = ",".join(column.id for column in table.columns)
    return rx.iterate(f"SELECT {names} FROM {table.name} ORDER BY id")


def of_member(rx: Rx, member: int) -> list[tuple[KeptTable, list[Row]]]:
    """Every table that may tell of a member, with the rows that do, in the order of its columns: her own row,
    rows that name her, and rows of those (the lines of a receipt). Those merged into her are she."""
    ids = {"member": her_people(rx, member)}
    found = []
    for table in KEPT:
        column = owner(table)
        if column is None:
            continue
        names = ",".join(column.id for column in table.columns)
        mine = rx.all(
            f"SELECT {names} FROM {table.name} WHERE {column.id} IN (SELECT value FROM json_each(?))"
            " ORDER BY id",
            (as_json(ids[column.table]),),
        )
        if table.name != "member":
            ids[table.name] = [row[0] for row in mine]
        found.append((table, mine))
    return found


def owner(table: KeptTable) -> KeptColumn | None:
    """By which column the rows of a table belong to a member: directly, or through a row that does; None for
    a table that tells of nobody."""
    if table.name == "member":
        return KeptColumn("id", "id", "member")
    named = [column for column in table.columns if column.id == "member_id"]
    through = [column for column in table.columns if column.table in _OWNED and column.table != table.name]
    return next(iter(named + through), None)


def is_empty(rx: Rx) -> bool:
    """Whether the shop holds no records; people and settings of a first start do not count."""
    return not any(rx.value(f"SELECT EXISTS (SELECT 1 FROM {name})") for name in _RECORDS)


def put_in(tx: Tx, tables: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write the rows of every table, whole and in the order of their ids, into an empty shop.

    Ids stay, but where this file has used them up before: then all of a table move on by as many. People the
    shop has already are known by their names.
    """
    tx.derive("PRAGMA defer_foreign_keys=ON")  # a member may be brought by one who comes after her
    moved = {table.name: int(tx.value(_LAST_ID, (table.name,))) for table in KEPT}
    people = _put_people(tx, tables["staff"], moved["staff"])
    for table in KEPT:
        if table.name == "staff":
            continue
        ways = []
        for column in table.columns:
            of = table.name if column.kind == "id" else column.table
            ways.append(people if of == "staff" else moved[of] if of else None)
        found = [
            [_moved(value, way) for value, way in zip(row, ways, strict=True)] for row in tables[table.name]
        ]
        tx.insert_rows(table.name, [column.id for column in table.columns], found)


def _moved(value: object, way: int | Mapping[int, int] | None) -> object:
    if value is None or way is None:
        return value
    if isinstance(value, str):
        return _NAMED_ID.sub(lambda found: str(_moved(int(found[0]), way)), value)
    assert isinstance(value, int)
    return value + way if isinstance(way, int) else way.get(value)


def _put_people(tx: Tx, people: Sequence[Sequence[object]], moved: int) -> dict[int, int]:
    """Write who works here; where each of them is found now."""
    known: dict[object, int] = dict(tx.all("SELECT name, id FROM staff ORDER BY id DESC"))
    names = [column.id for table in KEPT if table.name == "staff" for column in table.columns]
    found: dict[int, int] = {}
    for person in people:
        values = dict(zip(names, person, strict=True))
        row_id = values.pop("id")
        assert isinstance(row_id, int)
        there = known.get(values["name"])
        if there is None:
            found[row_id] = tx.insert("staff", id=row_id + moved, **values)
        else:
            found[row_id] = there
            tx.update("staff", there, **values)
    return found
