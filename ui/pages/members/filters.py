"""The chips above the member list: what it is filtered by. Within a group OR, between groups AND."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from shopcrm.basics.records import TYPE_KEYS, Query, TypeKey
from shopcrm.basics.texts import t
from shopcrm.basics.values import show_money
from ui import theme
from ui.pages.base import Layout
from ui.session import Session
from ui.theme.tokens import CHIP
from ui.widgets import Chip, FlowRow, Line, SmallButton

if TYPE_CHECKING:
    from shopcrm.shop import ShopView

ABSENT_DAYS = 60
SPEND12_FEN = 300_000
CHOICES: dict[str, tuple[int, ...]] = {
    "within": (7, 30, 90, 180, 365),
    "absent": (30, 60, 90, 180, 365, 730, 1825),  # five years: who may be let go of
    "n12": (1, 2, 4, 6, 10),
    "spend12": (100_000, 300_000, 500_000, 1_000_000),
    "birthday": tuple(range(1, 13)),
}
ONE = {"within", "absent", "n12", "spend12"}  # kinds of which one value is in force at a time
FLAGS = ("no_size", "bad_phone", "archived")
ALONE = {*ONE, *FLAGS, "only"}  # one chip, whatever the value
SIZES = {"size_top": "mb.top", "size_bottom": "mb.bottom", "size_shoe": "mb.shoe"}
_BATCHES = 8  # imports offered as a source, the latest
NOBODY = 0  # the assistant of those who have none

Key = tuple[str, Any]  # kind of condition and value; None for those with one chip
Words = dict[str, tuple[tuple[str, int], ...]]


class Filters(QWidget):
    """The state of the filters and their chips; `changed` whenever another list is wanted."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._values: dict[str, list[Any]] = {}  # kind -> its values in force
        self._types: set[TypeKey] = set()
        self._title = ""  # of the chip for a list that came from elsewhere
        self._counts: dict[str, int] = {}
        self._counted: dict[Query, int] = {}  # conditions of one's own, until the shop changes
        self._own_names: dict[int, str] = {}
        self._wide = False
        self.types: dict[TypeKey, Chip] = {}
        self._chips: dict[Key, Chip] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self._flow = FlowRow(8)
        for type_key in TYPE_KEYS:
            chip = Chip(t("type." + type_key), 0, type_key)
            chip.clicked.connect(self._on_type)
            self.types[type_key] = chip
        line = Line(vertical=True)
        line.setFixedHeight(theme.px(CHIP - 12))
        self._divider = _Padded(line)
        self.add = Chip(t("mb.chip.add"), icon="plus", checkable=False)
        self.add.clicked.connect(self._on_add)
        row.addWidget(self._flow, 1)
        self.clear = SmallButton(t("mb.chip.clear"))
        row.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignTop)

    # -- what is filtered for -----------------------------------------------------------------------------

    def query(self, searched: str, sort: str, descending: bool) -> Query:
        """What is wanted, with the text of the search box and in an order."""
        return _query(self._values, self._types, text=searched, sort=sort, descending=descending)

    def reset(self) -> None:
        """Let everybody through; tells nobody."""
        self._values.clear()
        self._types.clear()
        self._title = ""

    def set_types(self, types: set[TypeKey]) -> None:
        """Exactly these types."""
        self._types = types

    def set_only(self, members: tuple[int, ...], title: str) -> None:
        """Only these members, as a chip with a title."""
        self._values["only"], self._title = [members], title

    def set_flag(self, kind: str) -> None:
        """Switch on one of FLAGS."""
        self._values[kind] = [True]

    def state(self) -> tuple[Any, ...]:
        """All of it, for `restore`."""
        return {kind: list(values) for kind, values in self._values.items()}, set(self._types), self._title

    def restore(self, state: tuple[Any, ...]) -> None:
        """As it was."""
        self._values, self._types, self._title = state

    # -- chips --------------------------------------------------------------------------------------------

    def chip(self, kind: str, value: Any = None) -> Chip:
        """The chip of a condition that is shown."""
        return self._chips[kind, None if kind in ALONE else value]

    def show_chips(self, searched: str) -> None:
        """Bring the chips up to date with what is in force."""
        for type_key, chip in self.types.items():
            chip.setChecked(type_key in self._types)
        keys = self._keys()
        for key in self._chips.keys() - set(keys):
            gone = self._chips.pop(key)
            gone.hide()
            gone.deleteLater()
        for kind, value in keys:
            if (kind, value) not in self._chips:
                chip = self._chips[kind, value] = Chip("", closable=True)
                chip.clicked.connect(self._on_chip)
            chip = self._chips[kind, value]
            chip.setText(self._words(kind, self._value(kind, value)))
            chip.setChecked(self._in_force(kind, value))
            chip.changed_size()
        shown = [*self.types.values(), self._divider, *(self._chips[key] for key in keys), self.add]
        self._flow.arrange(shown)
        for before, after in pairwise((*shown, self.clear)):  # a chip that is new is not the last one for Tab
            self.setTabOrder(before, after)
        self.clear.setVisible(bool(self._types or self._values or searched))
        self._show_counts()

    def apply_layout(self, layout: Layout) -> None:
        """More chips where there is room."""
        self._wide = layout.name == "wide"

    def ask_counts(self) -> None:
        """Count again, on the worker."""
        day = self._session.today
        self._counted.clear()
        self._session.query(lambda view: view.chip_counts(day), key="members.chips", done=self._on_counts)

    def _on_counts(self, counts: dict[str, int]) -> None:
        self._counts = counts
        for type_key, chip in self.types.items():
            chip.set_count(counts.get(type_key, 0))
        self._show_counts()

    def _show_counts(self) -> None:
        """The numbers, of the whole shop each; those of conditions of one's own are counted on the worker."""
        asked: set[Query] = set()
        for (kind, own), chip in self._chips.items():
            value = self._value(kind, own)
            if kind == "only":
                chip.set_count(len(value))
            elif kind == "staff" and value != NOBODY:
                chip.set_count(self._counts.get(f"staff.{value}", 0))
            elif value == self._default(kind):
                chip.set_count(self._counts.get(kind, 0))
            else:
                query = _query({kind: [value]}, set())
                chip.set_count(self._counted.get(query))
                asked |= {query} - self._counted.keys()
        if asked:

            def count(view: ShopView) -> dict[Query, int]:
                return {query: view.count(query) for query in asked}

            self._session.query(count, key="members.values", done=self._on_value_counts)

    def _on_value_counts(self, counts: dict[Query, int]) -> None:
        self._counted |= counts
        self._show_counts()

    def _keys(self) -> list[Key]:
        """The chips to show: those always there, then what was added."""
        person = self._session.staff
        active = [one for one in self._session.view.staff() if one.active]
        keys: list[Key] = [("absent", None), ("birthday", self._session.today.month)]
        if person is not None and len(active) > 1:
            keys.append(("staff", person.id))
        if self._wide:
            keys += [("spend12", None), ("no_size", None), ("bad_phone", None)]
        for kind, values in self._values.items():
            keys += [(kind, None)] if kind in ALONE else [(kind, value) for value in values]
        return list(dict.fromkeys(keys))

    def _value(self, kind: str, own: Any) -> Any:
        if kind not in ALONE:
            return own
        return self._values[kind][0] if kind in self._values else self._default(kind)

    def _default(self, kind: str) -> Any:
        """What a chip means that is not in force yet."""
        return {"absent": ABSENT_DAYS, "spend12": SPEND12_FEN, "birthday": self._session.today.month}.get(
            kind, True if kind in FLAGS else None
        )

    def _in_force(self, kind: str, value: Any) -> bool:
        return kind in self._values and (kind in ALONE or value in self._values[kind])

    def _words(self, kind: str, value: Any) -> str:
        if kind == "birthday":
            month = t("day.months").split()[value - 1]
            ours = value == self._session.today.month
            return t("mb.chip.birthday") if ours else t("mb.chip.birthday_month", month=month)
        if kind == "staff":
            person = self._session.staff
            if person is not None and value == person.id:
                return t("mb.chip.mine")
            return t("mb.chip.staff", name=self._staff_name(value)) if value else t("mb.chip.nobody")
        if kind == "spend12":
            return t("mb.chip.spend12", sum=show_money(value))
        if kind == "size":
            return t("mb.chip.size", part=t(SIZES[value[0]]), size=value[1])
        if kind == "source":
            batch = value.removeprefix("batch.")
            return t("mb.chip." + value) if batch == value else t("mb.chip.batch", file=self._file(batch))
        if kind == "own":
            return t("mb.chip.own", field=self._own_name(value[0]), value=value[1])
        if kind in ("like", "tag"):
            return t("mb.chip." + kind, word=value)
        if kind == "only":
            return self._title
        return t("mb.chip." + kind, n=value) if kind in ONE else t("mb.chip." + kind)

    def _staff_name(self, staff: object) -> str:
        return next((person.name for person in self._session.view.staff() if person.id == staff), "")

    def _file(self, batch: str) -> str:
        return next((one.file for one in self._session.view.batches() if str(one.id) == batch), batch)

    def _own_name(self, field: int) -> str:
        if field not in self._own_names:
            self._own_names = {one.id: one.name for one in self._session.view.own_fields(gone=True)}
        return self._own_names.get(field, "")

    # -- choosing -----------------------------------------------------------------------------------------

    @Slot()
    def _on_type(self) -> None:
        self._types = {key for key, chip in self.types.items() if chip.isChecked()}
        self.changed.emit()

    @Slot()
    def _on_chip(self) -> None:
        key = next((key for key, chip in self._chips.items() if chip is self.sender()), None)
        if key is not None:
            self.toggle(key[0], self._value(*key))

    def toggle(self, kind: str, value: Any) -> None:
        """Switch a condition on or off; of some kinds only one value is in force."""
        before = self._values.get(kind, [])
        if value in before or (kind in FLAGS and before):
            after = [one for one in before if one != value]
        else:
            after = [value] if kind in ALONE else [*before, value]
        if after:
            self._values[kind] = after
        else:
            self._values.pop(kind, None)
        self.changed.emit()

    @Slot()
    def _on_add(self) -> None:
        self._session.query(lambda view: view.frequent(), key="members.words", done=self._show_menu)

    def _show_menu(self, words: Words) -> None:
        self.menu(words).popup(self.add.mapToGlobal(QPoint(0, self.add.height() + theme.px(2))))

    def menu(self, words: Words) -> QMenu:
        """The conditions one can add, in groups; those in force are ticked and go by another click."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, title, values in self._groups(words):
            if values:
                part = menu.addMenu(title)
                for value, often in values:
                    self._add(part, kind, value, often)
        menu.addSeparator()
        for kind in FLAGS:
            self._add(menu, kind, True, None)
        menu.triggered.connect(self._on_added)
        return menu

    def _groups(self, words: Words) -> list[tuple[str, str, list[tuple[Any, int | None]]]]:
        view = self._session.view
        people = [person.id for person in view.staff() if person.active]
        sizes = [((column, size), n) for column in SIZES for size, n in words.get(column, ())]
        batches = [f"batch.{one.id}" for one in view.batches() if one.members_new and not one.undone]
        groups: list[tuple[str, str, list[tuple[Any, int | None]]]] = [
            (kind, t("mb.menu." + kind), [(value, None) for value in values])
            for kind, values in (
                *CHOICES.items(),
                ("staff", [*people, NOBODY] if people else []),
                ("source", ["referred", "hand", *batches[:_BATCHES]]),
            )
        ]
        groups[4:4] = [
            ("size", t("mb.menu.size"), list(sizes)),
            ("like", t("mb.menu.like"), list(words.get("likes", ()))),
            ("tag", t("mb.menu.tag"), list(words.get("tags", ()))),
        ]
        for field in view.own_fields():
            found = [((field.id, value), n) for value, n in words.get(f"own.{field.id}", ())]
            groups.append(("own", field.name, list(found)))
        return groups

    def _add(self, menu: QMenu, kind: str, value: Any, often: int | None) -> None:
        words = self._words(kind, value).replace("&", "&&")
        action = menu.addAction(words if often is None else f"{words}\t{often:,}")
        action.setData((kind, value))
        action.setCheckable(True)
        action.setChecked(value in self._values.get(kind, ()))

    @Slot(QAction)
    def _on_added(self, action: QAction) -> None:
        kind, value = action.data()
        # A pair of texts comes out of Qt as a list.
        self.toggle(kind, tuple(value) if isinstance(value, list) else value)


def _query(values: dict[str, list[Any]], types: set[TypeKey], **more: Any) -> Query:
    def one(kind: str) -> Any:
        return values[kind][0] if kind in values else None

    def some(kind: str) -> frozenset[Any]:
        return frozenset(values.get(kind, ()))

    return Query(
        types=frozenset(types), absent_days=one("absent"), within_days=one("within"), n12=one("n12"),
        spend12_fen=one("spend12"), birthday_months=some("birthday"), staff=some("staff"),
        sizes=some("size"), likes=some("like"), tags=some("tag"), sources=some("source"), own=some("own"),
        no_size="no_size" in values, bad_phone="bad_phone" in values, archived="archived" in values,
        only=one("only"), **more,
    )  # fmt: skip


class _Padded(QWidget):
    """A vertical divider in a row of chips, centred on their height."""

    def __init__(self, line: QWidget) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
        row.addWidget(line, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(theme.px(CHIP))
