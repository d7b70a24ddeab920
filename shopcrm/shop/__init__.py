"""What the shop does. The one door for the window and the command line.

`Shop` writes and lives on one thread; `ShopView` only reads, on a connection of its own, and belongs to the
screen. A use case fetches from the store, asks the pure rules, writes, and answers `Done`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from shopcrm.basics.errors import RightsError
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import ALL, Done, StaffId, TypeKey
from shopcrm.basics.rights import FREE, KINDS, rights_of, sees_phones
from shopcrm.shop.followups import FollowUps
from shopcrm.shop.types import Types
from shopcrm.shop.view import ShopView
from shopcrm.store import Rx, Store, Tx
from shopcrm.store import settings as setting_rows
from shopcrm.store.facts import NewReceipt

if TYPE_CHECKING:
    from shopcrm.shop.backups import Backups
    from shopcrm.shop.complaints import Complaints
    from shopcrm.shop.counter import Counter
    from shopcrm.shop.effect import Comparing
    from shopcrm.shop.events import Events
    from shopcrm.shop.exports import Exports
    from shopcrm.shop.footfall import Footfall
    from shopcrm.shop.handover import HandOver
    from shopcrm.shop.homecoming import Homecoming
    from shopcrm.shop.imports import Imports
    from shopcrm.shop.members import Members
    from shopcrm.shop.merging import Merging
    from shopcrm.shop.moving import Moving
    from shopcrm.shop.papers import Papers
    from shopcrm.shop.pins import Pins
    from shopcrm.shop.settings import Settings
    from shopcrm.shop.wanted import WantedBook
    from shopcrm.shop.words import Words

__all__ = ["Shop", "ShopView"]

Clock = Callable[[], datetime]


class Shop:
    """The shop on one data file: every use case by noun. Not thread-safe; one per file and process."""

    def __init__(self, store: Store, clock: Clock, actor: StaffId | None = None) -> None:
        self.store = store
        self.clock = clock
        self.actor = actor
        self.types = Types(self)
        self.followups = FollowUps(self)

    # What a start in the morning does not need is loaded when it is first asked for.

    @cached_property
    def settings(self) -> Settings:
        """What the owner set."""
        from shopcrm.shop.settings import Settings

        return Settings(self)

    @cached_property
    def events(self) -> Events:
        """Days the shop has something to tell."""
        from shopcrm.shop.events import Events

        return Events(self)

    @cached_property
    def members(self) -> Members:
        """Who belongs to the shop."""
        from shopcrm.shop.members import Members

        return Members(self)

    @cached_property
    def counter(self) -> Counter:
        """Sales, returns and visits."""
        from shopcrm.shop.counter import Counter

        return Counter(self)

    @cached_property
    def wanted(self) -> WantedBook:
        """What was asked for and was not there."""
        from shopcrm.shop.wanted import WantedBook

        return WantedBook(self)

    @cached_property
    def footfall(self) -> Footfall:
        """How many came in."""
        from shopcrm.shop.footfall import Footfall

        return Footfall(self)

    @cached_property
    def backups(self) -> Backups:
        """Copies of the file."""
        from shopcrm.shop.backups import Backups

        return Backups(self)

    @cached_property
    def merging(self) -> Merging:
        """Two members becoming one."""
        from shopcrm.shop.merging import Merging

        return Merging(self)

    @cached_property
    def imports(self) -> Imports:
        """Files coming in."""
        from shopcrm.shop.imports import Imports

        return Imports(self)

    @cached_property
    def homecoming(self) -> Homecoming:
        """Filled call-back lists coming in."""
        from shopcrm.shop.homecoming import Homecoming

        return Homecoming(self)

    @cached_property
    def moving(self) -> Moving:
        """Whole shops coming in."""
        from shopcrm.shop.moving import Moving

        return Moving(self)

    @cached_property
    def exports(self) -> Exports:
        """Files going out."""
        from shopcrm.shop.exports import Exports

        return Exports(self)

    @cached_property
    def papers(self) -> Papers:
        """What is printed."""
        from shopcrm.shop.papers import Papers

        return Papers(self)

    @cached_property
    def handover(self) -> HandOver:
        """The work of who is away or leaves."""
        from shopcrm.shop.handover import HandOver

        return HandOver(self)

    @cached_property
    def comparing(self) -> Comparing:
        """Leaving people out of a rule, to compare with."""
        from shopcrm.shop.effect import Comparing

        return Comparing(self)

    @cached_property
    def words(self) -> Words:
        """What is said, and how each type is treated."""
        from shopcrm.shop.words import Words

        return Words(self)

    @cached_property
    def complaints(self) -> Complaints:
        """Complaints, and marks customers give."""
        from shopcrm.shop.complaints import Complaints

        return Complaints(self)

    @cached_property
    def pins(self) -> Pins:
        """Who sits there, asked by four digits."""
        from shopcrm.shop.pins import Pins

        return Pins(self)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        clock: Clock,
        actor: StaffId | None = None,
        progress: Progress = SILENT,
        password: str = "",
    ) -> Shop:
        """Open or create the data file, backed up and migrated where it is older.

        `":memory:"` gives a shop without a file. Raises StoreError (damaged, newer, locked, second copy ...);
        Refusal shop_locked, shop_password_wrong where an encrypted file needs its password.
        """
        store = Store.open(path, now=clock(), progress=progress, password=password)
        return cls(store, clock, actor)

    @property
    def day(self) -> date:
        """Today, by the clock handed in."""
        return self.clock().date()

    @property
    def at(self) -> str:
        """Now as HH:MM."""
        return self.clock().strftime("%H:%M")

    def view(self, *, for_window: bool = False) -> ShopView:
        """A reading twin on a connection of its own (the same one for a shop without a file), which shows
        what whoever acts now may see. One `for_window` does not wait long for other programs: StoreError
        locked."""
        view = ShopView(self.store.reader(for_window=for_window), self.clock, self.store.feed)
        view.act_as(self.actor)
        return view

    def own_view(self) -> ShopView:
        """The same on this thread's connection, which is not to be closed."""
        view = ShopView(self.store.read(), self.clock)
        view.act_as(self.actor)
        return view

    def may(self, right: str, rx: Rx | None = None) -> bool:
        """Whether whoever acts has this right of basics.rights."""
        rx = rx or self.store.read()
        return right == FREE or right in rights_of(self.actor, rx.known(setting_rows.staff))

    def masks_what_leaves(self) -> bool:
        """Whether numbers are masked in what whoever acts takes out of the shop, on paper or as a file."""
        rx = self.store.read()
        hidden = bool(setting_rows.value(rx, "staff.mask_exports"))
        return not sees_phones(self.actor, setting_rows.staff(rx), hidden)

    def check(self, right: str, rx: Rx | None = None) -> None:
        """Raise RightsError where whoever acts has not this right of basics.rights."""
        if not self.may(right, rx):
            raise RightsError(right)

    def write(
        self,
        kind: str,
        now: datetime | None = None,
        *,
        right: str | None = None,
        undoes: int | None = None,
    ) -> AbstractContextManager[Tx]:
        """One step of whoever acts as one transaction (`Store.write`), at `now` (default: the clock).

        Raises RightsError where she lacks the right (default: what basics.rights.KINDS asks for this kind).
        """
        needed = KINDS[kind] if right is None else right
        return self.store.write(
            kind, self.actor, now or self.clock(), undoes=undoes, check=partial(self.check, needed)
        )

    def start_day(self, progress: Progress = SILENT) -> Done[bool]:
        """Bring types and to-dos to today; True if anything was to do. Twice on one day changes nothing."""
        with self.write("day.start") as tx, tx.roomy():
            moved = self.types.start_day(tx, self.day, progress)
            moved = self.followups.start_day(tx, self.day, progress) or moved
            if moved:  # complete again after the derived tables were renewed
                from shopcrm.store.imports import forget_verdicts
                from shopcrm.store.members import write_search
                from shopcrm.store.sales import complete_items

                forget_verdicts(tx)
                write_search(tx, None)
                complete_items(tx)
        return tx.done(moved, "done.day")

    def refresh(
        self,
        tx: Tx,
        members: frozenset[int] | None,
        progress: Progress = SILENT,
        receipt: NewReceipt | None = None,
    ) -> Mapping[int, TypeKey]:
        """Inside a write: facts, verdicts and to-dos of these members (None = everybody) follow their
        records; `receipt`: it is all that changed of them. Answers who of them is of another type now."""
        tx.touch(members=ALL if members is None else members)
        limits, moved = self.types.refresh(tx, members, tx.day, progress, receipt)
        # Somebody who brought one of them along may have moved, too.
        if moved and members is not None and not members >= moved.keys():
            members |= moved.keys()
        self.followups.refresh(tx, members, tx.day, progress, limits)
        return moved

    def undo(self, entry: int | None = None, progress: Progress = SILENT) -> Done[tuple[str, ...]]:
        """Take back the last step of this session that stands (or `entry`); the value names rows kept because
        edited since.

        An earlier `entry` makes a step of its own. Raises Refusal("nothing_to_undo").
        """
        from shopcrm.shop.undo import undo

        return undo(self, entry, progress)

    def redo(self, progress: Progress = SILENT) -> Done[tuple[str, ...]]:
        """Do again what was taken back last; a new step cuts that way. Raises Refusal("nothing_to_redo")."""
        from shopcrm.shop.undo import redo

        return redo(self, progress)

    def close(self) -> None:
        """Close the file and let the lock go; safe to call twice."""
        self.store.close()

    def __enter__(self) -> Shop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
