"""The shop's own yardsticks: from all purchase days up to a month end to the limits in force today.

Source of every formula: CLASSIFICATION sections 3, 4 and 8. Amounts are fen, times are days, days are
`date.toordinal()`. Knows no database; the figures of the shop come in as `Aggregates`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

_FIRST_SNAPSHOT_DAYS = 28  # a month end this long after the first purchase is the first that calibrates
_LEAST_SPAN_GAP = 7
_GAP_PRIOR_MEMBERS = 10
_LOYAL_TENTHS = 8  # of F tickets: the spend line while too few members are active for a percentile
_VIP_TICKETS = 6
_POWER_TENTHS = 13  # tenths keep 0.8 times 3 tickets of 300 yuan at 720 and not a hair above it


@dataclass(frozen=True, slots=True)
class TypeSettings:
    """What the owner may change about the four types; the defaults are the tested ones (section 8).

    0 for the three `lost_days_*` means automatic. Amount shares are 0-1, everything else days or counts.
    """

    lost_days_once: int = 0
    lost_days_repeat: int = 0
    lost_days_frequent: int = 0
    loyal_min_purchases: int = 3
    loyal_freq_pct: float = 0.75
    loyal_max_purchases: int = 8
    loyal_spend_pct: float = 0.50
    loyal_min_months: int = 2
    vip_spend_pct: float = 0.90
    vip_min_purchases: int = 2
    loyal_silence_span: float = 1.5
    loyal_silence_rhythm: float = 3.0
    referral_credit: int = 1
    referral_credit_max: int = 2
    grace_days: int = 60
    new_buyer_days: int = 60
    hot_visit_days: int = 60
    hot_visits: int = 1
    rising_days: int = 180
    rising_purchases: int = 2
    power_ticket_pct: float = 0.70
    power_silence_span: float = 1.0
    lost_visit_keepalive: int = 60
    span_quantile: float = 0.90
    span_default: float = 120
    span_prior_gaps: float = 20
    span_min: float = 30
    span_max: float = 540
    rhythm_prior_gaps: float = 1
    typical_gap_default: float = 60
    lost_mult_once: float = 1.5
    lost_mult_repeat: float = 2.5
    lost_mult_frequent: float = 3.0
    lost_min_once: int = 120
    lost_min_repeat: int = 180
    lost_max: int = 540
    lost_rhythm_mult: float = 2
    frequent_purchases: int = 5
    loyal_exit_purchases: int = 1
    loyal_exit_spend: float = 0.8
    loyal_exit_silence: float = 1.15
    power_exit: float = 0.9
    min_active_for_pct: int = 30
    damp: float = 0.10
    tau_mult: float = 2
    season_weight: float = 0.2
    season_tau: float = 1095
    recency_power: float = 0.3
    ticket_power: float = 0.2
    ticket_clip: float = 10
    horizon_days: int = 90


DEFAULTS = TypeSettings()


class Aggregates(NamedTuple):
    """The shop's purchase days up to a day, summed up; the lists are in no particular order."""

    gaps: Sequence[tuple[int, int]] = ()  # days between purchases of a member, how often; ascending
    intervals: Sequence[float] = ()  # mean interval of every member with n >= 2
    tickets: Sequence[float] = ()  # spend / n of every member with n >= 1, fen
    n12: Sequence[int] = ()  # of every member with n12 >= 1
    spend12: Sequence[int] = ()  # of the same members, fen


@dataclass(frozen=True, slots=True)
class Calibration:
    """The snapshot of the shop taken on a month end (section 3); valid until the next one."""

    day: int
    span: float
    typical_gap: float
    active12: int
    loyal_purchases: int
    loyal_spend: float
    vip_spend: float
    ticket_mid: float
    power_ticket: float
    gaps: int  # how many gaps stand behind span
    buyers: int  # how many members have ever bought


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything a verdict is measured against: the snapshot with the owner's settings laid over it."""

    settings: TypeSettings
    calibration: Calibration
    lost_once: int
    lost_repeat: int
    lost_frequent: int

    @property
    def tau(self) -> float:
        """Days in which a purchase fades to 1/e of a point."""
        return self.settings.tau_mult * self.calibration.span

    @property
    def shortest_wait(self) -> int:
        """Days of silence within which nobody is lost."""
        return min(self.lost_once, self.lost_repeat, self.lost_frequent)


def quantile(values: Sequence[float], q: float) -> float:
    """The q-quantile of ascending `values`, linear between neighbours (numpy's default); not for none."""
    place = (len(values) - 1) * q
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def histogram_quantile(pairs: Sequence[tuple[int, int]], q: float) -> float:
    """The same quantile of values given as ascending (value, how often); not for none."""
    place = (sum(count for _, count in pairs) - 1) * q
    low, seen = int(place), 0
    below: int | None = None
    for value, count in pairs:
        seen += count
        if below is None and seen > low:
            below = value
        if below is not None and seen > low + 1:
            return below + (value - below) * (place - low)
    assert below is not None
    return float(below)


def _clamp(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))


def _shrunk(value: float, weight: int, default: float, prior: float) -> float:
    """The mean in logs of `weight` times `value` and `prior` times `default`."""
    return math.exp((weight * math.log(value) + prior * math.log(default)) / (weight + prior))


def _kept(new: float, name: str, former: Calibration | None, damp: float) -> float:
    """The former value, unless the new one differs by at least the share `damp` of it."""
    old: float | None = getattr(former, name, None)
    return new if old is None or abs(new - old) >= damp * old else old


def calibrate(
    day: int, shop: Aggregates, settings: TypeSettings = DEFAULTS, former: Calibration | None = None
) -> Calibration:
    """The snapshot of `day`; values within `damp` of those of `former` stay as they were (section 3)."""
    s = settings
    count = sum(c for _, c in shop.gaps)
    span = s.span_default
    if count:
        long_gap = max(histogram_quantile(shop.gaps, s.span_quantile), _LEAST_SPAN_GAP)
        span = _shrunk(long_gap, count, s.span_default, s.span_prior_gaps)
    span = _kept(_clamp(span, s.span_min, s.span_max), "span", former, s.damp)
    gap = s.typical_gap_default
    if shop.intervals:
        middle = quantile(sorted(shop.intervals), 0.5)
        gap = _shrunk(middle, len(shop.intervals), s.typical_gap_default, _GAP_PRIOR_MEMBERS)
    gap = _kept(gap, "typical_gap", former, s.damp)

    tickets = sorted(shop.tickets)
    ticket = _kept(quantile(tickets, 0.5) if tickets else 0.0, "ticket_mid", former, s.damp)
    enough = len(tickets) >= s.min_active_for_pct
    power = quantile(tickets, s.power_ticket_pct) if enough else _POWER_TENTHS * ticket / 10

    if len(shop.n12) >= s.min_active_for_pct:
        spends = sorted(shop.spend12)
        purchases = math.ceil(quantile(sorted(shop.n12), s.loyal_freq_pct))
        line = int(_clamp(purchases, s.loyal_min_purchases, s.loyal_max_purchases))
        spend, vip = quantile(spends, s.loyal_spend_pct), quantile(spends, s.vip_spend_pct)
    else:
        line = s.loyal_min_purchases
        spend, vip = _LOYAL_TENTHS * line * ticket / 10, _VIP_TICKETS * ticket
    return Calibration(
        day=day,
        span=span,
        typical_gap=gap,
        active12=len(shop.n12),
        loyal_purchases=line,
        loyal_spend=_kept(spend, "loyal_spend", former, s.damp),
        vip_spend=_kept(vip, "vip_spend", former, s.damp),
        ticket_mid=ticket,
        power_ticket=_kept(power, "power_ticket", former, s.damp),
        gaps=count,
        buyers=len(tickets),
    )


def limits(calibration: Calibration, settings: TypeSettings = DEFAULTS) -> Limits:
    """The limits in force: the lost days follow from the kept span, an owner's own days win (section 3)."""
    s, span = settings, calibration.span

    def days(mult: float, low: int) -> int:
        return int(_clamp(math.floor(mult * span + 0.5), low, s.lost_max))

    once = s.lost_days_once or days(s.lost_mult_once, s.lost_min_once)
    repeat = s.lost_days_repeat or max(once, days(s.lost_mult_repeat, s.lost_min_repeat))
    frequent = s.lost_days_frequent or max(repeat, days(s.lost_mult_frequent, s.lost_min_repeat))
    return Limits(settings, calibration, once, repeat, frequent)


def month_end_before(day: int) -> int:
    """The last month end strictly before `day`."""
    return (date.fromordinal(day).replace(day=1) - timedelta(days=1)).toordinal()


def calibration_day(day: int, first_purchase: int | None) -> int:
    """The day whose snapshot is in force on `day`: the last month end, else `day` itself."""
    end = month_end_before(day)
    if first_purchase is None or end < first_purchase + _FIRST_SNAPSHOT_DAYS:
        return day
    return end


def replay_days(day: int, first_purchase: int | None) -> list[int]:
    """The month ends of the last 12 months before `day` that a rebuild replays, oldest first (section 5)."""
    ends: list[int] = []
    end = day
    for _ in range(12):
        end = month_end_before(end)
        if first_purchase is not None and end >= first_purchase + _FIRST_SNAPSHOT_DAYS:
            ends.append(end)
    return ends[::-1]
