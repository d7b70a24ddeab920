"""What only the owner may change, whoever asks and from wherever."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopcrm.basics.errors import Refusal
from shopcrm.basics.records import EventDraft, EventId
from shopcrm.shop import Shop

OWNERS: dict[str, Callable[[Shop, Any], object]] = {
    "a rule": lambda shop, event: shop.settings.set("contact_spacing", 9),
    "an event": lambda shop, event: shop.events.add(
        EventDraft("event", "周年", (shop.day + timedelta(days=9)).isoformat())
    ),
    "an event's day": lambda shop, event: shop.events.change(
        event, EventDraft("event", "会员日", (shop.day + timedelta(days=8)).isoformat())
    ),
    "an event gone": lambda shop, event: shop.events.remove(event),
    "words": lambda shop, event: shop.words.add("say.L3", "〔称呼〕，新款到了。"),
    "words off": lambda shop, event: shop.words.switch("say.L3.1", False),
    "how a type is treated": lambda shop, event: shop.words.set_strategy(
        "loyal", shop.view().strategy("loyal")._replace(goal="常联系")
    ),
}


@pytest.fixture
def event(shop: Shop) -> EventId:
    draft = EventDraft("event", "会员日", (shop.day + timedelta(days=10)).isoformat())
    return shop.events.add(draft).value


@pytest.mark.parametrize("what", OWNERS)
def test_an_assistant_is_refused_and_nothing_changes(what: str, shop: Shop, event: EventId) -> None:
    owner = shop.settings.add_staff("林姐", "owner").value
    shop.actor = shop.settings.add_staff("小雯", "assistant").value
    before = shop.store.read().value("SELECT max(id) FROM journal_entry")
    with pytest.raises(Refusal) as caught:
        OWNERS[what](shop, event)
    assert caught.value.code == "no_right_rules"
    assert shop.store.read().value("SELECT max(id) FROM journal_entry") == before
    shop.actor = owner
    OWNERS[what](shop, event)
