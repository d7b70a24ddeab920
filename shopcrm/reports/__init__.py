"""Lists that leave the shop, as plain tables: made here from records, written by `shopcrm.excel.writer`."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["text", "int", "real", "money", "date", "phone"]


# Of goods, too; what is said, in which the shop names its own number; by what a line is known again.
_NO_WORDS = frozenset({"visit_item", "line_size", "say", "task"})


class Column(NamedTuple):
    """One column: its heading in the language in force, what its cells hold, its width in characters.

    `choices` makes a drop-down of exactly these words; a hidden column is written but not shown.
    """

    id: str
    heading: str
    kind: Kind
    width: int
    choices: tuple[str, ...] | None = None
    hidden: bool = False


class Table(NamedTuple):
    """A titled table; every row has one cell a column.

    Cells: text and phone are str, int is int, real is float, money is int fen, date is
    `datetime.date`; None is empty.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]

    def masked(self) -> Table:
        """The same without a whole phone number in any text of it: lists mask only the numbers themselves."""
        from shopcrm.basics.masking import OF_GOODS, mask_text  # loaded by who hides numbers

        texts = {
            at
            for at, column in enumerate(self.columns)
            if column.kind in ("text", "phone") and column.id not in OF_GOODS | _NO_WORDS
        }
        rows = tuple(
            tuple(
                mask_text(cell) if at in texts and isinstance(cell, str) else cell
                for at, cell in enumerate(row)
            )
            for row in self.rows
        )
        return self._replace(rows=rows)
