"""Types in the shop's file: the SQL says what the plain rules say, one member as everybody (5, 7, 9)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shopcrm.basics import texts
from shopcrm.basics.records import MemberId
from shopcrm.rules.calibration import DEFAULTS, Aggregates, calibrate, limits
from shopcrm.rules.customer_types import Stored, decide, score, yardstick
from shopcrm.rules.facts import (
    NOT_HERS,
    Events,
    PurchaseDay,
    Receipt,
    ReceiptLine,
    booked,
    facts_as_of,
    purchase_days,
)
from shopcrm.shop.types import Share, Types, _bought, _crowd
from shopcrm.store import Store, Tx, facts

DAY = date(2026, 11, 21)
T = DAY.toordinal()
TAU = 240.0


class Book:
    """A shop of its own with only the types above the store, and short ways to write records."""

    def __init__(self) -> None:
        self.store = Store.open(":memory:", now=datetime(2026, 11, 21))
        shop = SimpleNamespace(store=self.store, actor=None, clock=lambda: datetime(2026, 11, 21))
        shop.write = self.write
        shop.masks_what_leaves = lambda: False
        self.types = Types(shop)  # type: ignore[arg-type]
        self.day = DAY

    def write(self, kind: str = "test") -> Any:
        return self.store.write(kind, None, datetime.combine(self.day, datetime.min.time()))

    @property
    def rx(self) -> Any:
        return self.store.read()

    def member(self, joined: date | int | None = None, referrer: int | None = None) -> MemberId:
        with self.write() as tx:
            return MemberId(tx.insert("member", name="王丽", joined=when(joined), referrer_id=referrer))

    def sale(
        self, member: int | None, day: date | int, *lines: int | tuple[int, int], voided: bool = False
    ) -> list[int]:
        """A receipt of whole yuan; (yuan, line id) takes that line back. Answers the ids of its lines."""
        with self.write() as tx:
            sale = tx.insert("sale", member_id=member, day=when(day), voided_on=when(day) if voided else None)
            made = []
            for line in lines:
                yuan, back = (line, None) if isinstance(line, int) else line
                made.append(tx.insert("line", sale_id=sale, amount_fen=yuan * 100, returns_line_id=back))
            return made

    def visit(self, member: int, day: date | int) -> None:
        with self.write() as tx:
            tx.insert("visit", member_id=member, day=when(day), kind="tried")

    def refresh(self, *members: int, receipt: facts.NewReceipt | None = None) -> None:
        with self.write() as tx:
            self.types.refresh(tx, frozenset(members), self.day, receipt=receipt)

    def rebuild(self) -> None:
        with self.write() as tx:
            self.types.refresh(tx, None, self.day)

    def start(self, day: date | None = None) -> bool:
        self.day = day or self.day
        with self.write() as tx:
            return self.types.start_day(tx, self.day)

    def put(self, **values: object) -> None:
        with self.write() as tx:
            for key, value in values.items():
                tx.insert("setting", key=key.replace("__", "."), value=json.dumps(value), at="")

    def case(self, member: int) -> facts.Case:
        return facts.cases(self.rx, [member])[member]

    def sentence(self, member: int) -> str:
        found = self.types.verdict(self.rx, MemberId(member))
        assert found is not None
        return texts.t(found.reason.id, **found.reason.values)

    def derived(self) -> list[list[tuple[Any, ...]]]:
        """All that is derived but the sums of store.verdicts, which may wait for the next day."""
        columns = ",".join(facts.Case._fields).replace("member", "member_id")
        tables = ("d_purchase_day", "d_type_log", "d_calibration", "d_state")
        return [
            self.rx.all(f"SELECT {columns} FROM d_case ORDER BY 1"),
            *(self.rx.all(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables),
        ]


def when(day: date | int | None) -> str | None:
    """A day as kept: a date, or so many days before the fixed day."""
    if isinstance(day, int):
        day = DAY - timedelta(days=day)
    return day and day.isoformat()


@pytest.fixture
def book() -> Iterator[Book]:
    book = Book()
    yield book
    book.store.close()


# ---------------------------------------------------------------- random shops

SLIP = st.tuples(
    st.sampled_from([None, 0, 1, 2, 3]),  # whose: nobody's, or a member's
    st.integers(-20, 800),  # days ago
    st.lists(
        st.tuples(st.integers(-500, 900), st.none() | st.integers(0, 20)), max_size=3
    ),  # yuan, line taken back
    st.sampled_from([False, False, False, True]),  # voided
)
SHOP = st.tuples(
    st.lists(SLIP, max_size=14),
    st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 400)), max_size=6),  # visits
    st.lists(st.none() | st.integers(-5, 900), min_size=4, max_size=4),  # joined
    st.lists(st.none() | st.integers(0, 3), min_size=4, max_size=4),  # referrers
)


class Model:
    """The same shop as plain lists, kept beside the file: where the expected facts come from."""

    def __init__(self, book: Book, shop: Any) -> None:
        slips, visits, joined, referrers = shop
        self.ids: list[int] = []
        self.joined = [None if ago is None else T - ago for ago in joined]
        self.referrers = [None if r is None or r >= n else r for n, r in enumerate(referrers)]
        for n in range(4):
            referrer = self.referrers[n]
            self.ids.append(book.member(joined[n], None if referrer is None else self.ids[referrer]))
        self.lines: list[tuple[int, int | None, int, bool]] = []  # line id, owner, day, voided
        self.slips: list[tuple[int | None, int, list[tuple[int, int | None]], bool]] = []
        self.visits: list[tuple[int, int]] = []
        for slip in slips:
            self.add_slip(book, slip)
        for n, ago in visits:
            book.visit(self.ids[n], ago)
            self.visits.append((n, T - ago))

    def add_slip(self, book: Book, slip: Any) -> None:
        owner, ago, lines, voided = slip
        entered: list[int | tuple[int, int]] = []
        kept: list[tuple[int, int | None]] = []
        for yuan, back in lines:
            if yuan < 0 and back is not None and self.lines:
                back %= len(self.lines)
                entered.append((yuan, self.lines[back][0]))
                kept.append((yuan * 100, back))
            else:
                entered.append(yuan)
                kept.append((yuan * 100, None))
        ids = book.sale(None if owner is None else self.ids[owner], ago, *entered, voided=voided)
        self.slips.append((owner, T - ago, kept, voided))
        self.lines += [(line, owner, T - ago, voided) for line in ids]

    def bought(self, book: Book) -> facts.NewReceipt | None:
        """The slip added last as the counter tells of it: None if something came back."""
        owner, day, lines, voided = self.slips[-1]
        if owner is None or voided or not lines or any(fen < 0 for fen, _ in lines):
            return None
        sale = book.rx.value("SELECT max(id) FROM sale")
        return facts.NewReceipt(sale, self.ids[owner], day, sum(fen for fen, _ in lines))

    def events(self, n: int, day: int) -> Events:
        receipts = []
        for owner, on, lines, voided in sorted(self.slips, key=lambda slip: slip[1]):
            if owner == n and not voided:
                plain = []
                for fen, back in lines:
                    of = None
                    if back is not None:
                        _, other, of_day, gone = self.lines[back]
                        of = of_day if other == n and not gone else NOT_HERS
                    plain.append(ReceiptLine(fen, of))
                receipts.append(Receipt(on, plain))
        referrals = []
        for friend, referrer in enumerate(self.referrers):
            if referrer == n:
                bought = [d for d, _ in purchase_days(*booked(self.events(friend, T).receipts), T)]
                known = [d for d in (self.joined[friend], *bought[:1]) if d is not None]
                referrals += [min(known)] if known else []
        visits = [on for who, on in self.visits if who == n]
        return Events(self.ids[n], self.joined[n], receipts, visits, referrals)


def file_days(tx: Tx) -> Any:
    """File everybody's purchase days of today anew."""
    bought = _bought(tx, facts.ever_returned(tx), T)
    facts.put_days(tx, bought.columns())
    return bought


def plain_sums(everybody: list[list[PurchaseDay]], day: int) -> Aggregates:
    """A shop of these purchase days summed up, one by one."""
    gaps: Counter[int] = Counter()
    found = Aggregates([], [], [], [], [])
    for days in everybody:
        known = [(d, net) for d, net in days if d <= day]
        gaps.update(d - before for (before, _), (d, _) in pairwise(known))
        if known:
            found.tickets.append(sum(net for _, net in known) / len(known))  # type: ignore[attr-defined]
            this_year = [net for d, net in known if day - d < 365]
            if this_year:
                found.n12.append(len(this_year))  # type: ignore[attr-defined]
                found.spend12.append(sum(this_year))  # type: ignore[attr-defined]
        if len(known) > 1:
            found.intervals.append((known[-1][0] - known[0][0]) / (len(known) - 1))  # type: ignore[attr-defined]
    return in_order(found._replace(gaps=sorted(gaps.items())))


def in_order(sums: Aggregates) -> Aggregates:
    """The same with its lists sorted."""
    return Aggregates(*map(sorted, sums))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(SHOP)
@example(  # given back before it was sold: money on a day still to come
    ([(0, 0, [(-1, None)], False), (0, 30, [(-1, 0), (2, None)], False)], [], [None] * 4, [None] * 4)
)
def test_the_sql_says_what_the_plain_rules_say(shop: Any) -> None:
    """Also for past days, on which returns that came later are not yet known."""
    book = Book()
    model = Model(book, shop)
    with book.write() as tx:
        bought = file_days(tx)
        for n, known in enumerate(facts.statistics(tx, T, DEFAULTS)):
            expected = facts_as_of(model.events(n, T), T, DEFAULTS, TAU)
            assert known == expected._replace(points=0, season=0)
        days = [T - 30, T - 200, T - 500, T]
        past = facts.Past(facts.slips(tx, facts.returners(tx, min(days), T)), days, T)
        crowd = _crowd(facts.circle(tx), bought, past)
        for day in days:
            expected = [facts_as_of(model.events(n, day), day, DEFAULTS, TAU) for n in range(4)]
            for name, values in crowd.facts(day, DEFAULTS).items():
                assert values.tolist() == [getattr(known, name) or 0 for known in expected], name
            plain = plain_sums(
                [purchase_days(*booked(model.events(n, day).receipts), day) for n in range(4)], day
            )
            assert in_order(facts.aggregates(tx, day, past)) == plain
            assert in_order(crowd.aggregates(day, DEFAULTS)) == plain
    book.store.close()


def check_gaps(tx: Any) -> None:
    """What is kept of the days between purchases is what they come to when counted anew."""
    kept_until = facts.state(tx).get("types.gaps")
    if kept_until is not None:
        kept = facts.gaps(tx, facts.ordinal(kept_until))
        facts.forget_gaps(tx)
        assert facts.gaps(tx, facts.ordinal(kept_until)) == kept


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(SHOP, st.lists(SLIP, min_size=1, max_size=4))
def test_one_member_after_her_record_is_as_everybody_anew(shop: Any, later: list[Any]) -> None:
    book = Book()
    model = Model(book, shop)
    book.start()
    for slip in later:
        model.add_slip(book, slip)
        if slip[0] is not None:
            book.refresh(model.ids[slip[0]], receipt=model.bought(book))
    days = book.rx.all("SELECT * FROM d_purchase_day")
    with book.write() as tx:
        in_force = book.types.limits(tx)
        before = facts.types_before(tx, model.ids, DAY.isoformat())
        touched = {model.ids[slip[0]] for slip in later if slip[0] is not None}
        touched |= facts.referrers(tx, touched)
        for n in range(len(model.ids)):
            known = facts_as_of(model.events(n, T), T, DEFAULTS, in_force.tau)
            case = facts.cases(tx, [known.member])[known.member]
            stored = None
            if known.member in before:
                acted = known.member in touched or known.last_event > T - 21
                stored = Stored(before[known.member][0], acted)  # type: ignore[arg-type]
            decision = decide(known, yardstick(in_force), stored)
            assert (case.type, case.code, json.loads(case.vals)) == (
                decision.type, decision.code, decision.values(),
            )  # fmt: skip
            assert case.score == pytest.approx(score(known, in_force))
            assert (case.n, case.last_d or 0, case.spend12) == (known.n, known.last, known.spend12)
        check_gaps(tx)
        file_days(tx)
    assert book.rx.all("SELECT * FROM d_purchase_day") == days
    book.store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(SHOP)
def test_a_rebuild_gives_the_same_every_time(shop: Any) -> None:
    book = Book()
    Model(book, shop)
    book.rebuild()
    first = book.derived()
    with book.write() as tx:
        check_gaps(tx)
    book.rebuild()
    assert book.derived() == first
    assert book.start() is False
    assert book.derived() == first
    counted = book.rx.all("SELECT type, count(*) FROM d_case GROUP BY type")
    assert sum(count for _, count in counted) == 4
    book.store.close()


# ---------------------------------------------------------------- days


def regulars(book: Book, *, count: int = 35, every: int = 40) -> list[int]:
    """So many members who buy at one rhythm, and so give the shop its yardsticks."""
    made = []
    for n in range(count):
        member = book.member(700)
        for ago in range(n % every, 700, every):
            book.sale(member, ago + 1, 300 + n)
        made.append(member)
    return made


def test_an_empty_shop_starts() -> None:
    book = Book()
    assert book.start() is True
    assert book.start() is False
    assert book.types.calibration(book.rx) == calibrate(T, Aggregates())
    assert book.types.came_back(book.rx) == {}
    book.store.close()


def test_before_the_first_start_the_limits_are_those_of_an_empty_shop(book: Book) -> None:
    assert book.types.limits(book.rx) == limits(calibrate(0, Aggregates()))
    assert book.types.verdict(book.rx, MemberId(1)) is None
    assert book.types.explain(book.rx, MemberId(1)) is None
    assert book.types.came_back(book.rx) == {}
    assert book.types.preview(book.rx).movers == ()


def test_a_young_shop_is_its_own_yardstick_until_a_month_end_is_28_days_old(book: Book) -> None:
    member = book.member(20)
    book.sale(member, 20, 500)
    book.start()
    assert book.types.calibration(book.rx).day == T
    book.start(date(2026, 12, 1))  # 30 November is 29 days after the first purchase
    assert book.types.calibration(book.rx).day == date(2026, 11, 30).toordinal()


def test_a_new_day_moves_everybody_on(book: Book) -> None:
    member = book.member()
    book.sale(member, 160, 500)
    book.start()
    assert book.sentence(member).endswith("距上次160天（流失线180天）。")
    assert book.start(DAY + timedelta(days=21)) is True
    assert book.sentence(member) == "只买过1次，已181天没有购买，超过180天的流失线。"
    assert book.types.history(book.rx, member)[-1] == (DAY + timedelta(days=21), "lost", "LOST_SILENT")
    assert book.case(member).since == "2026-12-12"


def test_a_member_nobody_told_of_is_found_the_next_day(book: Book) -> None:
    book.start()
    member = book.member(0)
    with book.write() as tx:  # purchases of someone who is gone are in nobody's way
        tx.derive("INSERT INTO d_purchase_day VALUES (99, ?, 100, 1)", (T - 9,))
    other = book.member(0)
    with book.write() as tx:
        tx.update("member", other, id=100)
    book.start(date(2026, 12, 31))
    assert [book.case(m).code for m in (member, 100)] == ["POT_NEW_MEMBER"] * 2


def test_what_is_dated_ahead_counts_from_that_day(book: Book) -> None:
    member, other = book.member(400), book.member(400)
    (line,) = book.sale(member, 10, 500)
    book.sale(member, -3, (-500, line))
    book.sale(other, -3, 200)
    book.start()
    assert (book.case(member).code, book.case(other).code) == ("POT_NEW_BUYER", "DRIFT_NEVER")
    book.start(DAY + timedelta(days=2))
    assert (book.case(member).n, book.case(other).n) == (1, 0)
    book.start(DAY + timedelta(days=3))
    assert (book.case(member).code, book.case(other).code) == ("DRIFT_NEVER", "POT_NEW_BUYER")


def test_an_earlier_day_is_as_it_was_then(book: Book) -> None:
    member = book.member(400)
    (line,) = book.sale(member, 30, 500)
    book.sale(member, 5, (-500, line))
    book.start()
    assert book.case(member).code == "DRIFT_NEVER"
    book.start(DAY - timedelta(days=6))
    assert book.sentence(member) == "24天前第一次购买（¥500），正处在第二次购买的关键期。"
    book.start(DAY)
    assert book.case(member).code == "DRIFT_NEVER"


def test_the_verdict_of_a_past_day_is_worked_out_from_the_facts(book: Book) -> None:
    member = book.member(400)
    (line,) = book.sale(member, 30, 500)
    book.sale(member, 5, (-500, line))
    book.start()
    then = book.types.verdict(book.rx, member, DAY - timedelta(days=6))
    assert then is not None
    assert then.code == "POT_NEW_BUYER"
    now = book.types.verdict(book.rx, member, DAY)
    assert now is not None
    assert now.code == "DRIFT_NEVER"
    assert book.types.verdict(book.rx, MemberId(99), DAY) is None


def test_the_verdict_of_today_is_by_the_limits_in_force(book: Book) -> None:
    """Those of an empty shop still, when the first records are entered by hand: with the others' older days
    a snapshot of the last month end would be due, which nobody is judged by before tomorrow."""
    book.start()
    for _ in range(3):
        other = book.member(900)
        for days in range(0, 800, 40):
            book.sale(other, days, 300)
        book.refresh(other)
    member = book.member(950)
    book.sale(member, 151, 50)
    book.refresh(member)
    now, filed = book.types.verdict(book.rx, member, DAY), book.types.verdict(book.rx, member)
    assert now is not None
    assert filed is not None
    assert (now.code, now.reason) == (filed.code, filed.reason)


def test_months_without_the_program_are_one_classification(book: Book) -> None:
    members = regulars(book)
    book.start()
    assert book.start(DAY + timedelta(days=200)) is True
    assert {book.case(member).type for member in members} == {"lost"}
    assert book.types.calibration(book.rx).day == date(2027, 5, 31).toordinal()


def test_after_more_than_a_year_the_shop_is_replayed(book: Book) -> None:
    """Or after a day with the clock in another year: nothing of the types of then is carried on."""
    members = regulars(book)
    book.start(date(2025, 1, 1))
    book.start(DAY)
    carried = book.derived()
    book.rebuild()
    assert book.derived() == carried
    assert len(book.types.history(book.rx, MemberId(members[0]))) >= 1


def test_purchases_of_nobody_on_the_list_fit_no_chance(book: Book) -> None:
    book.start()
    with book.write() as tx:
        tx.derive("INSERT INTO d_purchase_day VALUES (99, ?, 100, 1)", (T - 900,))
    assert book.start(date(2026, 12, 1)) is True


def test_whoever_brought_everything_back_since_the_month_end_fits_no_chance(book: Book) -> None:
    member, other = book.member(600), book.member(600)
    (line,) = book.sale(member, 400, 100)
    book.sale(other, 500, 100)
    book.start()
    book.sale(member, date(2026, 12, 1), (-100, line))
    assert book.start(date(2026, 12, 2)) is True
    assert book.case(member).n == 0


def test_a_month_end_brings_a_new_snapshot_damped_by_the_last(book: Book) -> None:
    regulars(book)
    book.start()
    first = book.types.calibration(book.rx)
    book.start(date(2026, 12, 1))
    second = book.types.calibration(book.rx)
    assert second.day == date(2026, 11, 30).toordinal()
    assert second.span == first.span
    book.start(date(2026, 12, 2))
    assert book.types.calibration(book.rx) == second


def test_the_table_of_any_day_leaves_the_file_as_it_was(book: Book) -> None:
    member = book.member(400)
    with book.write() as tx:
        tx.insert("phone", member_id=member, seq=1, typed="", key="13800000001")
        tx.insert("phone", member_id=member, seq=2, typed="", key="13800000002")
    book.sale(member, 24, 299)
    book.start()
    before = book.derived()
    (row,) = book.types.table(DAY)
    assert row[:6] == (member, "", "王丽", "13800000001|13800000002", "potential", "POT_NEW_BUYER")
    assert row[6:] == ("24天前第一次购买（¥299），正处在第二次购买的关键期。", row[7], "")
    (then,) = book.types.table(DAY - timedelta(days=30))
    assert then[5:7] == ("DRIFT_NEVER", "注册370天，没有有效购买，近60天也没有到店。")
    (later,) = book.types.table(DAY + timedelta(days=300))
    assert later[4] == "lost"
    assert book.derived() == before


# ---------------------------------------------------------------- records


def test_the_first_record_of_a_day_brings_that_day(book: Book) -> None:
    member = book.member(400)
    book.refresh(member)
    assert book.case(member).code == "DRIFT_NEVER"
    book.day = DAY + timedelta(days=1)
    book.visit(member, book.day)
    book.refresh(member)
    assert book.case(member).code == "POT_VISIT_NOBUY"
    assert book.start() is False
    book.day = DAY  # the clock went back
    book.refresh(member)
    assert book.case(member).code == "DRIFT_NEVER"


def test_an_undone_record_leaves_no_trace(book: Book) -> None:
    member = book.member(400)
    book.start()
    before = book.derived()
    with book.write() as tx:
        sale = tx.insert("sale", member_id=member, day=DAY.isoformat())
        tx.insert("line", sale_id=sale, amount_fen=50_000)
        book.types.refresh(tx, frozenset([member]), DAY)
    assert book.case(member).code == "POT_NEW_BUYER"
    with book.write() as tx:
        tx.delete("line", 1)
        tx.delete("sale", sale)
        book.types.refresh(tx, frozenset([member]), DAY)
    assert book.derived() == before


def test_a_lost_one_stays_lost_until_she_comes(book: Book) -> None:
    member = book.member()
    book.sale(member, 181, 500)
    book.start()
    assert book.case(member).type == "lost"
    with book.write() as tx:  # as if the month's snapshot had loosened the limits
        loose = book.types.calibration(tx)
        facts.put_state(tx, day="2026-11-20")
        facts.put_calibrations(tx, [type(loose)(**{**vars_of(loose), "span": 300})])
    book.start()
    assert book.sentence(member) == (
        "已列为流失型且之后没有新的购买或到店（距上次181天），有新动作才会改变。"
    )
    explained = book.types.explain(book.rx, member)
    assert explained is not None
    assert (explained.code, book.types.rank(book.rx, member)) == ("LOST_HELD", None)  # too few to compare
    book.visit(member, DAY)
    book.refresh(member)
    assert book.case(member).code == "POT_VISIT"


def vars_of(snapshot: Any) -> dict[str, Any]:
    return {name: getattr(snapshot, name) for name in snapshot.__dataclass_fields__}


def test_a_friend_brought_along_counts_at_once(book: Book) -> None:
    referrer = book.member(700)
    for ago in (300, 100):
        book.sale(referrer, ago, 500)
    book.sale(book.member(), 100, 100)
    book.start()
    friend = book.member(0, referrer)
    book.refresh(friend)
    assert book.case(referrer).code == "LOYAL_FREQ"
    assert "介绍1位朋友" in book.sentence(referrer)


def test_a_member_who_is_gone_is_forgotten(book: Book) -> None:
    member = book.member(400)
    book.start()
    with book.write() as tx:
        tx.delete("member", member)
        book.types.refresh(tx, frozenset([member]), DAY)
    assert facts.cases(book.rx, [member]) == {}
    other = book.member(400)
    book.refresh(other)
    with book.write() as tx:
        tx.delete("member", other)
    book.start(DAY + timedelta(days=1))
    assert facts.cases(book.rx) == {}


def test_changes_are_told(book: Book) -> None:
    member, _ = book.member(400), book.member(400)
    book.start()
    book.visit(member, DAY)
    with book.write() as tx:
        book.types.refresh(tx, frozenset([member]), DAY)
    assert tx.changes.types.ids == {member}
    with book.write() as tx:
        book.types.refresh(tx, frozenset([member]), DAY)
    assert not tx.changes.types


# ---------------------------------------------------------------- settings


def test_an_owners_edit_clears_the_stored_types_and_shows_at_once(book: Book) -> None:
    member = book.member()
    book.sale(member, 170, 500)
    book.start()
    assert book.case(member).type == "drifting"
    book.put(lost_days_once=160)
    book.refresh()
    assert book.case(member).type == "lost"
    assert book.types.history(book.rx, member)[-1] == (DAY, "lost", "SETTINGS")
    book.put(lost_days_once=200)
    book.start()
    assert book.case(member).code == "DRIFT_OCCASIONAL"  # not held: the edit is no change of hers
    book.refresh(member)
    assert book.case(member).since == "2026-08-31"
    assert book.types.limits(book.rx).lost_once == 200


def test_the_name_of_the_shop_clears_nothing(book: Book) -> None:
    member = book.member()
    book.sale(member, 170, 500)
    book.start()
    before = book.derived()
    book.put(shop__name="丽人服饰")
    book.refresh(member)
    assert book.start() is False
    assert book.derived() == before


def test_the_preview_is_what_happens(book: Book) -> None:
    regulars(book)
    quiet = [book.member() for _ in range(3)]
    for member in quiet:
        book.sale(member, 100, 500)
    with book.write() as tx:
        tx.update("member", quiet[2], archived_on="2026-11-01")
    book.start()
    before = book.derived()
    seen = book.types.preview(book.rx, lost_days_once=90)
    assert book.derived() == before
    lost = [mover for mover in seen.movers if mover.new == "lost"]
    assert [(m.member, m.old, m.spend12_fen) for m in lost] == [
        (member, "drifting", 50_000) for member in quiet[:2]
    ]
    assert texts.t(lost[0].reason.id, **lost[0].reason.values) == (
        "只买过1次，已100天没有购买，超过90天的流失线。"
    )
    filed = facts.cases(book.rx)
    assert (seen.before["lost"], seen.after["lost"], seen.limits.lost_once) == (0, 2, 90)
    assert sum(seen.after.values()) == 37
    book.put(lost_days_once=90)
    book.refresh()
    moved = {
        member: (filed[member].type, case.type)
        for member, case in facts.cases(book.rx).items()
        if case.type != filed[member].type and member != quiet[2]
    }
    assert moved == {mover.member: (mover.old, mover.new) for mover in seen.movers}
    assert book.types.preview(book.rx, lost_days_once=90).movers == ()


# ---------------------------------------------------------------- score, rank, chance, backtest


def test_the_chance_is_fitted_and_shown_with_enough_members(book: Book) -> None:
    members = regulars(book, count=120)
    for n in range(60):
        book.sale(book.member(), 500 + n, 200)
    book.start()
    frequent = book.types.explain(book.rx, MemberId(members[0]))
    assert frequent is not None
    assert frequent.p90 is not None
    assert frequent.p90 > 0.5
    assert 50 < (book.types.rank(book.rx, MemberId(members[0])) or 0) <= 100
    silent = book.types.verdict(book.rx, MemberId(members[-1] + 1))
    assert silent is not None
    assert silent.p90 is not None
    assert silent.p90 < 0.2
    back = book.types.came_back(book.rx)
    assert back["lost"] == Share(60, 0)
    assert sum(share.members for share in back.values()) == 180
    assert sum(share.back for share in back.values()) == 120


def test_the_chance_is_not_shown_for_a_small_shop(book: Book) -> None:
    (member,) = regulars(book, count=1)
    newcomer = book.member(0)
    book.start()
    found = book.types.explain(book.rx, MemberId(member))
    assert found is not None
    assert (found.p90, book.types.rank(book.rx, MemberId(member))) == (None, None)
    never = book.types.explain(book.rx, newcomer)
    assert never is not None
    assert (never.p90, book.types.rank(book.rx, newcomer), never.score) == (None, None, 0)


def test_the_replay_carries_loyalty_over_a_lean_month(book: Book) -> None:
    """Without the month ends before, the same member would not be loyal today."""
    regulars(book, count=30, every=120)
    kept = book.member()
    for ago in (400, 330, 300, 270, 240, 50):
        book.sale(kept, ago, 2000)
    book.start()
    log = book.types.history(book.rx, kept)
    assert log[-1][1] == "loyal"
    types = [key for _, key, _ in log]
    assert all(a != b for a, b in pairwise(types))
    assert [day for day, _, _ in log] == sorted({day for day, _, _ in log})


def test_statistics_of_many_need_a_write_only_for_the_score(book: Book) -> None:
    book.member(3)
    assert [known.joined for known in facts.statistics(book.rx, T, DEFAULTS)] == [T - 3]
    assert not isinstance(book.rx, Tx)
