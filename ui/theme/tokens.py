"""Every colour, size and font size of the window; no other module holds a literal of these kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class TypeTone:
    """The colours of one customer type; colour never stands without its letter."""

    fill: str
    on_fill: str
    soft: str
    on_soft: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """All colours of one theme."""

    dark: bool
    win: str
    card: str
    sunk: str
    hover: str
    line: str
    line2: str
    ctl: str
    tx: str
    tx2: str
    txd: str
    acc: str
    acc_hover: str
    acc_pressed: str
    on_acc: str
    acc_text: str
    acc_soft: str
    acc_line: str
    rail: str
    rail_active: str
    rail_hover: str
    rail_text: str
    rail_text2: str
    rail_on: str
    nav_badge: str
    on_nav_badge: str
    bad: str
    bad_soft: str
    bad_line: str
    ok: str
    ok_soft: str
    ok_line: str
    warn: str
    warn_soft: str
    warn_line: str
    info: str
    info_soft: str
    info_line: str
    toast: str
    toast_text: str
    toast_act: str
    key: str
    flow: str
    types: Mapping[str, TypeTone]

    def tone(self, type_key: str) -> TypeTone:
        """The colours of a customer type; a type without colours of its own looks like `lost`."""
        return self.types.get(type_key) or self.types["lost"]

    def status(self, kind: str) -> tuple[str, str, str]:
        """Text, fill and border of `bad`, `ok`, `warn`, `info` or `acc`."""
        return {
            "bad": (self.bad, self.bad_soft, self.bad_line),
            "ok": (self.ok, self.ok_soft, self.ok_line),
            "warn": (self.warn, self.warn_soft, self.warn_line),
            "info": (self.info, self.info_soft, self.info_line),
            "acc": (self.acc_text, self.acc_soft, self.acc_line),
        }[kind]


LIGHT = Tokens(
    dark=False,
    win="#F4F1EE",
    card="#FFFFFF",
    sunk="#FAF8F6",
    hover="#F3EFEB",
    line="#E5DFD9",
    line2="#D3CBC3",
    ctl="#938A82",
    tx="#241F1D",
    tx2="#5C544E",
    txd="#8C847D",
    acc="#8E2C4E",
    acc_hover="#7B2443",
    acc_pressed="#661B37",
    on_acc="#FFFFFF",
    acc_text="#8E2C4E",
    acc_soft="#FAEEF2",
    acc_line="#E7C3D0",
    rail="#2C2026",
    rail_active="#8E2C4E",
    rail_hover="#3C2D35",
    rail_text="#E9DDE2",
    rail_text2="#C2B1B9",
    rail_on="#FFFFFF",
    nav_badge="#F7C9D6",
    on_nav_badge="#4A1226",
    bad="#B3261E",
    bad_soft="#FDEDEB",
    bad_line="#F0BDB8",
    ok="#17724A",
    ok_soft="#E7F5EE",
    ok_line="#B5DCC8",
    warn="#875700",
    warn_soft="#FFF5DF",
    warn_line="#EBD3A0",
    info="#1D5B94",
    info_soft="#E9F2FB",
    info_line="#BFD8EF",
    toast="#2C2629",
    toast_text="#FFFFFF",
    toast_act="#F3A9C0",
    key="#FFFFFF",
    flow="#D9D3CC",
    types=MappingProxyType(
        {
            "loyal": TypeTone("#0B5FA5", "#FFFFFF", "#E5F0FA", "#0A528E"),
            "potential": TypeTone("#2FA98A", "#04241B", "#E2F5EF", "#0B6650"),
            "drifting": TypeTone("#EBA53A", "#2E1C00", "#FDF2DF", "#7F4E00"),
            "lost": TypeTone("#464B55", "#FFFFFF", "#ECEDF0", "#464B55"),
        }
    ),
)

DARK = Tokens(
    dark=True,
    win="#1B191B",
    card="#252326",
    sunk="#211F22",
    hover="#302D32",
    line="#38353A",
    line2="#4A464C",
    ctl="#857E86",
    tx="#F1ECEA",
    tx2="#BAB2AF",
    txd="#857E7C",
    acc="#E58DAA",
    acc_hover="#EFA3BB",
    acc_pressed="#D67795",
    on_acc="#2A0D18",
    acc_text="#F0A3BB",
    acc_soft="#3A262E",
    acc_line="#6E4152",
    rail="#141214",
    rail_active="#5B2A3D",
    rail_hover="#262125",
    rail_text="#E9DDE2",
    rail_text2="#B5A8AE",
    rail_on="#FFFFFF",
    nav_badge="#F7C9D6",
    on_nav_badge="#4A1226",
    bad="#FF9A8F",
    bad_soft="#40221F",
    bad_line="#7A3B35",
    ok="#6FD3A0",
    ok_soft="#19352A",
    ok_line="#2F6249",
    warn="#F2C465",
    warn_soft="#3A2E16",
    warn_line="#6B5626",
    info="#8EC1F2",
    info_soft="#1C2F42",
    info_line="#365672",
    toast="#F1ECEA",
    toast_text="#241F1D",
    toast_act="#8E2C4E",
    key="#2E2B30",
    flow="#433F45",
    types=MappingProxyType(
        {
            "loyal": TypeTone("#4C97E8", "#06182B", "#1B3049", "#9CC8F7"),
            "potential": TypeTone("#6FE0BD", "#04241B", "#17392F", "#8CE8CB"),
            "drifting": TypeTone("#F5B64C", "#2E1C00", "#3E2F14", "#F8CB80"),
            "lost": TypeTone("#8B919D", "#121417", "#33353B", "#C3C7CF"),
        }
    ),
)

#: Text roles: pixel size at font level `normal`, bold or not.
TEXT: Mapping[str, tuple[int, bool]] = MappingProxyType(
    {
        "key": (12, False),
        "key_bold": (12, True),
        "small": (13, False),
        "small_bold": (13, True),
        "label": (14, False),
        "label_bold": (14, True),
        "body": (15, False),
        "body_bold": (15, True),
        "name": (16, True),
        "h3": (17, True),
        "size": (18, True),
        "phone": (19, True),
        "h2": (20, True),
        "h1": (22, True),
        "kpi": (30, True),
        "brand": (34, True),
    }
)

#: Font levels and their factor; every size below and every text size is multiplied by it.
LEVELS: Mapping[str, float] = MappingProxyType({"small": 0.93, "normal": 1.0, "big": 1.15, "huge": 1.30})
MODES = ("light", "dark", "system")

PAGE_SIDE = 20
CARD_GAP = 16
CARD_PAD_H = 18
CARD_PAD_V = 14

RADIUS_KEY = 4
RADIUS_TAG = 5
RADIUS_CONTROL = 6
RADIUS_TILE = 8
RADIUS_CARD = 10
BADGE_RADIUS = 0.24  # of the badge's side

CONTROL = 40
CONTROL_SMALL = 32
CONTROL_BIG = 48
OUTCOME_TILE = 46
OPTION_TILE = 40
TAB = 42
CHIP = 36
SEGMENTED = 46
RAIL = 96
RAIL_COMPACT = 84
RAIL_ENTRY = 72
RAIL_ENTRY_COMPACT = 64
HEADER = 64
HEADER_SINGLE = 52
SEARCH_WIDTH = 310
BANNER = 44
TOAST = 46
ROW_TODO = 58
ROW_MEMBER = 46
ROW_IMPORT = 40
ROW_HISTORY = 34
TABLE_HEADER = 37
TABLE_HEADER_IMPORT = 80
KEY_CAP = 20
SIZE_TILE = 52
TYPE_PILL = 26
AVATAR = 34
CHECK = 22
