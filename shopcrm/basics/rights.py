"""Who may do what: the rights, who has them, and which right each kind of step asks for.

A shop without an owner among its people belongs to whoever sits there. A PIN guards the window and the
commands, not the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from shopcrm.basics.records import StaffId, StaffRow

ROLES = ("owner", "assistant", "entry")

# What an owner may let an assistant do besides her daily work, in the order of the page.
GRANTABLE = ("reveal", "print", "export", "import", "delete", "merge", "rules")
USUAL = ("reveal",)  # what an assistant begins with
_OWNERS_ONLY = ("overview", "settings", "staff", "backup", "restore", "take", "erase", "assign")
_BY_ROLE = {"assistant": frozenset({"counter", "today", "members"}), "entry": frozenset({"counter"})}

RIGHTS = frozenset({*GRANTABLE, *_OWNERS_ONLY, *_BY_ROLE["assistant"]})

FEW = 20  # so many people may leave the shop on paper or by copying without a right of their own
FREE = ""  # what the program does by itself, or anybody may

# What a kind of step asks of who does it; taking a step back or doing it again asks the same.
KINDS: Mapping[str, str] = MappingProxyType({
    "callbacks.read": "import", "complaint.add": "counter", "complaint.settle": "today", "day.start": FREE,
    "event.add": "rules", "event.change": "rules", "event.remove": "rules", "event.restore": "rules",
    "export": "export", "footfall": "counter", "import": "import", "member.add": "counter",
    "member.archive": "delete", "member.assign": "assign", "member.erase": "erase", "member.merge": "merge",
    "member.pause": "today", "member.restore": "members", "member.reveal": "reveal",
    "member.save": "members",
    "member.separate": "merge", "own.add": "settings", "own.away": "settings", "own.back": "settings",
    "own.order": "settings", "own.rename": "settings", "rating.add": "counter", "restore": FREE,
    "salvage": FREE,
    "sale.add": "counter", "sale.attach": "counter", "sale.correct": "counter", "sale.restore": "counter",
    "sale.void": "counter", "setting.set": "rules", "shop.begin": "settings", "staff.active": "staff",
    "staff.add": "staff", "staff.change": "staff", "staff.leave": "staff", "staff.pin": "staff",
    "staff.pin_locked": FREE, "staff.pin_reset": "staff", "staff.recovery": FREE,
    "staff.try": FREE,
    "shop.decrypt": FREE, "shop.encrypt": FREE, "shop.password": FREE,
    "task.add": "today", "task.assign": "today", "task.change": "today", "task.copied": "today",
    "task.finish": "today", "task.forward": "today", "task.reopen": "today", "types.table": FREE,
    "visit.add": "counter", "visit.correct": "counter", "visit.restore": "counter", "visit.void": "counter",
    "wanted.add": "counter", "wanted.arrived": "today", "wanted.change": "counter",
    "wanted.drop": "counter", "words.add": "rules", "words.change": "rules", "words.keep": "today",
    "words.remove": "rules", "words.restore": "rules", "words.switch": "rules",
})  # fmt: skip


def acting_role(actor: StaffId | None, people: Sequence[StaffRow]) -> str:
    """The role in which somebody acts: the owner's where no owner is named, so that nobody is locked out of
    her own shop; nobody in particular (a command, a shop without staff) acts as the owner unless she has a
    PIN, and then in no role at all."""
    owners = [person for person in people if person.active and person.role == "owner"]
    if not owners:
        return "owner"
    nobody = "" if any(owner.has_pin for owner in owners) else "owner"
    return next((person.role for person in people if person.id == actor and person.active), nobody)


def rights_of(actor: StaffId | None, people: Sequence[StaffRow]) -> frozenset[str]:
    """All that somebody may do."""
    role = acting_role(actor, people)
    if role == "owner":
        return RIGHTS
    own = next((person.rights for person in people if person.id == actor), ())
    return _BY_ROLE.get(role, frozenset()) | (frozenset(own) if role == "assistant" else frozenset())


def sees_phones(actor: StaffId | None, people: Sequence[StaffRow], hidden: bool) -> bool:
    """Whether somebody sees whole phone numbers where the shop hides them (`hidden`, one of its settings for
    the screen and one for what leaves the shop) from assistants or not."""
    role = acting_role(actor, people)
    return role == "owner" or (role == "assistant" and not hidden)
