"""The window's font families and text roles; loads the bundled Chinese font where the system has none."""

from __future__ import annotations

import os
from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from shopcrm.basics.texts import RESOURCES
from ui.theme import tokens

_WANTED = {
    "zh_CN": ("Microsoft YaHei UI", "Noto Sans CJK SC"),
    "zh_TW": ("Microsoft JhengHei UI", "Noto Sans CJK TC", "Microsoft YaHei UI", "Noto Sans CJK SC"),
    "en": ("Segoe UI", "Microsoft YaHei UI", "Noto Sans CJK SC"),
}


@cache
def _bundled() -> tuple[str, ...]:
    """Families of the bundled font, loaded once; empty where it could not be read."""
    number = QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / "wqy-microhei.ttc"))
    found = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(name for name in found if "Mono" not in name and "等宽" not in name)[:1]


def families(language: str) -> list[str]:
    """Font families for a language, best first; SHOPCRM_FORCE_FONT=1 puts the bundled one alone."""
    if os.environ.get("SHOPCRM_FORCE_FONT") == "1":
        return list(_bundled())
    present = set(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))
    wanted = [name for name in _WANTED[language] if name in present or name == "Segoe UI"]
    if present:
        return wanted + [name for name in sorted(present) if name not in wanted][:3]
    return [*wanted, *_bundled()]


def font(role: str, base: QFont, k: float) -> QFont:
    """The font of a text role of tokens.TEXT at factor `k`; only weights 400 and 700 exist."""
    size, bold = tokens.TEXT[role]
    made = QFont(base)
    made.setPixelSize(round(size * k))
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    return made
