"""The theme in force: `apply` sets it, every painted widget reads `now()`.

There is one window theme in a process because Qt has one application palette and one style sheet;
this room keeps their Python twin and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from shopcrm.basics.texts import language
from ui.theme import fonts, icons
from ui.theme.qss import build_qss
from ui.theme.tokens import DARK, LEVELS, LIGHT, Tokens

__all__ = [
    "DARK", "LEVELS", "LIGHT", "STYLE", "Theme", "Tokens", "apply", "give_sheet", "icons", "now", "palette",
    "px",
]  # fmt: skip

STYLE = "Fusion"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours, font factor and base font in force."""

    tokens: Tokens
    k: float
    mode: str
    level: str
    base: QFont
    inks: dict[tuple[str, str], QRect] = field(default_factory=dict, repr=False, compare=False)
    """Where the ink of a text is, by the key of its font: `paint.draw_centred` remembers it here."""
    _fonts: dict[str, QFont] = field(default_factory=dict, repr=False, compare=False)

    def px(self, size: float) -> int:
        """A size of ui.theme.tokens at the font level in force."""
        return round(size * self.k)

    def font(self, role: str) -> QFont:
        """The font of a text role of tokens.TEXT."""
        made = self._fonts.get(role)
        if made is None:
            made = self._fonts[role] = fonts.font(role, self.base, self.k)
        return QFont(made)


_now = Theme(LIGHT, 1.0, "light", "normal", QFont())


def now() -> Theme:
    """The theme in force."""
    return _now


def px(size: float) -> int:
    """Short for `now().px(size)`."""
    return round(size * _now.k)


def is_dark(mode: str) -> bool:
    """Whether a mode (`light`, `dark`, `system`) means dark on this desktop right now."""
    if mode == "system":
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return mode == "dark"


def palette(tokens: Tokens) -> QPalette:
    """The Qt palette of a set of tokens, for everything the style sheet does not reach."""
    made = QPalette()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    for which, colour in (
        (role.Window, tokens.win), (role.Base, tokens.card), (role.AlternateBase, tokens.sunk),
        (role.Button, tokens.card), (role.ToolTipBase, tokens.toast), (role.ToolTipText, tokens.toast_text),
        (role.WindowText, tokens.tx), (role.Text, tokens.tx), (role.ButtonText, tokens.tx),
        (role.PlaceholderText, tokens.tx2), (role.BrightText, tokens.bad), (role.Link, tokens.acc_text),
        (role.Highlight, tokens.acc), (role.HighlightedText, tokens.on_acc), (role.Accent, tokens.acc),
        (role.Light, tokens.card), (role.Midlight, tokens.line), (role.Mid, tokens.line2),
        (role.Dark, tokens.ctl), (role.Shadow, tokens.ctl),
    ):  # fmt: skip
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(group.Disabled, which, QColor(tokens.txd))
    return made


def apply(app: QApplication, mode: str = "light", level: str = "normal", *, with_sheet: bool = True) -> Theme:
    """Give the whole application colours, fonts and style sheet; returns the theme now in force.

    `mode` is light, dark or system; `level` is a key of tokens.LEVELS. Safe to call again at any time.
    `with_sheet` is False where `give_sheet` follows.
    """
    global _now
    colours = DARK if is_dark(mode) else LIGHT
    k = LEVELS[level]
    base = QFont()
    base.setFamilies(fonts.families(language()))
    base.setPixelSize(round(15 * k))
    base.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    _now = Theme(colours, k, mode, level, base)
    if app.property("style") != STYLE:  # a style sheet hides its name, and setting it twice can crash
        app.setStyle(STYLE)
        app.setProperty("style", STYLE)
    hints = QGuiApplication.styleHints()
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(mode, Qt.ColorScheme.Unknown)
    if hasattr(hints, "setColorScheme"):
        hints.setColorScheme(wanted)
    # Each of the three visits every widget there is, so only what changed is set.
    if app.property("dark") is not colours.dark:
        app.setPalette(palette(colours))
        app.setProperty("dark", colours.dark)
    if app.font() != base:
        app.setFont(base)
    if with_sheet:
        give_sheet(app)
    return _now


def give_sheet(app: QApplication) -> None:
    """Give the application the style sheet of the theme in force, if it has another. Widgets that are there
    already are looked through once; with it, whatever is put into another widget is looked through with all
    it holds, again and again while a page is made."""
    sheet = build_qss(_now.tokens, _now.k)
    if app.styleSheet() != sheet:
        app.setStyleSheet(sheet)
