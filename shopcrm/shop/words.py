"""What the shop says: its own wordings beside those of the program, and how each type is treated."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import (
    TYPE_KEYS,
    Done,
    MemberId,
    OccasionRow,
    SlotRow,
    Strategy,
    TaskId,
    TriedOut,
    TypeKey,
    Wording,
)
from shopcrm.basics.texts import has, language, t
from shopcrm.basics.values import Birthday, call_name, clean_name, clean_text
from shopcrm.rules import events as dates
from shopcrm.rules import templates, wordings
from shopcrm.rules.followups import ARRIVED, Stored
from shopcrm.shop import followups
from shopcrm.store import Rx, Tx, events, settings, tasks, wanted
from shopcrm.store import members as people
from shopcrm.store import words as rows

if TYPE_CHECKING:
    from shopcrm.shop import Shop

MOST = templates.MOST  # characters of a message that still reads as a message
LONGEST = 500  # characters of a wording
LONGEST_NAME = 20
EXAMPLES = 20  # members to try a wording out on
_ACTIONS = 3
# The occasion that says most of how a type is treated.
_MAIN: dict[TypeKey, str] = {
    "loyal": "say.L3", "potential": "say.P1.1", "drifting": "say.D3", "lost": "say.X1.1",
}  # fmt: skip
_PARTS = ("title", "goal", "do", "dont", "offer")  # of a strategy, besides its actions


class Words:
    """Each write is one step that undo takes back."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def add(self, occasion: str, words: str, name: str = "") -> Done[int]:
        """A wording of the shop's own in the language in force; the value is its id. It comes into the round.

        InputError words_... for words that are none, too long, there already, or with a 〔…〕 that stands for
        nothing, and for a name that is long or taken; without one it gets a name. Refusal occasion_unknown.
        """
        shop = self._shop
        with shop.write("words.add") as tx:
            return self._add(tx, occasion, words, name)

    def keep(self, task: TaskId, text: str, name: str = "") -> Done[int]:
        """Make a message written for one to-do a wording of its occasion: her name, articles, size and the
        assistant's name become slots again. Raises as `add`, and Refusal task_unknown."""
        shop = self._shop
        with shop.write("words.keep") as tx:
            one = tasks.some(tx, [task]).get(task)
            if one is None:
                raise Refusal("task_unknown")
            occasion = followups.occasion_of(one, tx.day.toordinal())
            names = _names(tx)
            known = followups.slots_of(tx, {task: one}, tx.day)[task].filled()
            hers = rows.own_values(tx, [one.member]).get(one.member, {})
            first = [
                slot
                for template in templates.shipped(occasion)
                for slot in wordings.used(wordings.of_shipped(t(template)))
            ]
            given = one.name[1:]
            double = one.name[2:] if len(one.name) > 3 else ""  # behind a surname of two characters, 欧阳
            called = (one.name, one.call_name, call_name(one.name), given, call_name(given), double)
            words, _ = wordings.kept(clean_text(text), names)
            words = wordings.generalised(words, known | hers, called, first)
            return self._add(tx, occasion, wordings.shown(words, names), name)

    def change(self, wording: int, words: str, name: str = "") -> Done[int]:
        """Put an own wording right. Raises as `add`, and Refusal words_unknown."""
        shop = self._shop
        with shop.write("words.change") as tx:
            known = _known(tx, wording)
            kept = _checked(tx, known.occasion, words, wording)
            name = _checked_name(tx, known.occasion, name or known.name, wording)
            tx.update("template", wording, words=kept, name=name)
            return tx.done(wording, "done.words", name=name)

    def remove(self, wording: int) -> Done[None]:
        """Out of the round; `restore` brings it back. Refusal words_unknown, words_last where nothing else
        would be left to say."""
        shop = self._shop
        with shop.write("words.remove") as tx:
            known = _known(tx, wording)
            _refuse_last(tx, known.occasion, known.id)
            tx.update("template", wording, gone_on=tx.day.isoformat())
            return tx.done(None, "done.words_removed", name=known.name)

    def restore(self, wording: int) -> Done[None]:
        """Bring a removed wording back. Refusal words_unknown; InputError if one like it is there now."""
        shop = self._shop
        with shop.write("words.restore") as tx:
            known = rows.one(tx, wording)
            if known is None or not known.gone:
                raise Refusal("words_unknown")
            _refuse_same(tx, known.occasion, known.words, wording)
            name = _checked_name(tx, known.occasion, known.name, wording)
            tx.update("template", wording, gone_on=None)
            return tx.done(None, "done.words", name=name)

    def switch(self, template: str, on: bool) -> Done[None]:
        """Use a wording of the program or not. Refusal words_unknown, words_last."""
        shop = self._shop
        with shop.write("words.switch") as tx:
            occasion, _, _ = template.rpartition(".")
            if template not in templates.shipped(occasion):
                raise Refusal("words_unknown")
            off = _off(tx) - {template} if on else _off(tx) | {template}
            if not on:
                _refuse_last(tx, occasion, template)
            settings.put(tx, "words_off", sorted(off))
            return tx.done(None, "done.words_on" if on else "done.words_off", name=t(occasion))

    def set_strategy(self, type: TypeKey, strategy: Strategy | None) -> Done[None]:
        """Say how a type is treated; None and whatever is as recommended follow the program. InputError
        strategy.<type>.<part> for a part that is too long."""
        told: dict[str, object] = {}
        if strategy is not None:
            usual = _recommended(type)
            lines = (line for line in map(clean_text, strategy.actions) if line)
            wished = {"actions": "\n".join(lines)} | {
                part: clean_text(getattr(strategy, part)) for part in _PARTS
            }
            told = {part: text for part, text in wished.items() if text and text != _part(usual, part)}
        return self._shop.settings.set_many({f"strategy.{type}": told})

    def _add(self, tx: Tx, occasion: str, words: str, name: str) -> Done[int]:
        if not has(occasion) or not templates.shipped(occasion):
            raise Refusal("occasion_unknown")
        kept = _checked(tx, occasion, words, None)
        name = _checked_name(tx, occasion, name, None)
        wording = tx.insert(
            "template", occasion=occasion, language=language(), name=name, words=kept, staff_id=tx.actor,
            made_on=tx.day.isoformat(),
        )  # fmt: skip
        return tx.done(wording, "done.words", name=name)


# ---------------------------------------------------------------- checks


def _checked(tx: Tx, occasion: str, words: str, own: int | None) -> str:
    """The words in the form in which they are kept."""
    words = clean_text(words)
    if not words:
        raise InputError("words", "words_needed")
    if len(words) > LONGEST:
        raise InputError("words", "text_long", n=LONGEST)
    kept, unknown = wordings.kept(words, _names(tx))
    if unknown:
        raise InputError("words", "words_slot", word=unknown[0])
    if wordings.is_open(kept):
        raise InputError("words", "words_bracket")
    _refuse_same(tx, occasion, kept, own)
    return kept


def _refuse_same(tx: Tx, occasion: str, kept: str, own: int | None) -> None:
    for other in rows.of_occasion(tx, occasion, language()):
        if other.words == kept and not other.gone and other.id != f"own:{own}":
            raise InputError("words", "words_same", name=other.name)


def _checked_name(tx: Tx, occasion: str, name: str, own: int | None) -> str:
    taken = {
        one.name
        for one in rows.of_occasion(tx, occasion, language())
        if not one.gone and one.id != f"own:{own}"
    }
    name = clean_name(name)
    if len(name) > LONGEST_NAME:
        raise InputError("words.name", "name_long", n=LONGEST_NAME)
    if name in taken:
        raise InputError("words.name", "words_name_taken", name=name)
    number = 1
    while not name:
        proposal = t("words.auto", name=t(occasion)[: LONGEST_NAME - 6], n=number)
        name = "" if proposal in taken else proposal
        number += 1
    return name


def _known(tx: Tx, wording: int) -> Wording:
    known = rows.one(tx, wording)
    if known is None or known.gone:
        raise Refusal("words_unknown")
    return known


def _refuse_last(tx: Tx, occasion: str, template: str) -> None:
    """Something must be left to say."""
    if not any(one.is_on and one.id != template for one in of_occasion(tx, occasion)):
        raise Refusal("words_last", name=t(occasion))


def _off(rx: Rx) -> set[str]:
    value = settings.value(rx, "words_off")
    return {str(one) for one in value} if isinstance(value, list | tuple) else set()


def _names(rx: Rx) -> dict[str, str]:
    """The slots by id with their names, the shop's own fields with them."""
    return wordings.slot_names({field.id: field.name for field in people.own_fields(rx) if not field.gone})


# ---------------------------------------------------------------- reading


def occasions(rx: Rx) -> tuple[OccasionRow, ...]:
    """Every occasion on which something is said, in the order of the rules."""
    own, off = rows.counts(rx, language()), _off(rx)
    return tuple(
        OccasionRow(
            one.name, tuple(key for key in TYPE_KEYS if key in one.types), own.get(one.name, 0),
            sum(template not in off for template in templates.shipped(one.name)),
        )
        for one in templates.occasions()
    )  # fmt: skip


def of_occasion(rx: Rx, occasion: str) -> tuple[Wording, ...]:
    """The wordings of an occasion in the language in force: own ones, those of the program, removed ones."""
    names, off = _names(rx), _off(rx)
    own = [
        one._replace(words=wordings.shown(one.words, names))
        for one in rows.of_occasion(rx, occasion, language())
    ]
    shipped = [
        Wording(
            template, occasion, t("words.shipped", n=number),
            wordings.shown(wordings.of_shipped(t(template)), names), is_own=False, is_on=template not in off,
        )
        for number, template in enumerate(templates.shipped(occasion), 1)
    ]  # fmt: skip
    return (*(one for one in own if not one.gone), *shipped, *(one for one in own if one.gone))


def slots(rx: Rx, occasion: str) -> tuple[SlotRow, ...]:
    """The words that stand for something of each member, for an occasion."""
    return tuple(
        SlotRow(slot, f"〔{name}〕", wordings.fits(slot, occasion)) for slot, name in _names(rx).items()
    )


def examples(rx: Rx, occasion: str) -> tuple[MemberId, ...]:
    """Members to try a wording out on: those with a to-do of the occasion first."""
    found = _occasion(occasion)
    waiting = [MemberId(member) for _, member in rows.waiting(rx, found.rule, found.step, EXAMPLES)]
    more = rows.of_types(rx, found.types, EXAMPLES) if len(waiting) < EXAMPLES else []
    return tuple(dict.fromkeys([*waiting, *more]))[:EXAMPLES]


def tried_out(rx: Rx, occasion: str, typed: str, member: MemberId | None, day: date) -> TriedOut:
    """A wording as it is typed: what is wrong with it, and what it says to a member."""
    names = _names(rx)
    kept, unknown = wordings.kept(clean_text(typed), names)
    idle = tuple(
        names[slot] for slot in wordings.used(kept) if slot in names and not wordings.fits(slot, occasion)
    )
    if member is None or (one := _as_if(rx, occasion, member, day)) is None:
        return TriedOut("", "", (), unknown, idle)
    known = followups.slots_of(rx, {one.task.id: one}, day)[one.task.id].filled()
    hers = rows.own_values(rx, [member]).get(member, {})
    filled = wordings.fill(kept, known | hers, names)
    missing = tuple(names.get(slot, slot) for slot in filled.missing if slot in names)
    return TriedOut(one.name, filled.text, missing, unknown, idle, has_gaps=filled.has_gaps)


def _occasion(name: str) -> templates.Occasion:
    for one in templates.occasions():
        if one.name == name:
            return one
    raise Refusal("occasion_unknown")


def _as_if(rx: Rx, occasion: str, member: MemberId, day: date) -> tasks.OneTask | None:
    """Her to-do of an occasion, or one as she might have it."""
    found = _occasion(occasion)
    for waiting, whose in rows.waiting(rx, found.rule, found.step, EXAMPLES):
        if whose == member:
            return tasks.some(rx, [waiting])[waiting]
    person = rows.person(rx, member)
    if person is None:
        return None
    name, called, is_man, staff, birthday, type_key = person
    today = day.toordinal()
    anchor = today
    context: dict[str, object] = {}
    if found.rule == "L2" and birthday:
        anchor = Birthday.from_key(birthday).next_solar(day).toordinal()
    elif found.rule in dates.RULE_OF.values():
        ahead = (dates.seen(row, day) for row in events.standing(rx))
        anchor = min((e.first for e in ahead if e is not None and e.rule == found.rule), default=today)
    elif found.rule == ARRIVED:
        asked = [wish for wish in wanted.of_member(rx, member) if wish.state != "dropped"]
        context["goods"] = [(wish.item, wish.size, wish.colour, wish.day.toordinal()) for wish in asked[:1]]
    elif found.rule == "P4":
        context["more"] = 1
    task = Stored(0, found.rule, anchor, found.step, type_key or TYPE_KEYS[0], today, today, "message")
    return tasks.OneTask(
        task, member, name, called, is_man=bool(is_man), may_message=True, context=context, staff=staff
    )


# ---------------------------------------------------------------- how a type is treated


def strategy(rx: Rx, type: TypeKey) -> Strategy:
    """How a type is treated: as the owner wrote it, else as recommended."""
    first = next((one.words for one in of_occasion(rx, _MAIN[type]) if one.is_on), "")
    usual = _recommended(type)._replace(words=first)
    value = settings.value(rx, f"strategy.{type}")
    if not isinstance(value, dict) or not value:
        return usual
    own = {part: str(value[part]) for part in _PARTS if value.get(part)}
    actions = tuple(str(value["actions"]).splitlines()[:_ACTIONS]) if value.get("actions") else usual.actions
    return usual._replace(**own, actions=actions, is_own=True)


def _recommended(type: TypeKey) -> Strategy:
    key = "strategy." + type
    actions = tuple(t(key + part) for part in (".1", ".2", ".3"))
    do, dont = (t(key + part).replace("|", "\n") for part in (".do", ".dont"))
    return Strategy(t(key), actions, t(key + ".goal"), do, dont, t(key + ".offer"))


def _part(strategy: Strategy, part: str) -> str:
    return "\n".join(strategy.actions) if part == "actions" else str(getattr(strategy, part))
