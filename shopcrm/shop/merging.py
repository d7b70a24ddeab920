"""Two members who are one person become one, and come apart again when they were not; what is put away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple, cast

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    BinRow,
    Done,
    Likeness,
    MemberId,
    MergedRow,
    MergeField,
    MergePreview,
    MergeSide,
    Sentence,
    Stayed,
    TypeKey,
)
from shopcrm.basics.texts import t
from shopcrm.basics.values import Birthday, show_day, show_hours, show_money, show_phone
from shopcrm.store import Rx, Tx, facts, listing
from shopcrm.store import members as rows
from shopcrm.store import merging as store
from shopcrm.store.settings import staff

if TYPE_CHECKING:
    from shopcrm.shop import Shop

BIN_DAYS = 180  # so long what was put away is listed
_BIN_ROWS = 2_000
_NAMED = 2  # records named in the sentence
_FLAGS = ("no_call", "no_message", "no_sms")  # where one of the two said no, it is no
_PIN = ("pin_type", "pin_until", "pin_reason")
_WORD_LISTS = ("likes", "avoids", "tags")
Values = tuple[object, ...]


class _Field(NamedTuple):
    """Something of which a member has one: the columns it stands in, and how it is shown."""

    id: str
    label: str
    columns: tuple[str, ...]
    show: Callable[[Rx, Values], str]


def _plain(_rx: Rx, values: Values) -> str:
    return str(values[0] or "")


def _gender(_rx: Rx, values: Values) -> str:
    return t("list.male" if values[0] == "m" else "list.female") if values[0] else ""


def _birthday(_rx: Rx, values: Values) -> str:
    return Birthday.from_key(str(values[0])).show() if values[0] else ""


def _staff(rx: Rx, values: Values) -> str:
    return next((person.name for person in staff(rx) if person.id == values[0]), "")


def _member(rx: Rx, values: Values) -> str:
    return rows.name_of(rx, cast(int, values[0])) if values[0] else ""


def _hours(_rx: Rx, values: Values) -> str:
    return show_hours(str(values[0]))


def _consent(_rx: Rx, values: Values) -> str:
    given, on, by = values
    if not given:
        return ""
    said = t(f"merge.consent.{given}")
    return t("merge.consent", said=said, day=on or "", by=by).strip()


_FIELDS = (
    _Field("name", "field.name", ("name",), _plain),
    _Field("call_name", "merge.f.call_name", ("call_name",), _plain),
    _Field("card_no", "field.card", ("card_no",), _plain),
    _Field("gender", "field.gender", ("gender",), _gender),
    _Field("birthday", "field.birthday", ("birthday",), _birthday),
    _Field("joined", "field.joined", ("joined",), _plain),
    _Field("staff_id", "field.own_staff", ("staff_id",), _staff),
    _Field("referrer_id", "field.referrer", ("referrer_id",), _member),
    _Field("wechat", "field.wechat", ("wechat",), _plain),
    _Field("size_top", "field.size_top", ("size_top",), _plain),
    _Field("size_bottom", "field.size_bottom", ("size_bottom",), _plain),
    _Field("size_shoe", "field.size_shoe", ("size_shoe",), _plain),
    _Field("height", "field.height", ("height",), _plain),
    _Field("weight", "field.weight", ("weight",), _plain),
    _Field("likes", "field.likes", ("likes",), _plain),
    _Field("avoids", "field.avoids", ("avoids",), _plain),
    _Field("tags", "field.tags", ("tags",), _plain),
    _Field("best_time", "merge.f.best_time", ("best_time",), _hours),
    _Field("consent", "merge.f.consent", ("consent", "consent_on", "consent_by"), _consent),
    _Field("notes", "field.notes", ("notes",), _plain),
)
_COLUMNS = (
    *(column for field in _FIELDS for column in field.columns),
    *_FLAGS, "pause_until", "points_opening", *_PIN,
)  # fmt: skip


class Merging:
    """Merging members; nothing is deleted, and everything had before is there after."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def merge(
        self, keep: MemberId, gone: MemberId, choices: Mapping[str, str] | None = None
    ) -> Done[MemberId]:
        """Make one member of two: `keep` survives, `gone` is put away and leads to her from now on.

        `choices`: field of the preview -> keep, gone or both; the others as the preview proposes. Sales,
        visits, wishes, to-dos, contacts, numbers and whom she brought follow. Raises Refusal merge_herself,
        merge_archived, member_unknown, merge_sums, InputError merge_choice.
        """
        shop = self._shop
        with shop.write(store.MERGE) as tx:
            pair = _Pair(tx, keep, gone)
            chosen = pair.chosen(choices or {})
            both = (keep, gone)
            brought_by = facts.referrers(tx, both)
            before = store.sums(tx, both)
            shop.types.start_day(tx, tx.day)
            store.put_types_aside(tx, keep, gone)
            store.move(tx, keep, gone, gone_number_first=pair.takes(choices or {}, "phones") == "gone")
            tx.update(
                "member", gone, archived_on=tx.day.isoformat(), merged_into=keep, referrer_id=None,
                **pair.card_left(chosen),
            )  # fmt: skip
            tx.update("member", keep, **chosen.columns)
            store.set_own(tx, keep, chosen.own)
            if before != store.sums(tx, (keep,)) or any(store.sums(tx, (gone,))):
                raise Refusal("merge_sums")
            self._follow(tx, keep, gone, brought_by)
            name = rows.name_of(tx, keep)
            case = facts.cases(tx, [keep])[keep]
            return tx.done(
                keep, "done.merged", gone=pair.gone.name or pair.gone_phone, name=name,
                type=t(f"type.{case.type}"),
            )  # fmt: skip

    def separate(self, gone: MemberId) -> Done[tuple[Stayed, ...]]:
        """Take a merge back, however long ago: `gone` gets back what she had; what came since stays with the
        survivor and is the value. Raises Refusal not_merged, member_unknown, member_erased,
        merge_survivor_merged, merge_unknown, merge_sums.
        """
        shop = self._shop
        with shop.write(store.SEPARATE) as tx:
            was = store.side(tx, gone)
            if was is None:
                raise Refusal("member_unknown", key=gone)
            if was.merged_into is None:
                raise Refusal("not_merged")
            keep = was.merged_into
            survivor = store.side(tx, keep)
            assert survivor is not None
            if was.erased or survivor.erased:
                raise Refusal("merge_erased")
            if survivor.merged_into is not None:
                raise Refusal("merge_survivor_merged", name=survivor.name)
            entry = store.entry_of_merge(tx, gone)
            if entry is None:
                raise Refusal("merge_unknown")
            both = (keep, gone)
            before = store.sums(tx, both)
            brought_by = facts.referrers(tx, both)
            shop.types.start_day(tx, tx.day)
            stayed = tuple(
                Stayed(table, row_id, date.fromisoformat(day), str(what), fen)
                for table, row_id, day, what, fen in store.since_merge(tx, entry, keep)
            )
            touched = store.take_apart(tx, entry, keep, gone)
            if before[:-1] != store.sums(tx, both)[:-1]:  # numbers may have been removed and be back
                raise Refusal("merge_sums")
            self._follow(tx, keep, gone, brought_by | touched)
            names = {"gone": rows.name_of(tx, gone), "name": rows.name_of(tx, keep)}
            if not stayed:
                return tx.done(stayed, "done.separated", **names)
            words = t("undo.join").join(told(one, tx.day) for one in stayed[:_NAMED])
            if len(stayed) > _NAMED:
                words = t("merge.stay.more", told=words)
            return tx.done(stayed, "done.separated_stayed", **names, n=len(stayed), told=words)

    def follow_undo(self, tx: Tx, entry: int) -> frozenset[int]:
        """Inside a write that took back `entry`: the types both had, if it merged two or took them apart.
        Answers whom `Shop.refresh` has to file anew."""
        pair = store.pair_of(tx, entry)
        if pair is None:
            return frozenset()
        self._retell(tx, *pair)
        return frozenset(pair)

    def _follow(self, tx: Tx, keep: int, gone: int, others: set[int]) -> None:
        self._retell(tx, keep, gone)
        rows.write_search(tx, (keep, gone))
        touched = frozenset({keep, gone} | others)
        tx.touch(members=touched)
        self._shop.refresh(tx, touched | facts.referrers(tx, (keep, gone)))

    def _retell(self, tx: Tx, keep: int, gone: int) -> None:
        """The history of types of both: of the records they have now, or as put aside today."""
        types = self._shop.types
        side = store.side(tx, gone)
        if side is not None and side.merged_into is not None:
            types.retell(tx, (keep,), tx.day)
        elif not store.types_as_before(tx, keep, gone):
            types.retell(tx, (keep, gone), tx.day)


class _Chosen(NamedTuple):
    columns: dict[str, object]
    own: dict[int, str]


class _Pair:
    """Two members to be merged, checked, with what each says."""

    def __init__(self, rx: Rx, keep: int, gone: int) -> None:
        if keep == gone:
            raise Refusal("merge_herself")
        self.rx = rx
        self.ids = (keep, gone)
        self.keep, self.gone = (self._side(member) for member in self.ids)
        self.phones = tuple(store.phones(rx, member) for member in self.ids)
        self.gone_phone = show_phone(self.phones[1][0]) if self.phones[1] else f"#{gone}"
        self.said: tuple[dict[str, object], ...] = tuple(self._said(member) for member in self.ids)
        self.own = tuple(store.own_values(rx, member) for member in self.ids)

    def _side(self, member: int) -> store.Side:
        side = store.side(self.rx, member)
        if side is None:
            raise Refusal("member_unknown", key=member)
        if side.archived:
            raise Refusal("merge_archived", name=side.name)
        return side

    def _said(self, member: int) -> dict[str, object]:
        found = rows.row(self.rx, member, _COLUMNS)
        assert found is not None
        said = dict(zip(_COLUMNS, found, strict=True))
        referrer = said["referrer_id"]
        # Nobody brings herself, nor do two bring each other: as one they would.
        if referrer is not None and any(rows.refers_back(self.rx, referrer, one) for one in self.ids):
            said["referrer_id"] = None
        return said

    def takes(self, choices: Mapping[str, str], field: str, proposed: str = "keep") -> str:
        """Whose value of a field counts."""
        return choices.get(field, proposed)

    def fields(self) -> list[MergeField]:
        """What differs, with what is proposed."""
        found = [field for field in map(self._field, _FIELDS) if field is not None]
        if all(self.phones) and self.phones[0][0] != self.phones[1][0]:
            mine, hers = (show_phone(phones[0]) for phones in self.phones)
            found.insert(1, MergeField("phones", t("merge.f.phones"), mine, hers, "", "keep"))
        for own in rows.own_fields(self.rx):
            mine, hers = (values.get(own.id, "") for values in self.own)
            if mine != hers:
                choice = "keep" if mine else "gone"
                found.append(MergeField(f"own.{own.id}", own.name, mine, hers, "", choice))
        return found

    def _values(self, field: _Field) -> tuple[Values, ...]:
        return tuple(tuple(said[column] for column in field.columns) for said in self.said)

    def _field(self, field: _Field) -> MergeField | None:
        mine, hers = self._values(field)
        if mine == hers or not (mine[0] or hers[0]):
            return None
        both, choice = "", "keep"
        if not mine[0]:
            choice = "gone"
        elif hers[0]:
            both = self._joined(field.id)
            if both in (mine[0], hers[0]):  # one of them says all there is
                choice, both = ("keep" if both == mine[0] else "gone"), ""
            elif both:
                choice = "both"
            elif field.id == "joined":
                choice = "keep" if str(mine[0]) <= str(hers[0]) else "gone"
            elif field.id == "consent":
                choice = "keep" if mine[0] == "no" or hers[0] != "no" else "gone"
        shown = [field.show(self.rx, values) for values in (mine, hers)]
        return MergeField(field.id, t(field.label), shown[0], shown[1], both, choice)

    def _joined(self, field: str) -> str:
        """What both say of a field that may say more than one thing."""
        mine, hers = (str(said.get(field) or "") for said in self.said)
        if field in _WORD_LISTS:
            words = dict.fromkeys((*listing.split_words(mine), *listing.split_words(hers)))
            if set(words) in (set(listing.split_words(mine)), set(listing.split_words(hers))):
                return mine if len(words) == len(listing.split_words(mine)) else hers
            return t("mb.comma").join(words)
        if field == "notes":
            return mine if hers in mine else hers if mine in hers else f"{mine}\n{hers}"
        return ""

    def chosen(self, choices: Mapping[str, str]) -> _Chosen:
        """What the survivor has from now on. InputError merge_choice."""
        fields = self.fields()
        offered = {
            field.field: {"keep": field.keep, "gone": field.gone, "both": field.both} for field in fields
        }
        for name, choice in choices.items():
            if not offered.get(name, {}).get(choice):
                raise InputError(name, "merge_choice")
        mine, hers = self.said
        columns: dict[str, object] = {"referrer_id": mine["referrer_id"]}
        own: dict[int, str] = {}
        by_id = {field.id: field for field in _FIELDS}
        for field in fields:
            choice = self.takes(choices, field.field, field.choice)
            if choice == "both":
                columns[field.field] = field.both
            elif choice == "gone" and field.field in by_id:
                columns |= {column: hers[column] for column in by_id[field.field].columns}
            elif choice == "gone" and field.field.startswith("own."):
                own[int(field.field[4:])] = field.gone
        columns |= {flag: max(int(bool(said[flag])) for said in self.said) for flag in _FLAGS}
        pauses = [str(said["pause_until"]) for said in self.said if said["pause_until"]]
        columns["pause_until"] = max(pauses, default=None)
        columns["points_opening"] = self.keep.points + self.gone.points
        if mine["pin_type"] is None and hers["pin_type"] is not None:
            columns |= {column: hers[column] for column in _PIN}
        return _Chosen(columns, own)

    def card_left(self, chosen: _Chosen) -> dict[str, object]:
        """The survivor's number where she takes the other's: the one put away keeps it, so that it leads to
        the survivor and is never used again."""
        card = self.said[0]["card_no"]
        return {"card_no": card} if card and chosen.columns.get("card_no", card) != card else {}

    def shown(self, at: int) -> MergeSide:
        """One of the two for the screen."""
        side = (self.keep, self.gone)[at]
        return MergeSide(
            MemberId(self.ids[at]), side.name, self.phones[at], cast(TypeKey | None, side.type),
            side.sales, side.sum_fen, _day(side.last_day), side.visits, side.contacts, side.tasks,
            side.wanted, side.points,
        )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def told(one: Stayed, today: date) -> str:
    """A record that stayed with the survivor, in a few words."""
    day = show_day(one.day, today)
    return t(f"merge.stay.{one.kind}", day=day, sum=show_money(one.fen), item=one.what)


# ---------------------------------------------------------------- reading


def preview(rx: Rx, keep: MemberId, gone: MemberId) -> MergePreview:
    """Two members side by side: what differs, with a proposal, and what each has. Refusals as `merge`."""
    pair = _Pair(rx, keep, gone)
    return MergePreview(pair.shown(0), pair.shown(1), tuple(pair.fields()))


def likely(rx: Rx, member: MemberId, limit: int) -> tuple[Likeness, ...]:
    """Who may be the same person as a member, the likeliest first."""
    found = store.likely(rx, member, limit)
    return tuple(
        Likeness(row, Sentence(f"merge.like.{found[row.id]}")) for row in listing.rows(rx, list(found))
    )


def merged(rx: Rx, keep: MemberId) -> tuple[MergedRow, ...]:
    """Who was merged into a member, the latest first."""
    return tuple(
        MergedRow(MemberId(row_id), name, date.fromisoformat(day))
        for row_id, name, day in store.merged_into(rx, keep)
    )


def put_away(rx: Rx, today: date) -> tuple[BinRow, ...]:
    """Void receipts and visits, deactivated and merged members of the last 180 days, newest first."""
    since = (today - timedelta(days=BIN_DAYS)).isoformat()
    return tuple(
        BinRow(
            kind, row_id, date.fromisoformat(day), None if member is None else MemberId(member), name,
            survivor, _day(at), fen, what, why,
        )
        for kind, row_id, day, member, name, survivor, at, fen, what, why in store.put_away(
            rx, since, _BIN_ROWS
        )
    )  # fmt: skip
