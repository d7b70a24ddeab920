"""About: version, where the data lies, and whose work is inside."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from shopcrm import __version__
from shopcrm.basics.folders import data_folder
from shopcrm.basics.texts import RESOURCES, t
from ui import theme
from ui.pages.base import Page
from ui.pages.settings.place import Place
from ui.widgets import Card, Label, Line, SmallButton

_LICENCES = (
    ("PySide6 / Qt", "LGPL-3.0"),
    ("Tabler Icons", "MIT"),
    ("WenQuanYi Micro Hei", "Apache-2.0"),
    ("sqlite-utils", "Apache-2.0"),
    ("pandas / NumPy", "BSD-3-Clause"),
    ("openpyxl", "MIT"),
    ("python-calamine", "MIT"),
    ("borax", "MIT"),
    ("pypinyin", "MIT"),
    ("platformdirs", "MIT"),
    ("pyzipper", "MIT"),
    ("PyCryptodome", "BSD-2-Clause"),
    ("sqlcipher3 / SQLCipher", "zlib / BSD-3-Clause"),
)


class AboutPlace(Place):
    """What one reads out on the telephone when asking for help."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        card = Card(t("app.name"))
        card.body.addWidget(Label(t("app.slogan"), "body", "tx2"))
        card.body.addWidget(Label(t("ab.version", version=__version__), "body"))
        card.body.addWidget(Label(t("app.local"), "body"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        where = Label(t("ab.folder", folder=str(data_folder())), "body", wrap=True)
        self.open = SmallButton(t("ab.open"), icon="folder-open")
        row.addWidget(where, 1)
        row.addWidget(self.open)
        card.body.addLayout(row)
        self.column.addWidget(card)
        inside = Card(t("ab.inside"))
        inside.body.addWidget(Label(t("ab.licence"), "body", "tx2", wrap=True))
        inside.body.addWidget(Line())
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(24))
        grid.setVerticalSpacing(theme.px(6))
        for number, (name, licence) in enumerate(_LICENCES):
            at, side = divmod(number, 2)
            grid.addWidget(Label(name, "label"), at, side * 2)
            grid.addWidget(Label(licence, "label", "tx2"), at, side * 2 + 1)
        inside.body.addLayout(grid)
        self.texts = SmallButton(t("ab.texts"), icon="folder-open")
        foot = QHBoxLayout()
        foot.addWidget(self.texts)
        foot.addStretch(1)
        inside.body.addLayout(foot)
        self.column.addWidget(inside)
        self.column.addStretch(1)
        self.open.clicked.connect(self._on_open)
        self.texts.clicked.connect(self._on_texts)

    @Slot()
    def _on_open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(data_folder())))

    @Slot()
    def _on_texts(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(RESOURCES)))
