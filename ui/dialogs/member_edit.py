"""A new member, or changes to one: what is asked at the counter first, the rest behind a button; checked on
leaving a field, doubles named in time."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from shopcrm.basics.errors import InputError, ShopError
from shopcrm.basics.records import Done, MemberCard, MemberDraft, MemberId, MemberRow, StaffId
from shopcrm.basics.texts import t
from shopcrm.basics.values import (
    Birthday,
    BirthdayCell,
    call_name,
    clean_name,
    clean_text,
    parse_birthday,
    parse_day,
    parse_hours,
    parse_phones,
    phone_problem,
    show_hours,
    show_phone,
)
from ui import theme
from ui.session import Session
from ui.widgets import (
    Banner,
    Button,
    CheckBox,
    Chip,
    Combo,
    Dialog,
    DialogScroll,
    FieldBlock,
    FlowRow,
    Input,
    Label,
    Line,
    SmallButton,
    TextArea,
)
from ui.widgets.member_card import days_ago, joined_dot
from ui.widgets.member_field import MemberField
from ui.widgets.reveal import RevealButton

if TYPE_CHECKING:
    from shopcrm.shop import Shop, ShopView

TYPING_MS = 180  # pause after which doubles are looked for
MOST = {"name": 50, "notes": 32_767}  # characters; every other field 500
_MOST = 500
_FIELD_OF = {"staff": "staff_id", "referrer": "referrer_id"}  # where the shop calls a field otherwise
_KNOWN_BY = ("phone", "name", "birthday")
_CHANNELS = ("no_call", "no_message", "no_sms")
_TAGS_OFFERED = 6
_NAMED = 3  # doubles in one sentence


class _Double(NamedTuple):
    """Somebody who may be meant: all who fit best, and why: phone, name, tail."""

    rows: list[MemberRow]
    why: str


class MemberEdit(Dialog):
    """Add a member, or change `member`. `digits` and `name` are taken over from a search without result.

    `then_log` makes the primary button save and go on to booking. Nothing is written before it is pressed.
    Enter goes to the next field and from the last one to saving, Ctrl+Enter saves from anywhere.
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
        self._at_first: dict[str, object] = {}
        self._channels: dict[str, CheckBox] = {}
        self._own: dict[int, Input] = {}
        self._known_tags: tuple[str, ...] = ()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._build()
        self._fill(digits, name)
        self._at_first = self._values()
        self._connect()
        session.query(_tags, key="member_edit.tags", done=self._on_tags)

    # -- building -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._first = DialogScroll(self._build_first())
        self._more = DialogScroll(self._build_more())
        self._more.hide()
        self.body.addWidget(self._first)
        self.body.addWidget(self._more)
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

    def _build_first(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        grid = _grid(column)
        self._phone, self._name = Input(), Input()
        self.reveal = RevealButton(self._session)
        self._call, self._birthday = Input(), Input(t("mb.birthday.ph"))
        self._birthday.setToolTip(t("mb.birthday.tip"))
        self._lunar = CheckBox(t("mb.lunar"))
        self._top, self._bottom, self._shoe, self._height = Input(), Input(), Input(), Input()
        self._likes, self._avoids = Input(t("mb.likes.ph")), Input(t("mb.avoid.ph"))
        for field in (self._phone, self._bottom, self._shoe, self._height):
            field.set_ime(False)
        self._put(grid, 0, 0, 6, "phone", t("mb.phone") + " *", self._phone, t("mb.phone.hint"), self.reveal)
        self._put(grid, 0, 6, 6, "name", t("mb.name") + " *", self._name)
        self._put(grid, 1, 0, 6, "call_name", t("mb.call"), self._call, t("mb.call.hint"))
        self._put(grid, 1, 6, 6, "birthday", t("mb.birthday"), self._birthday, beside=self._lunar)
        self._put(grid, 2, 0, 3, "size_top", t("mb.top"), self._top)
        self._put(grid, 2, 3, 3, "size_bottom", t("mb.bottom"), self._bottom)
        self._put(grid, 2, 6, 3, "size_shoe", t("mb.shoe"), self._shoe)
        self._put(grid, 2, 9, 3, "height", t("mb.height"), self._height)
        self._put(grid, 3, 0, 6, "likes", t("mb.likes"), self._likes)
        self._put(grid, 3, 6, 6, "avoids", t("mb.avoid"), self._avoids)
        return page

    def _build_more(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self._build_particulars(column)
        column.addWidget(Line())
        self._build_contact(column)
        fields = self._session.view.own_fields()
        if fields:
            column.addWidget(Line())
            column.addWidget(Label(t("mb.own"), "label_bold"))
            grid = _grid(column)
            for number, field in enumerate(fields):
                self._own[field.id] = Input()
                row, side = divmod(number, 2)
                self._put(grid, row, 6 * side, 6, f"own.{field.id}", field.name, self._own[field.id])
        column.addStretch(1)
        return page

    def _build_particulars(self, column: QVBoxLayout) -> None:
        grid = _grid(column)
        self._card_no, self._wechat, self._tags = Input(), Input(), Input(t("mb.tags.ph"))
        self._joined, self._weight = Input(t("mb.joined.ph")), Input()
        self._gender = Combo([("", t("mb.gender.none")), ("f", t("mb.gender.f")), ("m", t("mb.gender.m"))])
        people: list[tuple[StaffId | None, str]] = [
            (person.id, person.name) for person in self._session.view.staff() if person.active
        ]
        if self._member is not None and self._member.staff_id not in (None, *(key for key, _ in people)):
            people.append((self._member.staff_id, self._member.staff))  # has left, and stays hers
        self._staff = Combo([(None, t("mb.staff.none")), *people])
        self._referrer = MemberField(self._session, t("mb.referrer.ph"))
        self._notes = TextArea()
        self._notes.setFixedHeight(theme.px(64))
        self._offered = FlowRow(6)
        self._offered.hide()
        self._put(grid, 0, 0, 6, "card_no", t("mb.card"), self._card_no)
        self._put(grid, 0, 6, 6, "joined", t("mb.joined"), self._joined)
        self._put(grid, 1, 0, 6, "staff_id", t("mb.staff"), self._staff)
        self._put(grid, 1, 6, 3, "gender", t("mb.gender"), self._gender)
        self._put(grid, 1, 9, 3, "weight", t("mb.weight"), self._weight)
        self._put(grid, 2, 0, 6, "referrer_id", t("mb.referrer"), self._referrer)
        self._put(grid, 2, 6, 6, "wechat", t("mb.wechat"), self._wechat)
        self._put(grid, 3, 0, 12, "tags", t("mb.tags"), self._tags)
        column.addWidget(self._offered)
        self._fields["notes"] = FieldBlock(t("mb.notes"), self._notes)
        column.addWidget(self._fields["notes"])

    def _build_contact(self, column: QVBoxLayout) -> None:
        asked = ("", "yes", "no")
        self._consent = Combo([(key, t(f"mb.consent.{key or 'none'}")) for key in asked])
        self._consent_by, self._consent_on = Input(t("mb.consent.by.ph")), Input(t("mb.joined.ph"))
        self._best_time = Input(t("mb.besttime.ph"))
        self._minor = QWidget()
        line = QHBoxLayout(self._minor)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(8))
        self._parent_agrees = SmallButton(t("mb.minor.note"), "normal")
        self._parent_agrees.clicked.connect(self._on_parent_agrees)
        line.addWidget(Label(t("mb.minor"), "small", "tx2"))
        line.addWidget(self._parent_agrees)
        line.addStretch(1)
        self._minor.hide()
        column.addWidget(self._minor)
        grid = _grid(column)
        self._put(grid, 0, 0, 4, "consent", t("mb.consent"), self._consent)
        self._put(grid, 0, 4, 4, "consent_by", t("mb.consent.by"), self._consent_by)
        self._put(grid, 0, 8, 4, "consent_on", t("mb.consent.on"), self._consent_on)
        channels = FlowRow(18)
        for key in _CHANNELS:
            self._channels[key] = CheckBox(t(f"mb.{key}"))
            channels.add(self._channels[key])
        self._fields["channels"] = FieldBlock(t("mb.channels"), channels)
        grid.addWidget(self._fields["channels"], 1, 0, 1, 8, Qt.AlignmentFlag.AlignTop)
        self._put(grid, 1, 8, 4, "best_time", t("mb.besttime"), self._best_time)

    def _put(
        self, grid: QGridLayout, row: int, column: int, span: int, key: str, label: str, field: QWidget,
        hint: str = "", beside: QWidget | None = None,
    ) -> None:  # fmt: skip
        block = FieldBlock(label, field, hint, beside=beside)
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
            self._fill_from(card)
        self._propose_call()
        self._show_calendars()

    def _fill_from(self, card: MemberCard) -> None:
        comma = t("mb.comma")
        for field, words in (
            (self._name, card.name),
            (self._call, card.call_name), (self._birthday, _birthday_words(card.birthday)),
            (self._top, card.size_top), (self._bottom, card.size_bottom), (self._shoe, card.size_shoe),
            (self._height, card.height), (self._weight, card.weight), (self._card_no, card.card_no),
            (self._wechat, card.wechat), (self._likes, comma.join(card.likes)),
            (self._avoids, comma.join(card.avoids)), (self._tags, comma.join(card.tags)),
            (self._joined, card.joined.isoformat() if card.joined else ""),
            (self._consent_by, card.consent_by), (self._best_time, show_hours(card.best_time)),
            (self._consent_on, card.consent_on.isoformat() if card.consent_on else ""),
        ):  # fmt: skip
            field.setText(words)
        self.reveal.set_member(card.id, card.phones)
        self._show_phones()
        for field_id, value in card.own:
            if field_id in self._own:
                self._own[field_id].setText(value)
        for key, box in self._channels.items():
            box.setChecked(bool(getattr(card, key)))
        self._notes.setPlainText(card.notes)
        self._gender.set_value(card.gender)
        self._staff.set_value(card.staff_id)
        self._consent.set_value(card.consent)
        if card.referrer_id is not None:
            rows = self._session.view.rows([card.referrer_id])
            self._referrer.set_member(rows[0] if rows else None)
        if card.referrals:
            self._fields["referrer_id"].set_note(t("mb.referrals", n=card.referrals))

    @Slot()
    def _show_phones(self) -> None:
        """Her numbers, locked while they are masked: then they stay as they are."""
        self._phone.setText(" / ".join(map(show_phone, self.reveal.phones)))
        self._phone.setReadOnly(self.reveal.is_hiding)
        self._at_first["phone"] = self._phone.text()

    def _connect(self) -> None:
        self.reveal.seen.connect(self._show_phones)
        self._turn.clicked.connect(self._on_turn)
        self._double.acted.connect(self._on_open_double)
        self._typing.timeout.connect(self._look_for_doubles)
        for field in (self._phone, self._name, self._birthday):
            field.textEdited.connect(self._on_typed)
        self._lunar.toggled.connect(self._on_lunar)
        self._consent.picked.connect(self._on_consent)
        self._tags.textEdited.connect(self._on_tags_typed)
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
        return found | {key: box.isChecked() for key, box in self._channels.items()}

    def _problem_of(self, key: str) -> str:
        """What is wrong with one field, "" if nothing is."""
        block = self._fields[key]
        text = self._values().get(key)
        if not isinstance(text, str) or not text.strip():
            return ""
        if len(text) > MOST.get(key, _MOST):
            return t("mb.e.long", n=MOST.get(key, _MOST))
        today = self._session.today
        if key == "phone":
            problem = None if self.reveal.is_hiding else phone_problem(text)
            return InputError("phone", problem[0], **problem[1]).sentence if problem else ""
        if key == "birthday":
            return t("mb.e.birthday") if self._birthday_cell().problem else ""
        if key in ("joined", "consent_on"):
            day = parse_day(text, today=today)
            if day.day is None:
                return "" if day.missing else t("mb.e.joined")
            return t("mb.e.future") if day.day > today else ""
        if key == "height" and block.field is self._height:
            digits = clean_text(text).lower().removesuffix("cm").strip()
            return "" if digits.isdigit() and 50 <= int(digits) <= 250 else t("mb.e.height")
        if key == "best_time":
            return t("err.hours_bad") if parse_hours(text) is None else ""
        if key == "referrer_id":
            return "" if self._referrer.member() is not None else t("mb.e.referrer")
        return ""

    def _check(self, key: str) -> bool:
        problem = self._problem_of(key)
        self._fields[key].set_error(problem)
        return not problem

    def _birthday_cell(self) -> BirthdayCell:
        return parse_birthday(self._birthday.text(), lunar=self._lunar.isChecked(), today=self._session.today)

    def draft(self) -> MemberDraft:
        """The fields as a draft; only for fields without an error."""
        today, old = self._session.today, self._member
        hidden = self.reveal.phones if self.reveal.is_hiding else ()  # goes back as it came
        keys = hidden or parse_phones(self._phone.text()).phones
        birthday = self._birthday_cell().birthday
        staff, referrer = self._staff.value(), self._referrer.member()
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
            referrer_id=None if referrer is None else referrer.id,
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
            no_call=self._channels["no_call"].isChecked(),
            no_message=self._channels["no_message"].isChecked(),
            no_sms=self._channels["no_sms"].isChecked(),
            consent=str(self._consent.value() or ""),
            consent_on=parse_day(self._consent_on.text(), today=today).day,
            consent_by=clean_text(self._consent_by.text()),
            best_time=parse_hours(self._best_time.text()) or "",
            own=tuple((field, clean_text(line.text())) for field, line in self._own.items()),
        )

    # -- while typing -------------------------------------------------------------------------------------

    @Slot(str)
    def _on_typed(self, _text: str) -> None:
        self._propose_call()
        self._show_calendars()
        self._typing.start()

    def _propose_call(self) -> None:
        self._call.setPlaceholderText(call_name(clean_name(self._name.text())))

    @Slot(bool)
    def _on_lunar(self, _on: bool) -> None:
        self._check("birthday")
        self._show_calendars()
        self.resize_to_content()

    def _show_calendars(self) -> None:
        """The birthday as it was understood, by both calendars, and that a parent has to agree to a child."""
        found, today = self._birthday_cell().birthday, self._session.today
        minor = found is not None and found.is_minor(today)
        self._minor.setVisible(minor)
        if found is None:
            self._fields["birthday"].set_note("")
            return
        next_time = t("mb.birthday.next", day=found.next_solar(today).isoformat()) if found.lunar else ""
        both = [found.show(), found.in_other_calendar(today) if found.year or not found.lunar else ""]
        understood = joined_dot([*both, next_time])
        self._fields["birthday"].set_note(f"{understood}\n{t('mb.minor')}" if minor else understood)
        self.resize_to_content()

    @Slot(object)
    def _on_consent(self, value: object) -> None:
        if value and not self._consent_on.text():
            self._consent_on.setText(self._session.today.isoformat())

    @Slot()
    def _on_parent_agrees(self) -> None:
        self._consent.set_value("yes")
        self._consent_by.setText(t("mb.minor.parent"))
        self._consent_on.setText(self._session.today.isoformat())
        self._consent_by.setFocus()

    def _on_tags(self, tags: tuple[str, ...]) -> None:
        self._known_tags = tags
        self._offer_tags()

    @Slot(str)
    def _on_tags_typed(self, _text: str) -> None:
        self._offer_tags()

    def _offer_tags(self) -> None:
        """Tags that exist already: those that begin like the last word, else the most frequent."""
        *words, last = self._tags.text().replace(",", t("mb.comma")).split(t("mb.comma"))
        begun = last.strip()
        taken = {word.strip() for word in (*words, last)}
        offered = [tag for tag in self._known_tags if tag not in taken and tag.startswith(begun)]
        if begun and not offered:
            offered = [tag for tag in self._known_tags if tag not in taken]
        self._offered.clear()
        for tag in offered[:_TAGS_OFFERED]:
            chip = Chip(tag, checkable=False)
            chip.clicked.connect(self._on_offered)
            self._offered.add(chip)
        self._offered.setVisible(bool(offered))

    @Slot()
    def _on_offered(self) -> None:
        chip = self.sender()
        if not isinstance(chip, Chip):
            return
        comma = t("mb.comma")
        *words, last = self._tags.text().split(comma)
        tag = chip.text()
        kept = [*words, last] if last.strip() and not tag.startswith(last.strip()) else words
        self._tags.setText(comma.join([*(word.strip() for word in kept if word.strip()), tag]))
        self._tags.setFocus()
        self._offer_tags()

    # -- doubles ------------------------------------------------------------------------------------------

    @Slot()
    def _look_for_doubles(self) -> None:
        if not self.isVisible() or not self._session.is_open:  # fields lose the focus while closing, too
            return
        now = self._values()
        if self._member is not None and all(now[key] == self._at_first[key] for key in _KNOWN_BY):
            self._show_doubles(None)  # a family on one phone is no news
            return
        typed = self._phone.text()
        keys = parse_phones(typed).phones
        birthday = self._birthday_cell().birthday
        draft = MemberDraft(
            id=self._member.id if self._member else None,
            name=clean_name(self._name.text()),
            phones=tuple((key, key) for key in keys) or ((typed, ""),),
            birthday=birthday.key if birthday else "",
        )
        shop = self._session.shop

        def look(view: ShopView) -> _Double | None:
            return _doubles(view, shop.members.duplicates(draft))

        self._session.query(look, key="member_edit.doubles", done=self._show_doubles)

    def _show_doubles(self, found: _Double | None) -> None:
        if found is None:
            self._known = None
            self._double.hide()
        else:
            self._known = found.rows[0].id
            told = t("mb.comma").join(self._told(row) for row in found.rows)
            words = {"phone": "mb.known", "name": "mb.dup.name", "tail": "mb.dup"}[found.why]
            self._double.set_text(t(words, name=told))
            self._double.show()
        self.resize_to_content()

    def _told(self, row: MemberRow) -> str:
        """Who somebody is, as markup: name, phone, when she was here."""
        name = "<b>" + html.escape(row.name or t("mb.noname")) + "</b>"
        facts = joined_dot([
            show_phone(row.phones[0]) if row.phones else "", days_ago(row.last_day, self._session.today)
        ])  # fmt: skip
        return t("mb.dup.who", name=name, facts=facts)

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
        self.show_page(1 - self.page())
        (self._card_no if self.page() else self._phone).setFocus()

    def page(self) -> int:
        """0 while the main fields are shown, 1 the others."""
        return int(not self._more.isHidden())

    def show_page(self, number: int) -> None:
        """Show the main fields, or the others."""
        self._first.setVisible(number == 0)
        self._more.setVisible(number == 1)
        self._turn.setText(t("mb.firstfields") if number else t("mb.morefields"))
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
        self.show_page(0 if self._first.isAncestorOf(field) else 1)
        field.setFocus()
        self._follow_focus()

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = QApplication.focusWidget()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if enter and control:
            self._save.click()
        elif enter and not isinstance(at, Button | Chip | QPlainTextEdit):
            self._next_field(at)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def _next_field(self, at: QWidget | None) -> None:
        """On to the field behind; from the last of the page to saving."""
        chain = self._chain()
        behind = chain[chain.index(at) + 1 :] if at in chain else []
        fields = [widget for widget in behind if not isinstance(widget, Button | Chip | CheckBox)]
        (fields[0] if fields else self._save).setFocus(Qt.FocusReason.TabFocusReason)
        self._follow_focus()

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        self._follow_focus()
        return moved

    def _follow_focus(self) -> None:
        for part in (self._first, self._more):
            part.follow_focus()

    def hideEvent(self, event: object) -> None:
        self._typing.stop()


def _grid(column: QVBoxLayout) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(10))
    for number in range(12):
        grid.setColumnStretch(number, 1)
    column.setSpacing(theme.px(10))
    column.addLayout(grid)
    return grid


def _tags(view: ShopView) -> tuple[str, ...]:
    return view.tags()


def _doubles(view: ShopView, known: tuple[tuple[MemberId, str], ...]) -> _Double | None:
    """Who this could already be, by the strongest reason there is."""
    for reason in ("phone", "name", "tail"):
        rows = view.rows([member for member, why in known if why == reason][:_NAMED])
        if rows:
            return _Double(rows, reason)
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
