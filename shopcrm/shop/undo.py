"""Taking back the last action, or any earlier one that still stands; taking that back again is redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopcrm.basics import texts
from shopcrm.basics.errors import Refusal
from shopcrm.basics.progress import SILENT, Progress
from shopcrm.basics.records import Done
from shopcrm.basics.rights import KINDS
from shopcrm.basics.texts import t
from shopcrm.store import Rx, imports, journal, members, merging, settings

_FEW = 2_000  # above, everybody at once is quicker than each by herself
_NAMED = 5  # names in the sentence

if TYPE_CHECKING:
    from shopcrm.shop import Shop


def undo(shop: Shop, entry: int | None, progress: Progress = SILENT) -> Done[tuple[str, ...]]:
    """Reverse the last step of this session that stands, or the step or undo `entry`; the value names whoever
    has rows kept because edited since.

    An earlier step that is chosen and reversed makes a step of its own: the next undo brings it back.
    `Done.entry` undoes the undo. Raises Refusal nothing_to_undo, or undo_kept where all an earlier step did
    was changed since, merge_survivor_merged for a merge into somebody who was merged herself since.
    """
    rx = shop.store.read()
    last = journal.last_entry(rx, shop.store.session_start)
    if entry is None:
        entry = last
    if entry is None or not journal.may_undo(rx, entry):
        raise Refusal("nothing_to_undo")
    if journal.kind_of(rx, entry) == journal.UNDO:
        return _reverse(shop, entry, journal.REDO, progress, chosen=True)
    if entry == last:
        return _reverse(shop, entry, journal.UNDO, progress)
    return _reverse(shop, entry, journal.TAKEBACK, progress, chosen=True)


def redo(shop: Shop, progress: Progress = SILENT) -> Done[tuple[str, ...]]:
    """Do again what was undone last, as long as no step was made since; answers as `undo`.

    Raises Refusal nothing_to_redo, RightsError for a step that asks for more.
    """
    entry = journal.entry_to_redo(shop.store.read(), shop.store.session_start)
    if entry is None:
        raise Refusal("nothing_to_redo")
    return _reverse(shop, entry, journal.REDO, progress)


def _reverse(
    shop: Shop, entry: int, kind: str, progress: Progress, *, chosen: bool = False
) -> Done[tuple[str, ...]]:
    rx = shop.store.read()
    _check_survivor(rx, entry)
    as_before = imports.verdicts_kept(rx, entry, shop.day)
    cause, again = journal.first_cause(rx, entry)
    right = KINDS[journal.kind_meant(rx, entry)]
    with shop.write(kind, right=right, undoes=entry) as tx, tx.roomy():
        people, owners = settings.staff(tx), shop.settings.owners(tx)
        undone = journal.undo(tx, entry, progress=progress)
        # Where somebody has a PIN, no step back makes the shop anybody's.
        if owners and any(person.has_pin for person in people) and not shop.settings.owners(tx):
            raise Refusal("staff_last_owner", name=owners[0].name)
        if chosen and not tx.is_journaled:
            raise Refusal("undo_kept")  # a step that changes nothing must not pass for taken back
        if len(undone.members) <= _FEW and any(members.in_circle(tx, member) for member in undone.members):
            raise Refusal("undo_kept")  # the referrer given back was brought along by herself since
        names = tuple(members.name_of(tx, member) for member in undone.kept)
        progress.step(0, 1, "progress.types")
        members.write_search(tx, undone.renamed)
        touched = undone.members | shop.merging.follow_undo(tx, entry)
        shop.types.follow_undo(tx, entry)
        shop.settings.follow(tx, list(undone.settings))
        if undone.events:
            shop.followups.refresh(tx, None, tx.day, progress)
        if touched and as_before:
            # Replayed, the types of a shop that ran for weeks would not all be those that grew day by day.
            shop.types.refresh(tx, None, tx.day, progress)
            imports.restore_verdicts(tx)
            shop.followups.refresh(tx, None, tx.day, progress, shop.types.limits(tx))
        elif touched and not undone.is_of_rules:  # else who was touched was looked at already
            few = len(touched) <= _FEW and not imports.moved_everybody(rx, entry)
            shop.refresh(tx, touched if few else None, progress)
        if names:
            told = t("undo.join").join(names[:_NAMED])
            if len(names) > _NAMED:
                told = t("undo.and_more", names=told, n=len(names))
            return tx.done(names, "undo.kept", names=told)
        if cause is None or not texts.has(cause.id):
            return tx.done(names, "redo.done" if again else "undo.done")
        named = f"step.{cause.id}"  # where the sentence itself says that something has been done
        what = t(named if texts.has(named) else cause.id, **cause.values)
        return tx.done(names, "redo.what" if again else "undo.what", what=what)


def _check_survivor(rx: Rx, entry: int) -> None:
    """What was hers went along where she was merged herself: nothing is left to be taken apart, or joined."""
    pair = merging.pair_of(rx, entry)
    survivor = None if pair is None else merging.side(rx, pair[0])
    if survivor is not None and survivor.merged_into is not None:
        raise Refusal("merge_survivor_merged", name=survivor.name)
