"""Recoloured pixmaps and icons from resources/icons, cached by name, colour, size,
stroke and screen ratio.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from shopcrm.basics.texts import RESOURCES


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _stroke(size: int) -> float:
    """Line width on the 24 grid: thinner when large, stronger when tiny,
    so that the line looks equally heavy.
    """
    if size >= 44:
        return 1.4
    return 2.2 if size <= 15 else 1.75


@lru_cache(maxsize=1024)
def _render(name: str, colour: str, size: int, stroke: float, ratio: float) -> QPixmap:
    svg = (
        _source(name).replace("currentColor", colour).replace('stroke-width="2"', f'stroke-width="{stroke}"')
    )
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    pixels = round(size * ratio)
    made = QPixmap(pixels, pixels)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def pixmap(
    name: str, colour: str, size: int, *, stroke: float | None = None, ratio: float | None = None
) -> QPixmap:
    """The icon `name` in `colour`, `size` logical pixels square, sharp on the screen it will be shown on."""
    if ratio is None:
        screen = QGuiApplication.primaryScreen()
        ratio = screen.devicePixelRatio() if screen else 1.0
    return _render(name, colour, size, stroke or _stroke(size), ratio)


def icon(
    name: str, colour: str, size: int, *, disabled: str | None = None, stroke: float | None = None
) -> QIcon:
    """A QIcon of `name`; `disabled` is the colour it takes in a disabled control."""
    made = QIcon()
    for mode, tint in (
        (QIcon.Mode.Normal, colour),
        (QIcon.Mode.Active, colour),
        (QIcon.Mode.Disabled, disabled or colour),
    ):
        made.addPixmap(pixmap(name, tint, size, stroke=stroke), mode)
    made.actualSize(QSize(size, size))
    return made


def exists(name: str) -> bool:
    """Whether an icon of this name is shipped."""
    return (RESOURCES / "icons" / f"{name}.svg").exists()
