"""Who is who and what is there already: the fate of every laid-out row against what the shop knows.

Member sheets come first, then the others, each in rounds: rows with a phone, then those known by a card
number or a name only. A name counts only when all members of the file are there; else a second import of
the same file could see more than the first did. Import rules 8 and 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple

from shopcrm.basics.fields import MEMBER_FIELDS, OWN
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.texts import t
from shopcrm.basics.values import Birthday, parse_phones, show_hours, show_phone
from shopcrm.excel.fates import Choices, Fate, Former, Known, KnownMember, Policy
from shopcrm.excel.layout import Laid


class Person:
    """A member of the shop or of the file, with what the file adds to her."""

    __slots__ = ("changed", "formers", "id", "name", "phones", "row", "values")

    def __init__(self, known: KnownMember | None = None) -> None:
        self.id: int | None = None  # None: new
        self.name = ""
        self.phones: list[str] = []
        self.values: dict[str, Any] = {}
        self.changed: dict[str, Any] = {}  # of a known one: field (also name, phone, phone2) -> new value
        self.row: tuple[Laid, int] | None = None  # of a new one: the row that made her
        self.formers: tuple[Former, ...] = ()
        if known is not None:
            self.id, self.name, self.formers = known.id, known.name, known.formers
            self.phones.extend(known.phones)
            self.values.update(known.values)

    @property
    def card(self) -> str:
        card: str = self.values.get("card_no", "")
        return card

    def is_called(self, name: str) -> bool:
        """Whether she has this name, or one who was merged into her had."""
        return name == self.name or any(former.name == name for former in self.formers)

    def has_card(self, card: str) -> bool:
        """The same of a card number."""
        return card == self.card or any(former.card == card for former in self.formers)

    def had_no_phone(self, name: str, card: str = "") -> bool:
        """Whether a row without number may mean her: she left none, or one merged into her did not, whose
        name or card it is; of two cards she may have taken over the other's."""
        return not self.phones or any(
            not former.had_phone and (card in (former.card, self.card) if card else former.name == name)
            for former in self.formers
        )


class Line(NamedTuple):
    """One sales row to be written."""

    person: Person
    day: str
    at: str
    order_no: str
    staff: str
    note: str
    item: str
    size: str
    colour: str
    qty: int
    amount_fen: int
    category: str
    article_no: str
    list_fen: int | None


class Lines:
    """The sales rows to be written, by columns: a list for each field of Line, all of one length.

    `returns`: place of a row that takes another back -> place of that row, or ~id of a line of the shop.
    """

    __slots__ = (*Line._fields, "returns")

    def __init__(self) -> None:
        self.person: list[Person] = []
        self.day: list[str] = []
        self.at: list[str] = []
        self.order_no: list[str] = []
        self.staff: list[str] = []
        self.note: list[str] = []
        self.item: list[str] = []
        self.size: list[str] = []
        self.colour: list[str] = []
        self.qty: list[int] = []
        self.amount_fen: list[int] = []
        self.category: list[str] = []
        self.article_no: list[str] = []
        self.list_fen: list[int | None] = []
        self.returns: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.person)

    def __iter__(self) -> Iterator[Line]:
        return map(Line, *self.columns())

    def __getitem__(self, place: int) -> Line:
        return Line(*(column[place] for column in self.columns()))

    def columns(self) -> list[list[Any]]:
        """All columns in the order of Line's fields."""
        return [getattr(self, name) for name in Line._fields]


class Visit(NamedTuple):
    """One visit without a purchase to be written."""

    person: Person
    day: str
    at: str
    kind: str
    items: str
    reasons: str
    says: str
    staff: str


class Contact(NamedTuple):
    """One contact to be written."""

    person: Person
    day: str
    at: str
    channel: str
    outcome: str
    next_day: str | None
    note: str
    staff: str


@dataclass(slots=True)
class Matched:
    """What an import would write."""

    people: list[Person] = field(default_factory=list)  # new ones, in the order met
    updated: list[Person] = field(default_factory=list)
    lines: Lines = field(default_factory=Lines)
    visits: list[Visit] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    sales_duplicate: int = 0
    others_duplicate: int = 0

    def concerned(self) -> set[Person]:
        """Everybody of whom something is written."""
        found = {*self.people, *self.updated, *self.lines.person}
        for entries in (self.visits, self.contacts):
            found.update(entry.person for entry in entries)
        return found


def match(sheets: Sequence[Laid], known: Known, choices: Choices, progress: Progress = SILENT) -> Matched:
    """Decide the fate of every row that is still open; sets `fates` and lists problems in the sheets."""
    return _Matching(sheets, known, choices, lambda: progress.step(2, 3, "progress.checking")).run()


def said(name: str, value: Any) -> str:
    """A value of a member's field as a person reads it; "" for none."""
    if isinstance(value, Person):
        return value.name or said("phone", value.phones[0])
    if not value:
        return ""
    if name == "birthday":
        return Birthday.from_key(value).show()
    if name == "gender":
        return t("list.male" if value == "m" else "list.female")
    if name == "consent":
        return t(f"mb.consent.{value}")
    if name == "best_time":
        return show_hours(value)
    if value is True:
        return t("hist.yes")
    return show_phone(value) if name.startswith("phone") else str(value)


_ROWS = 10_000  # between two looks whether to stop
_Identity = tuple[str, str, str]  # the first phone, the name, and without phone the card number


def _told(sheets: Sequence[Laid], row_policies: Mapping[tuple[int, int], Policy]) -> dict[_Identity, Policy]:
    """What the owner said of rows, by who stands in them: another row of that person says no more."""
    found: dict[_Identity, Policy] = {}
    for sheet in sheets if row_policies else ():
        count = len(sheet.numbers)
        empty = [""] * count
        names, cards = sheet.values.get("name", empty), sheet.values.get("card", empty)
        keys = _keys(sheet)
        for position, number in enumerate(sheet.numbers):
            policy = row_policies.get((sheet.at, number), "skip")
            if policy != "skip":
                found[_identity(keys[position], names[position], cards[position])] = policy
    return found


def _identity(keys: Sequence[str], name: str, card: str) -> _Identity:
    return (keys[0], name, "") if keys else ("", name, card)


def _keys(sheet: Laid) -> list[tuple[str, ...]]:
    """All phone keys of every row, those of the second phone column behind."""
    count = len(sheet.numbers)
    first: list[tuple[str, ...]] = sheet.values.get("phone") or [()] * count
    second: list[tuple[str, ...]] | None = sheet.values.get("phone2")
    if second is None:
        return first
    return [(*a, *(key for key in b if key not in a)) if b else a for a, b in zip(first, second, strict=True)]


_EXTRA = tuple(name for name in MEMBER_FIELDS if name != "card_no")


class _Matching:
    def __init__(
        self, sheets: Sequence[Laid], known: Known, choices: Choices, tick: Callable[[], None]
    ) -> None:
        self.tick = tick  # called every so many rows: whoever wants to stop is heard
        self.sheets = sheets
        self.known = known
        self.policy: Policy = choices.policy  # of the row in hand
        self.policy_of_all: Policy = choices.policy
        self.row_policies = choices.row_policies
        self.told = _told(sheets, choices.row_policies)
        self.apart: dict[_Identity, Person] = {}  # whom the owner told apart, as far as met
        self.out = Matched()
        self.by_phone: dict[str, Person | list[Person]] = {}
        self.by_other: dict[str, list[Person]] = defaultdict(list)
        self.by_card: dict[str, list[Person]] = defaultdict(list)
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        self.names: dict[str, set[str]] | None = None  # first number in the file -> names
        self.beside: dict[str, set[str]] = defaultdict(set)  # first number in the file <-> those behind it
        self.conflicts: set[tuple[int, str, str]] = set()  # already listed: person, field, value
        self.confirmed: set[tuple[int, str]] = set()  # fields of persons of which a row said what is there
        self.referred: list[tuple[Laid, int, Person, str]] = []
        self.members = [Person(member) for member in known.members]
        for person in self.members:
            self._index(person)

    def run(self) -> Matched:
        lists = [sheet for sheet in self.sheets if sheet.kind == "members"]
        for round_ in ("phone", "same", "name"):
            for sheet in lists:
                self._member_rows(sheet, round_)
        rest = [(sheet, self._extras(sheet)) for sheet in self.sheets if sheet.kind != "members"]
        owners = [self._with_phone(sheet, extras) for sheet, extras in rest]
        if self.told:
            for (sheet, extras), people in zip(rest, owners, strict=True):
                self._with_phone(sheet, extras, people)
        for sheet in lists:  # a card number may have come with a receipt
            self._member_rows(sheet, "card")
        for (sheet, extras), people in zip(rest, owners, strict=True):
            self._with_card(sheet, extras, people)
        for (sheet, extras), people in zip(rest, owners, strict=True):
            self._with_name(sheet, extras, people)
        sales = [
            (sheet, people) for (sheet, _), people in zip(rest, owners, strict=True) if sheet.kind == "sales"
        ]
        if sales:
            _Sales(self.known, self.out, self.tick).book(sales)
        for (sheet, _), people in zip(rest, owners, strict=True):
            if sheet.kind == "visits":
                self._visits(sheet, people)
            elif sheet.kind == "contacts":
                self._contacts(sheet, people)
        self._forget_idle()
        self._refer()
        self._ask()
        return self.out

    # ------------------------------------------------------------ the index of people

    def _index(self, person: Person) -> None:
        if person.phones:
            # Of two who became one each had a first number, whatever the file calls its owner.
            for first in person.phones if person.formers else person.phones[:1]:
                there = self.by_phone.get(first)
                if there is None:
                    self.by_phone[first] = person
                else:  # a family on one phone
                    self.by_phone[first] = [*there, person] if isinstance(there, list) else [there, person]
            for other in person.phones[1:]:
                self.by_other[other].append(person)
        if person.card:
            self.by_card[person.card].append(person)
        if person.name:
            self.by_name[person.name].append(person)
        if person.formers:
            for card in {former.card for former in person.formers} - {"", person.card}:
                self.by_card[card].append(person)
            for name in {former.name for former in person.formers} - {"", person.name}:
                self.by_name[name].append(person)

    def _new(self, sheet: Laid, position: int, name: str, phones: Sequence[str], card: str) -> Person:
        person = Person()
        person.row = (sheet, position)
        person.name = name
        person.phones = list(phones)
        if card:
            person.values["card_no"] = card
        self.out.people.append(person)
        self._index(person)
        return person

    # ------------------------------------------------------------ filling in

    def _extras(self, sheet: Laid) -> list[tuple[str, list[Any], int | None]]:
        """The further fields a sheet carries: member's field, value of every row, column."""
        # On other sheets `staff` is who sold, and her own assistant stands under another name.
        own_staff = "staff" if sheet.kind == "members" else "own_staff"
        found = [
            (name, sheet.values[name], sheet.column_of(name))
            for name in (*_EXTRA, *(name for name in sheet.values if name.startswith(OWN)))
            if name in sheet.values and name != "staff"
        ]
        if own_staff in sheet.values:
            found.append(("staff", sheet.values[own_staff], sheet.column_of("own_staff")))
        if "points" in sheet.values:
            found.append(("points", sheet.values["points"], sheet.column_of("points")))
        return found

    def _fill(
        self, sheet: Laid, position: int, person: Person, extras: Iterable[tuple[str, list[Any], int | None]]
    ) -> bool:
        """Fill what is empty of a person from a row (rule 9.3); whether anything was."""
        any_filled = False
        for name, values, column in extras:
            value = values[position]
            if value:
                any_filled = self._set(sheet, position, person, name, value, column) or any_filled
        return any_filled

    def _set(
        self, sheet: Laid, position: int, person: Person, name: str, value: Any, column: int | None
    ) -> bool:
        if name == "referrer" and person.values.get("referrer") != value:
            self.referred.append((sheet, position, person, value))
            return False  # decided when all members are there
        there = person.values.get(name)
        if there == value:
            self._confirm(person, name)
            return False
        if self._is_left(person):
            return False
        if there and not self._may_overwrite(person, name):
            self._conflict(sheet, position, person, name, str(value), said(name, there), column)
            return False
        person.values[name] = value
        self._change(sheet, position, person, name, there or "", value)
        if name == "consent":
            self._said_when(sheet, position, person)
        return True

    def _said_when(self, sheet: Laid, position: int, person: Person) -> None:
        """Day and person go with what she answered: nothing of an earlier answer stays."""
        told = {
            name: sheet.values[name][position] if name in sheet.values else None
            for name in ("consent_on", "consent_by")
        }
        person.values |= told
        if person.id is not None:
            person.changed |= told

    def _is_left(self, person: Person) -> bool:
        """Whether the owner wants nothing changed of those who are there."""
        return self.policy == "skip" and person.id is not None

    def _confirm(self, person: Person, name: str) -> None:
        """Remember that a row said what is there: a later row of the file may not overwrite it (rule 9.3)."""
        if self.policy == "overwrite":
            self.confirmed.add((id(person), name))

    def _may_overwrite(self, person: Person, name: str) -> bool:
        """Whether this row may; of two rows of the file the first one counts (rule 9.3)."""
        return (
            self.policy == "overwrite"
            and person.id is not None
            and name not in person.changed
            and (id(person), name) not in self.confirmed
        )

    def _change(self, sheet: Laid, position: int, person: Person, name: str, old: Any, new: Any) -> None:
        if person.id is None:
            return
        if not person.changed:
            self.out.updated.append(person)
        person.changed[name] = new
        sheet.changes.setdefault(position, []).append((name, old, new))

    def _conflict(
        self,
        sheet: Laid,
        position: int,
        person: Person,
        name: str,
        value: str,
        there: str,
        column: int | None,
    ) -> None:
        key = (id(person), name, value)
        if key not in self.conflicts:
            self.conflicts.add(key)
            code = "name_conflict" if name == "name" else "field_conflict"
            sheet.warn(position, column, code, known=there)

    def _named(self, sheet: Laid, position: int, person: Person, name: str) -> bool:
        """Compare the name of a row with the person's: the first one stays (rule 9.1).

        Only a list of members may overwrite it; on a receipt a name merely says whose it is.
        """
        if name and name == person.name:
            self._confirm(person, "name")
        if not name or person.is_called(name) or self._is_left(person):
            return False
        if person.name and not (sheet.kind == "members" and self._may_overwrite(person, "name")):
            self._conflict(sheet, position, person, "name", name, person.name, sheet.column_of("name"))
            return False
        if person.name:
            self.by_name[person.name].remove(person)
        self._change(sheet, position, person, "name", person.name, name)
        person.name = name
        self.by_name[name].append(person)
        return True

    def _carded(self, sheet: Laid, position: int, person: Person, card: str) -> bool:
        if card and card == person.card:
            self._confirm(person, "card_no")
        if not card or person.has_card(card):
            return False
        had = person.card
        done = self._set(sheet, position, person, "card_no", card, sheet.column_of("card"))
        if done:
            if had:
                self.by_card[had].remove(person)
            self.by_card[card].append(person)
        return done

    def _phoned(self, sheet: Laid, position: int, person: Person, keys: Sequence[str], name: str) -> bool:
        """Take over a second number, and the first one of a person without any."""
        if self._is_left(person):
            return False
        done = False
        for place, key in enumerate(keys):
            if key in person.phones:
                if person.phones[0] != key:
                    self._confirm(person, "phone2")
                continue
            old = ""
            # Where the owner said it is her, her number must be kept, else nobody would know the next time.
            if person.id is None or len(person.phones) < 2 or (place == 0 and self._is_same(keys, name)):
                person.phones.append(key)
            elif self._may_overwrite(person, "phone2"):
                old = person.phones[1]
                self.by_other[old].remove(person)
                person.phones[1] = key
            else:
                column = sheet.column_of("phone2")
                column = sheet.column_of("phone") if column is None else column
                there = said("phone2", person.phones[1])
                self._conflict(sheet, position, person, "phone2", key, there, column)
                continue
            at = person.phones.index(key)
            if at == 0:
                self.by_phone.setdefault(key, person)
            else:
                self.by_other[key].append(person)
            self._change(sheet, position, person, f"phone{at + 1}" if at else "phone", old, key)
            done = True
        return done

    def _is_same(self, keys: Sequence[str], name: str) -> bool:
        """Whether the owner said that such a row is a member who is there."""
        return self.told.get((keys[0], name, "")) in ("fill", "overwrite")

    # ------------------------------------------------------------ finding people

    def _by_phone(
        self, sheet: Laid, position: int, keys: Sequence[str], name: str, card: str
    ) -> tuple[Person | None, bool]:
        """The person of a phone and whether the row made her; None if the row was left out."""
        told = self.told.get((keys[0], name, ""))
        if told == "new":
            return self._apart(sheet, position, keys, name, card)
        found = self.by_phone.get(keys[0])
        only_new = self.policy_of_all == "new" and told is None and sheet.kind == "members"
        if self.policy_of_all == "new" and told is None:
            found = self._not_yet_there(sheet, found)
        if found is None:
            second = self._by_second(keys[0])
            if second is not None and not (only_new and second.id is not None):
                return second, False
            if told is not None and name in self.by_name:
                same = self.by_name[name]
                if len(same) != 1:
                    self._several(sheet, position, "name", same)
                    return None, False
                return same[0], False
            # Her card is known and she left no number until now.
            cards = self.by_card.get(card, ()) if card else ()
            cards = [p for p in cards if p.had_no_phone(name, card) and not (only_new and p.id is not None)]
            if len(cards) == 1 and (not name or not cards[0].name or cards[0].is_called(name)):
                return cards[0], False
            return self._new(sheet, position, name, keys[:1], card), True
        if isinstance(found, list):
            fitting = [person for person in found if person.is_called(name)] if name else []
            if len(fitting) != 1:
                self._several(sheet, position, "name", found)
                return None, False
            return fitting[0], False
        return found, False

    def _several(self, sheet: Laid, position: int, column: str, people: Iterable[Person]) -> None:
        """Leave out a row that may mean any of several people."""
        names = "、".join(dict.fromkeys(person.name for person in people if person.name))
        sheet.leave_out(position, sheet.column_of(column), "ambiguous_member", known=names)

    def _apart(
        self, sheet: Laid, position: int, keys: Sequence[str], name: str, card: str
    ) -> tuple[Person, bool]:
        """Whom the owner told apart: a new member, the same one for all such rows."""
        identity = _identity(keys, name, card)
        person = self.apart.get(identity)
        if person is not None:
            return person, False
        person = self.apart[identity] = self._new(sheet, position, name, keys[:1], card)
        return person, True

    def _not_yet_there(
        self, sheet: Laid, found: Person | list[Person] | None
    ) -> Person | list[Person] | None:
        """Where all rows of member lists make new members: those of the file, and for other rows, if there
        are none, those of the shop."""
        people = found if isinstance(found, list) else [found] if found is not None else []
        new = [person for person in people if person.id is None]
        if not new:
            return None if sheet.kind == "members" else found
        return new[0] if len(new) == 1 else new

    def _by_second(self, key: str) -> Person | None:
        """Whose second number this is, where nothing in the whole file speaks against it: neither a row that
        gives it to another first number nor another name with any of her numbers. Looking at the rows met so
        far would not do: a second import, which knows the members of the first, would decide otherwise.
        """
        others = self.by_other.get(key, ())
        if len(others) != 1:
            return None
        if self.names is None:
            self.names = self._read_numbers()
        person = others[0]
        first = person.phones[0]
        if not self.beside[key] <= {first}:
            return None
        hers = (self.names[number] for number in {*person.phones, *self.beside[first]})
        return person if len({person.name}.union(*hers) - {""}) <= 1 else None

    def _read_numbers(self) -> dict[str, set[str]]:
        """All names the file gives to a number that stands first; notes which numbers stand beside it."""
        found: dict[str, set[str]] = defaultdict(set)
        for sheet in self.sheets:
            names = sheet.values.get("name") or [""] * len(sheet.numbers)
            for keys, name in zip(_keys(sheet), names, strict=True):
                if keys and name:
                    found[keys[0]].add(name)
                for other in keys[1:]:
                    self.beside[other].add(keys[0])
                    self.beside[keys[0]].add(other)
        return found

    # ------------------------------------------------------------ member sheets

    def _member_rows(self, sheet: Laid, round_: str) -> None:
        """One round over a member sheet: rows with a phone (and after them those of which the owner said that
        they are somebody met by then), with a name only, with a card number only."""
        if round_ == "same" and not self.told:
            return
        count = len(sheet.numbers)
        empty = [""] * count
        names, cards = sheet.values.get("name", empty), sheet.values.get("card", empty)
        extras = self._extras(sheet)
        for position, keys in enumerate(_keys(sheet)):
            name, card = names[position], cards[position]
            if not position % _ROWS:
                self.tick()
            its_round = "phone" if keys else "name" if name else "card"
            if self.told and keys and self._is_same(keys, name):
                its_round = "same"
            if round_ != its_round or sheet.fates[position]:
                continue
            self._take_policy(sheet, position)
            if keys:
                person, is_new = self._by_phone(sheet, position, keys, name, card)
            else:
                person, is_new = self._without_phone(sheet, position, name, card)
            if person is not None:
                self._member_row(sheet, position, person, is_new, name, card, keys, extras)

    def _member_row(
        self,
        sheet: Laid,
        position: int,
        person: Person,
        is_new: bool,
        name: str,
        card: str,
        keys: Sequence[str],
        extras: list[tuple[str, list[Any], int | None]],
    ) -> None:
        filled = self._named(sheet, position, person, name)
        filled = self._carded(sheet, position, person, card) or filled
        filled = self._phoned(sheet, position, person, keys, name) or filled
        filled = self._fill(sheet, position, person, extras) or filled
        if self._is_left(person):
            sheet.fates[position] = Fate.SKIPPED
        elif not is_new:
            sheet.fates[position] = Fate.UPDATE if filled else Fate.DUPLICATE
        if not person.name:
            sheet.warn(position, sheet.column_of("name"), "no_name")
        if not person.phones:
            sheet.warn(position, sheet.column_of("phone"), "no_phone")

    def _without_phone(self, sheet: Laid, position: int, name: str, card: str) -> tuple[Person | None, bool]:
        """Rule 9.2: by card number, else by name among members without phone, else new."""
        if not name and not self.by_card.get(card):
            sheet.leave_out(position, None, "no_identity", value=card)
            return None, False
        told = self.told.get(("", name, card))
        if told == "new":
            return self._apart(sheet, position, (), name, card)
        only_new = self.policy_of_all == "new" and told is None
        if card and (found := [p for p in self.by_card.get(card, ()) if not only_new or p.id is None]):
            if len(found) > 1:
                found = [person for person in found if person.name == name] or found
            if len(found) > 1:
                sheet.leave_out(position, sheet.column_of("card"), "ambiguous_member", known=card)
                return None, False
            return found[0], False
        same = [p for p in self.by_name.get(name, ()) if not only_new or p.id is None]
        if told is None or len(same) > 1:
            same = [p for p in same if p.had_no_phone(name) and not (card and p.card)]
        if len(same) > 1:
            self._several(sheet, position, "name", same)
            return None, False
        return (same[0], False) if same else (self._new(sheet, position, name, (), card), True)

    # ------------------------------------------------------------ the other sheets

    def _take_policy(self, sheet: Laid, position: int) -> None:
        """Let the policy of a row hold while it is taken in."""
        if self.row_policies:
            self.policy = self.row_policies.get((sheet.at, sheet.numbers[position]), self.policy_of_all)

    def _with_phone(
        self,
        sheet: Laid,
        extras: list[tuple[str, list[Any], int | None]],
        first: list[Person | None] | None = None,
    ) -> list[Person | None]:
        """Round one: the owner of every row that has a phone. With the owners of the `first` time: of those
        rows of which the owner of the shop said that they are somebody met by then."""
        count = len(sheet.numbers)
        empty = [""] * count
        names, cards = sheet.values.get("name", empty), sheet.values.get("card", empty)
        fates = sheet.fates
        by_phone = self.by_phone
        told = bool(self.told)
        straight = not told and self.policy_of_all != "new"
        if straight and not extras and not any(cards):
            found = self._by_number_alone(sheet, names)
            if found is not None:
                return found
        people: list[Person | None] = [None] * count if first is None else first
        rows = zip(_keys(sheet), fates, names, cards, strict=True)
        for position, (keys, fate, name, card) in enumerate(rows):
            if not position % _ROWS:
                self.tick()
            if not keys or fate:
                continue
            if told:
                if self._is_same(keys, name) == (first is None):
                    continue
                self._take_policy(sheet, position)
            person = by_phone.get(keys[0]) if straight else None
            if type(person) is not Person:
                person, _ = self._by_phone(sheet, position, keys, name, card)
                if person is None:
                    continue
            people[position] = person
            if name and name != person.name:
                self._named(sheet, position, person, name)
            if card:
                self._carded(sheet, position, person, card)
            if len(keys) > 1 or keys[0] not in person.phones:
                self._phoned(sheet, position, person, keys, name)
            if extras:
                self._fill(sheet, position, person, extras)
        return people

    def _by_number_alone(self, sheet: Laid, names: list[str]) -> list[Person | None] | None:
        """Round one where rows say nothing but a number and a name: number by number instead of row by row,
        which is three times as quick. None if a number alone does not say who it is."""
        keys = _keys(sheet)
        if any(sheet.fates):
            keys = [() if fate else its for its, fate in zip(keys, sheet.fates, strict=True)]
        begins = dict(zip(reversed(keys), reversed(range(len(keys))), strict=True))  # the first row of each
        begins.pop((), None)
        if self.by_other or max(map(len, begins), default=0) > 1:
            return None
        owners: dict[tuple[str, ...], Person] = {}
        for its in begins:
            there = self.by_phone.get(its[0])
            if isinstance(there, list):  # a family
                return None
            if there is not None:
                owners[its] = there
        for place, its in enumerate(sorted(begins.keys() - owners.keys(), key=begins.__getitem__)):
            if not place % _ROWS:
                self.tick()
            owners[its] = self._new(sheet, begins[its], names[begins[its]], its, "")
        people = list(map(owners.get, keys))
        for position, (person, name) in enumerate(zip(people, names, strict=True)):
            if person is not None and name and name != person.name:
                self._named(sheet, position, person, name)
        return people

    def _with_card(
        self, sheet: Laid, extras: list[tuple[str, list[Any], int | None]], people: list[Person | None]
    ) -> None:
        """Round two: rows without phone whose card number is known."""
        cards = sheet.values.get("card")
        if cards is None:
            return
        names = sheet.values.get("name", [""] * len(cards))
        for position, card in enumerate(cards):
            if not card or people[position] is not None or sheet.fates[position]:
                continue
            found = self.by_card.get(card, [])
            if len(found) > 1:
                found = [person for person in found if person.name == names[position]] or found
            if len(found) > 1:
                sheet.leave_out(position, sheet.column_of("card"), "ambiguous_member", known=card)
            elif found:
                people[position] = found[0]
                self._take_policy(sheet, position)
                self._named(sheet, position, found[0], names[position])
                self._fill(sheet, position, found[0], extras)

    def _with_name(
        self, sheet: Laid, extras: list[tuple[str, list[Any], int | None]], people: list[Person | None]
    ) -> None:
        """Round three: rows with nothing but a name, or with nothing known at all."""
        count = len(people)
        names = sheet.values.get("name", [""] * count)
        cards = sheet.values.get("card", [""] * count)
        for position, person in enumerate(people):
            if person is not None or sheet.fates[position]:
                continue
            name = names[position]
            found = self.by_name.get(name, []) if name else []
            if len(found) == 1:
                people[position] = found[0]
                self._take_policy(sheet, position)
                self._fill(sheet, position, found[0], extras)
            elif found:
                self._several(sheet, position, "name", found)
            else:
                at = (
                    sheet.column_of("name")
                    if name
                    else sheet.column_of("card" if cards[position] else "phone")
                )
                sheet.leave_out(position, at, "no_member")

    def _visits(self, sheet: Laid, people: list[Person | None]) -> None:
        there = _Bag(
            (member, day, kind, items, words) for member, day, kind, items, words in self.known.visits
        )
        get = sheet.values.get
        empty = [""] * len(people)
        rows = zip(
            people,
            sheet.values["visit_day"],
            get("at", empty),
            sheet.values["kind"],
            get("visit_item", empty),
            sheet.values["reasons"],
            sheet.values["says"],
            get("staff", empty),
            strict=True,
        )
        for position, row in enumerate(rows):
            person, day, _at, kind, items, reasons, says, _staff = row
            if person is None or sheet.fates[position]:
                continue
            if day is None:
                self._person_alone(sheet, position, person)
            elif there.take((person.id, day, kind, items, f"{reasons}|{says}")):
                sheet.fates[position] = Fate.DUPLICATE
                self.out.others_duplicate += 1
            else:
                self.out.visits.append(Visit(*row))

    def _contacts(self, sheet: Laid, people: list[Person | None]) -> None:
        there = _Bag(self.known.contacts)
        get = sheet.values.get
        empty = [""] * len(people)
        rows = zip(
            people,
            sheet.values["contact_day"],
            get("at", empty),
            sheet.values["channel"],
            sheet.values["outcome"],
            get("next_day", [None] * len(people)),
            sheet.values["note"],
            get("staff", empty),
            strict=True,
        )
        for position, row in enumerate(rows):
            person, day, _at, _channel, outcome, _next, note, _staff = row
            if person is None or sheet.fates[position]:
                continue
            if day is None:
                self._person_alone(sheet, position, person)
            elif there.take((person.id, day, outcome, note)):
                sheet.fates[position] = Fate.DUPLICATE
                self.out.others_duplicate += 1
            else:
                self.out.contacts.append(Contact(*row))

    def _person_alone(self, sheet: Laid, position: int, person: Person) -> None:
        """The fate of a row of visits or contacts that tells of none: member lists have such columns too."""
        if person.row == (sheet, position):
            return
        if position in sheet.changes:
            sheet.fates[position] = Fate.UPDATE
        else:
            sheet.fates[position] = Fate.DUPLICATE
            self.out.others_duplicate += 1

    def _forget_idle(self) -> None:
        """Make no members of whom there is nothing to write: their receipts are there under another number,
        which somebody put right since."""
        if not self.out.sales_duplicate:
            return
        busy = {id(person) for person in self.out.lines.person}
        busy.update(id(entry.person) for found in (self.out.visits, self.out.contacts) for entry in found)
        idle = {
            id(person)
            for person in self.out.people
            if id(person) not in busy and person.row and self._was_there(*person.row)
        }
        for person in self.out.people if idle else ():
            if id(person) in idle:
                self.by_name[person.name] = [
                    other for other in self.by_name[person.name] if other is not person
                ]
                if self.by_phone.get(person.phones[0]) is person:
                    del self.by_phone[person.phones[0]]
        self.out.people = [person for person in self.out.people if id(person) not in idle]

    @staticmethod
    def _was_there(sheet: Laid, position: int) -> bool:
        return sheet.kind != "members" and sheet.fates[position] == Fate.DUPLICATE

    def _refer(self) -> None:
        """Who brought whom, now that everybody is there: by phone, else by a name only one has."""
        for sheet, position, person, text in self.referred:
            keys = parse_phones(text).phones
            found = self.by_phone.get(keys[0]) if keys else None
            if not isinstance(found, Person):
                named = self.by_name.get(text, [])
                found = named[0] if len(named) == 1 else None
            column = sheet.column_of("referrer")
            self._take_policy(sheet, position)
            if self._is_left(person):
                continue
            if found is None or found is person:
                sheet.warn(position, column, "referrer_unknown")
            elif person.values.get("referrer") in (None, "") or (
                person.values["referrer"] not in (found, found.id) and self._may_overwrite(person, "referrer")
            ):
                if self._leads_back(found, person):
                    sheet.warn(position, column, "referrer_circle")
                    continue
                old = self._referrer(person)
                person.values["referrer"] = found
                self._change(sheet, position, person, "referrer", old, found)
                if sheet.fates[position] == Fate.DUPLICATE:
                    sheet.fates[position] = Fate.UPDATE
            elif person.values["referrer"] not in (found, found.id):
                known = said("referrer", self._referrer(person))
                self._conflict(sheet, position, person, "referrer", text, known, column)

    def _referrer(self, person: Person) -> Person | str:
        """Who brought her, as far as known."""
        there = person.values.get("referrer") or ""
        if isinstance(there, int):
            return next((member.name for member in self.known.members if member.id == there), "")
        return there

    def _leads_back(self, referrer: Person, person: Person) -> bool:
        """Whether the chain of referrers from `referrer` leads to `person`."""
        seen: set[int] = set()
        at: Person | None = referrer
        while at is not None and id(at) not in seen:
            if at is person:
                return True
            seen.add(id(at))
            there = at.values.get("referrer")
            at = self._by_id.get(there) if isinstance(there, int) else there or None
        return False

    @cached_property
    def _by_id(self) -> dict[int, Person]:
        return {person.id: person for person in self.members if person.id is not None}

    def _ask(self) -> None:
        """Note new members of whose name there is another: told apart by their numbers, but who knows."""
        in_order: set[str] = set()
        for person in self.out.people:
            if person.name and person.row and len(self.by_name[person.name]) > 1:
                sheet, position = person.row
                if (sheet.at, sheet.numbers[position]) not in self.row_policies:
                    if person.name not in in_order:
                        self.by_name[person.name].sort(key=_came)
                        in_order.add(person.name)
                    sheet.same_name[position] = self.by_name[person.name]


def _came(person: Person) -> tuple[int, int]:
    """Those of the shop first, then those of the file by their rows."""
    if person.row is None:
        return -1, person.id or 0
    sheet, position = person.row
    return sheet.at, position


class _Bag:
    """A multiset that is used up."""

    def __init__(self, keys: Iterable[tuple[Any, ...]]) -> None:
        self.left: dict[tuple[Any, ...], int] = defaultdict(int)
        for key in keys:
            self.left[key] += 1

    def take(self, key: tuple[Any, ...]) -> bool:
        """Use one up; whether there was one."""
        if self.left.get(key, 0) > 0:
            self.left[key] -= 1
            return True
        return False


# ---------------------------------------------------------------- sales


class _Sales:
    """Recognises sales that are there already (rule 9.5) and links returns to what they take back."""

    def __init__(self, known: Known, out: Matched, tick: Callable[[], None]) -> None:
        self.known = known
        self.tick = tick
        self.out = out
        self.used: set[int] = set()

    def book(self, sheets: Sequence[tuple[Laid, list[Person | None]]]) -> None:
        """Decide all sales rows: first against equal lines, then against lines of the same receipt."""
        rows = [_SalesRows(sheet, people) for sheet, people in sheets]
        if self.known.lines:
            self._recognise(rows)
        for sheet in rows:
            sheet.add_to(self.out.lines)
        if min(self.out.lines.amount_fen, default=0) < 0:
            self._link()

    def _recognise(self, sheets: Sequence[_SalesRows]) -> None:
        if not self.known.lines:
            return
        waiting: list[tuple[_SalesRows, int]] = []
        # What is there word for word comes first: shops whose numbers begin anew give one to two people.
        for exactly in (True, False):
            for sheet in sheets:
                for position in compress(range(len(sheet.is_new)), list(sheet.is_new)):
                    if not position % _ROWS:
                        self.tick()
                    if self._is_there(sheet, position, exactly):
                        self._duplicate(sheet, position)
                    elif not exactly and sheet.columns[3][position] in self.known.by_order:
                        waiting.append((sheet, position))
        for sheet, position in waiting:
            if self._was_changed(sheet.laid, position, sheet.line(position)):
                self._duplicate(sheet, position)

    def _is_there(self, sheet: _SalesRows, position: int, exactly: bool) -> bool:
        """Whether the shop has this line; else by its receipt number, or by all but that number."""
        people, days, _, orders, _, _, items, _, _, quantities, fens, *_ = sheet.columns
        order, alike = orders[position], (items[position], fens[position], quantities[position])
        hers = (people[position].id, days[position], *alike)
        take = self._take
        if exactly:
            return take((*hers, order))
        # A receipt number on one side only says nothing about the other.
        return bool(order and take((order, *alike))) or take((*hers, "" if order else True))

    def _duplicate(self, sheet: _SalesRows, position: int) -> None:
        sheet.is_new[position] = False
        sheet.laid.fates[position] = Fate.DUPLICATE
        self.out.sales_duplicate += 1

    def _take(self, key: tuple[Any, ...]) -> bool:
        for place in self.known.alike.get(key, ()):
            if place not in self.used:
                self.used.add(place)
                return True
        return False

    def _was_changed(self, sheet: Laid, position: int, line: Line) -> bool:
        """Whether this is a line of a receipt that is there, in other words or with another amount."""
        for place in self.known.by_order[line.order_no]:
            there = self.known.lines[place]
            same_item = there.item == line.item or not there.item or not line.item
            if place in self.used or not same_item or (there.amount_fen < 0) != (line.amount_fen < 0):
                continue
            if there.day != line.day or there.member != line.person.id:
                continue
            self.used.add(place)
            if there.amount_fen != line.amount_fen:
                sheet.warn(position, sheet.column_of("amount"), "order_changed", known=there.amount_fen / 100)
            return True
        return False

    def _link(self) -> None:
        """Give returns the line they take back, where only one comes into question."""
        lines = self.out.lines
        owners = [person.id or id(person) for person in lines.person]
        returned = [place for place, fen in enumerate(lines.amount_fen) if fen < 0]
        keys = {
            place: (
                (lines.order_no[place], lines.item[place]),
                (owners[place], lines.item[place], -lines.amount_fen[place]),
            )
            for place in returned
        }
        # What may be taken back: its key -> what it is called in Lines.returns, its day, its amount.
        bought: dict[tuple[Any, ...], list[tuple[int, str, int]]] = {
            key: [] for both in keys.values() for key in both
        }
        for known in self.known.lines:
            if known.amount_fen > 0:
                entry = (~known.id, known.day, known.amount_fen)
                if known.order_no and (found := bought.get((known.order_no, known.item))) is not None:
                    found.append(entry)
                key = (known.member, known.item, known.amount_fen)
                if known.item and known.member is not None and (found := bought.get(key)) is not None:
                    found.append(entry)
        columns = zip(owners, lines.day, lines.order_no, lines.item, lines.amount_fen, strict=True)
        for place, (owner, day, order_no, item, fen) in enumerate(columns):
            if fen > 0:
                if order_no and (found := bought.get((order_no, item))) is not None:
                    found.append((place, day, fen))
                if item and (found := bought.get((owner, item, fen))) is not None:
                    found.append((place, day, fen))
        taken: set[int] = set()
        for place in returned:
            by_order, by_owner = keys[place]
            day, fen = lines.day[place], -lines.amount_fen[place]
            for wanted in (bought[by_order] if by_order[0] else (), bought[by_owner] if by_owner[1] else ()):
                fitting = [
                    what for what, then, paid in wanted if then <= day and paid >= fen and what not in taken
                ]
                if len(fitting) == 1:
                    taken.add(fitting[0])
                    lines.returns[place] = fitting[0]
                    break


class _SalesRows:
    """The rows of a sales sheet, and which of them are still to be written."""

    _COLUMNS = (
        "sale_day", "at", "order_no", "staff", "sale_note", "item", "line_size", "colour", "qty", "amount",
        "category", "article_no", "list_fen",
    )  # fmt: skip

    def __init__(self, laid: Laid, people: list[Person | None]) -> None:
        self.laid = laid
        lacking: dict[str, list[Any]] = {"list_fen": [None] * len(people)}
        empty = [""] * len(people)
        self.columns: list[list[Any]] = [
            people, *(laid.values.get(name) or lacking.get(name, empty) for name in self._COLUMNS)
        ]  # fmt: skip
        self.is_new = [
            person is not None and not fate for person, fate in zip(people, laid.fates, strict=True)
        ]

    def line(self, position: int) -> Line:
        """The line of a row."""
        return Line(*(column[position] for column in self.columns))

    def add_to(self, lines: Lines) -> None:
        """Put these rows behind the others to be written."""
        everything = all(self.is_new)
        for name, values in zip(Line._fields, self.columns, strict=True):
            before, new = getattr(lines, name), values if everything else list(compress(values, self.is_new))
            setattr(
                lines, name, [*before, *new] if before else new
            )  # shared with the sheet: not to be changed


__all__ = ["Contact", "Line", "Lines", "Matched", "Person", "Visit", "match", "said"]
