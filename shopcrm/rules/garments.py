"""Which size of a member an article goes by, told by its name."""

from __future__ import annotations

SIZE_FIELDS = ("size_top", "size_bottom", "size_shoe")  # of a member
_NO_SIZE = (
    "包", "巾", "帽", "袜", "襪", "腰带", "腰帶", "皮带", "皮帶", "手套", "项链", "項鏈",
    "耳环", "耳環", "伞", "傘",
)  # fmt: skip
_SHOES = ("鞋", "靴", "shoe", "boot", "sneaker", "sandal")
_DRESSES = ("连衣", "連衣", "连体", "連體", "旗袍", "dress", "jumpsuit")
_BOTTOMS = ("裤", "褲", "裙", "trouser", "pants", "jeans", "shorts", "skirt", "leggings")


def size_field(item: str) -> str:
    """The field of SIZE_FIELDS that holds her size for an article; empty for what comes in no size."""
    name = item.lower()
    if any(word in name for word in _SHOES):
        return "size_shoe"
    if any(word in name for word in _BOTTOMS) and not any(word in name for word in _DRESSES):
        return "size_bottom"
    return "" if name.partition(" ")[0].endswith(_NO_SIZE) else "size_top"
