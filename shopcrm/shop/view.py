"""Reading for the screen: plain data out, on a connection of its own, never a write."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from shopcrm.basics import texts
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import (
    TYPE_KEYS,
    AuditTrail,
    AwayRow,
    BatchRow,
    BestFifth,
    BinRow,
    ChangeRow,
    ComplaintRow,
    Conversion,
    DayEntry,
    DayList,
    Effect,
    EffectAsk,
    EventDraft,
    EventRow,
    FootfallDay,
    Holdout,
    ItemHint,
    LeavingPlan,
    Likeness,
    MemberCard,
    MemberId,
    MemberRow,
    MergedRow,
    MergePreview,
    Message,
    MonthSales,
    OccasionRow,
    OwnField,
    Query,
    Rating,
    ReturnableLine,
    RevealRow,
    RuleRow,
    SaleId,
    SaleRow,
    Sentence,
    SlotRow,
    StaffFigures,
    StaffId,
    StaffRow,
    Strategy,
    TaskId,
    TaskRow,
    TriedOut,
    TypeCount,
    TypeKey,
    VisitId,
    VisitRow,
    WantedRow,
    WithheldRow,
    Wording,
    WordingGap,
)
from shopcrm.basics.rights import sees_phones
from shopcrm.basics.values import search_parts
from shopcrm.rules.calibration import Limits
from shopcrm.shop import changes, events, followups, types
from shopcrm.store import (
    Rx,
    audit,
    backup,
    complaints,
    footfall,
    has_records,
    journal,
    listing,
    pins,
    reveals,
    sales,
    settings,
    wanted,
)
from shopcrm.store import members as people
from shopcrm.store.finding import Feed, Finder

ABSENT_DAYS = 60  # of the quick chip
SPEND12_FEN = 300_000
_POPULAR_DAYS = 30  # articles of so many days count as popular
_LOG_LINES = 50
_QUARTER = 15  # minutes
_ARRIVED_DAYS = 30  # so long the book still shows what came in
_TOLD_DAYS = 7  # so long the owner is told that a command took a PIN away
_REMEMBERED = 64  # answers: the list of the day, and the cards that were looked at last

T = TypeVar("T")


class ShopView:
    """Every read of the pages. One thread at a time; cheap enough for the window's own (pages of a few
    hundred rows).

    Once it is said who looks (`act_as`), whatever tells of members goes through `_shown`, which masks phone
    numbers for who may not see them; nobody asked about sees them whole.
    """

    def __init__(self, rx: Rx, clock: Callable[[], datetime], feed: Feed | None = None) -> None:
        self._rx = rx
        self._finder = Finder(rx, feed or Feed())
        self._clock = clock
        self._answers: dict[object, Any] = {}
        self._answers_of: object = None
        self._looking: tuple[StaffId | None] | None = None

    def act_as(self, actor: StaffId | None) -> None:
        """From now on somebody else looks (None: nobody in particular): phone numbers are masked for who may
        not see them (basics.rights), and what was answered is forgotten where it would be another answer."""
        saw = self.sees_phones()
        self._looking = (actor,)
        self._answers.pop("sees", None)
        if self.sees_phones() != saw:
            self._answers = {}

    @property
    def today(self) -> date:
        """Today, by the clock of the shop."""
        return self._clock().date()

    def has_records(self) -> bool:
        """Whether the shop holds anything worth a backup."""
        return has_records(self._rx)

    def shop_key(self) -> str:
        """What tells copies of this shop from those of another one in the same folder."""
        return backup.shop_of(self._rx)

    def entered_ahead(self) -> date | None:
        """The day on which something was entered that lies ahead of today, so that the computer's date can
        hardly be right; else None."""
        newest = journal.newest_day(self._rx)
        return newest if newest is not None and newest > self.today else None

    def pin_resets(self) -> tuple[str, ...]:
        """Whose PIN was lately taken away by a command, by name."""
        return tuple(pins.resets(self._rx, self._clock() - timedelta(days=_TOLD_DAYS)))

    def audit(self, most: int) -> AuditTrail:
        """The newest lines of the audit trail, and whether all of it is as it was written."""
        return AuditTrail(
            tuple(audit.lines(self._rx, most)), audit.how_many(self._rx), audit.first_fault(self._rx)
        )

    # ------------------------------------------------------------ members

    def ids(self, query: Query) -> array[int]:
        """The ids of the members a query finds, in its order."""
        return listing.ids(self._rx, self._allowed(query), self.today)

    def rows(self, ids: Sequence[int]) -> list[MemberRow]:
        """The rows of these members, in this order; missing ones are left out."""
        return self._shown(listing.rows(self._rx, ids))

    def count(self, query: Query) -> int:
        """How many members a query finds."""
        return listing.count(self._rx, self._allowed(query), self.today)

    def unseen(self, years: int | None = None) -> tuple[MemberId, ...]:
        """Who has given no sign for so many years (default: the shop's setting), longest ago first; not for
        the window's thread."""
        from shopcrm.shop import privacy

        return privacy.unseen(self._rx, self.today, years)

    def notice(self) -> tuple[tuple[str, str], ...]:
        """The notice to customers, heading and words of each part."""
        from shopcrm.shop import privacy

        return privacy.notice(self._rx)

    def notice_text(self) -> str:
        """The same as one text, to be copied."""
        from shopcrm.shop import privacy

        return privacy.notice_text(self._rx, self.today)

    def total(self) -> int:
        """How many members there are, without the deactivated ones."""
        return int(self._remembered("total", lambda: listing.total(self._rx)))

    def search(self, text: str, limit: int = 6) -> list[MemberRow]:
        """Whom a few characters find: digits of the phone (the end first), pinyin, name, card number; within
        these the most recent visitor first. Each row tells the key that matched."""
        hits = dict(self._finder.find(search_parts(text, by_tail=not self.sees_phones()), limit))
        found = listing.rows(self._rx, list(hits))
        return self._shown([row._replace(matched=hits[row.id]) for row in found])

    def get_ready_to_search(self) -> None:
        """Read what `search` keeps in memory, which takes a moment; `search` would do it itself."""
        self._finder.follow()

    def member(self, member: MemberId) -> MemberCard | None:
        """The whole card, None if she does not exist."""
        found: MemberCard | None = self._remembered(("member", member), partial(self._card, member))
        return found

    def _card(self, member: MemberId) -> MemberCard | None:
        card = listing.card(self._rx, member)
        if card is None:
            return None
        verdict = types.explain(self._rx, member)
        open_tasks = followups.open_of(self._rx, member, self.today)
        wishes = tuple(
            wish for wish in wanted.of_member(self._rx, member) if wish.state == "open" or wish.told == "open"
        )
        angry = tuple(row for row in complaints.of_member(self._rx, member) if row.state == "open")
        return self._shown(card._replace(verdict=verdict, task=open_tasks, wanted=wishes, complaints=angry))

    def rank(self, member: MemberId) -> int | None:
        """Her rank among the members who bought, 0-100, by how likely each is to buy again; None if she never
        did. Some hundredths of a second in a large shop: off the window's thread."""
        return types.rank(self._rx, member)

    def own_fields(self, *, gone: bool = False) -> tuple[OwnField, ...]:
        """The shop's own fields of a member in their order; with `gone` those put away, too, at the end."""
        return tuple(field for field in people.own_fields(self._rx) if gone or not field.gone)

    def changes(self, member: MemberId) -> tuple[ChangeRow, ...]:
        """How her particulars changed, field by field, the newest step first; not for the window's thread."""
        return self._shown(changes.of_member(self._rx, member))

    def tags(self) -> tuple[str, ...]:
        """Every tag in use, the most frequent first."""
        found: Counter[str] = Counter()
        for text, often in people.tags(self._rx):
            for tag in listing.split_words(text):
                found[tag] += often
        return self._shown(tuple(sorted(found, key=lambda tag: (-found[tag], tag))))

    # ------------------------------------------------------------ two who are one, and what is put away

    def merge_preview(self, keep: MemberId, gone: MemberId) -> MergePreview:
        """Two members side by side before one is merged into the other. Refusals as `Merging.merge`."""
        from shopcrm.shop import merging

        return self._shown(merging.preview(self._rx, keep, gone))

    def likely_same(self, member: MemberId, limit: int = 6) -> tuple[Likeness, ...]:
        """Who may be the same person as a member, the likeliest first."""
        from shopcrm.shop import merging

        return self._shown(merging.likely(self._rx, member, limit))

    def merged_into(self, keep: MemberId) -> tuple[MergedRow, ...]:
        """Who was merged into a member, the latest first."""
        from shopcrm.shop import merging

        return self._shown(merging.merged(self._rx, keep))

    def bin(self) -> tuple[BinRow, ...]:
        """Void receipts and visits, deactivated and merged members of the last 180 days, newest first."""
        from shopcrm.shop import merging

        return self._shown(merging.put_away(self._rx, self.today))

    # ------------------------------------------------------------ the shop in figures

    def chip_counts(self, day: date) -> dict[str, int]:
        """The numbers on the chips, of the whole shop: each type, absent, birthday, spend12, no_size,
        bad_phone, archived, and `staff.<id>` for each assistant who has members."""
        counts = dict.fromkeys(map(str, TYPE_KEYS), 0) | listing.type_sizes(self._rx)
        counts |= {
            "absent": self.count(Query(absent_days=ABSENT_DAYS)),
            "birthday": self.count(Query(birthday_months=frozenset({day.month}))),
            "spend12": self.count(Query(spend12_fen=SPEND12_FEN)),
            "no_size": self.count(Query(no_size=True)),
            "bad_phone": self.count(Query(bad_phone=True)),
            "archived": self.count(Query(archived=True)),
        }
        return counts | {f"staff.{person}": n for person, n in listing.staff_counts(self._rx).items()}

    def frequent(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """The words one may filter by, the most frequent first, each with how many members have it:
        by `size_top`, `size_bottom`, `size_shoe`, `likes`, `tags`, `own.<field>`."""
        found: dict[str, tuple[tuple[str, int], ...]] = self._remembered(
            "frequent", lambda: self._shown(listing.frequent(self._rx))
        )
        return found

    def type_counts(self) -> tuple[TypeCount, ...]:
        """The four types in their order: members now and at the end of last month, spend of 12 months."""
        month_end = self.today.replace(day=1) - timedelta(days=1)
        found = listing.type_counts(self._rx, month_end)
        return tuple(found.get(key) or TypeCount(key, 0, 0) for key in TYPE_KEYS)

    def best_fifth(self) -> BestFifth:
        """The fifth of the members who spent most in 12 months; not for the window's thread."""
        return listing.best_fifth(self._rx)

    def months(self) -> tuple[MonthSales, ...]:
        """Net sales of the last twelve calendar months, the oldest first."""
        from shopcrm.reports import months

        return months.net_sales(self._rx, self.today)

    # ------------------------------------------------------------ to-dos

    def day_list(self, staff: StaffId | None = None, *, whole: bool = True) -> DayList:
        """The to-dos of today in working order, who likes to be called at another hour last; those one person
        shall do if named, of `POOL` those nobody has. Without the `whole` those behind the capacity are only
        counted."""
        time = self._quarter()
        ask = partial(self._day_list, staff, whole, time)
        answer: DayList = ask() if whole else self._remembered(("days", staff, time), ask)
        return answer

    def first_tasks(self) -> tuple[TaskId, ...]:
        """The to-dos in today's list, as soon as they can be known."""
        return followups.by_the_hour(self._rx, followups.first_of(self._rx, self.today), self._quarter())

    def _quarter(self) -> str:
        """The time by quarters of an hour: the list is not another every minute."""
        now = self._clock()
        return f"{now:%H}:{now.minute - now.minute % _QUARTER:02}"

    def _day_list(self, staff: StaffId | None, whole: bool, time: str) -> DayList:
        found = followups.day_list(self._rx, self.today, staff, whole=whole)
        return found._replace(open=followups.by_the_hour(self._rx, found.open, time))

    def tasks(self, ids: Sequence[TaskId]) -> list[TaskRow]:
        """The rows of these to-dos, in this order."""
        return self._shown(followups.task_rows(self._rx, ids, self.today))

    def message(self, task: TaskId, variant: int = 0) -> Message:
        """What to say for a to-do; `variant` counts through the wordings."""
        ask = partial(followups.message, self._rx, task, variant, self.today)
        found: Message = self._remembered(("message", task, variant), ask)
        return found

    def tomorrow(self, staff: StaffId | None = None) -> tuple[DayList, int]:
        """The list of tomorrow as far as it is known today, and how many on it said they would come then."""
        day = self.today + timedelta(days=1)
        found = followups.day_list(self._rx, day, staff, whole=False)
        rows = followups.task_rows(self._rx, found.open, self.today)
        return found, sum(row.appointment == day for row in rows)

    def cautions(self, row: TaskRow) -> tuple[Sentence, ...]:
        """What speaks against contacting her just now for this to-do: said before, never in the way."""
        return self._shown(followups.cautions(self._rx, row, self._clock()))

    def staff_figures(self) -> dict[StaffId, StaffFigures]:
        """What everybody has, did this month and looked at today; who has and did nothing is left out."""
        from shopcrm.shop import handover

        return handover.figures(self._rx, self.today)

    def leaving(self, staff: StaffId, to: Sequence[StaffId]) -> LeavingPlan:
        """What becomes of somebody's members and to-dos when she leaves and these take over. Raises as
        `HandOver.leave`."""
        from shopcrm.shop import handover

        return handover.plan(self._rx, staff, to, self.today)

    # ------------------------------------------------------------ what is said

    def occasions(self) -> tuple[OccasionRow, ...]:
        """Every occasion on which something is said, in the order of the rules."""
        from shopcrm.shop import words

        return words.occasions(self._rx)

    def wordings(self, occasion: str) -> tuple[Wording, ...]:
        """The wordings of an occasion in the language in force: own ones, those of the program, removed ones;
        the first two in the order of 换一句."""
        from shopcrm.shop import words

        return words.of_occasion(self._rx, occasion)

    def slots(self, occasion: str) -> tuple[SlotRow, ...]:
        """The words in 〔…〕 that stand for something of each member, and which are known on an occasion."""
        from shopcrm.shop import words

        return words.slots(self._rx, occasion)

    def wording_examples(self, occasion: str) -> tuple[MemberId, ...]:
        """Members to try a wording out on, some twenty; those with a to-do of the occasion first."""
        from shopcrm.shop import words

        return words.examples(self._rx, occasion)

    def tried_out(self, occasion: str, typed: str, member: MemberId | None) -> TriedOut:
        """A wording as it is being typed: what is wrong with it, and what it says to a member."""
        from shopcrm.shop import words

        return words.tried_out(self._rx, occasion, typed, member, self.today)

    def strategy(self, type: TypeKey) -> Strategy:
        """How a type is treated: as the owner wrote it, else as recommended."""
        from shopcrm.shop import words

        found: Strategy = self._remembered(("strategy", type), lambda: words.strategy(self._rx, type))
        return found

    def rules(self) -> tuple[RuleRow, ...]:
        """Every follow-up rule with the values in force beside those recommended, and their limits."""
        from shopcrm.shop import rulebook

        return rulebook.rule_rows(self._rx, self.today)

    def would_make(
        self, values: Mapping[str, object], day: date | None = None, progress: Progress = SILENT
    ) -> Mapping[str, int]:
        """How many members would stand on the list of a day (today), shown or waiting, by the rule of their
        to-do, were these settings in force; not for the window's thread.

        InputError for a value `settings.set_many` would refuse; Cancelled.
        """
        from shopcrm.shop import rulebook

        return rulebook.would_make(self._rx, values, day or self.today, progress)

    def withheld(self, day: date | None = None) -> tuple[WithheldRow, ...]:
        """Who would stand on the list of a day (today) but must not be contacted, by type and name; the first
        time not for the window's thread."""
        from shopcrm.shop import rulebook

        on = day or self.today
        ask = partial(rulebook.withheld, self._rx, on)
        found: tuple[WithheldRow, ...] = self._shown(self._remembered(("withheld", on), ask))
        return found

    def open_count(self) -> int:
        """How many to-dos of today are open."""
        return len(self.day_list(whole=False).open)

    def events(self, *, gone: bool = False) -> tuple[EventRow, ...]:
        """The book of occasions, those that come next first; with `gone` also those removed."""
        return events.in_the_book(self._rx, self.today, gone=gone)

    def events_ahead(self, day: date, days: int) -> tuple[EventRow, ...]:
        """The occasions that begin after `day` and within so many days, the nearest first."""
        return events.ahead(self._rx, day, days)

    def events_offered(self) -> tuple[EventDraft, ...]:
        """Festivals and shopping days ready to be added, without those in the book."""
        return events.offered(self._rx)

    # ------------------------------------------------------------ did the follow-ups help

    def effect(self, days: int) -> Effect:
        """The contacts of the last so many days, today included, and what followed on each within the days of
        the setting `effect_days`; not for the window's thread."""
        from shopcrm.shop import effect

        return effect.effect(self._rx, self.today - timedelta(days=days - 1), self.today)

    def effect_members(self, ask: EffectAsk) -> tuple[MemberId, ...]:
        """Who stands behind a figure of `effect`; not for the window's thread."""
        from shopcrm.shop import effect

        return effect.people(self._rx, ask, self.today)

    def wordings_compared(self, found: Effect) -> tuple[WordingGap, ...]:
        """Of each occasion the two wordings used most, compared fairly."""
        from shopcrm.shop import effect

        return effect.wordings_compared(found.wordings)

    def holdout(self) -> Holdout:
        """Those on the list against those left out, rule by rule; not for the window's thread."""
        from shopcrm.shop import effect

        return effect.holdout(self._rx, self.today)

    def drawn(self, rule: str, *, held: bool) -> tuple[MemberId, ...]:
        """Who was ever drawn into one group of a rule, the latest first."""
        from shopcrm.shop import effect

        return effect.drawn(self._rx, rule, held=held)

    def away(self, days: int) -> tuple[AwayRow, ...]:
        """Why people said they stay away, in the last so many days."""
        from shopcrm.shop import effect

        return effect.away(self._rx, self.today - timedelta(days=days - 1), self.today)

    def away_members(self, days: int, reason: str, kind: str = "") -> tuple[MemberId, ...]:
        """Who gave a reason in the last so many days, of one type or of all; the latest first."""
        from shopcrm.shop import effect

        return effect.away_people(self._rx, reason, kind, self.today - timedelta(days=days - 1), self.today)

    # ------------------------------------------------------------ the rest

    def staff(self) -> tuple[StaffRow, ...]:
        """Everybody who works or worked here."""
        return settings.staff(self._rx)

    def batches(self) -> tuple[BatchRow, ...]:
        """All imports, newest first."""
        return listing.batches(self._rx, self.today)

    def log(self, day: date) -> tuple[DayEntry, ...]:
        """What was entered by hand on a day and was not undone, newest first, void ones included."""
        return self._shown(sales.log(self._rx, day, _LOG_LINES))

    def sale(self, sale: SaleId) -> SaleRow | None:
        """One receipt with its lines, void or not; None if there is no such receipt."""
        return self._shown(sales.receipt(self._rx, sale))

    def visit(self, visit: VisitId) -> VisitRow | None:
        """One visit, void or not; None if there is no such visit."""
        return self._shown(sales.visit_row(self._rx, visit))

    def returnable(self, member: MemberId) -> tuple[ReturnableLine, ...]:
        """What she bought and may still bring back, newest first, with the pieces and money left."""
        return sales.returnable(self._rx, member)

    def anonymous(self, days: int) -> tuple[SaleRow, ...]:
        """Receipts without a member of the last `days` days, today included; newest first, void ones left
        out."""
        return self._shown(sales.anonymous(self._rx, self.today - timedelta(days=days - 1)))

    def items(self, member: MemberId | None, text: str, limit: int = 6) -> list[ItemHint]:
        """Articles that fit what is typed: hers first, then what sold in the last days."""
        since = self.today - timedelta(days=_POPULAR_DAYS)
        return sales.item_hints(self._rx, member, text, since, limit)

    # ------------------------------------------------------------ complaints

    def complaints(self, member: MemberId | None = None) -> list[ComplaintRow]:
        """All complaints of a member, open ones first; without one, every open one, the most urgent first."""
        if member is None:
            return self._shown(complaints.still_open(self._rx))
        return self._shown(complaints.of_member(self._rx, member))

    def ratings(self) -> dict[str, Rating]:
        """The marks of the last twelve months by kind: satisfaction (mean), recommend (net promoters)."""
        return complaints.ratings(self._rx, self.today - timedelta(days=364), self.today)

    # ------------------------------------------------------------ wanted items, footfall

    def wanted(self, text: str = "", state: str = "open") -> list[WantedRow]:
        """The wanted-item book by article, size and colour: wishes that are `open`, that `arrived` in the
        last 30 days, or were `dropped`; only what a text finds (article, size, colour, note, member; pinyin
        too)."""
        since = self.today - timedelta(days=_ARRIVED_DAYS) if state == "arrived" else None
        return self._shown(wanted.listed(self._rx, text, state, since, masked=not self.sees_phones()))

    def wanted_count(self) -> int:
        """How many people wait for something."""
        return wanted.waiting(self._rx)

    def footfall(self, day: date | None = None) -> FootfallDay | None:
        """Who was counted coming in on a day, today if none is named; None where nobody counted."""
        return footfall.of_day(self._rx, day or self.today)

    def conversion(self, days: int = 30) -> Conversion:
        """成交率 of the last so many days, today included: receipts with something sold over people counted,
        both only of the days that were counted."""
        return footfall.conversion(self._rx, self.today - timedelta(days=days - 1), self.today)

    def her_size(self, member: MemberId, item: str) -> str:
        """Her size for an article: as she last took it, else for that kind of garment; empty if unknown."""
        return sales.her_size(self._rx, member, item)

    def setting(self, key: str) -> object:
        """The value of a setting in force."""
        return settings.value(self._rx, key)

    def limits(self) -> Limits:
        """The thresholds in force with the calibration they come from."""
        return types.limits(self._rx)

    # ------------------------------------------------------------ who sees whole numbers

    def sees_phones(self) -> bool:
        """Whether whoever looks sees whole phone numbers on the screen."""
        if self._looking is None:
            return True
        return bool(self._remembered("sees", partial(self._sees, self._looking[0])))

    def _sees(self, actor: StaffId | None) -> bool:
        return sees_phones(actor, self.staff(), bool(self.setting("staff.hide_phones")))

    def _allowed(self, query: Query) -> Query:
        """A query that does not find by the digits that whoever looks may not see."""
        return query if self.sees_phones() else replace(query, by_tail=True)

    def _shown(self, answer: T) -> T:
        if self.sees_phones():
            return answer
        from shopcrm.basics.masking import masked

        return masked(answer)

    def reveals_left(self) -> int:
        """How many more members' numbers whoever looks may look at today, where she sees them masked."""
        most = int(str(self.setting("staff.reveals_a_day")))
        actor = None if self._looking is None else self._looking[0]
        return most if actor is None else max(0, most - reveals.of_day(self._rx, actor, self.today))

    def reveals(self) -> tuple[RevealRow, ...]:
        """Who looked at how many members' numbers in the last days, whoever did most first."""
        return reveals.by_person(self._rx, self.today)

    def _remembered(self, question: object, ask: Callable[[], object]) -> Any:
        """The answer to a question asked often, as long as nothing in the file has changed."""
        state = self._rx.version(), self.today, texts.language()
        if state != self._answers_of or len(self._answers) >= _REMEMBERED:
            self._answers, self._answers_of = {}, state
        if question not in self._answers:
            self._answers[question] = ask()
        return self._answers[question]

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        self._rx.close()
