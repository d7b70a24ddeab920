"""All data of a shop as one plain structure (import rule 0), ordered by nothing but the data."""

from __future__ import annotations

from collections.abc import Iterable

from shopcrm.store import whole
from shopcrm.store.connection import Row, Rx

_GENDERS = {"m": "男", "f": "女"}


def dump(rx: Rx) -> dict[str, list[dict[str, object]]]:
    """Members, sales, visits, contacts and to-dos; days as ISO text, amounts in fen, phones as keys."""
    people: dict[int | None, tuple[str | None, str]] = {None: (None, "")}
    members: list[dict[str, object]] = []
    for row in whole.members(rx):
        phones = row[2].split("|") if row[2] else []
        people[row[0]] = (phones[0] if phones else None, row[1])
        members.append(
            {
                "name": row[1],
                "phone": phones[0] if phones else None,
                "phone2": phones[1] if len(phones) > 1 else None,
                "gender": _GENDERS.get(row[3], ""),
                "birthday": row[4] or None,
                "card_no": row[5],
                "notes": row[6],
            }
        )

    def of(rows: Iterable[Row], *names: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for row in rows:
            phone, name = people[row[0]]
            found.append(
                {"member_phone": phone, "member_name": name, **dict(zip(names, row[1:], strict=False))}
            )
        return _sorted(found)

    sales: list[dict[str, object]] = []
    for row in whole.lines(rx):
        phone, name = people[row[0]]
        sales.append(
            {
                "member_phone": phone,
                "member_name": name,
                "date": row[1],
                "amount_fen": row[6],
                "item": row[2],
                "qty": row[5],
                "order_no": row[7],
            }
        )
    return {
        "members": _sorted(members),
        "sales": _sorted(sales),
        "visits": of(whole.visits(rx), "date", "kind", "items", "reasons", "says"),
        "contacts": of(whole.contacts(rx), "date", "channel", "outcome", "reason", "next_date", "note"),
        "tasks": of(
            whole.tasks(rx),
            "rule",
            "anchor",
            "step",
            "type",
            "due",
            "expires",
            "channel",
            "state",
            "closed_on",
            "outcome",
        ),
    }


def _sorted(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: [(value is not None, str(value)) for value in row.values()])
