"""A new member, or changes to one: two short pages of fields, checked on leaving, doubles named in time."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError, ShopError
from shopcrm.basics.records import Done, MemberCard, MemberDraft, MemberId, MemberRow, StaffId
from shopcrm.basics.texts import t
from shopcrm.basics.values import (
    Birthday,
    call_name,
    clean_name,
    clean_text,
    parse_birthday,
    parse_day,
    parse_phones,
    phone_problem,
    show_phone,
)
from ui import theme
from ui.session import Session
from ui.widgets import Banner, Button, Combo, Dialog, FieldBlock, Input, TextArea

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

TYPING_MS = 180  # pause after which doubles are looked for
MOST = {"name": 50, "notes": 1000}  # characters; every other field 100
_FIELD_OF = {"staff": "staff_id"}  # where the shop calls a field otherwise
_TAIL = 4  # digits by which a phone is looked up


class MemberEdit(Dialog):
    """Add a member, or change `member`. `digits` and `name` are taken over from a search without result.

    `then_log` makes the primary button save and go on to booking. Nothing is written before it is pressed.
    """

    saved = Signal(int)  # the member's id
    logged = Signal(int)  # saved, and her visit is to be booked now
    wanted = Signal(int)  # 打开她: the phone belongs to this member

    def __init__(
        self, parent: QWidget, session: Session, member: MemberCard | None = None, *,
        digits: str = "", name: str = "", then_log: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parent, t("mb.edit") if member else t("mb.new"), width=560)
        self._session, self._member, self._then_log = session, member, then_log
        self._known: MemberId | None = None
        self._warned = False
        self._fields: dict[str, FieldBlock] = {}
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._build()
        self._fill(digits, name)
        self._at_first = self._values()
        self._connect()

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._pages = QStackedWidget()
        self._first, more = QWidget(), QWidget()
        self._build_first(self._first)
        self._build_more(more)
        self._first.layout().addStretch(1)  # type: ignore[union-attr]
        self._pages.addWidget(self._first)
        self._pages.addWidget(more)
        self.body.addWidget(self._pages)
        self._double = Banner("warn", action=t("mb.open"), closable=False)
        self._double.hide()
        self.body.addWidget(self._double)
        self._problem = Banner("bad", closable=False)
        self._problem.hide()
        self.body.addWidget(self._problem)
        self._turn = Button(t("mb.morefields"), "text")
        self.add_left(self._turn)
        self.add_button(t("g.cancel"))
        words = t("mb.savelog") if self._then_log else t("mb.save")
        self._save = self.add_button(words, "primary", self._on_save, key="Ctrl+Enter")

    def _build_first(self, page: QWidget) -> None:
        grid = _grid(page)
        self._phone, self._name = Input(), Input()
        self._call, self._birthday = Input(), Input(t("mb.birthday.ph"))
        self._birthday.setToolTip(t("mb.birthday.tip"))
        self._top, self._bottom, self._shoe, self._height = Input(), Input(), Input(), Input()
        self._likes, self._avoids = Input(t("mb.likes.ph")), Input(t("mb.avoid.ph"))
        for field in (self._phone, self._bottom, self._shoe, self._height):
            field.set_ime(False)
        self._put(grid, 0, 0, 6, "phone", t("mb.phone") + " *", self._phone)
        self._put(grid, 0, 6, 6, "name", t("mb.name") + " *", self._name)
        self._put(grid, 1, 0, 6, "call_name", t("mb.call"), self._call, t("mb.call.hint"))
        self._put(grid, 1, 6, 6, "birthday", t("mb.birthday"), self._birthday)
        self._put(grid, 2, 0, 3, "size_top", t("mb.top"), self._top)
        self._put(grid, 2, 3, 3, "size_bottom", t("mb.bottom"), self._bottom)
        self._put(grid, 2, 6, 3, "size_shoe", t("mb.shoe"), self._shoe)
        self._put(grid, 2, 9, 3, "height", t("mb.height"), self._height)
        self._put(grid, 3, 0, 6, "likes", t("mb.likes"), self._likes)
        self._put(grid, 3, 6, 6, "avoids", t("mb.avoid"), self._avoids)

    def _build_more(self, page: QWidget) -> None:
        grid = _grid(page)
        self._card_no, self._wechat, self._tags = Input(), Input(), Input()
        self._joined, self._weight = Input(t("mb.joined.ph")), Input()
        self._gender = Combo([("", t("mb.gender.none")), ("f", t("mb.gender.f")), ("m", t("mb.gender.m"))])
        people = [(person.id, person.name) for person in self._session.view.staff() if person.active]
        self._staff = Combo([(None, t("mb.staff.none")), *people])
        self._notes = TextArea()
        self._notes.setFixedHeight(theme.px(64))
        self._put(grid, 0, 0, 6, "card_no", t("mb.card"), self._card_no)
        self._put(grid, 0, 6, 6, "joined", t("mb.joined"), self._joined)
        self._put(grid, 1, 0, 6, "staff_id", t("mb.staff"), self._staff)
        self._put(grid, 1, 6, 3, "gender", t("mb.gender"), self._gender)
        self._put(grid, 1, 9, 3, "weight", t("mb.weight"), self._weight)
        self._put(grid, 2, 0, 6, "wechat", t("mb.wechat"), self._wechat)
        self._put(grid, 2, 6, 6, "tags", t("mb.tags"), self._tags)
        self._fields["notes"] = FieldBlock(t("mb.notes"), self._notes)
        column = page.layout()
        assert isinstance(column, QVBoxLayout)
        column.addWidget(self._fields["notes"])

    def _put(
        self,
        grid: QGridLayout,
        row: int,
        column: int,
        span: int,
        key: str,
        label: str,
        field: QWidget,
        hint: str = "",
    ) -> None:
        block = FieldBlock(label, field, hint)
        self._fields[key] = block
        grid.addWidget(block, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
        grid.setRowMinimumHeight(row, theme.px(62))  # a layout asked for its least height is a pixel short

    def _fill(self, digits: str, name: str) -> None:
        card = self._member
        if card is None:
            self._phone.setText(digits)
            self._name.setText(name)
            self._joined.setText(self._session.today.isoformat())
            person = self._session.staff
            if person is not None:
                self._staff.set_value(person.id)
        else:
            self._phone.setText(" / ".join(show_phone(key) for key in card.phones))
            self._name.setText(card.name)
            self._call.setText(card.call_name)
            self._birthday.setText(_birthday_words(card.birthday))
            comma = t("mb.comma")
            for field, words in (
                (self._top, card.size_top), (self._bottom, card.size_bottom), (self._shoe, card.size_shoe),
                (self._height, card.height), (self._weight, card.weight), (self._card_no, card.card_no),
                (self._wechat, card.wechat), (self._likes, comma.join(card.likes)),
                (self._avoids, comma.join(card.avoids)), (self._tags, comma.join(card.tags)),
                (self._joined, card.joined.isoformat() if card.joined else ""),
            ):  # fmt: skip
                field.setText(words)
            self._notes.setPlainText(card.notes)
            self._gender.set_value(card.gender)
            self._staff.set_value(card.staff_id)
        self._propose_call()

    def _connect(self) -> None:
        self._turn.clicked.connect(self._on_turn)
        self._double.acted.connect(self._on_open_double)
        self._typing.timeout.connect(self._look_for_doubles)
        for field in (self._phone, self._name, self._birthday):
            field.textEdited.connect(self._on_typed)
        for block in self._fields.values():
            if isinstance(block.field, Input):
                block.field.editingFinished.connect(self._on_left)

    # -- values -------------------------------------------------------------------------------------------

    def _values(self) -> dict[str, object]:
        """What stands in the fields, as typed."""
        found: dict[str, object] = {}
        for key, block in self._fields.items():
            field = block.field
            if isinstance(field, Input):
                found[key] = field.text()
            elif isinstance(field, Combo):
                found[key] = field.value()
            elif isinstance(field, TextArea):
                found[key] = field.toPlainText()
        return found

    def _problem_of(self, key: str) -> str:
        """What is wrong with one field, "" if nothing is."""
        block = self._fields[key]
        text = self._values()[key]
        if not isinstance(text, str) or not text.strip():
            return ""
        if len(text) > MOST.get(key, 100):
            return t("mb.e.long", n=MOST.get(key, 100))
        today = self._session.today
        if key == "phone":
            problem = phone_problem(text)
            return InputError("phone", problem[0], **problem[1]).sentence if problem else ""
        if key == "birthday":
            return t("mb.e.birthday") if parse_birthday(text, today=today).problem else ""
        if key == "joined":
            day = parse_day(text, today=today)
            if day.day is None:
                return "" if day.missing else t("mb.e.joined")
            return t("mb.e.future") if day.day > today else ""
        if key == "height" and block.field is self._height:
            digits = clean_text(text).lower().removesuffix("cm").strip()
            return "" if digits.isdigit() and 50 <= int(digits) <= 250 else t("mb.e.height")
        return ""

    def _check(self, key: str) -> bool:
        problem = self._problem_of(key)
        self._fields[key].set_error(problem)
        return not problem

    def draft(self) -> MemberDraft:
        """The fields as a draft; only for fields without an error."""
        today, old = self._session.today, self._member
        keys = parse_phones(self._phone.text()).phones
        birthday = parse_birthday(self._birthday.text(), today=today).birthday
        staff = self._staff.value()
        height = clean_text(self._height.text()).lower().removesuffix("cm").strip()
        return MemberDraft(
            id=old.id if old else None,
            name=clean_name(self._name.text()),
            phones=tuple((self._phone.text().strip() if len(keys) == 1 else key, key) for key in keys),
            call_name=clean_name(self._call.text()),
            card_no=clean_text(self._card_no.text()),
            gender=str(self._gender.value() or ""),
            birthday=_kept_year(birthday, old.birthday if old else "").key if birthday else "",
            joined=parse_day(self._joined.text(), today=today).day,
            staff_id=StaffId(staff) if isinstance(staff, int) else None,
            referrer_id=old.referrer_id if old else None,
            wechat=clean_text(self._wechat.text()),
            size_top=clean_text(self._top.text()),
            size_bottom=clean_text(self._bottom.text()),
            size_shoe=clean_text(self._shoe.text()),
            height=height,
            weight=clean_text(self._weight.text()),
            likes=clean_text(self._likes.text()),
            avoids=clean_text(self._avoids.text()),
            tags=clean_text(self._tags.text()),
            notes=clean_text(self._notes.toPlainText()),
        )

    # -- doubles ------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_typed(self, _text: str) -> None:
        self._propose_call()
        self._typing.start()

    def _propose_call(self) -> None:
        self._call.setPlaceholderText(call_name(clean_name(self._name.text())))

    @Slot()
    def _look_for_doubles(self) -> None:
        if not self.isVisible() or not self._session.is_open:  # fields lose the focus while closing, too
            return
        keys = parse_phones(self._phone.text()).phones
        digits = "".join(c for c in self._phone.text() if c.isdigit())
        name = clean_name(self._name.text())
        wanted = keys[0] if keys else digits[-_TAIL:] if len(digits) >= _TAIL else ""
        birthday = parse_birthday(self._birthday.text(), today=self._session.today).birthday
        draft = MemberDraft(
            id=self._member.id if self._member else None,
            name=name,
            phones=tuple((key, key) for key in keys),
            birthday=birthday.key if birthday else "",
        )
        shop = self._session.shop

        def look(view: ShopView) -> tuple[MemberRow, str] | None:
            return _doubles(view, shop.members.duplicates(draft), wanted, name)

        self._session.query(look, key="member_edit.doubles", done=self._show_doubles)

    def _show_doubles(self, found: tuple[MemberRow, str] | None) -> None:
        own = self._member.id if self._member else None
        if found is None or found[0].id == own:
            self._known = None
            self._double.hide()
        else:
            row, why = found
            self._known = row.id
            name = "<b>" + html.escape(row.name or t("mb.noname")) + "</b>"
            words = {"phone": "mb.known", "name": "mb.dup.name", "tail": "mb.dup"}[why]
            self._double.set_text(t(words, name=name))
            self._double.show()
        self.resize_to_content()

    @Slot()
    def _on_open_double(self) -> None:
        known = self._known
        if known is not None:
            self._warned = True  # what was typed here is about someone we know
            self.reject()
            self.wanted.emit(int(known))

    # -- leaving, turning, saving -------------------------------------------------------------------------

    @Slot()
    def _on_left(self) -> None:
        for key, block in self._fields.items():
            if block.field is self.sender():
                self._check(key)
                if key == "phone":
                    self._typing.stop()
                    self._look_for_doubles()
        self.resize_to_content()

    @Slot()
    def _on_turn(self) -> None:
        self._show_page(1 - self._pages.currentIndex())

    def _show_page(self, number: int) -> None:
        self._pages.setCurrentIndex(number)
        self._turn.setText(t("mb.firstfields") if number else t("mb.morefields"))
        first = self._card_no if number else self._phone
        first.setFocus()
        self.resize_to_content()

    @Slot()
    def _on_save(self) -> None:
        self._problem.hide()
        wrong = [key for key in self._fields if not self._check(key)]
        if not wrong and not self._phone.text().strip() and not self._name.text().strip():
            self._fields["phone"].set_error(t("mb.e.nothing"))
            wrong = ["phone"]
        if wrong:
            self._go_to(wrong[0])
            return
        draft = self.draft()

        def save(shop: Shop, _progress: object) -> Done[MemberId]:
            return shop.members.save(draft)

        self._session.do(save, origin=self, done=self._on_saved, failed=self._on_failed, busy=self._save)

    def _go_to(self, key: str) -> None:
        field = self._fields[key].field
        self._pages.setCurrentIndex(0 if self._first.isAncestorOf(field) else 1)
        self._turn.setText(t("mb.firstfields") if self._pages.currentIndex() else t("mb.morefields"))
        field.setFocus()
        self.resize_to_content()

    def _on_saved(self, result: Done[MemberId]) -> None:
        self.accept()
        self.saved.emit(int(result.value))
        if self._then_log:
            self.logged.emit(int(result.value))

    def _on_failed(self, error: Exception) -> None:
        field = _FIELD_OF.get(error.field, error.field) if isinstance(error, InputError) else ""
        if isinstance(error, ShopError) and field in self._fields:
            self._fields[field].set_error(error.sentence)
            self._go_to(field)
            return
        self._problem.set_text(html.escape(error.sentence if isinstance(error, ShopError) else t("err.bug")))
        self._problem.show()
        self.resize_to_content()

    @Slot()
    def reject(self) -> None:
        """Close without saving; with several fields filled in only after asking."""
        now = self._values()
        changed = sum(now[key] != self._at_first[key] for key in now)
        if changed > 1 and not self._warned:
            self._warned = True
            self._problem.set_text(t("mb.discard"))
            self._problem.show()
            self.resize_to_content()
            return
        super().reject()

    def hideEvent(self, event: object) -> None:
        self._typing.stop()


def _grid(page: QWidget) -> QGridLayout:
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(10))
    for number in range(12):
        grid.setColumnStretch(number, 1)
    column.setSpacing(theme.px(10))
    column.addLayout(grid)
    return grid


def _doubles(
    view: ShopView, known: tuple[tuple[MemberId, str], ...], phone: str, name: str
) -> tuple[MemberRow, str] | None:
    """Who this could already be, and by what: `phone`, `name` and birthday, surname and phone `tail`."""
    for reason in ("phone", "name"):
        rows = view.rows([member for member, why in known if why == reason][:1])
        if rows:
            return rows[0], reason
    tail = phone[-_TAIL:]
    for row in view.search(tail) if len(tail) == _TAIL and name else ():
        if row.name[:1] == name[:1] and any(key.endswith(tail) for key in row.phones):
            return row, "tail"
    return None


def _birthday_words(key: str) -> str:
    """A kept birthday as it would be typed."""
    try:
        found = Birthday.from_key(key)
    except ValueError:
        return key
    if found.lunar:
        return found.show()
    short = f"{found.month:02d}-{found.day:02d}"
    return f"{found.year}-{short}" if found.year else short


def _kept_year(birthday: Birthday, old: str) -> Birthday:
    """The birthday as typed; its year stays where only month and day were typed again."""
    try:
        kept = Birthday.from_key(old)
    except ValueError:
        return birthday
    same = (kept.month, kept.day, kept.lunar, kept.leap) == (
        birthday.month, birthday.day, birthday.lunar, birthday.leap,
    )  # fmt: skip
    return kept if same and birthday.year is None else birthday
