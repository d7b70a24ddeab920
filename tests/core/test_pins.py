"""PINs: what is kept of them, who may set them, and how long whoever guesses has to wait."""

import hashlib
import logging
import random
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shopcrm.basics.errors import InputError, Refusal, RightsError
from shopcrm.basics.records import StaffId
from shopcrm.basics.rights import rights_of
from shopcrm.shop import Shop, pins
from shopcrm.shop.pins import Pins
from shopcrm.store import audit

PIN, OTHER = "7391", "8046"


class Bench:
    """A shop on a file with a running program's seconds and a clock that anybody may set."""

    def __init__(self, path: Path) -> None:
        self.path, self.seconds, self.now = path, 0.0, datetime(2026, 11, 21, 10, 24)
        self.shop = self._open()

    def _open(self) -> Shop:
        shop = Shop.open(self.path, clock=lambda: self.now)
        shop.pins = Pins(shop, lambda: self.seconds)
        return shop

    def restart(self) -> None:
        actor = self.shop.actor
        self.shop.close()
        self.shop = self._open()
        self.shop.actor = actor


@pytest.fixture(autouse=True)
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was hashed; the hash itself is made cheap, as its cost is not what is asked here."""
    seen: list[str] = []

    def quick(text: str, salt: bytes, *_cost: int) -> bytes:
        seen.append(text)
        return hashlib.sha256(salt + text.encode()).digest()

    monkeypatch.setattr(pins, "_scrypt", quick)
    return seen


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "shop.db")
    yield made
    made.shop.close()


@pytest.fixture
def owner(bench: Bench) -> StaffId:
    bench.shop.actor = bench.shop.settings.add_staff("林姐", "owner").value
    bench.shop.pins.set(bench.shop.actor, PIN)
    return bench.shop.actor


@pytest.fixture
def helper(bench: Bench, owner: StaffId) -> StaffId:
    return bench.shop.settings.add_staff("小雯", "assistant").value


def kinds(shop: Shop) -> list[str]:
    return [line.kind for line in reversed(audit.lines(shop.store.read(), 100))]


# -- the wait ------------------------------------------------------------------------------------------------


def test_a_thousand_tries_with_restarts_and_clock_changes(
    bench: Bench, owner: StaffId, looks: list[str]
) -> None:
    """At most 15 an hour are looked at, whatever whoever guesses does to the program and to the clock."""
    chance = random.Random(12)
    looked: list[float] = []
    for number in range(1_000):
        looks.clear()
        tried = bench.shop.pins.try_(owner, f"{number:04}" if f"{number:04}" != PIN else "0000")
        assert not tried.ok
        assert tried.looked == bool(looks)
        if tried.looked:
            looked.append(bench.seconds)
        way = chance.random()
        if way < 0.15:
            bench.restart()
            bench.seconds += 2
        elif way < 0.35:
            bench.now += timedelta(days=chance.choice((-400, -1, 1, 400)), seconds=chance.randrange(9_999))
        elif way < 0.75:
            bench.seconds += bench.shop.pins.wait(owner)  # the cleverest: tries as soon as it may
        else:
            bench.seconds += chance.choice((0.2, 1, 20))
    most = max(sum(start <= at < start + 3_600 for at in looked) for start in looked)
    assert 5 < most <= 15
    assert bench.seconds > 24 * 3_600  # the tries went over days, not all in the first hour


def test_five_are_free_and_then_the_wait_doubles_up_to_a_quarter_of_an_hour(
    bench: Bench, owner: StaffId
) -> None:
    waits = []
    for _ in range(12):
        tried = bench.shop.pins.try_(owner, OTHER)
        waits.append(tried.wait)
        bench.seconds += tried.wait
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert bench.shop.pins.try_(owner, PIN).ok
    assert bench.shop.pins.wait(owner) == 0
    assert bench.shop.pins.try_(owner, OTHER).left == 4  # counted from nothing again


def test_a_restart_begins_the_wait_anew(bench: Bench, owner: StaffId) -> None:
    for _ in range(5):
        bench.shop.pins.try_(owner, OTHER)
    bench.seconds += 29
    assert bench.shop.pins.wait(owner) == 1
    bench.now += timedelta(days=300)
    assert bench.shop.pins.wait(owner) == 1
    bench.restart()
    assert bench.shop.pins.wait(owner) == 30
    assert not bench.shop.pins.try_(owner, PIN).ok  # not even the right one
    bench.seconds += 30
    assert bench.shop.pins.try_(owner, PIN).ok


def test_a_try_counts_before_it_is_looked_at(
    bench: Bench, owner: StaffId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(pins, "_scrypt", killed)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            bench.shop.pins.try_(owner, OTHER)
        bench.restart()
    assert bench.shop.pins.wait(owner) == 30


def test_wrong_tries_for_one_do_not_keep_another_out(bench: Bench, owner: StaffId, helper: StaffId) -> None:
    bench.shop.pins.set(helper, OTHER)
    for _ in range(6):
        bench.shop.pins.try_(helper, "1111")
    assert bench.shop.pins.wait(helper) == 30
    assert bench.shop.pins.try_(owner, PIN).ok


# -- what is kept --------------------------------------------------------------------------------------------


def test_the_kept_hash_is_what_it_says(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    kept = pins._hashed(PIN)
    name, cost, block, lanes, salt, made = kept.split("$")
    assert (name, cost, block, lanes) == ("scrypt", "32768", "8", "1")
    assert len(bytes.fromhex(salt)) == 16
    assert made == hashlib.scrypt(
        PIN.encode(), salt=bytes.fromhex(salt), n=2**15, r=8, p=1, maxmem=2**27, dklen=32
    ).hex()  # fmt: skip
    assert pins._is_hash_of(kept, PIN)
    assert not pins._is_hash_of(kept, OTHER)
    assert pins._hashed(PIN) != kept


def test_no_pin_and_no_code_stands_anywhere(
    bench: Bench, owner: StaffId, helper: StaffId, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = bench.shop
    shop.pins.set(helper, OTHER)
    code = shop.pins.new_recovery(owner)
    shop.pins.try_(owner, "5283")
    shop.undo()  # 小雯 is gone with her PIN ...
    shop.redo()  # ... and back without it
    assert [person.has_pin for person in shop.settings.staff() if person.id == helper] == [False]
    shop.close()
    secrets = (PIN, OTHER, "5283", code, code.replace(" ", ""))
    db = sqlite3.connect(bench.path)
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
        for row in db.execute(f"SELECT * FROM {table}").fetchall():
            said = " ".join(str(value) for value in row if not str(value).startswith("scrypt$"))
            if table != "audit":  # whose seals are hashes, too
                assert not [secret for secret in secrets if secret in said], (table, row)
    images = [row[0] for row in db.execute("SELECT before FROM journal_change WHERE tbl='staff'") if row[0]]
    assert images
    assert not [image for image in images if "scrypt" in image]
    lines = db.execute("SELECT staff, kind, what FROM audit").fetchall()
    db.close()
    assert lines
    assert not [line for line in lines for secret in secrets if secret in str(line)]
    assert not [secret for secret in secrets if secret in caplog.text]


def test_the_trail_names_the_person(bench: Bench, owner: StaffId, helper: StaffId) -> None:
    shop = bench.shop
    shop.pins.set(helper, OTHER)
    for _ in range(5):
        shop.pins.try_(helper, "1111")
    shop.pins.clear(helper)
    shop.pins.reset("林姐")
    assert kinds(shop)[-4:] == ["staff.pin", "staff.pin_locked", "staff.pin_reset", "staff.pin_reset"]
    newest = audit.lines(shop.store.read(), 4)
    assert [line.what["whose"] for line in newest] == ["林姐", "小雯", "小雯", "小雯"]
    assert audit.first_fault(shop.store.read()) is None
    assert shop.view().pin_resets() == ("林姐",)
    bench.now += timedelta(days=8)
    assert shop.view().pin_resets() == ()


def test_no_step_back_touches_a_pin(bench: Bench, owner: StaffId) -> None:
    shop = bench.shop
    shop.settings.set("contact_spacing", 9)
    shop.pins.set(owner, OTHER, PIN)
    shop.undo()
    assert shop.settings.get("contact_spacing") == 7
    assert shop.pins.try_(owner, OTHER).ok


# -- who may -------------------------------------------------------------------------------------------------


def test_who_may_set_whose(bench: Bench, owner: StaffId, helper: StaffId) -> None:
    shop = bench.shop
    shop.pins.set(helper, "2468")  # the owner anybody's
    shop.actor = helper
    shop.pins.set(helper, OTHER, "2468")  # anybody her own, with the old one
    with pytest.raises(InputError) as wrong:
        shop.pins.set(helper, "2580", "1111")
    assert (wrong.value.field, wrong.value.code) == ("pin_old", "pin_bad")
    for refused in (lambda: shop.pins.set(owner, "2580"), lambda: shop.pins.clear(owner)):
        with pytest.raises(RightsError):
            refused()
    with pytest.raises(RightsError):
        shop.pins.new_recovery(owner)
    shop.pins.clear(helper, OTHER)
    assert shop.pins.try_(helper, "").ok  # who has none needs none
    shop.actor = owner
    with pytest.raises(InputError):
        shop.pins.set(owner, "2580")  # her own, though she is the owner: somebody else may sit there


def test_old_pins_cannot_be_guessed_by_changing_them(bench: Bench, owner: StaffId) -> None:
    for _ in range(5):
        with pytest.raises(InputError):
            bench.shop.pins.set(owner, "2580", OTHER)
    with pytest.raises(Refusal) as waits:
        bench.shop.pins.set(owner, "2580", PIN)
    assert (waits.value.code, waits.value.values) == ("pin_wait", {"n": 30})


@pytest.mark.parametrize("pin", ["", "123", "12345", "12a4", "１２３４", "12 4", "-123"])
def test_a_pin_is_four_digits(pin: str, bench: Bench, owner: StaffId) -> None:
    with pytest.raises(InputError) as wrong:
        bench.shop.pins.set(owner, pin, PIN)
    assert wrong.value.code == "pin_digits"


def test_what_everybody_would_try_first() -> None:
    easy = ("0000", "9999", "1234", "4321", "6789", "1212", "1122", "1988", "2026")
    assert all(map(pins.is_easy, easy))
    assert not any(map(pins.is_easy, ("7391", "8046", "2580", "1357", "1231")))
    assert sum(pins.is_easy(f"{number:04}") for number in range(10_000)) < 500


# -- forgotten -----------------------------------------------------------------------------------------------


def test_the_code_opens_until_there_is_another(bench: Bench, owner: StaffId) -> None:
    shop = bench.shop
    code = shop.pins.new_recovery(owner)
    assert len(code.split(" ")) == 4
    assert not shop.pins.recover(owner, "0000 0000 0000 0000", OTHER).ok
    assert shop.pins.recover(owner, code.replace(" ", "-"), OTHER).ok
    assert shop.pins.try_(owner, OTHER).ok
    assert not shop.pins.try_(owner, PIN).ok
    shop.pins.new_recovery(owner)
    assert not shop.pins.recover(owner, code, PIN).ok
    shop.pins.clear(owner, OTHER)
    with pytest.raises(Refusal) as none:
        shop.pins.recover(owner, code, PIN)
    assert none.value.code == "no_recovery"


def test_codes_are_no_second_row_of_tries(bench: Bench, owner: StaffId, looks: list[str]) -> None:
    code = bench.shop.pins.new_recovery(owner)
    for _ in range(3):
        bench.shop.pins.try_(owner, OTHER)
    for _ in range(2):
        bench.shop.pins.recover(owner, "1111 2222 3333 4444", OTHER)
    looks.clear()
    tried = bench.shop.pins.recover(owner, code, OTHER)
    assert (tried.ok, tried.looked, tried.wait) == (False, False, 30)
    assert looks == []


def test_only_owners_have_codes(bench: Bench, owner: StaffId, helper: StaffId) -> None:
    for asked in (
        lambda: bench.shop.pins.new_recovery(helper),
        lambda: bench.shop.pins.recover(helper, "1", PIN),
    ):
        with pytest.raises(Refusal) as none:
            asked()
        assert none.value.code == "no_recovery"


def test_a_pin_taken_away_is_nobody_elses_right(bench: Bench, owner: StaffId, helper: StaffId) -> None:
    """After the last resort the shop belongs again to whoever says she is the owner, and to nobody less."""
    assert rights_of(None, bench.shop.settings.staff()) == frozenset()
    bench.shop.actor = None
    bench.shop.pins.reset("林姐")
    assert not any(person.has_pin for person in bench.shop.settings.staff())
    assert rights_of(None, bench.shop.settings.staff()) == rights_of(owner, bench.shop.settings.staff())
    with pytest.raises(Refusal):
        bench.shop.pins.reset("没有这个人")
