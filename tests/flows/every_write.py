"""One of every kind of step a shop can take, on a small shop, in an order in which each finds what it needs:
for tests in which any write meets a full disk or is killed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from shopcrm.basics.records import (
    ComplaintDraft,
    EventDraft,
    LineDraft,
    MemberDraft,
    MemberId,
    OutcomeDraft,
    RatingDraft,
    SaleDraft,
    SaleId,
    StaffId,
    VisitDraft,
    WantedDraft,
)
from shopcrm.shop import Shop
from shopcrm.store.whole_shop import KEPT

Answers = dict[str, Any]  # what a step answered, by its kind


class Step(NamedTuple):
    """One write. `first` makes what must be there already and hands it to `act`, the write itself, with the
    shop and what the steps before it answered."""

    act: Callable[[Shop, Answers, Any], Any]
    first: Callable[[Shop], Any] = lambda _shop: None


MEMBERS = 30
ANNA, BELLA = StaffId(1), StaffId(2)
ONE, TWO, *OTHERS = (MemberId(number) for number in range(1, MEMBERS + 1))
EVERYBODY = (ONE, TWO, *OTHERS)

# Kinds of which no step is here: of PINs, which no list of records shows, of flows with such tests of their
# own (encryption, restore, salvage, lists coming home), and one that only reads.
ELSEWHERE = frozenset((
    "staff.pin", "staff.pin_locked", "staff.pin_reset", "staff.recovery", "staff.try", "restore", "salvage",
    "shop.encrypt", "shop.decrypt", "shop.password", "callbacks.read", "types.table",
))  # fmt: skip


def people(shop: Shop) -> None:
    """The shop every step starts from: two assistants, members who bought, today's list."""
    for name in ("小雯", "小敏"):
        shop.settings.add_staff(name, "assistant")
    for number in EVERYBODY:
        phone = f"138{number:08}"
        shop.members.save(MemberDraft(name=f"会员{number}", phones=((phone, phone),), staff_id=ANNA))
        sell(shop, number, 10_000 + number, days=20 + 9 * number)
    shop.start_day()


def sell(shop: Shop, member: MemberId | None, fen: int, days: int = 0) -> SaleId:
    """A receipt of one article."""
    day = shop.day - timedelta(days=days)
    return shop.counter.sell(SaleDraft(member, day, (LineDraft(fen, "连衣裙"),))).value


def kept_rows(shop: Shop) -> dict[str, object]:
    """Everything that is kept but the history of how it came about."""
    rx = shop.store.read()
    return {table.name: rx.all(f"SELECT * FROM {table.name} ORDER BY id") for table in KEPT}


def _member(**fields: Any) -> MemberDraft:
    return MemberDraft(id=ONE, name="会员一", phones=(("13800000001",) * 2,), **fields)


def _wish(item: str) -> WantedDraft:
    return WantedDraft(TWO, item, "L", note="给她留一件")


def _visit(shop: Shop, says: str) -> VisitDraft:
    return VisitDraft(TWO, shop.day, "tried", items="大衣", says=says)


def _festival(name: str, day: str = "2026-12-01") -> EventDraft:
    return EventDraft("event", name, day, "", "九折")


def _task(shop: Shop) -> Any:
    return next(iter(shop.view().day_list().open))


def _tomorrow(shop: Shop) -> Any:
    """The day's start as the clock of tomorrow has it."""
    was = shop.clock
    shop.clock = lambda: was() + timedelta(days=1)
    try:
        return shop.start_day()
    finally:
        shop.clock = was


def _revealed(shop: Shop) -> Any:
    """Somebody who sees numbers masked looks at a whole one."""
    shop.actor = ANNA
    try:
        return shop.members.reveal(TWO)
    finally:
        shop.actor = None


def _file(shop: Shop, name: str) -> Path:
    assert shop.store.path is not None
    return shop.store.path.parent / name


def _plan(shop: Shop) -> Any:
    file = _file(shop, "sales.csv")
    rows = (f"139{n % 40:08},2026-10-{n % 28 + 1:02},毛衣{n},{100 + n}\n" for n in range(120))
    file.write_text("手机号,消费日期,商品,实收金额\n" + "".join(rows), encoding="utf-8")
    return shop.imports.preview(file)


def _assigned(shop: Shop) -> int | None:
    return shop.members.assign(EVERYBODY, BELLA).entry


def _assigned_long_ago(shop: Shop) -> int | None:
    entry = shop.members.assign(EVERYBODY, ANNA).entry
    sell(shop, ONE, 700)
    return entry


def _taken_back(shop: Shop) -> None:
    _assigned(shop)
    shop.undo()


def _twin(shop: Shop) -> MemberId:
    gone = shop.members.save(MemberDraft(name="同一个人", phones=(("13700000001",) * 2,))).value
    sell(shop, gone, 50_000, 40)
    shop.counter.visit(VisitDraft(gone, shop.day, "asked"))
    return gone


def _merged(shop: Shop) -> MemberId:
    gone = _twin(shop)
    shop.merging.merge(ONE, gone)
    return gone


def _leaver(shop: Shop) -> MemberId:
    gone = shop.members.save(MemberDraft(name="要走的", phones=(("13600000001",) * 2,), notes="怕扎")).value
    sell(shop, gone, 30_000, 3)
    return gone


def _waiting(shop: Shop) -> list[Any]:
    shop.settings.set("tasks_per_day", 1)
    return list(shop.view().day_list().waiting)[:2]


_CORRECTED = (LineDraft(21_000, "风衣"), LineDraft(900, "丝袜"))

STEPS: dict[str, Step] = {
    "shop.begin": Step(lambda shop, *_: shop.settings.begin("禾木衣坊", "林姐")),
    "setting.set": Step(lambda shop, *_: shop.settings.set("loyal_min_purchases", 4)),
    "staff.add": Step(lambda shop, *_: shop.settings.add_staff("小芳", "assistant").value),
    "staff.change": Step(
        lambda shop, said, _: shop.settings.change_staff(said["staff.add"], "entry", name="芳芳")
    ),
    "staff.active": Step(lambda shop, said, _: shop.settings.set_staff_active(said["staff.add"], False)),
    "member.reveal": Step(
        lambda shop, *_: _revealed(shop),
        lambda shop: shop.settings.change_staff(ANNA, "assistant", ["reveal"]),
    ),
    "own.add": Step(lambda shop, *_: shop.members.own.add("职业").value),
    "own.rename": Step(lambda shop, said, _: shop.members.own.rename(said["own.add"], "工作")),
    "own.order": Step(
        lambda shop, said, other: shop.members.own.order((other, said["own.add"])),
        lambda shop: shop.members.own.add("车").value,
    ),
    "own.away": Step(lambda shop, said, _: shop.members.own.put_away(said["own.add"])),
    "own.back": Step(lambda shop, said, _: shop.members.own.take_out(said["own.add"])),
    "member.add": Step(lambda shop, *_: shop.members.save(MemberDraft(name="新会员"))),
    "member.save": Step(lambda shop, said, _: shop.members.save(
        _member(notes="喜欢深色" * 200, own=((said["own.add"], "老师"),))
    )),
    "member.archive": Step(lambda shop, *_: shop.members.archive(OTHERS[0])),
    "member.restore": Step(lambda shop, *_: shop.members.restore(OTHERS[0])),
    "member.pause": Step(lambda shop, *_: shop.members.pause(OTHERS[1], shop.day + timedelta(days=30))),
    "member.assign": Step(lambda shop, *_: shop.members.assign(EVERYBODY, BELLA)),
    "member.merge": Step(lambda shop, _, gone: shop.merging.merge(ONE, gone), _twin),
    "member.separate": Step(lambda shop, _, gone: shop.merging.separate(gone), _merged),
    "member.erase": Step(lambda shop, _, gone: shop.members.erase(gone), _leaver),
    "sale.add": Step(lambda shop, *_: sell(shop, TWO, 20_000)),
    "sale.correct": Step(lambda shop, said, _: shop.counter.correct_sale(
        said["sale.add"], SaleDraft(TWO, shop.day, _CORRECTED)
    )),
    "sale.void": Step(lambda shop, said, _: shop.counter.void_sale(said["sale.add"], "打错了")),
    "sale.restore": Step(lambda shop, said, _: shop.counter.restore_sale(said["sale.add"])),
    "sale.attach": Step(
        lambda shop, _, sale: shop.counter.attach(sale, TWO), lambda shop: sell(shop, None, 5_000)
    ),
    "visit.add": Step(lambda shop, *_: shop.counter.visit(_visit(shop, "等一等")).value),
    "visit.correct": Step(
        lambda shop, said, _: shop.counter.correct_visit(said["visit.add"], _visit(shop, "太贵"))
    ),
    "visit.void": Step(lambda shop, said, _: shop.counter.void_visit(said["visit.add"])),
    "visit.restore": Step(lambda shop, said, _: shop.counter.restore_visit(said["visit.add"])),
    "footfall": Step(lambda shop, *_: shop.footfall.come_in()),
    "complaint.add": Step(
        lambda shop, *_: shop.complaints.add(ComplaintDraft(TWO, "起球", "serious")).value
    ),
    "complaint.settle": Step(
        lambda shop, said, _: shop.complaints.settle(said["complaint.add"], "换了一件", 5_000)
    ),
    "rating.add": Step(lambda shop, *_: shop.complaints.rate(RatingDraft(TWO, "recommend", 9))),
    "wanted.add": Step(lambda shop, *_: shop.wanted.add(_wish("羊绒大衣")).value),
    "wanted.change": Step(lambda shop, said, _: shop.wanted.change(said["wanted.add"], _wish("羊毛大衣"))),
    "wanted.arrived": Step(lambda shop, said, _: shop.wanted.arrived([said["wanted.add"]])),
    "wanted.drop": Step(
        lambda shop, _, wish: shop.wanted.drop([wish]), lambda shop: shop.wanted.add(_wish("丝巾")).value
    ),
    "event.add": Step(lambda shop, *_: shop.events.add(_festival("周年庆")).value),
    "event.change": Step(
        lambda shop, said, _: shop.events.change(said["event.add"], _festival("店庆", "2026-12-05"))
    ),
    "event.remove": Step(lambda shop, said, _: shop.events.remove(said["event.add"])),
    "event.restore": Step(lambda shop, said, _: shop.events.restore(said["event.add"])),
    "words.add": Step(lambda shop, *_: shop.words.add("say.L3", "〔称呼〕，天凉了，来坐坐。").value),
    "words.change": Step(lambda shop, said, _: shop.words.change(said["words.add"], "天凉了，来看看。")),
    "words.switch": Step(lambda shop, *_: shop.words.switch("say.L3.1", on=False)),
    "words.remove": Step(lambda shop, said, _: shop.words.remove(said["words.add"])),
    "words.restore": Step(lambda shop, said, _: shop.words.restore(said["words.add"])),
    "words.keep": Step(lambda shop, _, task: shop.words.keep(task, "这段话以后还用得上，天天开心。"), _task),
    "task.add": Step(lambda shop, *_: shop.followups.add_today(OTHERS[3:9])),
    "task.copied": Step(lambda shop, _, task: shop.followups.copied(task), _task),
    "task.assign": Step(lambda shop, _, task: shop.followups.assign([task], ANNA), _task),
    "task.finish": Step(
        lambda shop, _, task: shop.followups.finish(task, OutcomeDraft("reached", note="聊了聊")).value, _task
    ),
    "task.change": Step(
        lambda shop, said, _: shop.followups.change(said["task.finish"], OutcomeDraft("no_answer"))
    ),
    "task.reopen": Step(lambda shop, said, _: shop.followups.reopen(said["task.finish"])),
    "task.forward": Step(lambda shop, _, waiting: shop.followups.bring_forward(waiting), _waiting),
    "export": Step(lambda shop, *_: shop.exports.members(_file(shop, "members.xlsx"))),
    "import": Step(lambda shop, _, plan: shop.imports.apply(plan), _plan),
    "undo": Step(lambda shop, *_: shop.undo(), _assigned),
    "redo": Step(lambda shop, *_: shop.redo(), _taken_back),
    "takeback": Step(lambda shop, _, entry: shop.undo(entry), _assigned_long_ago),
    "staff.leave": Step(lambda shop, *_: shop.handover.leave(BELLA, [ANNA])),
    "backup": Step(lambda shop, *_: shop.backups.now("by_hand")),
    "day.start": Step(lambda shop, *_: _tomorrow(shop)),
}  # fmt: skip
