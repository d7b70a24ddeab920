"""The shop's own wordings, and what an example of them needs to know of a member."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from shopcrm.basics.records import MemberId, TypeKey, Wording
from shopcrm.rules.templates import Own
from shopcrm.store.connection import AMONG, Row, Rx
from shopcrm.store.writing import as_json

_IN_USE = """
SELECT occasion, id, name, words FROM template
WHERE gone_on IS NULL AND language = :language AND occasion IN (SELECT value FROM json_each(:occasions))
ORDER BY id
"""
_ROWS = """
SELECT t.id, t.occasion, t.name, t.words, t.gone_on IS NOT NULL, coalesce(p.name, ''), t.made_on
FROM template t LEFT JOIN staff p ON p.id = t.staff_id
"""
_OF = f"{_ROWS} WHERE t.occasion = ? AND t.language = ? ORDER BY t.gone_on IS NOT NULL, t.id"
_ONE = f"{_ROWS} WHERE t.id = ?"
_COUNTS = "SELECT occasion, count(*) FROM template WHERE gone_on IS NULL AND language = ? GROUP BY occasion"
_OWN_VALUES = f"""
SELECT v.member_id, v.field_id, v.value FROM own_value v JOIN own_field f ON f.id = v.field_id
WHERE v.member_id {AMONG} AND v.value <> '' AND f.gone_on IS NULL
"""
_PERSON = """
SELECT m.name, m.call_name, m.gender = 'm', coalesce(p.name, ''), m.birthday, c.type
FROM member m LEFT JOIN staff p ON p.id = m.staff_id LEFT JOIN d_case c ON c.member_id = m.id WHERE m.id = ?
"""
_WAITING = """
SELECT t.id, t.member_id FROM task t JOIN member m ON m.id = t.member_id
WHERE t.state = 'open' AND t.rule = :rule AND t.step = :step AND m.archived_on IS NULL
ORDER BY t.due, t.priority DESC, t.id LIMIT :most
"""
_OF_TYPE = """
SELECT c.member_id FROM d_case c JOIN member m ON m.id = c.member_id
WHERE c.type IN (SELECT value FROM json_each(:types)) AND m.archived_on IS NULL
ORDER BY c.last_d DESC, c.member_id LIMIT :most
"""


def in_use(rx: Rx, occasions: Collection[str], language: str) -> dict[str, list[Own]]:
    """The shop's own wordings by occasion, the oldest first."""
    found: dict[str, list[Own]] = defaultdict(list)
    rows = rx.all(_IN_USE, {"language": language, "occasions": as_json(list(occasions))})
    for occasion, row_id, name, words in rows:
        found[occasion].append(Own(row_id, name, words))
    return found


def of_occasion(rx: Rx, occasion: str, language: str) -> list[Wording]:
    """The same of one occasion for the editor, removed ones at the end; words in kept form."""
    return [_wording(row) for row in rx.all(_OF, (occasion, language))]


def one(rx: Rx, wording: int) -> Wording | None:
    """One own wording, removed or not; words in kept form."""
    row = rx.one(_ONE, (wording,))
    return None if row is None else _wording(row)


def counts(rx: Rx, language: str) -> dict[str, int]:
    """How many own wordings each occasion has."""
    return dict(rx.all(_COUNTS, (language,)))


def own_values(rx: Rx, members: Collection[int]) -> dict[int, dict[str, str]]:
    """What stands in the shop's own fields of these members, by the slots of `rules.wordings`."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for member, field, value in rx.among(_OWN_VALUES, members):
        found[member][f"own.{field}"] = value
    return found


def person(rx: Rx, member: int) -> Row | None:
    """Name, how she is called, whether a man, own assistant, birthday, type."""
    return rx.one(_PERSON, (member,))


def waiting(rx: Rx, rule: str, step: int, most: int) -> list[tuple[int, int]]:
    """Open to-dos of a step of a rule with their members, those due first."""
    return list(rx.all(_WAITING, {"rule": rule, "step": step, "most": most}))


def of_types(rx: Rx, types: Collection[TypeKey], most: int) -> list[MemberId]:
    """Members of these types, those who bought last first."""
    return [MemberId(row[0]) for row in rx.all(_OF_TYPE, {"types": as_json(list(types)), "most": most})]


def _wording(row: Row) -> Wording:
    return Wording(
        f"own:{row[0]}", row[1], row[2], row[3], is_own=True, is_on=not row[4], gone=bool(row[4]),
        staff=row[5], made_on=date.fromisoformat(row[6]),
    )  # fmt: skip
