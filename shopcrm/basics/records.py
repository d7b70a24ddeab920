"""Plain data that crosses the door between the shop and its two front ends.

Everything is frozen: named tuples, because a dataclass takes seven times as long to make at every start.
Days are `datetime.date`, amounts whole fen, phones in the key form of `values`. Drafts go in (already parsed
values); rows, cards and `Done` come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Generic, Literal, NamedTuple, NewType, TypeVar

MemberId = NewType("MemberId", int)
SaleId = NewType("SaleId", int)
VisitId = NewType("VisitId", int)
TaskId = NewType("TaskId", int)
StaffId = NewType("StaffId", int)
BatchId = NewType("BatchId", int)
WantedId = NewType("WantedId", int)
ComplaintId = NewType("ComplaintId", int)
EventId = NewType("EventId", int)

TypeKey = Literal["loyal", "potential", "drifting", "lost"]
TYPE_KEYS: tuple[TypeKey, ...] = ("loyal", "potential", "drifting", "lost")  # the order everywhere on screen

T_co = TypeVar("T_co", covariant=True)


class Sentence(NamedTuple):
    """A sentence not yet worded: a text id and its values; `texts.t(s.id, **s.values)` words it."""

    id: str
    values: Mapping[str, object] = MappingProxyType({})


# ---------------------------------------------------------------- what changed


class Touched(NamedTuple):
    """A set of ids that may be everything."""

    ids: frozenset[int] = frozenset()
    all: bool = False

    def __bool__(self) -> bool:
        return self.all or bool(self.ids)

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.ids | other.ids, self.all or other.all)


ALL = Touched(all=True)
NONE = Touched()


class Changes(NamedTuple):
    """What one write touched; delivered after the commit, and the only thing views refresh from."""

    members: Touched = NONE
    sales: Touched = NONE
    visits: Touched = NONE
    tasks: Touched = NONE
    types: Touched = NONE  # members whose verdict changed
    settings: bool = False
    batches: bool = False
    footfall: bool = False

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            self.members | other.members, self.sales | other.sales, self.visits | other.visits,
            self.tasks | other.tasks, self.types | other.types,
            self.settings or other.settings, self.batches or other.batches,
            self.footfall or other.footfall,
        )  # fmt: skip


EVERYTHING = Changes(ALL, ALL, ALL, ALL, ALL, True, True, True)


class Done(NamedTuple, Generic[T_co]):
    """A finished write: its result, what it touched, the sentence for the toast, and whether undo can take it
    back."""

    value: T_co
    changes: Changes
    sentence: Sentence
    entry: int | None = None  # journal entry; None = nothing to undo


# ---------------------------------------------------------------- types


class Evidence(NamedTuple):
    """One compared figure of a verdict: `sentence` as on the card (ev.*), and whether the test held."""

    sentence: Sentence
    holds: bool


class Verdict(NamedTuple):
    """The type of one member on one day, with the reason made by the comparisons that decided."""

    type: TypeKey
    code: str  # LOYAL_FREQ, POT_VISIT ...
    reason: Sentence  # id reason.<code in lower case>
    score: float
    evidence: tuple[Evidence, ...] = ()
    p90: float | None = None  # only when the fit may be shown


# ---------------------------------------------------------------- rows and cards


@dataclass(frozen=True, slots=True)
class Query:
    """Which members, in which order; within a group of filters OR, between groups AND."""

    text: str = ""
    types: frozenset[TypeKey] = frozenset()
    absent_days: int | None = None  # last purchase at least so many days ago
    within_days: int | None = None  # last purchase at most so many days ago
    n12: int | None = None  # bought at least so often in 12 months
    spend12_fen: int | None = None  # at least
    birthday_months: frozenset[int] = frozenset()
    staff: frozenset[StaffId] = frozenset()  # 0: those without an own assistant
    sizes: frozenset[tuple[str, str]] = frozenset()  # (size_top ..., size)
    likes: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()  # referred, hand, batch.<id>
    own: frozenset[tuple[int, str]] = frozenset()  # (own field, value); OR within a field
    no_size: bool = False
    bad_phone: bool = False
    archived: bool = False
    only: tuple[int, ...] | None = None  # exactly these members
    by_tail: bool = False  # digits of the text find the end of a number or all of it, as `search_parts`
    sort: str = "last"  # last, name, n12, spend12, spend, joined, score, next
    descending: bool = True


class MemberRow(NamedTuple):
    """One row of the member list and of search results."""

    id: MemberId
    name: str
    phones: tuple[str, ...]
    type: TypeKey | None
    reason: Sentence | None
    last_day: date | None
    n12: int
    spend12_fen: int
    spend_fen: int
    next_due: date | None
    sizes: str
    staff: str
    joined: date | None
    birthday: str  # Birthday.key
    phone_wrong: bool = False
    matched: str = ""  # of a search: the key of hers that holds what was typed


class LineRow(NamedTuple):
    """One article of a receipt."""

    id: int
    item: str
    size: str
    colour: str
    qty: int
    amount_fen: int
    returns_line: int | None
    returned_fen: int  # already taken back of it
    returned_qty: int = 0
    category: str = ""
    article_no: str = ""
    list_fen: int | None = None  # by the price tags, of the whole line, of a return negative; None: unknown


class SaleRow(NamedTuple):
    """One receipt with its lines."""

    id: SaleId
    member: MemberId | None
    day: date
    at: str
    order_no: str
    staff: str
    lines: tuple[LineRow, ...]
    voided: bool = False
    staff_id: StaffId | None = None
    note: str = ""
    void_reason: str = ""

    @property
    def total_fen(self) -> int:
        """Sum of the lines, returns negative."""
        return sum(line.amount_fen for line in self.lines)


class FittingDraft(NamedTuple):
    """One article tried on at a visit, going in and coming out."""

    item: str
    size: str = ""
    liked: bool = False


class VisitRow(NamedTuple):
    """One visit without a purchase."""

    id: VisitId
    member: MemberId
    day: date
    at: str
    kind: str  # tried, asked, looked
    items: str
    reasons: tuple[str, ...]
    says: str
    staff: str
    fittings: tuple[FittingDraft, ...] = ()
    remind: date | None = None  # day of the to-do set with it, while that is open
    voided: bool = False
    staff_id: StaffId | None = None


class ReturnableLine(NamedTuple):
    """An article she bought of which something may still come back."""

    line: int
    sale: SaleId
    day: date
    item: str
    size: str
    colour: str
    qty: int  # pieces and money left to return, not what was bought
    fen: int


class ContactRow(NamedTuple):
    """One contact that happened."""

    id: int
    member: MemberId
    day: date
    at: str
    channel: str
    outcome: str
    reason: str
    next_day: date | None
    note: str
    staff: str


class MemberCard(NamedTuple):
    """Everything the member card shows."""

    id: MemberId
    name: str
    call_name: str
    phones: tuple[str, ...]
    card_no: str
    gender: str
    birthday: str
    joined: date | None
    staff_id: StaffId | None
    staff: str
    referrer_id: MemberId | None
    referrer: str
    wechat: str
    size_top: str
    size_bottom: str
    size_shoe: str
    height: str
    weight: str
    likes: tuple[str, ...]
    avoids: tuple[str, ...]
    tags: tuple[str, ...]
    notes: str
    no_call: bool
    no_message: bool
    pause_until: date | None
    phone_wrong: bool
    archived: bool
    verdict: Verdict | None
    last_day: date | None
    n12: int
    spend12_fen: int
    spend_fen: int
    n: int
    sales: tuple[SaleRow, ...] = ()  # newest first
    visits: tuple[VisitRow, ...] = ()
    contacts: tuple[ContactRow, ...] = ()
    task: TaskRow | None = None  # the open to-do shown today, if any
    no_sms: bool = False  # no_message speaks of WeChat
    consent: str = ""  # "" nobody asked, yes, no: may the shop contact her; after a no nobody does
    consent_on: date | None = None  # the day she said so
    consent_by: str = ""  # who said so, as written
    best_time: str = ""  # HH:MM-HH:MM, an end may be empty; "" any time
    own: tuple[tuple[int, str], ...] = ()  # (id of the own field, value), in the order of the fields
    own_names: tuple[str, ...] = ()  # of the fields in `own`
    same_phone: tuple[tuple[MemberId, str], ...] = ()  # others on one of her numbers, by name
    referrals: int = 0  # how many members she brought
    erased: bool = False
    merged_into: MemberId | None = None
    wanted: tuple[WantedRow, ...] = ()  # her open wishes, and those that came in and wait to be told
    complaints: tuple[ComplaintRow, ...] = ()  # not settled

    @property
    def may_dial(self) -> bool:
        """Whether her number may be used: to call her or for a text message."""
        return not (self.no_call and self.no_sms) and self.consent != "no"

    @property
    def is_never(self) -> bool:
        """Whether nobody may contact her in any way."""
        return (self.no_call and self.no_message and self.no_sms) or self.consent == "no"


class OwnField(NamedTuple):
    """One of the shop's own fields of a member; `gone`: put away, its values are kept."""

    id: int
    name: str
    gone: bool = False
    filled: int = 0  # how many members have a value


class ChangeRow(NamedTuple):
    """One field of a member as one entry of the journal changed it, in words."""

    entry: int
    field: str  # a column of MemberDraft, phones, archived_on, pause_until ... or own.<id>
    label: str  # the field's name on the screen
    at: str  # YYYY-MM-DD HH:MM
    staff: str
    old: str  # "" it was empty
    new: str
    may_restore: bool  # the old value can be put back, and differs from what stands now


class TaskRow(NamedTuple):
    """One to-do as listed: whom, why, since when, until when."""

    id: TaskId
    member: MemberId
    name: str
    phones: tuple[str, ...]  # without those known to be wrong
    type: TypeKey
    rule: str  # L1, P3 ...
    step: int
    why: Sentence
    context: Sentence | None  # second line under the reason
    channel: str
    due: date
    expires: date
    overdue_days: int
    priority: float
    last_day: date | None
    last_item: str
    last_fen: int
    joined: date | None
    last_contact_day: date | None
    last_contact_outcome: str
    staff: str
    appointment: date | None
    tries: int
    snoozes: int
    state: str
    outcome: str
    closed_at: str
    closed_by: str
    copied: bool
    no_call: bool = False
    no_message: bool = False  # WeChat
    no_sms: bool = False
    best_time: str = ""  # HH:MM-HH:MM, an end may be empty
    staff_id: StaffId | None = None  # who shall do it; None: nobody in particular
    is_assigned: bool = False  # it was given to that person; else she is the member's own assistant
    is_forward: bool = False  # brought forward from those that wait, for today
    contact_at: str = ""  # of her newest contact, HH:MM where it was kept
    contact_by: str = ""
    is_own_contact: bool = False  # that contact was about this to-do
    closed_why: str = ""  # an outcome, counter, counter_bought, came ...
    reason: str = ""  # these three of today's outcome, for putting it right
    next_day: date | None = None
    note: str = ""

    @property
    def may_message(self) -> bool:
        """Whether she may be sent a message in some way."""
        return not (self.no_message and self.no_sms)

    @property
    def may_dial(self) -> bool:
        """Whether her number may be used: to call her or for a text message."""
        return not (self.no_call and self.no_sms)


class DayList(NamedTuple):
    """The day's to-dos in order: what is shown, what waits behind the capacity, what is done."""

    day: date
    open: tuple[TaskId, ...]  # within the shop's capacity, in working order
    waiting: tuple[TaskId, ...]  # due, but behind the capacity; only named where asked for
    done: tuple[TaskId, ...]  # outcomes recorded today, newest first
    behind: int = 0  # how many wait, named or not
    types: Mapping[int, TypeKey] = MappingProxyType({})  # type of every task above
    staff: Mapping[int, StaffId | None] = MappingProxyType({})  # who shall do it: assigned, else her own


POOL = StaffId(0)  # in place of a person: what nobody has, neither assigned nor a member with an assistant


class Share(NamedTuple):
    """What one person takes over of another's, by a plan not yet carried out."""

    staff: StaffId | None  # None: nobody, her members are left without an assistant
    name: str
    members: int
    types: Mapping[TypeKey, int]  # the same members by their types; who has none is in `members` alone
    tasks: int  # open to-dos, of those members or assigned


class StaffFigures(NamedTuple):
    """What one person has and did."""

    members: int  # of whom she is the own assistant
    contacts: int  # of this month
    reveals_today: int = 0  # members at whose whole number she looked


class RevealRow(NamedTuple):
    """At how many members' whole numbers somebody looked who sees them masked; one member counts once a
    day."""

    staff: StaffId
    name: str
    today: int
    week: int  # the last 7 days, today included
    month: int  # the last 30


class Taken(NamedTuple):
    """Lists of one kind somebody took out of the shop, as files or on paper."""

    what: str  # the list's name; "" where none was kept
    times: int
    rows: int  # in all of them


class LeavingPlan(NamedTuple):
    """What becomes of somebody's members and to-dos when she leaves, before it is done."""

    staff: StaffId
    name: str
    members: int  # without deactivated ones, which go along
    tasks: int
    shares: tuple[Share, ...]
    exports: int  # lists she took out of the shop
    last_export: date | None
    taken: tuple[Taken, ...] = ()  # the same lists by kind, the kind she took most of first
    reveals: int = 0  # members at whose whole number she ever looked
    reveals_month: int = 0  # in the last 30 days
    reveals_own: int = 0  # how many of all those are her own


class WithheldRow(NamedTuple):
    """Somebody who would stand on today's list, but must not be contacted."""

    member: MemberId
    name: str
    type: TypeKey
    rule: str  # of the to-do she would have
    why: Sentence  # the reason it would tell
    because: Sentence  # why nobody may contact her: withheld.<code>
    code: str  # never, consent, paused, complaint, wrong_number, no_way


STOPS = ("bought", "returned", "visited")  # what she may do that ends a to-do


class RuleValues(NamedTuple):
    """What an owner may change of a follow-up rule; days count from what the rule hangs on."""

    on: bool
    steps: tuple[int, ...]  # the day of each contact
    expires: int  # the last day of the last one
    again: int  # least days from one done to-do of the rule to the next; 0: no such limit
    channel: str  # call, message
    stops: tuple[str, ...] = ()  # of STOPS, in that order: what ends it before its time


class RuleRow(NamedTuple):
    """One follow-up rule as it works in this shop."""

    key: str  # L1 ...
    types: tuple[TypeKey, ...]  # whom it holds for, all four: everybody
    values: RuleValues  # in force
    default: RuleValues  # recommended; of a rule that `learns` as this shop's figures make it today
    is_own: bool  # the owner changed something
    learns: bool  # the recommended days follow the shop's own purchases
    sells: bool  # waits after a return and while a complaint is open
    step_limits: tuple[tuple[int, int], ...]  # least and most days of each step; steps must ascend
    expires_limits: tuple[int, int]  # never before the last step
    again_limits: tuple[int, int] | None  # None: the rule happens once for what it hangs on
    channels: tuple[str, ...]  # to choose from
    stop_choices: tuple[str, ...] = ()  # of STOPS, what may be switched on and off
    stops_anyway: tuple[str, ...] = ()  # whatever is chosen: it makes another type of her


GAP = "〔"  # opens a slot that is still to be filled in by hand


class Message(NamedTuple):
    """A suggested text, ready to paste."""

    template: str  # id of the template; own:<id> for one of the shop's own
    title: Sentence  # its name
    text: str
    variants: int  # how many wordings there are
    missing: tuple[str, ...] = ()  # what is not known of her, in words: what would have named it was left out
    has_gaps: bool = False  # nothing was left to say: the text still holds its slots, from GAP on


class Wording(NamedTuple):
    """One wording of an occasion, the shop's own or one that comes with the program."""

    id: str  # own:<id>, or the text id of one that comes with the program
    occasion: str  # rules.templates.occasion
    name: str
    words: str  # with its slots as they are typed, 〔…〕
    is_own: bool
    is_on: bool = True  # in the round of 换一句
    gone: bool = False  # an own one that was removed; restore brings it back
    staff: str = ""  # who made it
    made_on: date | None = None


class OccasionRow(NamedTuple):
    """One occasion on which something is said."""

    id: str  # text id of its name
    types: tuple[TypeKey, ...]  # whom its rule holds for; all four: everybody
    own: int  # wordings of the shop's own
    shipped: int  # that come with the program, in use


class SlotRow(NamedTuple):
    """A word that stands for something of each member."""

    id: str
    word: str  # as typed, with its brackets
    fits: bool = True  # it has a value on the occasion asked about


class TriedOut(NamedTuple):
    """A wording as it is being typed, tried out on one member."""

    name: str  # hers; "" without anybody to try it on
    text: str
    missing: tuple[str, ...]  # what is not known of her, in words
    unknown: tuple[str, ...]  # words in 〔…〕 that stand for nothing
    idle: tuple[str, ...]  # slots that are never known on this occasion
    has_gaps: bool = False  # nothing was left to say to her


class Strategy(NamedTuple):
    """How a type is treated: the strip above its list, and the card behind it."""

    title: str
    actions: tuple[str, ...]  # three at most
    goal: str
    do: str  # a line each
    dont: str  # a line each
    offer: str
    words: str = ""  # what to say: a wording of its main occasion, with its slots
    is_own: bool = False  # somebody changed it


class TypeCount(NamedTuple):
    """The overview's line of one type."""

    type: TypeKey
    members: int
    spend12_fen: int
    members_before: int | None = None  # at the end of last month


class BestFifth(NamedTuple):
    """The fifth of the members who spent most in 12 months, the best first, and their part of all that was
    spent."""

    members: tuple[MemberId, ...]
    share: float  # 0 to 1


class MonthSales(NamedTuple):
    """Net sales of one calendar month, named by its first day."""

    month: date
    net_fen: int


class StaffRow(NamedTuple):
    """One person who works here."""

    id: StaffId
    name: str
    role: str
    active: bool
    has_pin: bool = False
    rights: tuple[str, ...] = ()  # of an assistant, basics.rights.GRANTABLE


class Tried(NamedTuple):
    """What came of trying a PIN or a recovery code."""

    ok: bool
    looked: bool  # False: she has to wait, and it was not looked at
    left: int  # wrong tries that cost no wait
    wait: int  # seconds until the next try is looked at


class BatchRow(NamedTuple):
    """One import in the history."""

    id: BatchId
    at: str
    file: str
    staff: str
    members_new: int
    members_updated: int
    sales_new: int
    visits_new: int
    contacts_new: int
    rows_skipped: int
    undoable: bool
    undone: bool


class DayEntry(NamedTuple):
    """One line of 今天登记 on the counter."""

    kind: str  # sale, visit, member
    id: int
    at: str
    member: MemberId | None
    name: str
    fen: int
    visit_kind: str  # of a sale: exchange, or empty
    entry: int  # journal entry, for undo
    is_void: bool = False  # struck out since; restore_sale and restore_visit bring it back


class ComplaintRow(NamedTuple):
    """One complaint; `due` is the day by which she is to be called back."""

    id: ComplaintId
    member: MemberId
    name: str
    day: date
    level: str  # normal, serious
    words: str
    due: date
    state: str  # open, settled
    settled_on: date | None
    settlement: str
    compensation_fen: int
    staff: str


class Rating(NamedTuple):
    """The marks of one kind: how many, and their mean (1 to 5) or the net promoter score (-100 to 100)."""

    n: int
    value: float


class WantedRow(NamedTuple):
    """One wish of the wanted-item book: who asked for what that was not there."""

    id: WantedId
    member: MemberId
    name: str
    phones: tuple[str, ...]  # without those known to be wrong
    day: date
    item: str
    size: str
    colour: str
    note: str
    staff: str
    state: str  # open, arrived, dropped
    arrived_on: date | None = None
    told: str = ""  # state of the to-do that tells her it is in; "" without one

    @property
    def goods(self) -> tuple[str, str, str]:
        """What is asked for: article, size, colour."""
        return self.item, self.size, self.colour

    @property
    def words(self) -> str:
        """The same in one line."""
        return " ".join(filter(None, (self.item, self.colour, self.size)))


class FootfallDay(NamedTuple):
    """How many people came in on a day that was counted, in all and by the hour of the clock."""

    day: date
    people: int
    hours: tuple[tuple[int, int], ...]  # (hour, people), the early ones first


class Conversion(NamedTuple):
    """How many of those who came in bought, over the days on which people were counted; other days are
    unknown."""

    first: date  # the days looked at
    last: date
    days: int  # how many of them were counted
    people: int
    receipts: int  # with at least one article sold, on the counted days
    hours: tuple[tuple[int, int], ...] = ()  # (hour, people) over the counted days, the early ones first

    @property
    def rate(self) -> float | None:
        """成交率, receipts ÷ people (FEATURES glossary); None where nobody was counted."""
        return self.receipts / self.people if self.people else None


class EventRow(NamedTuple):
    """One event, festival or arrival of new things in the book of occasions, as entered; when it is next."""

    id: EventId
    kind: str  # EVENT_KINDS
    name: str
    day: str  # YYYY-MM-DD once, MM-DD every year, L:MM-DD every year by the lunar calendar
    until: str  # its last day in the same form; "" where it has none of its own
    offer: str
    item: str  # of new_in: the article she often buys
    types: tuple[TypeKey, ...]  # for whom; none: everybody
    lead: int  # days before it on which the to-dos are due
    first: date | None = None  # of the one that runs or comes next; None: over for good
    last: date | None = None  # last day on which its to-dos make sense
    gone: bool = False  # removed; restore brings it back


class ItemHint(NamedTuple):
    """A suggestion for the article field."""

    item: str
    amount_fen: int
    last_day: date | None  # when she bought it; None = popular in the shop
    size: str = ""  # hers: as she last bought it, else for that kind of garment
    category: str = ""  # these as they stood when it was last sold
    article_no: str = ""
    list_fen: int | None = None  # of one piece


class MergeField(NamedTuple):
    """One particular in which two members differ, worded for the screen; "" where one has nothing."""

    field: str  # a column of MemberDraft, phones (whose number comes first), or own.<id>
    label: str
    keep: str
    gone: str
    both: str  # what the two say together; "" where they cannot be joined
    choice: str  # keep, gone or both: what is proposed


class MergeSide(NamedTuple):
    """What goes along in a merge, of one member; void receipts are counted and not summed up."""

    id: MemberId
    name: str
    phones: tuple[str, ...]
    type: TypeKey | None
    sales: int
    sum_fen: int
    last_day: date | None
    visits: int
    contacts: int
    tasks: int  # open ones
    wanted: int  # open ones
    points: int  # that came with her from an earlier program

    @property
    def records(self) -> tuple[int, ...]:
        """The figures of which the two together are the same before and after."""
        return self.sales, self.sum_fen, self.visits, self.contacts, self.wanted, self.points


class MergePreview(NamedTuple):
    """Two members side by side before they become one."""

    keep: MergeSide
    gone: MergeSide
    fields: tuple[MergeField, ...]  # only those that differ


class Likeness(NamedTuple):
    """A member who may be the same person, and what speaks for it."""

    row: MemberRow
    why: Sentence


class MergedRow(NamedTuple):
    """A member who was merged into another one."""

    id: MemberId
    name: str
    day: date  # of the merge


class Stayed(NamedTuple):
    """A record that came after a merge and stayed with the survivor when the two came apart."""

    kind: str  # sale, visit, contact, wanted, complaint, rating
    id: int
    day: date
    what: str  # article, or what was noted; of a rating the score
    fen: int = 0


class BinRow(NamedTuple):
    """Something put away that can come back: a void receipt or visit, a member deactivated or merged."""

    kind: str  # sale, visit, member, merged
    id: int
    day: date  # when it was put away
    member: MemberId | None  # whose it is; for a merged member the survivor
    name: str  # her name; for a merged member her own
    survivor: str  # name of the survivor of a merged member, else ""
    at: date | None  # day of the receipt or visit
    fen: int
    what: str  # articles; the number or card of a member
    why: str  # why a receipt is void; tried, asked or looked of a visit


@dataclass(frozen=True, slots=True)
class ShopCounts:
    """What a data file holds, for comparing a backup with its source."""

    members: int
    sales: int
    lines: int
    sum_fen: int

    def as_dict(self) -> dict[str, object]:
        """The figures by name, plain enough for JSON."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class BackupFile(ShopCounts):
    """One verified copy: reopened, checked, counted before it got its name."""

    path: Path
    at: datetime
    why: str  # day, close, import, migrate, by_hand ...
    size: int  # bytes


class CopyPlace(NamedTuple):
    """A folder copies go to, and the newest that was made there: None for a place without any."""

    folder: Path
    is_there: bool  # False: the stick was pulled, the folder moved away
    newest: LastCopy | None


class LastCopy(NamedTuple):
    """When a copy was made, and what it holds."""

    at: datetime
    members: int
    sales: int


class CopyState(NamedTuple):
    """How well the shop's data is kept. `first` is where copies go now; `missing` the chosen folder that is
    not there, so that they go beside the data."""

    first: CopyPlace
    is_chosen: bool  # by the owner; else copies go beside the data
    second: CopyPlace | None
    missing: Path | None
    members: int
    day_due: bool  # the copy of the day is to be made
    second_due: bool  # what was kept here is to be carried to the second place

    @property
    def newest(self) -> LastCopy | None:
        """The last copy of all places."""
        made = [place.newest for place in (self.first, self.second) if place and place.newest]
        return max(made, default=None)


class Restored(NamedTuple):
    """What stands in the data file now, and where the former state is: a verified copy, or, of a file that
    could not be read, the file as it was."""

    counts: ShopCounts
    saved: BackupFile | None
    put_aside: Path | None


@dataclass(frozen=True, slots=True)
class Salvaged(ShopCounts):
    """What could be read of a damaged file and stands in a new sound one."""

    path: Path
    rows: Mapping[str, int]  # of each table
    lost: Mapping[str, int]  # rows read that nothing could be made of: what they belong to is gone
    nameless: int  # members of whom only phones, purchases and the like are left
    pages: int  # that could not be read, in whole or in part
    history: bool  # whether the steps before it can still be told and taken back
    trail: bool  # whether the audit trail is whole; else it goes as far as its seals hold


@dataclass(frozen=True, slots=True)
class CheckReport(ShopCounts):
    """The answer of a check of the data file: `problems` are lines of the database's own check, empty when
    sound."""

    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(value) if isinstance(value, Path) else value


class AuditLine(NamedTuple):
    """A line of the audit trail: who did what when; `what` holds counts and names of settings."""

    id: int
    at: str  # YYYY-MM-DD HH:MM:SS
    staff: str  # her name then
    kind: str  # of the write; undo.<kind> and redo.<kind> for steps back and again
    entry: int | None
    what: Mapping[str, object]


class AuditTrail(NamedTuple):
    """The newest lines first, how many there are in all, and the first that was changed or is missing."""

    lines: tuple[AuditLine, ...]
    n: int
    fault: int | None


class SettingVersion(NamedTuple):
    """One former or present value of a setting."""

    value: object
    at: str
    staff: str


# ---------------------------------------------------------------- did the follow-ups help


class Rate(NamedTuple):
    """So many of so many, with the 95 % interval of the share (rules.uplift)."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Hits of all, 0 to 1; 0 of none."""
        return self.hits / self.of if self.of else 0.0

    @property
    def is_enough(self) -> bool:
        """Whether there are so many that the share says something, and somebody may be ranked by it."""
        return self.of >= ENOUGH


ENOUGH = 20


class Gap(NamedTuple):
    """The share of the first group less that of the second, with its 95 % interval and what may be said."""

    first: Rate
    second: Rate
    low: float
    high: float
    says: str  # more, fewer; same: no difference worth a change; open: not enough yet

    @property
    def value(self) -> float:
        """The difference, -1 to 1."""
        return self.first.share - self.second.share


class EffectRow(NamedTuple):
    """What came of contacts, of all or of one kind, in the days after each; one to-do counts once.

    A purchase or visit counts for the last contact before it and for no other. Nothing here says why.
    """

    key: str  # a rule, a type, a template, the id of an assistant; "" nobody knows, and of all
    name: str  # in words
    contacts: int
    reached: int
    will_come: int
    came: int
    bought: int
    fen: int
    over: Rate  # bought, of the contacts whose days are over: the share that may be compared
    occasion: str = ""  # of a template: wordings of one occasion may be compared


class Effect(NamedTuple):
    """Contacts of some days and what came of them within `days`."""

    first: date
    last: date
    days: int
    total: EffectRow
    rules: tuple[EffectRow, ...]
    types: tuple[EffectRow, ...]  # all four, in their order
    wordings: tuple[EffectRow, ...]
    staff: tuple[EffectRow, ...]


class WordingGap(NamedTuple):
    """Two wordings of one occasion compared by the contacts whose days are over."""

    occasion: str  # in words
    first: EffectRow
    second: EffectRow
    gap: Gap


class EffectAsk(NamedTuple):
    """Which contacts a figure of `Effect` counted: the people behind it."""

    first: date
    last: date
    part: str = ""  # rule, type, wording, staff; "" all
    key: str = ""
    step: str = "contacts"  # contacts, reached, will_come, came, bought


class HoldoutRow(NamedTuple):
    """One rule with whom it leaves out, and what came of both groups within the days after the draw."""

    rule: str
    name: str
    share: float  # left out from now on; 0: nobody
    gap: Gap  # on the list against left out, only who was drawn long enough ago
    contacted: int  # of those on the list who were contacted in these days
    running: int  # drawn, and their days are not over
    is_mixed: bool = False  # the share was another one before: groups of different seasons weigh differently


class Holdout(NamedTuple):
    """The comparison with those left out, rule by rule."""

    members: int  # of the shop
    least: int  # below so many members nobody is left out
    days: int
    rows: tuple[HoldoutRow, ...]  # every rule that may leave somebody out


class AwayRow(NamedTuple):
    """A reason people gave, how many by their type then, each once."""

    reason: str
    name: str
    members: int
    types: Mapping[TypeKey, int]


# ---------------------------------------------------------------- drafts (already parsed)


class MemberDraft(NamedTuple):
    """A member to add (`id` None) or to change; name or phone is needed."""

    id: MemberId | None = None
    name: str = ""
    phones: tuple[tuple[str, str], ...] = ()  # (typed, key)
    call_name: str = ""
    card_no: str = ""
    gender: str = ""
    birthday: str = ""
    joined: date | None = None
    staff_id: StaffId | None = None
    referrer_id: MemberId | None = None
    wechat: str = ""
    size_top: str = ""
    size_bottom: str = ""
    size_shoe: str = ""
    height: str = ""
    weight: str = ""
    likes: str = ""
    avoids: str = ""
    tags: str = ""
    notes: str = ""
    no_call: bool = False
    no_message: bool = False  # WeChat
    no_sms: bool = False
    consent: str = ""  # "", yes, no
    consent_on: date | None = None
    consent_by: str = ""
    best_time: str = ""  # HH:MM-HH:MM, an end may be empty
    own: tuple[tuple[int, str], ...] = ()  # (id of the own field, value); a field left out becomes empty


class LineDraft(NamedTuple):
    """One article; a negative amount is a return, linked to the line it takes back where that is known.

    `id` is the line of the receipt that is corrected; None adds a line. `list_fen` is what the whole line
    costs by its price tags (its sign is made that of the line); None: unknown.
    """

    amount_fen: int
    item: str = ""
    size: str = ""
    colour: str = ""
    qty: int = 1
    returns_line: int | None = None
    id: int | None = None
    category: str = ""
    article_no: str = ""
    list_fen: int | None = None


class SaleDraft(NamedTuple):
    """A receipt; `member` None is an anonymous sale."""

    member: MemberId | None
    day: date
    lines: tuple[LineDraft, ...]
    at: str = ""
    order_no: str = ""
    staff_id: StaffId | None = None
    note: str = ""
    close_task: bool = False


class VisitDraft(NamedTuple):
    """Came in and bought nothing."""

    member: MemberId
    day: date
    kind: str  # tried, asked, looked
    at: str = ""
    items: str = ""  # in words; made of the fittings where there are any
    reasons: tuple[str, ...] = ()  # thinking, price, no_size, style, colour, itchy
    says: str = ""
    staff_id: StaffId | None = None
    close_task: bool = False
    fittings: tuple[FittingDraft, ...] = ()
    remind: date | None = None  # sets a to-do for that day
    wanted: tuple[WantedDraft, ...] = ()  # of a new visit: what goes into the wanted-item book with it


class ComplaintDraft(NamedTuple):
    """What a member complains of."""

    member: MemberId
    words: str
    level: str = "normal"  # normal, serious
    day: date | None = None  # None = today
    due: date | None = None  # call back by; None = within 48 hours, a serious one within 24
    staff_id: StaffId | None = None


class RatingDraft(NamedTuple):
    """A mark a member gives the shop."""

    member: MemberId
    kind: str  # satisfaction (1-5), recommend (0-10)
    score: int
    day: date | None = None  # None = today
    staff_id: StaffId | None = None


class WantedDraft(NamedTuple):
    """What a member asked for and did not find; the article or a note is needed."""

    member: MemberId
    item: str = ""
    size: str = ""
    colour: str = ""
    note: str = ""
    day: date | None = None  # when she asked; None = today
    staff_id: StaffId | None = None
    visit: VisitId | None = None  # at which she asked, where that is known


# Why a lost member stayed away, as she says it; `moved` and `refused` end the attempts to win her back.
AWAY_REASONS = (
    "price", "style", "size", "quality", "service", "moved", "other_shop", "online", "no_need", "unreachable",
    "refused",
)  # fmt: skip
EVENT_KINDS = ("event", "festival", "new_in")


class EventDraft(NamedTuple):
    """An occasion to invite to (event), to greet on (festival), or to tell of (new_in). Forms of the days as
    in EventRow."""

    kind: str
    name: str
    day: str
    until: str = ""
    offer: str = ""
    item: str = ""  # of new_in
    types: tuple[TypeKey, ...] = ()
    lead: int | None = None  # None: the usual of its kind, rules.events.LEAD


OUTCOMES = ("reached", "no_answer", "will_come", "refused", "wrong_number", "later")  # keys 1-6


class OutcomeDraft(NamedTuple):
    """What came of a to-do; `next_day` for no_answer, will_come, later; `reason` for refused."""

    outcome: str
    next_day: date | None = None
    reason: str = ""  # none, price, style, size, inconvenient, never
    note: str = ""
    message: str = ""
    template: str = ""
