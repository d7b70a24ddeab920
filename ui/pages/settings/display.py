"""The look: size of the text, light or dark, language, key hints, how long a toast stays."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout

from shopcrm.basics import texts
from shopcrm.basics.texts import t
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.theme import LEVELS
from ui.widgets import Card, CheckBox, ChoiceTile, Combo, Label

_SAMPLE = 16
_MODES = (("light", "sun"), ("dark", "moon"), ("system", "device-desktop"))


class DisplayPlace(Place):
    """Applies at once; kept on this computer."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        font = Card(t("dp.font"))
        font.body.addWidget(Label(t("dp.font.hint"), "body", "tx2"))
        self.levels = {
            level: ChoiceTile(t("fr.font.sample"), t(f"dp.level.{level}"), _SAMPLE * k)
            for level, k in LEVELS.items()
        }
        font.body.addLayout(self._tiles(self.levels, stretch=False))
        mode = Card(t("dp.mode"))
        self.modes = {key: ChoiceTile("", t(f"dp.mode.{key}"), icon=icon) for key, icon in _MODES}
        mode.body.addLayout(self._tiles(self.modes, stretch=True))
        other = Card(t("dp.other"))
        self.language = Combo([(code, t(f"dp.language.{code}")) for code in texts.LANGUAGES])
        self.language.setFixedWidth(theme.px(180))
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        row.addWidget(Label(t("dp.language"), "body"))
        row.addWidget(self.language)
        row.addStretch(1)
        other.body.addLayout(row)
        self.keys, self.toasts = CheckBox(t("dp.keys")), CheckBox(t("dp.toast"))
        other.body.addWidget(self.keys)
        other.body.addWidget(self.toasts)
        for card in (font, mode, other):
            self.column.addWidget(card)
        self.column.addStretch(1)
        for tile in (*self.levels.values(), *self.modes.values()):
            tile.clicked.connect(self._on_look)
        self.language.picked.connect(self._on_look)
        self.keys.clicked.connect(self._on_checked)
        self.toasts.clicked.connect(self._on_checked)

    def _tiles(self, tiles: dict[str, ChoiceTile], *, stretch: bool) -> QHBoxLayout:
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for tile in tiles.values():
            group.addButton(tile)
            if stretch:
                tile.setFixedWidth(theme.px(168))
            row.addWidget(tile)
        if stretch:
            row.addStretch(1)
        return row

    def read(self) -> None:
        prefs = self.session.prefs
        self.levels[theme.now().level].setChecked(True)
        self.modes[theme.now().mode].setChecked(True)
        self.language.set_value(texts.language())
        self.keys.setChecked(bool(prefs.get("key_hints", True)))
        self.toasts.setChecked(bool(prefs.get("long_toasts", False)))

    def _apply(self) -> None:
        level = next(key for key, tile in self.levels.items() if tile.isChecked())
        mode = next(key for key, tile in self.modes.items() if tile.isChecked())
        self.page.window_.apply_theme(mode, level, str(self.language.value()))

    @Slot()
    def _on_look(self) -> None:
        self._apply()

    @Slot()
    def _on_checked(self) -> None:
        self.session.prefs.set("key_hints", self.keys.isChecked())
        self.session.prefs.set("long_toasts", self.toasts.isChecked())
        self._apply()
