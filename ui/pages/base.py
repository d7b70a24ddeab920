"""What every page has: a title, a place in the header, the session, and hooks the window calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from shopcrm.basics.records import Changes, StaffRow
from ui.session import Session

# 1366 pixels at font level 大 are 1187 effective ones and already need the compact layout.
WIDE, NORMAL, NARROW, COMPACT = 1600, 1320, 1190, 1060
LOW, SHORT = 560, 690


@dataclass(frozen=True, slots=True)
class Layout:
    """How much room there is, measured in sizes of the normal font level."""

    name: str  # wide, normal, narrow, compact, single
    width: int
    height: int

    @classmethod
    def of(cls, width: int, height: int, k: float) -> Layout:
        """The layout of a client area of so many pixels at font factor `k`."""
        wide, high = round(width / k), round(height / k)
        if wide < COMPACT or high < LOW:
            name = "single"
        else:
            name = (
                "wide"
                if wide >= WIDE
                else "normal"
                if wide >= NORMAL
                else "narrow"
                if wide >= NARROW
                else "compact"
            )
        return cls(name, wide, high)

    @property
    def short(self) -> bool:
        """Whether overview, settings and problem panels have to scroll."""
        return self.height < SHORT

    @property
    def single(self) -> bool:
        """Whether list and detail are shown one at a time."""
        return self.name == "single"

    @property
    def card(self) -> int:
        """Width of the detail card, in sizes of the normal font level."""
        return {"wide": 500, "normal": 412}.get(self.name, 384)


class Navigator(Protocol):
    """What a page may ask of the window it stands in."""

    def navigate(self, page_id: str, **args: Any) -> None: ...

    def toast(
        self,
        text: str,
        icon: str = "circle-check",
        *,
        undo: bool = False,
        action: str = "",
        slot: Callable[[], object] | None = None,
    ) -> None: ...

    def set_badge(self, page_id: str, number: int) -> None: ...

    def header_changed(self, page: Page) -> None: ...

    def show_error(self, error: BaseException, retry: Callable[[], object] | None = None) -> None: ...

    def ask_for(self, right: str, then: Callable[[StaffRow], object]) -> None: ...

    def take_back(self) -> None: ...

    def apply_theme(self, mode: str, level: str, language: str) -> None: ...

    def open_shop(self, place: str) -> None: ...

    def show_banner(
        self,
        kind: str,
        text: str,
        action: str = "",
        slot: Callable[[], object] | None = None,
        *,
        closable: bool = True,
    ) -> None: ...


class Page(QWidget):
    """One place of the program. Builds itself in its constructor, reads the shop in `shown` and `refresh`.

    While hidden it is only marked stale and reads again when shown; typed text stays as it was left.
    """

    own_search = False  # True: the header's search box is absent
    filters_search = False  # True: the header's search box filters this page by `search`
    full_window = False  # True: without rail and header
    tells_open = False  # True: sets the rail's number of open to-dos itself whenever it reads its list

    def __init__(self, session: Session, window: Navigator, page_id: str = "") -> None:
        super().__init__()
        self.session, self.window_, self.page_id = session, window, page_id
        self.setProperty("page", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.stale = True
        self.title = ""
        self.fact = ""
        self.searched = ""  # what the header's search box filters for (`filters_search`)
        self.middle: QWidget | None = None  # beside the title
        self.head_button: QWidget | None = None  # between search and person
        self.focus_first: QWidget | None = None  # takes the focus when the page is shown
        self.toast_area: QWidget | None = None  # where a toast stands; None: all of the page

    # -- hooks, called by the window ----------------------------------------------------------------------

    def shown(self, **args: Any) -> None:
        """The page came to the front, with the arguments of `navigate`;
        `refresh` was called if it was stale.
        """

    def hidden_(self) -> None:
        """Another page comes to the front."""

    def asks_first(self, go: Callable[[], object]) -> bool:
        """Another page is wanted, or the window is to be closed: True if the page may not be left without an
        answer. It asks, and then goes on with `go` or stays."""
        return False

    def refresh(self, changes: Changes) -> None:
        """Read again what these changes touch."""

    def apply_layout(self, layout: Layout) -> None:
        """Show, hide and move parts for the room there is; nothing is rebuilt."""

    def search(self, text: str) -> None:
        """The header's search box filters this page (`filters_search`)."""

    def escape(self) -> bool:
        """Take one step back; False if there was none to take."""
        return False

    def recompute(self) -> bool:
        """F5; False if it means nothing here."""
        return False

    def edit(self) -> bool:
        """F2; False lets it go to the counter."""
        return False

    def undo(self) -> bool:
        """Ctrl+Z; False lets the shop's last action be taken back."""
        return False

    def redo(self) -> bool:
        """Ctrl+Y; False lets the shop's last undo be done again."""
        return False

    def new_member(self, typed: str) -> bool:
        """F4; False lets the window open the dialog. `typed` is what was searched for without result."""
        return False

    def carry(self) -> dict[str, Any]:
        """Arguments for `shown` that bring the page back as it is, after theme or language were changed."""
        return {}

    def keep(self) -> object:
        """What was typed and not written yet, for `take_over` of the page that takes its place after theme or
        language were changed; None where there is nothing."""
        return None

    def take_over(self, kept: object) -> None:
        """Show what the page before kept."""

    # -- services -----------------------------------------------------------------------------------------

    def navigate(self, page_id: str, **args: Any) -> None:
        """Go to another page."""
        self.window_.navigate(page_id, **args)

    def open_member(self, member: int) -> None:
        """Show a member's card on the members page."""
        self.navigate("members", member=member)

    def toast(
        self,
        text: str,
        icon: str = "circle-check",
        *,
        undo: bool = False,
        action: str = "",
        slot: Callable[[], object] | None = None,
    ) -> None:
        """Say something for six seconds, with 撤销 or another button."""
        self.window_.toast(text, icon, undo=undo, action=action, slot=slot)

    def set_fact(self, text: str) -> None:
        """Change the muted fact beside the title."""
        self.fact = text
        self.window_.header_changed(self)

    def set_badge(self, number: int) -> None:
        """Change the number on the page's rail entry; 0 hides it."""
        self.window_.set_badge(self.page_id, number)

    def show_error(self, error: BaseException, retry: Callable[[], object] | None = None) -> None:
        """Show an error in the usual way."""
        self.window_.show_error(error, retry)
