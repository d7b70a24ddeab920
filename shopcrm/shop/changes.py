"""How the particulars of a member changed, field by field and in words, and one of them put back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import ChangeRow, MemberId
from shopcrm.basics.texts import has, t
from shopcrm.basics.values import Birthday, show_hours, show_phone
from shopcrm.store import Tx, history
from shopcrm.store import members as rows
from shopcrm.store.connection import Rx
from shopcrm.store.settings import staff

Words = Callable[[Any], str]


def _text(value: object) -> str:
    return str(value or "")


def _yes(value: object) -> str:
    return t("hist.yes") if value else t("hist.no")


def _day(value: object) -> str:
    return "" if value is None else date.fromisoformat(str(value)).isoformat()


def _birthday(value: str) -> str:
    try:
        return Birthday.from_key(value).show()
    except ValueError:
        return value


def _phones(value: list[str] | None) -> str:
    return " / ".join(show_phone(key) for key in value or ())


def _code(start: str) -> Words:
    return lambda value: t(f"{start}.{value}") if value and has(f"{start}.{value}") else _text(value)


# Field of the change history -> text id of its name, its value in words. Order of the fields of one step.
_FIELDS: dict[str, tuple[str, Words]] = {
    "name": ("mb.name", _text), "phones": ("mb.phone", _phones), "phone_wrong": ("mb.phonewrong.short", _yes),
    "call_name": ("mb.call", _text), "birthday": ("mb.birthday", _birthday),
    "gender": ("mb.gender", _code("mb.gender")), "card_no": ("mb.card", _text), "joined": ("mb.joined", _day),
    "size_top": ("mb.top", _text), "size_bottom": ("mb.bottom", _text), "size_shoe": ("mb.shoe", _text),
    "height": ("mb.height", _text), "weight": ("mb.weight", _text), "likes": ("mb.likes", _text),
    "avoids": ("mb.avoid", _text), "tags": ("mb.tags", _text), "wechat": ("mb.wechat", _text),
    "staff_id": ("mb.staff", _text), "referrer_id": ("mb.referrer", _text), "notes": ("mb.notes", _text),
    "consent": ("mb.consent", lambda value: t(f"mb.consent.{value or 'none'}")),
    "consent_on": ("mb.consent.on", _day),
    "consent_by": ("mb.consent.by", _text), "no_call": ("mb.no_call", _yes),
    "no_message": ("mb.no_message", _yes), "no_sms": ("mb.no_sms", _yes),
    "best_time": ("mb.besttime", show_hours), "pause_until": ("hist.pause_until", _day),
    "archived_on": ("hist.archived_on", lambda value: t("mb.archived") if value else t("hist.active")),
}  # fmt: skip
_ONE_CONSENT = ("consent", "consent_on", "consent_by")
_FIXED = frozenset(("phone_wrong",))  # to be mended with the number, not by itself


class _Names(NamedTuple):
    staff: Mapping[int, str]
    own: Mapping[int, str]


def of_member(rx: Rx, member: MemberId) -> tuple[ChangeRow, ...]:
    """What changed of her and stands, the newest step first."""
    names = _Names(
        {person.id: person.name for person in staff(rx)},
        {field.id: field.name for field in rows.own_fields(rx)},
    )
    found = []
    for step in history.steps(rx, member):
        own = sorted(field for field in step.before if field.startswith("own."))
        for field in (*(field for field in _FIELDS if field in step.before | step.after), *own):
            old, new = step.before.get(field), step.after.get(field)
            found.append(ChangeRow(
                step.entry, field, _label(field, names), step.at[:16], step.staff or _by_itself(step.kind),
                _worded(rx, field, old, names), _worded(rx, field, new, names),
                _may_restore(rx, member, field, old, new),
            ))  # fmt: skip
    return tuple(found)


def _by_itself(kind: str) -> str:
    return t("hist.import") if kind.startswith("import") else ""


def _label(field: str, names: _Names) -> str:
    if field.startswith("own."):
        return names.own.get(int(field[4:]), "")
    return t(_FIELDS[field][0])


def _worded(rx: Rx, field: str, value: Any, names: _Names) -> str:
    if field == "staff_id":
        return names.staff.get(value, "")
    if field == "referrer_id":
        return "" if value is None else rows.name_of(rx, value)
    return _text(value) if field.startswith("own.") else _FIELDS[field][1](value)


def _may_restore(rx: Rx, member: MemberId, field: str, old: Any, new: Any) -> bool:
    if field in _FIXED:
        return False
    now = _now(rx, member, field)
    if field == "phones":
        return not set(old or ()) <= set(now) or bool(set(new or ()) & set(now))
    return bool(now != old)


def _now(rx: Rx, member: MemberId, field: str) -> Any:
    if field == "phones":
        return [key for key, _ in rows.phones(rx, member)]
    if field.startswith("own."):
        return rows.own_values(rx, member).get(int(field[4:]), "")
    found = rows.row(rx, member, (field,))
    return found[0] if found else None


def put_back(tx: Tx, member: MemberId, entry: int, field: str) -> bool:
    """Inside a write: give the field the value it had before that entry; answers whether it changed.

    Raises Refusal change_gone; InputError card_taken, staff_unknown, referrer_unknown, referrer_cycle,
    name_or_phone where the old value can no longer stand.
    """
    step = next((step for step in history.steps(tx, member) if step.entry == entry), None)
    if step is None or field in _FIXED or field not in step.before | step.after:
        raise Refusal("change_gone")
    old = step.before.get(field)
    if field == "phones":
        given = set(step.after.get(field, ()))
        kept = [(typed, key) for key, typed in rows.phones(tx, member) if key not in given]
        back = [(key, key) for key in old or ()]
        if not kept and not back and not _now(tx, member, "name"):
            raise InputError("name", "name_or_phone")
        return rows.set_phones(tx, member, kept + back)
    if field.startswith("own."):
        if int(field[4:]) not in rows.own_ids(tx):
            raise Refusal("own_gone")
        return rows.set_own(tx, member, {int(field[4:]): _text(old)})
    _check(tx, member, field, old)
    fields = [name for name in _ONE_CONSENT if name in step.before] if field == "consent" else [field]
    return tx.update("member", member, **{name: step.before[name] for name in fields})


def _check(tx: Tx, member: MemberId, field: str, old: Any) -> None:
    if field == "card_no" and old:
        for other in rows.by_card(tx, old):
            if other != member:
                raise InputError("card_no", "card_taken", name=rows.name_of(tx, other))
    if field == "staff_id" and old is not None and old not in {person.id for person in staff(tx)}:
        raise InputError("staff", "staff_unknown")
    if field == "referrer_id" and old is not None:
        check_referrer(tx, member, old)
    if field == "name" and not old and not rows.phones(tx, member):
        raise InputError("name", "name_or_phone")


def check_referrer(tx: Tx, member: MemberId | None, referrer: int) -> None:
    """InputError referrer_unknown or referrer_cycle for somebody who cannot have brought this member."""
    if not rows.may_refer(tx, referrer):
        raise InputError("referrer", "referrer_unknown")
    if member is not None and rows.refers_back(tx, referrer, member):
        raise InputError("referrer", "referrer_cycle")
