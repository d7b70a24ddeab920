"""All there is of one member, as she may ask for it: first as lists that read well, then whatever else the
shop keeps of her, table by table, so that nothing a later version keeps can be forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from shopcrm.basics.records import ChangeRow, Sentence
from shopcrm.basics.texts import has, t
from shopcrm.basics.values import Birthday, parse_phones, show_hours
from shopcrm.reports import Column, Kind, Table, lists
from shopcrm.reports.callbacks import say
from shopcrm.store import facts, settings, whole_shop
from shopcrm.store import members as people
from shopcrm.store.connection import Row, Rx
from shopcrm.store.whole_shop import KeptColumn, KeptTable

_CELLS: dict[str, Kind] = {"id": "int", "int": "int", "money": "money", "real": "real"}
_NAMED = ("staff", "own_field")  # what is meant by an id of these tables is told by its name
_CODES = {  # column -> the texts of what stands in it as a code
    "gender": "mb.gender", "pin_type": "type", "type": "type", "consent": "mb.consent", "level": "cp",
    "channel": "list.channel", "outcome": "list.outcome",
    "reason": "list.reason", "reasons": "list.reason",
}  # fmt: skip
_KINDS = {"visit": "list.visit", "rating": "rt"}  # of the tables with a column `kind`


def tables(rx: Rx, member: int, changes: Sequence[ChangeRow]) -> list[Table]:
    """Herself, what she bought, visits and contacts; how her type and her particulars changed; then every
    kept table that holds rows of hers, as stored, with codes put into words."""
    readable = [
        _without_others(lists.members(rx, only=(member,))),
        lists.sales(rx, only=member),
        lists.visits(rx, only=member),
        lists.contacts(rx, only=member),
        _types(rx, member),
        _changes(changes),
    ]
    names = {
        "staff": {int(one.id): one.name for one in settings.staff(rx)},
        "own_field": {field.id: field.name for field in people.own_fields(rx)},
    }
    kept = [_kept(table, rows, names) for table, rows in whole_shop.of_member(rx, member) if rows]
    return [*readable, *kept]


def _without_others(table: Table) -> Table:
    """Who brought her stays as a name; a number in its place is somebody else's."""
    at = [column.id for column in table.columns].index("referrer")
    rows = tuple(
        (*row[:at], "" if parse_phones(str(row[at] or "")).phones else row[at], *row[at + 1 :])
        for row in table.rows
    )
    return table._replace(rows=rows)


def _types(rx: Rx, member: int) -> Table:
    columns = (Column("day", t("whole.col.day"), "text", 12), Column("type", t("list.type"), "text", 12))
    rows = tuple((day, t(f"type.{key}")) for day, key, _ in facts.history(rx, member))
    return Table(t("person.types"), columns, rows)


def _changes(changes: Sequence[ChangeRow]) -> Table:
    columns = (
        Column("at", t("whole.col.at"), "text", 17), Column("staff", t("person.by"), "text", 12),
        Column("field", t("person.field"), "text", 14), Column("old", t("person.old"), "text", 24),
        Column("new", t("person.new"), "text", 24),
    )  # fmt: skip
    rows = tuple((change.at, change.staff, change.label, change.old, change.new) for change in changes)
    return Table(t("hist.title"), columns, rows)


def _kept(table: KeptTable, rows: Sequence[Row], names: Mapping[str, Mapping[int, str]]) -> Table:
    columns = tuple(
        Column(column.id, t(f"whole.col.{column.id}"), _CELLS.get(_kind(column), "text"), 14)
        for column in table.columns
    )
    cells = tuple(
        tuple(
            _cell(table.name, column, value, names) for column, value in zip(table.columns, row, strict=True)
        )
        for row in rows
    )
    return Table(t("person.kept", what=t(f"whole.table.{table.name}")), columns, cells)


def _kind(column: KeptColumn) -> str:
    return "id" if column.kind == "ref" and column.table not in _NAMED else column.kind


def _cell(table: str, column: KeptColumn, value: object, names: Mapping[str, Mapping[int, str]]) -> object:
    if value is None:
        return None
    if column.kind == "flag":
        return t("hist.yes" if value else "hist.no")
    if column.table in _NAMED and isinstance(value, int):
        return names[column.table].get(value, "")
    if not isinstance(value, str) or not value:
        return value
    if column.id == "best_time":
        return show_hours(value)
    if column.id == "state":
        return t(f"person.state.{value}")
    if column.kind == "birthday":
        return Birthday.from_key(value).show()
    if column.kind == "object":
        return _said(value)
    words = _KINDS.get(table) if column.id == "kind" else _CODES.get(column.id)
    return "、".join(_word(words, code) for code in value.split()) if words else value


def _said(value: str) -> str:
    """A sentence that was kept by its id, or the facts a message stands on, as they are."""
    found = json.loads(value)
    if isinstance(found, dict) and found.keys() == {"id", "values"} and has(str(found["id"])):
        return say(Sentence(found["id"], found["values"]))
    return value if found else ""


def _word(words: str, code: str) -> str:
    return t(f"{words}.{code}") if has(f"{words}.{code}") else code
