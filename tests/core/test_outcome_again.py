"""An outcome that was undone and done again is put right and taken back like one that never was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import Refusal
from shopcrm.basics.records import OutcomeDraft, TaskId
from tests.conftest import DAY

OUTCOMES = ("reached", "no_answer", "will_come", "refused", "wrong_number", "later")


@pytest.fixture
def task(shop: Any, a_member: Callable[..., int]) -> TaskId:
    """Somebody new of yesterday is to be welcomed today."""
    a_member("王丽", joined=DAY - timedelta(days=1), size_top="M")
    (found,) = shop.view().day_list().open
    return TaskId(found)


def stand(shop: Any, task: TaskId) -> tuple[object, ...]:
    """All that an outcome changes."""
    row = shop.view().tasks([task])[0]
    card = shop.view().member(row.member)
    return (
        row.state, row.outcome, row.due, row.appointment, row.tries, row.snoozes, row.closed_why, row.phones,
        card.pause_until, card.may_dial, [contact.outcome for contact in card.contacts],
    )  # fmt: skip


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_was_done_again_is_taken_back_whole(shop: Any, task: TaskId, outcome: str) -> None:
    before = stand(shop, task)
    shop.followups.finish(task, OutcomeDraft(outcome))
    for _ in range(2):
        shop.undo()
        shop.redo()
    shop.followups.reopen(task)
    assert stand(shop, task) == before
    with pytest.raises(Refusal):
        shop.followups.reopen(task)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_was_done_again_is_put_right(shop: Any, task: TaskId, outcome: str) -> None:
    before = stand(shop, task)
    shop.followups.finish(task, OutcomeDraft("will_come"))
    should = stand(shop, task)
    shop.undo()
    shop.followups.finish(task, OutcomeDraft(outcome))
    shop.undo()
    shop.redo()
    shop.followups.change(task, OutcomeDraft("will_come"))
    assert stand(shop, task) == should
    shop.undo()
    shop.redo()
    shop.followups.reopen(task)
    assert stand(shop, task) == before


def test_what_was_taken_back_by_mistake_can_be_taken_back_again(shop: Any, task: TaskId) -> None:
    before = stand(shop, task)
    shop.followups.finish(task, OutcomeDraft("wrong_number"))
    shop.followups.reopen(task)
    shop.undo()
    shop.followups.reopen(task)
    assert stand(shop, task) == before
