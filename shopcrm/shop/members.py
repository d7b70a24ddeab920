"""Members: adding and changing them, pausing contact, deactivating, finding who is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal, StoreError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Changes, Done, MemberDraft, MemberId, Sentence
from shopcrm.basics.rights import sees_phones
from shopcrm.basics.values import (
    Birthday,
    clean_name,
    clean_text,
    is_hours,
    is_masked,
    mask_phone,
    phone_key,
    phone_problem,
    show_day,
)
from shopcrm.shop import changes
from shopcrm.shop.own_fields import OwnFields
from shopcrm.store import Tx, reveals
from shopcrm.store import members as rows
from shopcrm.store.connection import Rx
from shopcrm.store.erasing import erase
from shopcrm.store.settings import staff
from shopcrm.store.settings import value as setting

if TYPE_CHECKING:
    from shopcrm.shop import Shop

_LONGEST_NAME = 50
_LONGEST_TEXT = 500
_LONGEST_NOTES = 32_767
_TEXTS = (
    "call_name", "card_no", "wechat", "size_top", "size_bottom", "size_shoe", "height", "weight", "likes",
    "avoids", "tags", "consent_by",
)  # fmt: skip
_GENDERS = ("", "f", "m")
_CONSENTS = ("", "yes", "no")
_LONGEST_OWN = 500
_TAIL = 4  # digits by which a phone is remembered
_ID_MARK = "#"


class Members:
    """Use cases around one member; every input is a draft of already parsed values."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.own = OwnFields(shop)

    def save(self, draft: MemberDraft) -> Done[MemberId]:
        """Add the member (no id) or change her; a new one without a joining day joined today.

        Raises InputError for a field that cannot stand, Refusal member_unknown for a member who is gone.
        """
        shop = self._shop
        if draft.id is not None:
            draft = draft._replace(phones=_kept(draft.phones, rows.phones(shop.store.read(), draft.id)))
        draft = self._checked(draft)
        if draft.id is None and draft.joined is None:
            draft = draft._replace(joined=shop.day)
        kind = "member.add" if draft.id is None else "member.save"
        with shop.write(kind) as tx:
            self._check_against_shop(tx, draft)
            if draft.id is None:
                member = MemberId(
                    tx.insert("member", **_columns(draft), created_at=tx.now.isoformat(" ", "seconds"))
                )
                rows.set_phones(tx, member, draft.phones)
                rows.set_own(tx, member, dict(draft.own))
                self._follow(tx, member, {draft.referrer_id})
                return tx.done(member, "done.member_added", name=_named(draft))
            member = draft.id
            before = rows.row(tx, member, ("referrer_id",))
            changed = tx.update("member", member, **_columns(draft))
            changed = rows.set_phones(tx, member, draft.phones) or changed
            own = dict.fromkeys(rows.own_ids(tx), "") | dict(draft.own)
            changed = rows.set_own(tx, member, own) or changed
            if changed:
                self._follow(tx, member, {draft.referrer_id, before[0] if before else None})
            return tx.done(member, "done.member_saved", name=_named(draft))

    def reveal(self, member: MemberId) -> Done[tuple[str, ...]]:
        """Her whole numbers, for somebody who sees them masked: counted, one member once a day, and kept in
        the trail without her name; cannot be taken back. Who sees them anyway just gets them.

        Raises RightsError; Refusal reveal_most, member_unknown, member_erased.
        """
        shop = self._shop
        rx, actor = shop.store.read(), shop.actor
        _check_there(rx, member)
        keys = tuple(key for key, _ in rows.phones(rx, member))
        hidden = bool(setting(rx, "staff.hide_phones"))
        if actor is None or sees_phones(actor, staff(rx), hidden):
            shop.check("today")  # nobody in particular, where an owner has a PIN
            return Done(keys, Changes(), Sentence("done.revealed"))
        shop.check("reveal")
        if not reveals.knows(rx, actor, member, shop.day):
            most = int(str(setting(rx, "staff.reveals_a_day")))
            if reveals.of_day(rx, actor, shop.day) >= most:
                raise Refusal("reveal_most", n=most)
            with shop.write("member.reveal") as tx:
                reveals.add(tx, member)
                return tx.done(keys, "done.revealed")
        return Done(keys, Changes(), Sentence("done.revealed"))

    def put_back(self, member: MemberId, entry: int, field: str) -> Done[None]:
        """Give one field the value it had before a step of her change history (`ShopView.changes`).

        Raises Refusal change_gone, own_gone, member_unknown, member_erased; InputError where the old value
        can no longer stand: card_taken, staff_unknown, referrer_unknown, referrer_cycle, name_or_phone.
        """
        shop = self._shop
        with shop.write("member.save") as tx:
            _check_there(tx, member)
            before = rows.row(tx, member, ("referrer_id",))
            if changes.put_back(tx, member, entry, field):
                after = rows.row(tx, member, ("referrer_id",))
                self._follow(tx, member, {found[0] for found in (before, after) if found})
            return tx.done(None, "done.member_saved", name=rows.name_of(tx, member))

    def archive(self, member: MemberId) -> Done[None]:
        """Deactivate her: nothing is lost, she is out of lists and to-dos. Whoever is deactivated already
        keeps the day."""
        was = rows.row(self._shop.store.read(), member, ("archived_on",))
        day = (was and was[0]) or self._shop.day.isoformat()
        return self._set(member, "member.archive", "done.member_archived", archived_on=day)

    def restore(self, member: MemberId) -> Done[None]:
        """Bring a deactivated member back."""
        return self._set(member, "member.restore", "done.member_restored", archived_on=None)

    def erase(self, member: MemberId) -> Done[bool]:
        """Take her out of the file for good: name, phones, every particular and word, in the journal, too;
        what she bought stays in the sums. Cannot be undone. The value: whether the file was written anew, so
        that no trace is left in it.

        Raises RightsError; Refusal member_unknown, member_erased.
        """
        shop = self._shop
        with shop.write("member.erase") as tx:
            _check_there(tx, member)
            shop.refresh(tx, frozenset(erase(tx, member)))
            done = tx.done(True, "done.member_erased")
        try:
            shop.store.squeeze()
        except StoreError:  # her particulars are gone and overwritten, only the file was not made smaller
            return Done(False, done.changes, Sentence("done.member_erased_rest"))
        return done

    def pause(self, member: MemberId, until: date | None, never: bool = False) -> Done[None]:
        """No contact until a day, or never again; without either, contact is allowed again and a no to it is
        forgotten. InputError pause_past."""
        if never:
            return self._set(
                member, "member.pause", "done.never_contact", no_call=1, no_message=1, no_sms=1,
                pause_until=None,
            )  # fmt: skip
        if until is None:
            taken_back: dict[str, object] = {}
            if rows.row(self._shop.store.read(), member, ("consent",)) == ("no",):
                taken_back = {"consent": "", "consent_on": None, "consent_by": ""}
            return self._set(
                member, "member.pause", "done.contact_again", no_call=0, no_message=0, no_sms=0,
                pause_until=None, **taken_back,
            )  # fmt: skip
        if until <= self._shop.day:
            raise InputError("pause_until", "pause_past")
        return self._set(member, "member.pause", "done.paused", pause_until=until.isoformat())

    def assign(
        self, members: tuple[MemberId, ...], staff_id: int | None, progress: Progress = SILENT
    ) -> Done[int]:
        """Give these members to an assistant (None = nobody), many of them behind a backup; the value is how
        many changed."""
        shop = self._shop
        rx = shop.store.read()
        _check_staff(rx, staff_id)
        others = rows.of_other_staff(rx, members, staff_id)
        shop.backups.before_bulk("member.assign", len(others), progress)
        with shop.write("member.assign") as tx:
            tx.update_same("member", others, staff_id=staff_id)
            return tx.done(len(others), "done.assigned", n=len(others))

    def duplicates(self, draft: MemberDraft) -> tuple[tuple[MemberId, str], ...]:
        """Who this could already be: the same phone (code "phone"), the same name and birthday ("name"), or
        the same surname and last four digits ("tail"). A phone that is not complete yet is looked at for its
        end."""
        rx = self._shop.store.read()
        found: dict[MemberId, str] = {}
        for typed, key in draft.phones:
            for member in rows.by_phone(rx, phone_key(typed) or key):
                found.setdefault(member, "phone")
        for member in rows.by_name_and_birthday(rx, clean_name(draft.name), draft.birthday):
            found.setdefault(member, "name")
        for typed, key in draft.phones:
            digits = key or "".join(char for char in typed if char.isdigit())
            for member in rows.by_tail(rx, clean_name(draft.name)[:1], digits[-_TAIL:]):
                found.setdefault(member, "tail")
        found.pop(draft.id or MemberId(0), None)
        return tuple(found.items())

    def find(self, key: str) -> MemberId:
        """The one member a phone, card number, exact name or id (`12` or `#12`) means.

        Raises Refusal member_unknown or member_ambiguous.
        """
        rx = self._shop.store.read()
        text = clean_text(key)
        phone = phone_key(text)
        for found in (
            rows.by_phone(rx, phone) if phone else [],
            rows.by_card(rx, text) if text else [],
            rows.by_name(rx, clean_name(text)) if text else [],
            _by_id(rx, text),
        ):
            if len(found) == 1:
                return found[0]
            if found:
                raise Refusal("member_ambiguous", key=text[:_LONGEST_NAME], n=len(found))
        raise Refusal("member_unknown", key=text[:_LONGEST_NAME])

    # ------------------------------------------------------------

    def _checked(self, draft: MemberDraft) -> MemberDraft:
        """The draft in its kept form, as far as it can be judged by itself."""
        name = clean_name(draft.name)
        phones = []
        for typed, key in draft.phones:
            if not typed.strip() and not key:
                continue
            problem = phone_problem(typed or key)
            if problem is not None:
                raise InputError("phone", problem[0], **problem[1])
            own_key = phone_key(typed or key)
            if own_key:
                phones.append((clean_text(typed or key), own_key))
        if not name and not phones:
            raise InputError("name", "name_or_phone")
        if len(name) > _LONGEST_NAME:
            raise InputError("name", "name_long", n=_LONGEST_NAME)
        if draft.gender not in _GENDERS:
            raise InputError("gender", "gender_bad")
        self._check_days(draft)
        draft = self._checked_consent(draft)
        texts = {column: clean_text(getattr(draft, column)) for column in _TEXTS}
        for column, text in texts.items():
            if len(text) > _LONGEST_TEXT:
                raise InputError(column, "text_long", n=_LONGEST_TEXT)
        notes = clean_text(draft.notes)
        if len(notes) > _LONGEST_NOTES:
            raise InputError("notes", "text_long", n=_LONGEST_NOTES)
        own = tuple((field, clean_text(value)) for field, value in draft.own)
        for field, value in own:
            if len(value) > _LONGEST_OWN:
                raise InputError(f"own.{field}", "text_long", n=_LONGEST_OWN)
        # clean_text of an already clean text is the same text, so a draft read back from a card changes
        # nothing.
        return draft._replace(name=name, phones=tuple(phones), notes=notes, own=own, **texts)  # type: ignore[arg-type]

    def _check_days(self, draft: MemberDraft) -> None:
        if draft.birthday:
            try:
                birthday = Birthday.from_key(draft.birthday)
            except ValueError as error:
                raise InputError("birthday", "birthday_bad") from error
            if not 1 <= birthday.month <= 12 or not 1 <= birthday.day <= 31:
                raise InputError("birthday", "birthday_bad")
            if birthday.year is not None and birthday.year > self._shop.day.year:
                raise InputError("birthday", "birthday_future")
        if draft.joined is not None and draft.joined > self._shop.day:
            raise InputError("joined", "day_future")

    def _checked_consent(self, draft: MemberDraft) -> MemberDraft:
        if draft.consent not in _CONSENTS:
            raise InputError("consent", "consent_bad")
        if not draft.consent:
            draft = draft._replace(consent_on=None, consent_by="")
        elif draft.consent_on is None:
            draft = draft._replace(consent_on=self._shop.day)
        elif draft.consent_on > self._shop.day:
            raise InputError("consent_on", "day_future")
        if draft.best_time and not is_hours(draft.best_time):
            raise InputError("best_time", "hours_bad")
        return draft

    def _check_against_shop(self, tx: Tx, draft: MemberDraft) -> None:
        if draft.id is not None:
            _check_there(tx, draft.id)
        for other in rows.by_card(tx, draft.card_no) if draft.card_no else ():
            if other != draft.id:
                raise InputError("card_no", "card_taken", name=rows.name_of(tx, other))
        _check_staff(tx, draft.staff_id)
        if draft.referrer_id is not None:
            changes.check_referrer(tx, draft.id, draft.referrer_id)
        for unknown in dict(draft.own).keys() - rows.own_ids(tx):
            raise InputError(f"own.{unknown}", "own_unknown")

    def _follow(self, tx: Tx, member: int, also: set[MemberId | None]) -> None:
        """Search text, type and to-dos follow what was changed; a referrer gains or loses a referral."""
        rows.write_search(tx, (member,))
        touched = frozenset({member, *(other for other in also if other is not None)})
        tx.touch(members=touched)
        self._shop.refresh(tx, touched)

    def _set(self, member: MemberId, kind: str, text: str, **values: object) -> Done[None]:
        shop = self._shop
        with shop.write(kind) as tx:
            _check_there(tx, member)
            if tx.update("member", member, **values):
                shop.refresh(tx, frozenset({member}))
            until = values.get("pause_until")
            shown = show_day(date.fromisoformat(str(until)), shop.day) if until else ""
            return tx.done(None, text, name=rows.name_of(tx, member), until=shown)


def _named(draft: MemberDraft) -> str:
    return draft.name or mask_phone(draft.phones[0][1])


def _kept(phones: Sequence[tuple[str, str]], known: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The phones of a draft (typed, key), those that came back masked as she has them (key, typed)."""
    left, found = list(known), []
    for typed, key in phones:
        hers = [one for one in left if is_masked(typed) and mask_phone(one[0]) == mask_phone(typed)]
        if hers:
            left.remove(hers[0])
            key, typed = hers[0]
        found.append((typed, key))
    return tuple(found)


def _columns(draft: MemberDraft) -> dict[str, object]:
    return {
        "name": draft.name, "gender": draft.gender, "birthday": draft.birthday, "notes": draft.notes,
        "joined": draft.joined.isoformat() if draft.joined else None,
        "staff_id": draft.staff_id, "referrer_id": draft.referrer_id,
        "no_call": int(draft.no_call), "no_message": int(draft.no_message), "no_sms": int(draft.no_sms),
        "consent": draft.consent, "best_time": draft.best_time,
        "consent_on": draft.consent_on.isoformat() if draft.consent_on else None,
        **{column: getattr(draft, column) for column in _TEXTS},
    }  # fmt: skip


def _check_there(rx: Rx, member: MemberId) -> None:
    if not rows.exists(rx, member):
        raise Refusal("member_unknown", key=member)
    if rows.is_erased(rx, member):
        raise Refusal("member_erased")


def _check_staff(rx: Rx, staff_id: int | None) -> None:
    if staff_id is not None and staff_id not in {person.id for person in staff(rx)}:
        raise InputError("staff", "staff_unknown")


def _by_id(rx: Rx, text: str) -> list[MemberId]:
    digits = text.removeprefix(_ID_MARK)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return []
    member = rows.survivor(rx, int(digits))
    return [] if member is None else [member]
