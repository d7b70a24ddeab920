"""The shop's own fields of a member: up to twenty, named, put in order, put away and taken out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shopcrm.basics.errors import InputError, Refusal
from shopcrm.basics.records import Done, OwnField
from shopcrm.basics.values import clean_name
from shopcrm.store import Tx
from shopcrm.store import members as rows

if TYPE_CHECKING:
    from shopcrm.shop import Shop

MOST = 20  # fields in use
_LONGEST = 20


class OwnFields:
    """Use cases around the shop's own fields; what members have in them is saved with the member."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def add(self, name: str) -> Done[int]:
        """A new field behind the others; the value is its id.

        Raises InputError own_name_... for a name that is empty, long, taken, or a heading that files use for
        something else; Refusal own_most for one too many.
        """
        shop = self._shop
        with shop.write("own.add") as tx:
            name = _checked(tx, name, None)
            _refuse_more(_in_use(tx))
            field = tx.insert("own_field", name=name, seq=rows.next_own_place(tx))
            return tx.done(field, "done.own_added", name=name)

    def rename(self, field: int, name: str) -> Done[None]:
        """Call it something else; its values stay. Raises as `add`, Refusal own_gone for an unknown one."""
        shop = self._shop
        with shop.write("own.rename") as tx:
            _known(tx, field)
            name = _checked(tx, name, field)
            tx.update("own_field", field, name=name)
            return tx.done(None, "done.own_saved", name=name)

    def put_away(self, field: int) -> Done[None]:
        """Out of cards, dialogs and lists; its values are kept."""
        return self._set(field, "own.away", "done.own_away", gone_on=self._shop.day.isoformat())

    def take_out(self, field: int) -> Done[None]:
        """Back in use, with its values. Refusal own_most; InputError own_name_taken meanwhile."""
        return self._set(field, "own.back", "done.own_saved", gone_on=None)

    def order(self, fields: Sequence[int]) -> Done[None]:
        """Put the fields in use into this order; those not named come behind."""
        shop = self._shop
        with shop.write("own.order") as tx:
            known = [field.id for field in _in_use(tx)]
            named = [field for field in fields if field in known]
            for seq, field in enumerate([*named, *(other for other in known if other not in named)], 1):
                tx.update("own_field", field, seq=seq)
            return tx.done(None, "done.own_order")

    def _set(self, field: int, kind: str, text: str, **values: object) -> Done[None]:
        shop = self._shop
        with shop.write(kind) as tx:
            known = _known(tx, field)
            if known.gone and values["gone_on"] is None:
                _refuse_more(_in_use(tx))
                _checked(tx, known.name, field)
                values["seq"] = rows.next_own_place(tx)
            tx.update("own_field", field, **values)
            return tx.done(None, text, name=known.name)


def _known(tx: Tx, field: int) -> OwnField:
    for known in rows.own_fields(tx):
        if known.id == field:
            return known
    raise Refusal("own_gone")


def _in_use(tx: Tx) -> list[OwnField]:
    return [field for field in rows.own_fields(tx) if not field.gone]


def _refuse_more(known: Sequence[OwnField]) -> None:
    if len(known) >= MOST:
        raise Refusal("own_most", n=MOST)


def _checked(tx: Tx, name: str, own: int | None) -> str:
    from shopcrm.basics.fields import KNOWN_HEADINGS, plain_heading  # a table no start needs

    name = clean_name(name)
    if not name:
        raise InputError("own_name", "name_needed")
    if len(name) > _LONGEST:
        raise InputError("own_name", "name_long", n=_LONGEST)
    plain = plain_heading(name)
    if plain in KNOWN_HEADINGS or not plain:
        raise InputError("own_name", "own_name_known", name=name)
    if any(plain_heading(field.name) == plain and field.id != own for field in _in_use(tx)):
        raise InputError("own_name", "own_name_taken", name=name)
    return name
