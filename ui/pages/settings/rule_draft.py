"""What the owner is about to change of the follow-ups: a preview with steps back, until it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shopcrm.basics.records import RuleRow, RuleValues
from shopcrm.basics.settings import SETTINGS

RULES_OWN = "rules_own"


class _State(NamedTuple):
    settings: Mapping[str, object]  # what differs from what is in force
    rules: Mapping[str, RuleValues]  # the same of the rules


_NOTHING = _State({}, {})


class RuleDraft:
    """Settings in force with changes upon them. Changes of one field one after the other are one step."""

    def __init__(self) -> None:
        self._force: dict[str, object] = {}
        self._rows: dict[str, RuleRow] = {}
        self._own: Mapping[str, Mapping[str, object]] = {}  # in force
        self._state = _NOTHING
        self._back: list[_State] = []
        self._ahead: list[_State] = []
        self._last = ""  # the field of the newest step

    # -- what is in force -----------------------------------------------------------------------------------

    def rebase(
        self, rows: tuple[RuleRow, ...], force: Mapping[str, object], own: Mapping[str, Mapping[str, object]]
    ) -> None:
        """The shop's settings as they are now; own changes stay, as far as they still are any."""
        self._rows = {row.key: row for row in rows}
        self._force, self._own = dict(force), own
        self._state = self._left(self._state)
        self._back = [self._left(state) for state in self._back]
        self._ahead = [self._left(state) for state in self._ahead]

    def _left(self, state: _State) -> _State:
        settings = {key: value for key, value in state.settings.items() if value != self._force.get(key)}
        rules = {
            key: values
            for key, values in state.rules.items()
            if key in self._rows and values != self._rows[key].values
        }
        return _State(settings, rules)

    # -- what is shown --------------------------------------------------------------------------------------

    def value(self, key: str) -> object:
        """A setting as it would be."""
        return self._state.settings.get(key, self._force.get(key))

    def in_force(self, key: str) -> object:
        """A setting as it is."""
        return self._force.get(key)

    def rule(self, key: str) -> RuleValues:
        """A rule as it would be."""
        return self._state.rules.get(key, self._rows[key].values)

    def row(self, key: str) -> RuleRow:
        """A rule as it is, beside what is recommended."""
        return self._rows[key]

    def is_dirty(self) -> bool:
        """Whether anything would change."""
        return self._state != _NOTHING

    def changes(self) -> dict[str, object]:
        """The settings to be put in force, as `shop.settings.set_many` takes them."""
        found = dict(self._state.settings)
        if self._state.rules:
            own = {key: dict(row) for key, row in self._own.items() if key not in self._state.rules}
            for key, values in self._state.rules.items():
                if changed := _own(values, self._rows[key].default):
                    own[key] = changed
            found[RULES_OWN] = own
        return found

    # -- changing -------------------------------------------------------------------------------------------

    def set(self, key: str, value: object) -> None:
        """Change a setting."""
        self._step(key, self._state._replace(settings={**self._state.settings, key: value}))

    def set_rule(self, key: str, field: str, values: RuleValues) -> None:
        """Change a rule; `field` names what of it, for the steps back."""
        self._step(f"{key}.{field}", self._state._replace(rules={**self._state.rules, key: values}))

    def recommend_rules(self, keys: tuple[str, ...]) -> None:
        """These rules as recommended."""
        usual = {key: self._rows[key].default for key in keys}
        self._step("", self._state._replace(rules={**self._state.rules, **usual}))

    def recommend(self, keys: tuple[str, ...]) -> None:
        """These settings as recommended."""
        usual = {key: SETTINGS[key].default for key in keys}
        self._step("", self._state._replace(settings={**self._state.settings, **usual}))

    def drop(self) -> None:
        """Give up all changes, in one step that can be taken back."""
        self._step("", _NOTHING)

    def begin_anew(self) -> None:
        """No changes, and no step behind that: they were applied or given up for good."""
        self._state, self._back, self._ahead, self._last = _NOTHING, [], [], ""

    def _step(self, field: str, state: _State) -> None:
        state = self._left(state)
        if state == self._state:
            return
        if not field or field != self._last or not self._back:
            self._back.append(self._state)
        self._ahead, self._last, self._state = [], field, state

    def undo(self) -> bool:
        """One step back; False if there was none."""
        return self._walk(self._back, self._ahead)

    def redo(self) -> bool:
        """One step forth again; False if there was none."""
        return self._walk(self._ahead, self._back)

    def _walk(self, where: list[_State], other: list[_State]) -> bool:
        if not where:
            return False
        other.append(self._state)
        self._state, self._last = where.pop(), ""
        return True


def moved(values: RuleValues, step: int, day: int, most: int) -> RuleValues:
    """A rule with one contact on another day; the time left after the last one stays, up to `most`."""
    steps = (*values.steps[:step], day, *values.steps[step + 1 :])
    expires = values.expires
    if step == len(steps) - 1:
        expires = min(max(expires + day - values.steps[-1], day, 0), most)
    return values._replace(steps=steps, expires=expires)


def _own(values: RuleValues, usual: RuleValues) -> dict[str, object]:
    """What of a rule differs from the recommendation; with its days goes its end, which else would move."""
    found: dict[str, object] = {
        name: getattr(values, name)
        for name in ("on", "again", "channel", "expires", "stops")
        if getattr(values, name) != getattr(usual, name)
    }
    if values.steps != usual.steps:
        found |= {"steps": list(values.steps), "expires": values.expires}
    return found
