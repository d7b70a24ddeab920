"""The parts every page is built of; constructor signatures and signals are listed in ui/ARCHITECTURE.md."""

from ui.widgets.blocks import (
    Banner,
    Card,
    EmptyState,
    EvidenceBox,
    Line,
    ProgressLine,
    SizeTile,
    StackBar,
    StrategyStrip,
)
from ui.widgets.buttons import Button, IconButton, SmallButton
from ui.widgets.choices import Chip, ChoiceTile, FlowRow, LineTabs, OptionTile, OutcomeTile, Segmented, TabBar
from ui.widgets.floating import Dialog, FocusRing, Popup, Toast, announce, open_dialog
from ui.widgets.inputs import CheckBox, Combo, FieldBlock, Input, LinkArea, SearchBox, Stepper, TextArea
from ui.widgets.labels import (
    Avatar,
    DuePill,
    ElidedLabel,
    KeyCap,
    KeyHint,
    Label,
    Tag,
    TagRow,
    TypeBadge,
    TypePill,
    restyle,
)

__all__ = [
    "Avatar", "Banner", "Button", "Card", "CheckBox", "Chip", "ChoiceTile", "Combo", "Dialog", "DuePill",
    "ElidedLabel", "EmptyState", "EvidenceBox", "FieldBlock", "FlowRow", "FocusRing", "IconButton", "Input",
    "KeyCap", "KeyHint", "Label", "Line", "LineTabs", "LinkArea", "OptionTile", "OutcomeTile", "Popup",
    "ProgressLine", "SearchBox", "Segmented", "SizeTile", "SmallButton", "StackBar", "Stepper", "StrategyStrip",
    "TabBar", "Tag", "TagRow", "TextArea", "Toast", "TypeBadge", "TypePill", "announce", "open_dialog", "restyle",
]  # fmt: skip
