"""Work runs beside the screen, its answers come back in the screen's thread, and errors are not lost."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QThread
from PySide6.QtWidgets import QPushButton

from shopcrm.basics.errors import Cancelled, Refusal
from shopcrm.basics.progress import Progress
from shopcrm.basics.records import Changes
from tests.ui.stand_in import NOW, StandInShop
from ui.jobs import InlineJobs, WorkerJobs
from ui.session import Preferences, Session


@pytest.fixture
def worker(qapp: Any) -> Any:
    jobs = WorkerJobs()
    yield jobs
    jobs.close()


@pytest.fixture
def session(qapp: Any) -> Any:
    made = Session(InlineJobs(), Preferences(), lambda: NOW)
    made.open(lambda progress: StandInShop())  # type: ignore[arg-type, return-value]
    yield made
    made.close()


def test_work_runs_on_the_worker_and_answers_on_the_screen(qtbot: Any, worker: WorkerJobs) -> None:
    here, seen = threading.get_ident(), []
    worker.submit(threading.get_ident, lambda value: seen.append((value, threading.get_ident())), seen.append)
    qtbot.waitUntil(lambda: len(seen) == 1)
    there, back = seen[0]
    assert there != here
    assert back == here
    assert QThread.currentThread() is QCoreApplication.instance().thread()


def test_work_keeps_its_order_and_an_error_is_handed_back(qtbot: Any, worker: WorkerJobs) -> None:
    seen: list[object] = []

    def fail() -> object:
        raise Refusal("no_shop", file="x")

    worker.submit(lambda: 1, seen.append, seen.append)
    worker.submit(fail, seen.append, seen.append)
    worker.submit(lambda: 3, seen.append, seen.append)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert seen[0] == 1
    assert isinstance(seen[1], Refusal)
    assert seen[2] == 3


def test_closing_waits_for_the_work(qtbot: Any, qapp: Any) -> None:
    jobs, finished = WorkerJobs(), threading.Event()
    started = threading.Event()

    def work() -> object:
        started.set()
        finished.wait(2)
        return None

    jobs.submit(work, lambda _: None, lambda _: None)
    assert started.wait(2)
    finished.set()
    jobs.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("shop")]


def test_session_opens_on_the_worker(qtbot: Any, qapp: Any) -> None:
    shop, threads = StandInShop(), []

    def opener(progress: Progress) -> Any:
        threads.append(threading.get_ident())
        return shop

    session = Session(WorkerJobs(), Preferences(), lambda: NOW)
    with qtbot.waitSignal(session.opened):
        session.open(opener)
    assert threads != [threading.get_ident()]
    assert session.today == NOW.date()
    assert session.staff is not None
    assert shop.actor == session.staff.id
    session.close()
    assert shop.closed
    assert shop.reader.closed


def test_a_write_sends_its_changes_then_its_sentence_then_the_result(session: Session) -> None:
    order: list[str] = []
    session.changed.connect(
        lambda changes, origin: order.append(f"changed {sorted(changes.members.ids)} {origin}")
    )
    session.said.connect(lambda done: order.append("said"))
    session.do(lambda shop, _: shop.rename(3, "丽"), origin="me", done=lambda done: order.append("done"))  # type: ignore[attr-defined]
    assert order == ["changed [3] me", "said", "done"]
    assert session.view.rows([3])[0].name == "丽"


def test_an_error_goes_to_the_caller_or_to_everybody(session: Session) -> None:
    told: list[object] = []
    session.failed.connect(lambda error, retry: told.append(error))

    def refuse(shop: Any, progress: Progress) -> object:
        raise Refusal("no_shop", file="x")

    session.do(refuse, failed=told.append)
    assert len(told) == 1
    session.do(refuse)
    assert len(told) == 2


def test_a_stopped_action_is_no_error(session: Session) -> None:
    told: list[object] = []
    session.failed.connect(lambda error, retry: told.append(error))

    def stopped(shop: Any, progress: Progress) -> object:
        progress.stop()
        progress.step(1, 2, "progress.x")
        raise AssertionError("step must raise")

    with pytest.raises(Cancelled):
        stopped(None, Progress())
    session.do(stopped)
    assert told == []
    assert not session.is_busy


def test_steps_reach_the_screen(qtbot: Any, qapp: Any) -> None:
    session = Session(WorkerJobs(), Preferences(), lambda: NOW)
    with qtbot.waitSignal(session.opened):
        session.open(lambda progress: StandInShop())  # type: ignore[arg-type, return-value]
    steps: list[tuple[int, int, str]] = []

    def work(shop: Any, progress: Progress) -> object:
        progress.step(2, 2, "progress.x")
        return "ready"

    ended: list[object] = []
    running = session.do(work, done=ended.append)
    running.stepped.connect(lambda a, b, c: steps.append((a, b, c)))
    qtbot.waitUntil(lambda: ended == ["ready"])
    assert steps == [(2, 2, "progress.x")]
    session.close()


def test_only_the_newest_question_of_a_kind_is_answered(qtbot: Any, qapp: Any) -> None:
    session = Session(WorkerJobs(), Preferences(), lambda: NOW)
    with qtbot.waitSignal(session.opened):
        session.open(lambda progress: StandInShop())  # type: ignore[arg-type, return-value]
    gate, asked, answers = threading.Event(), [], []

    def ask(number: int) -> Any:
        def op(view: Any) -> int:
            gate.wait(2)
            asked.append(number)
            return number

        return op

    for number in range(5):
        session.query(ask(number), key="k", done=answers.append)
    session.query(ask(99), key="other", done=answers.append)
    gate.set()
    qtbot.waitUntil(lambda: 99 in answers)
    assert answers == [4, 99]
    assert len(asked) <= 3  # those overtaken while waiting were not asked at all
    session.close()


def test_back_and_forth_as_often_as_pressed(session: Session) -> None:
    shop: Any = session.shop
    said: list[str] = []
    session.undone.connect(lambda done: said.append(done.sentence.id))
    session.redone.connect(lambda done: said.append(done.sentence.id))
    session.failed.connect(lambda error, _retry: said.append(error.code))
    for step in (session.undo, session.undo, session.redo, session.redo, session.redo):
        step()
    assert said == ["undo.done", "undo.done", "redo.done", "redo.done", "nothing_to_redo"]
    assert shop.undone == []


def test_a_busy_button_waits_and_comes_back(qtbot: Any, qapp: Any) -> None:
    session = Session(WorkerJobs(), Preferences(), lambda: NOW)
    with qtbot.waitSignal(session.opened):
        session.open(lambda progress: StandInShop())  # type: ignore[arg-type, return-value]
    button, gate, ended = QPushButton("保存"), threading.Event(), []
    qtbot.addWidget(button)

    def work(shop: Any, progress: Progress) -> object:
        gate.wait(3)
        return None

    session.do(work, busy=button, done=ended.append)
    assert not button.isEnabled()
    qtbot.waitUntil(lambda: button.text() == "正在…")
    gate.set()
    qtbot.waitUntil(lambda: ended == [None])
    assert button.isEnabled()
    assert button.text() == "保存"
    session.close()


def test_preferences_survive_and_a_damaged_file_costs_only_them(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "window.json"
    Preferences(file).set("level", "big")
    assert Preferences(file).get("level") == "big"
    file.write_text("{broken", encoding="utf-8")
    assert Preferences(file).get("level", "normal") == "normal"


def test_nothing_changed_sends_no_changes(session: Session) -> None:
    seen: list[Changes] = []
    session.changed.connect(lambda changes, origin: seen.append(changes))
    session.do(lambda shop, progress: shop.start_day(progress))
    assert seen == []


def test_work_gives_way_to_the_screen_while_it_runs(qtbot: Any) -> None:
    usual, seen = sys.getswitchinterval(), []
    jobs = WorkerJobs()
    jobs.submit(lambda: sys.getswitchinterval(), seen.append, seen.append)
    jobs.submit(lambda: 1 / 0, seen.append, lambda _error: None)
    qtbot.waitUntil(lambda: bool(seen))
    jobs.close()
    assert seen[0] < usual
    assert sys.getswitchinterval() == usual


def test_what_nobody_waits_for_gives_way(qtbot: Any) -> None:
    session = Session(WorkerJobs(), Preferences(), lambda: NOW)
    session.open(lambda progress: StandInShop())  # type: ignore[arg-type, return-value]
    qtbot.waitUntil(lambda: session.is_open)
    begun, told = threading.Event(), []

    def carry(_shop: Any, progress: Progress) -> None:
        begun.set()
        for step in range(60_000):
            progress.step(step, 60_000, "progress.backup")
            time.sleep(0.001)

    session.do(carry, done=told.append, failed=told.append, gives_way=True)
    assert begun.wait(5)
    session.do(lambda shop, progress: "sold", done=told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=5_000)
    assert told == ["sold"]
    session.do(lambda shop, progress: progress.step(1, 1, "") or "kept", done=told.append, gives_way=True)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["sold", "kept"]
    session.close()
