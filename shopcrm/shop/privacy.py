"""What a shop owes the people it keeps records of: a notice for them, and who was not seen for years."""

from __future__ import annotations

from datetime import date

from shopcrm.basics.records import MemberId
from shopcrm.basics.texts import t
from shopcrm.store import Rx, listing, settings

# The parts of the notice, each with its heading `notice.<part>.head`.
_PARTS = ("who", "what", "why", "how_long", "where", "rights", "minors", "ask")


def notice(rx: Rx) -> tuple[tuple[str, str], ...]:
    """The notice to customers, part by part: heading and words, with the shop's name, its owner and for how
    long it keeps whom it does not see. A draft: the shop reads it and stands by it."""
    owner = str(settings.value(rx, "shop.owner"))
    values = {
        "shop": settings.value(rx, "shop.name") or t("notice.our_shop"),
        "whom": t("notice.owner", name=owner) if owner else t("notice.anybody"),
        "n": settings.value(rx, "keep_years"),
    }
    return tuple((t(f"notice.{part}.head"), t(f"notice.{part}", **values)) for part in _PARTS)


def notice_text(rx: Rx, day: date) -> str:
    """The same as one text, to be copied."""
    name = str(settings.value(rx, "shop.name"))
    lines = [t("notice.title"), *(t("notice.line", head=head, words=words) for head, words in notice(rx))]
    return "\n".join([*lines, t("g.dot").join(part for part in (name, day.isoformat()) if part)])


def unseen(rx: Rx, day: date, years: int | None = None) -> tuple[MemberId, ...]:
    """Members who have given no sign for so many years (default: the shop's own number), longest ago first;
    deactivated ones are not meant."""
    years = int(str(settings.value(rx, "keep_years"))) if years is None else years
    since = day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)
    return tuple(map(MemberId, listing.unseen(rx, since.isoformat())))
