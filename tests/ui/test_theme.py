"""The contrast figures of the design, recomputed, and the theme at every level."""

from __future__ import annotations

import re

import pytest

from ui import theme
from ui.theme import fonts, icons
from ui.theme.qss import build_qss
from ui.theme.tokens import DARK, LEVELS, LIGHT, TEXT, Tokens

BOTH = pytest.mark.parametrize("c", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Contrast ratio of WCAG 2."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def surfaces(c: Tokens) -> list[str]:
    return [c.win, c.card, c.sunk, c.hover, c.acc_soft]


@BOTH
def test_text_is_readable_on_every_surface(c: Tokens) -> None:
    least = 11.5 if c.dark else 14.0
    assert min(contrast(c.tx, s) for s in surfaces(c)) >= least - 0.05
    assert min(contrast(c.tx2, s) for s in surfaces(c)) >= 6.4
    assert min(contrast(c.acc_text, s) for s in (c.win, c.card, c.sunk, c.acc_soft)) >= 7.0


@BOTH
def test_text_on_primary_is_readable_in_every_state(c: Tokens) -> None:
    assert min(contrast(c.on_acc, s) for s in (c.acc, c.acc_hover, c.acc_pressed)) >= 5.9


@BOTH
@pytest.mark.parametrize("kind", ["bad", "ok", "warn", "info"])
def test_status_text_is_readable_on_its_own_fill(c: Tokens, kind: str) -> None:
    text, soft, _ = c.status(kind)
    assert contrast(text, soft) >= 5.2
    assert contrast(text, c.card) >= 4.5


@BOTH
def test_control_borders_and_disabled_text_are_visible(c: Tokens) -> None:
    assert contrast(c.ctl, c.card) >= 3.0
    assert contrast(c.ctl, c.win) >= 3.0
    assert contrast(c.txd, c.card) >= 3.4


@BOTH
@pytest.mark.parametrize("key", ["loyal", "potential", "drifting", "lost"])
def test_type_letters_and_names_are_readable(c: Tokens, key: str) -> None:
    tone = c.tone(key)
    assert contrast(tone.on_fill, tone.fill) >= 5.6
    assert contrast(tone.on_soft, tone.soft) >= 4.5


def test_rail_and_toast_are_readable() -> None:
    for c in (LIGHT, DARK):
        assert contrast(c.rail_text, c.rail) >= 4.5
        assert contrast(c.rail_on, c.rail_active) >= 4.5
        assert contrast(c.on_nav_badge, c.nav_badge) >= 4.5
        assert contrast(c.toast_text, c.toast) >= 4.5
        assert contrast(c.toast_act, c.toast) >= 4.5


@BOTH
@pytest.mark.parametrize("level", LEVELS)
def test_style_sheet_knows_only_token_colours(c: Tokens, level: str) -> None:
    used = set(re.findall(r"#[0-9A-Fa-f]{6}", build_qss(c, LEVELS[level])))
    known = {str(getattr(c, name)) for name in c.__slots__ if name not in ("types", "dark")}
    assert used <= known


def test_no_text_below_twelve_pixels() -> None:
    assert min(size for size, _ in TEXT.values()) == 12


@pytest.mark.parametrize(("mode", "level"), [("dark", "huge"), ("light", "small"), ("light", "normal")])
def test_apply_sets_palette_font_and_sheet(qapp, mode: str, level: str) -> None:
    made = theme.apply(qapp, mode, level)
    assert theme.now() is made
    assert made.tokens.dark == (mode == "dark")
    assert qapp.font().pixelSize() == round(15 * LEVELS[level])
    assert qapp.palette().window().color().name().upper() == made.tokens.win
    assert qapp.styleSheet()
    theme.apply(qapp)


def test_icons_take_the_colour_asked_for(qapp) -> None:
    image = icons.pixmap("check", "#FF0000", 24, ratio=2.0).toImage()
    assert image.width() == 48
    found = {
        image.pixelColor(x, y).name()
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() > 250
    }
    assert found == {"#ff0000"}


def test_forced_font_is_the_bundled_one(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCRM_FORCE_FONT", "1")
    names = fonts.families("zh_CN")
    assert len(names) == 1
    assert "Micro Hei" in names[0] or "微米" in names[0]
