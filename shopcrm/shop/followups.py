"""SEAM: class FollowUps(shop)

start_day(tx, day, progress) -> bool; refresh(tx, members: frozenset[int] | None, day, progress)   wanted tasks reconciled with stored ones
on_record(tx, member, kind, day)             a purchase, visit or contact closes or re-times open tasks with the reason
finish(task: TaskId, draft: OutcomeDraft) -> Done[TaskId]; change(task, draft) -> Done; reopen(task) -> Done   (done tab)
copied(task) -> Done; add_today(members) -> Done[int]
Read functions used by ShopView (take an Rx): day_list(rx, day, staff=None) -> DayList, task_rows(rx, ids, day) -> list[TaskRow],
message(rx, task, variant, day) -> Message
"""

"""
Called by ShopView as functions of this module: day_list(rx, day, staff), task_rows(rx, ids, day), message(rx, task, variant, day),
open_of(rx, member, day) -> TaskRow | None (the open to-do of a member for her card).
"""
