"""Every setting of a shop: one row each with its kind, default and range.

A row is complete: the settings page, the check of a value, and the default come from it. The numbers of the
four types are those of CLASSIFICATION 8; 0 days there means automatic, from the shop's own calibration. What
belongs to a computer and not to the shop (font size, light or dark, language) is kept by the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from shopcrm.basics.errors import InputError
from shopcrm.basics.records import STOPS, TYPE_KEYS
from shopcrm.basics.values import clean_text

Kind = Literal[
    "int", "float", "flag", "text", "weekdays", "dates", "days", "hours", "time", "names", "rules",
    "strategy", "shares",
]  # fmt: skip
Group = Literal["shop", "types", "types_more", "followups", "day", "words", "effect", "staff", "backup"]

_LONGEST_TEXT = 200
_RULE_NUMBERS = ("expires", "again")  # what of a follow-up rule is one number of days
_RULE_CHANNELS = ("call", "message", "")  # "": the rule chooses
_MOST_DAYS = 720
# What an owner may write about a type, and how long; actions, do and dont hold a line each.
_STRATEGY = {"title": 20, "actions": 60, "goal": 120, "do": 300, "dont": 300, "offer": 120}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `low` and `high` bound a number."""

    key: str
    kind: Kind
    default: object
    low: float = 0
    high: float = 0
    group: Group = "types"

    def check(self, value: object) -> object:
        """The value in its kept form; InputError of field `key` if it is of a wrong kind or out of range."""
        if self.kind in ("int", "float") and isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        if self.kind == "flag" and isinstance(value, bool):
            return value
        if self.kind == "text" and isinstance(value, str):
            text = clean_text(value)
            if len(text) > _LONGEST_TEXT:
                raise InputError(self.key, "text_long", n=_LONGEST_TEXT)
            return text
        if self.kind == "time" and isinstance(value, str) and _is_time(value) and value < "24":
            return value
        if self.kind == "hours" and isinstance(value, str):
            return self._hours(clean_text(value))
        if self.kind in ("weekdays", "dates", "days", "names") and isinstance(value, list | tuple):
            return self._many(list(value))
        if self.kind == "rules" and isinstance(value, Mapping):
            return {str(key): self._rule(row) for key, row in sorted(value.items()) if row}
        if self.kind == "strategy" and isinstance(value, Mapping):
            return self._strategy(value)
        if self.kind == "shares" and isinstance(value, Mapping):
            return {str(key): self._share(share) for key, share in sorted(value.items())}
        raise InputError(self.key, "setting_bad")

    def _number(self, value: int | float) -> int | float:
        automatic = self.default == 0 and value == 0
        # `not ... <=` also refuses what is no number at all.
        if not automatic and not self.low <= value <= self.high:
            raise InputError(self.key, "setting_range", low=f"{self.low:g}", high=f"{self.high:g}")
        if self.kind == "int":
            if value != int(value):
                raise InputError(self.key, "setting_whole")
            return int(value)
        return float(value)

    def _many(self, values: list[object]) -> list[object]:
        for value in values:
            if self.kind == "weekdays":
                good = isinstance(value, int) and 0 <= value <= 6
            elif self.kind == "dates":
                good = isinstance(value, str) and _is_month_day(value)
            elif self.kind == "days":
                good = isinstance(value, str) and (_is_month_day(value) or _is_day(value))
            else:
                good = isinstance(value, str) and len(value) <= _LONGEST_TEXT
            if not good:
                raise InputError(self.key, "setting_bad")
        if self.kind == "weekdays" and len(set(values)) > 6:
            raise InputError(self.key, "setting_never_open")
        return sorted(set(values), key=str)

    def _hours(self, text: str) -> str:
        start, _, end = text.partition("-")
        if text and not (_is_time(start) and _is_time(end) and start < end):
            raise InputError(self.key, "setting_hours")
        return text

    def _share(self, value: object) -> float:
        if not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise InputError(self.key, "setting_range", low=f"{self.low:g}", high=f"{self.high:g}")
        return float(value)

    def _strategy(self, value: Mapping[object, object]) -> dict[str, object]:
        """What an owner wrote about a type; empty: as recommended."""
        kept: dict[str, object] = {}
        for name, most in _STRATEGY.items():
            text = value.get(name, "")
            if name not in value:
                continue
            if not isinstance(text, str):
                raise InputError(self.key, "setting_bad")
            lines = [clean_text(line) for line in text.splitlines()]
            kept[name] = "\n".join(line for line in lines if line)
            if len(str(kept[name])) > most:
                raise InputError(f"{self.key}.{name}", "text_long", n=most)
        if len(kept) < len(value):
            raise InputError(self.key, "setting_bad")
        return kept

    def _rule(self, row: object) -> dict[str, object]:
        """What an owner changed of one follow-up rule; what may be, `rules.own_rules` knows."""
        if not isinstance(row, Mapping):
            raise InputError(self.key, "setting_bad")
        for name, value in row.items():
            if name == "on":
                good = isinstance(value, bool)
            elif name == "channel":
                good = value in _RULE_CHANNELS
            elif name == "steps":
                good = isinstance(value, list | tuple) and bool(value) and all(map(_is_days, value))
            elif name == "stops":
                good = isinstance(value, list | tuple) and all(stop in STOPS for stop in value)
            else:
                good = name in _RULE_NUMBERS and _is_days(value)
            if not good:
                raise InputError(self.key, "setting_bad")
        kept = {name: list(row[name]) if name == "steps" else row[name] for name in sorted(row)}
        if "stops" in row:
            kept["stops"] = [stop for stop in STOPS if stop in row["stops"]]
        return kept


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_MOST_DAYS <= value <= _MOST_DAYS


def _is_time(text: str) -> bool:
    hours, colon, minutes = text.partition(":")
    if len(text) != 5 or not colon or not (hours + minutes).isascii() or not (hours + minutes).isdigit():
        return False
    return int(hours) <= 24 and int(minutes) < 60 and int(hours) * 60 + int(minutes) <= 24 * 60


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == 10 and "W" not in value  # nor a week and its day


def _is_month_day(value: str) -> bool:
    try:
        date.fromisoformat("2024-" + value)  # a leap year: 29 February is a day
    except ValueError:
        return False
    return len(value) == 5 and "W" not in value


def _days(key: str, default: int, low: int, high: int) -> Setting:
    return Setting(key, "int", default, low, high)


def _share(key: str, default: float, low: float, high: float) -> Setting:
    return Setting(key, "float", default, low, high)


def _more(key: str, default: float, low: float, high: float) -> Setting:
    kind: Kind = "int" if isinstance(default, int) else "float"
    return Setting(key, kind, default, low, high, group="types_more")


_ROWS = (
    Setting("shop.name", "text", "", group="shop"),
    Setting("shop.owner", "text", "", group="shop"),
    Setting("keep_years", "int", 5, 2, 10, group="shop"),  # not seen for so long: may be let go of
    # the four types: the simple page
    _days("lost_days_once", 0, 30, 1080),
    _days("lost_days_repeat", 0, 30, 1080),
    _days("lost_days_frequent", 0, 30, 1080),
    _days("loyal_min_purchases", 3, 2, 12),
    _share("loyal_freq_pct", 0.75, 0.50, 0.95),
    _days("loyal_max_purchases", 8, 3, 24),
    _share("loyal_spend_pct", 0.50, 0, 0.90),
    _days("loyal_min_months", 2, 1, 6),
    _share("vip_spend_pct", 0.90, 0.8, 0.99),
    _days("vip_min_purchases", 2, 2, 6),
    _share("loyal_silence_span", 1.5, 0.5, 3),
    _share("loyal_silence_rhythm", 3.0, 1, 6),
    _days("referral_credit", 1, 0, 3),
    _days("referral_credit_max", 2, 0, 6),
    _days("grace_days", 60, 0, 180),
    _days("new_buyer_days", 60, 14, 180),
    _days("hot_visit_days", 60, 7, 180),
    _days("hot_visits", 1, 1, 5),
    _days("rising_days", 180, 60, 365),
    _days("rising_purchases", 2, 2, 6),
    _share("power_ticket_pct", 0.70, 0.5, 0.95),
    _share("power_silence_span", 1.0, 0.25, 3),
    _days("lost_visit_keepalive", 60, 0, 180),
    # the four types: advanced
    _more("span_quantile", 0.90, 0.75, 0.97),
    _more("span_default", 120.0, 30, 365),
    _more("span_prior_gaps", 20.0, 0, 200),
    _more("span_min", 30.0, 7, 365),
    _more("span_max", 540.0, 60, 1080),
    _more("rhythm_prior_gaps", 1.0, 0.5, 5),
    _more("typical_gap_default", 60.0, 7, 365),
    _more("lost_mult_once", 1.5, 0.5, 6),
    _more("lost_mult_repeat", 2.5, 0.5, 6),
    _more("lost_mult_frequent", 3.0, 0.5, 6),
    _more("lost_min_once", 120, 30, 540),
    _more("lost_min_repeat", 180, 30, 540),
    _more("lost_max", 540, 180, 1080),
    _more("lost_rhythm_mult", 2.0, 1, 4),
    _more("frequent_purchases", 5, 3, 20),
    _more("loyal_exit_purchases", 1, 0, 6),
    _more("loyal_exit_spend", 0.8, 0.1, 1),
    _more("loyal_exit_silence", 1.15, 1, 3),
    _more("power_exit", 0.9, 0.1, 1),
    _more("min_active_for_pct", 30, 5, 1000),
    _more("damp", 0.10, 0, 0.5),
    _more("tau_mult", 2.0, 0.5, 6),
    _more("season_weight", 0.2, 0, 2),
    _more("season_tau", 1095.0, 180, 3650),
    _more("recency_power", 0.3, 0, 2),
    _more("ticket_power", 0.2, 0, 2),
    _more("ticket_clip", 10.0, 1, 100),
    _more("horizon_days", 90, 30, 365),
    # follow-ups; of the group "day" what changes no to-do, but only how they are worked off
    Setting("tasks_per_day", "int", 15, 1, 500, group="day"),
    Setting("closed_weekdays", "weekdays", [], group="followups"),
    Setting("closed_days", "dates", [], group="followups"),  # MM-DD, every year
    Setting("season_dates", "dates", ["03-01", "05-15", "08-25", "11-01"], group="followups"),
    Setting("sale_dates", "dates", [], group="followups"),  # MM-DD a season's sale starts; []: season_dates
    Setting("rules_own", "rules", {}, group="followups"),  # what of a rule differs from the recommended
    Setting("contact_spacing", "int", 7, 1, 60, group="followups"),  # least days between two contacts
    Setting("cap_30_loyal", "int", 3, 1, 15, group="followups"),  # most contacts of a member in 30 days
    Setting("cap_30_potential", "int", 2, 1, 15, group="followups"),
    Setting("cap_30_drifting", "int", 2, 1, 15, group="followups"),
    Setting("cap_30_lost", "int", 1, 1, 15, group="followups"),
    Setting("cap_90", "int", 5, 1, 45, group="followups"),
    Setting("no_selling_days", "int", 14, 1, 60, group="followups"),  # after a return
    Setting("most_tries", "int", 3, 1, 9, group="day"),
    Setting("most_snoozes", "int", 3, 1, 9, group="day"),
    Setting("day_loyal", "int", 0, 1, 500, group="day"),  # to-dos of the type a day; 0: no limit
    Setting("day_potential", "int", 0, 1, 500, group="day"),
    Setting("day_drifting", "int", 0, 1, 500, group="day"),
    Setting("day_lost", "int", 0, 1, 500, group="day"),
    Setting("contact_hours", "hours", "09:00-20:30", group="day"),  # outside the page warns; "": never
    Setting("quiet_days", "days", [], group="followups"),  # MM-DD or YYYY-MM-DD: open, but no contacts
    Setting("refused_pause_days", "int", 90, 7, 720, group="day"),
    Setting("no_answer_days", "int", 2, 1, 30, group="day"),
    Setting("later_days", "int", 3, 1, 30, group="day"),
    # did it help
    Setting("holdout", "shares", {}, 0.1, 0.5, group="followups"),  # rule: share of its members left out
    Setting("holdout.salt", "text", "", group="effect"),  # of the draw; made once, with the first share
    Setting("effect_days", "int", 30, 7, 90, group="effect"),  # after a contact, in which a purchase counts
    # who may see what; the page of the staff
    Setting("staff.lock_minutes", "int", 5, 1, 120, group="staff"),  # without a key or a click
    Setting("staff.locks", "flag", True, group="staff"),
    Setting("staff.mask_exports", "flag", True, group="staff"),  # numbers in what an assistant takes out
    Setting("staff.hide_phones", "flag", True, group="staff"),  # an assistant looks at numbers one by one
    Setting("staff.reveals_a_day", "int", 30, 1, 500, group="staff"),  # so many of them
    # what is said
    Setting("words_off", "names", [], group="words"),  # wordings of the program that are not used
    *(Setting(f"strategy.{key}", "strategy", {}, group="words") for key in TYPE_KEYS),
    # copies; where they go belongs to the computer (store.places)
    Setting("backup.at_close", "flag", True, group="backup"),
    Setting("backup.time", "time", "22:00", group="backup"),  # of the daily copy
    Setting("backup.second", "flag", False, group="backup"),  # to a second place, too
    Setting("backup.keep", "int", 30, 10, 100, group="backup"),  # so many newest are never thinned
)  # fmt: skip

SETTINGS: Mapping[str, Setting] = MappingProxyType({row.key: row for row in _ROWS})

TYPE_GROUPS = ("types", "types_more")


def is_type_setting(key: str) -> bool:
    """Whether a change of this setting re-classifies everybody."""
    return SETTINGS[key].group in TYPE_GROUPS
