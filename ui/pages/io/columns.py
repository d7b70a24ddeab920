"""Above every column of the preview: the file's own heading, and the field it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QEvent, QRect, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QToolTip

from shopcrm.basics.fields import FIELDS
from shopcrm.basics.texts import t
from shopcrm.shop.imports import SheetPlan
from ui import theme
from ui.theme import icons, paint
from ui.theme.tokens import CONTROL_SMALL
from ui.widgets import Combo

PAD = 10
LEAST, MOST = 84, 260  # width of a column
#: Fields that make a list of members one of sales, visits or contacts: offered on every sheet.
DECIDING = ("sale_day", "amount", "visit_day", "contact_day")


def field_choices(sheet: SheetPlan, fields: Mapping[int, str | None]) -> list[tuple[object, str]]:
    """What a column of the sheet may be, for its combo."""
    offered = [field.id for field in FIELDS if sheet.kind in field.sheets]
    offered += [name for name in (*DECIDING, *fields.values()) if name]
    if sheet.kind == "members":
        offered += sheet.own
    names = dict.fromkeys(offered)
    return [(None, t("io.skipcol")), *((name, field_name(sheet, name)) for name in names)]


def field_name(sheet: SheetPlan, name: str) -> str:
    """A field by its name on the screen, one of the shop's own by the name it was given."""
    return sheet.own.get(name) or t(f"field.{name}")


class Columns(QHeaderView):
    """The file's own headings over combos with our fields; combos are made when their column is seen."""

    picked = Signal(int, object)  # column, field id or None
    made = Signal()  # combos came into being

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._sheet: SheetPlan | None = None
        self._fields: Mapping[int, str | None] = {}
        self._clashing: frozenset[int] = frozenset()
        self._combos: dict[int, Combo] = {}
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(LEAST // 2)
        self.sectionResized.connect(self._on_moved)

    def set_columns(
        self, sheet: SheetPlan, fields: Mapping[int, str | None], clashing: frozenset[int]
    ) -> None:
        """Show what each column goes to; `clashing` ones are painted as wrong."""
        same = (
            self._sheet is not None
            and self._sheet.sheet_at == sheet.sheet_at
            and self._sheet.kind == sheet.kind
            and len(self._sheet.columns) == len(sheet.columns)
        )
        self._sheet, self._fields, self._clashing = sheet, fields, clashing
        if not same:
            for combo in self._combos.values():
                combo.hide()
                combo.deleteLater()
            self._combos = {}
        for column, combo in self._combos.items():
            self._dress(column, combo)
        self.place()
        self.viewport().update()

    def combo(self, column: int) -> Combo:
        """The combo over a column, made if it was not seen yet."""
        made = self._combos.get(column)
        if made is None:
            assert self._sheet is not None
            made = Combo(field_choices(self._sheet, self._fields))
            made.setProperty("high", "small")
            made.setParent(self)
            made.view().setMinimumWidth(theme.px(170))
            made.setAccessibleName(t("io.column", name=self._sheet.columns[column].heading))
            made.picked.connect(partial(self.picked.emit, column))
            self._combos[column] = made
            self._dress(column, made)
        return made

    def _dress(self, column: int, combo: Combo) -> None:
        combo.set_value(self._fields.get(column))
        combo.set_wrong(column in self._clashing)

    def place(self) -> None:
        """Put the combos over their columns."""
        if self._sheet is None:
            return
        top, high = self.height() - theme.px(CONTROL_SMALL + 9), theme.px(CONTROL_SMALL + 2)
        gap = theme.px(5)
        before = len(self._combos)
        for column in range(min(self.count(), len(self._sheet.columns))):
            x, wide = self.sectionViewportPosition(column), self.sectionSize(column)
            if x + wide > 0 and x < self.viewport().width():
                combo = self.combo(column)
                combo.setGeometry(x + gap, top, wide - 2 * gap, high)
                combo.show()
            elif column in self._combos:
                self._combos[column].hide()
        if len(self._combos) != before:
            self.made.emit()

    def combos(self) -> list[Combo]:
        """The combos there are, from left to right."""
        return [self._combos[column] for column in sorted(self._combos)]

    @Slot()
    def _on_moved(self, *_sizes: int) -> None:
        self.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.place()

    def needed(self, column: int) -> int:
        """How wide a column has to be for its heading."""
        assert self._sheet is not None
        heading = QFontMetrics(theme.now().font("label_bold"))
        combo = QFontMetrics(theme.now().font("label"))
        name = self._fields.get(column)
        words = field_name(self._sheet, name) if name else t("io.skipcol")
        return max(
            heading.horizontalAdvance(self._sheet.columns[column].heading) + theme.px(2 * PAD + 24),
            combo.horizontalAdvance(words) + theme.px(2 * PAD + 38),
        )

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if self._sheet is None or section >= len(self._sheet.columns):
            return
        now = theme.now()
        c = now.tokens
        heading = self._sheet.columns[section].heading
        font, side = now.font("label_bold"), now.px(17)
        inner = rect.adjusted(now.px(PAD), now.px(10), -now.px(PAD), 0)
        shown = paint.cut(heading, font, inner.width() - side - now.px(5))
        painter.setFont(font)
        painter.setPen(QColor(c.tx))
        line = QRect(inner.left(), inner.top(), inner.width(), now.px(24))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        x = inner.left() + (QFontMetrics(font).horizontalAdvance(shown) + now.px(6) if shown else 0)
        known = self._fields.get(section) is not None
        wrong = section in self._clashing
        name = "circle-x" if wrong else "circle-check" if known else "help-circle"
        tint = c.bad if wrong else c.ok if known else c.warn
        painter.drawPixmap(x, line.center().y() - side // 2, icons.pixmap(name, tint, side))

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.now().tokens
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(c.sunk))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(c.line2))
        painter.end()
        super().paintEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._sheet is not None:
            column = self.logicalIndexAt(event.pos())
            heading = self._sheet.columns[column].heading if column >= 0 else ""
            cut = column >= 0 and self.needed(column) > self.sectionSize(column)
            QToolTip.showText(event.globalPos(), heading if cut else "", self.viewport())
            return True
        return super().viewportEvent(event)
