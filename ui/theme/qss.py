"""The one style sheet, generated from the tokens and the font factor."""

from __future__ import annotations

from collections.abc import Callable

from ui.theme import tokens as size
from ui.theme.tokens import Tokens

Scale = Callable[[float], str]
WRONG = '[wrong="true"]'


def build_qss(c: Tokens, k: float) -> str:
    """The application's style sheet for colours `c` at font factor `k`.

    Widgets choose their look by dynamic properties: `role` and `high` of buttons, `role` and `tone` of
    labels, `frame` of frames, `wrong` of inputs. A border never changes its width on focus, so nothing moves.
    """

    def px(value: float) -> str:
        return f"{round(value * k)}px"

    def inner(height: float) -> str:
        """Height inside a one pixel border."""
        return f"{round(height * k) - 2}px"

    parts = [
        _texts(c, px),
        _buttons(c, px, inner),
        _inputs(c, px, inner),
        _frames(c, px),
        _lists(c, px, inner),
    ]
    return "\n".join(parts)


def _texts(c: Tokens, px: Scale) -> str:
    rules = [
        f'QLabel[role="{name}"] {{ font-size: {px(points)}; font-weight: {700 if bold else 400}; }}'
        for name, (points, bold) in size.TEXT.items()
    ]
    tones = {
        "tx2": c.tx2,
        "txd": c.txd,
        "acc": c.acc_text,
        "bad": c.bad,
        "ok": c.ok,
        "warn": c.warn,
        "info": c.info,
        "rail": c.rail_text,
        "rail2": c.rail_text2,
        "rail_on": c.rail_on,
    }
    rules += [f'QLabel[tone="{name}"] {{ color: {colour}; }}' for name, colour in tones.items()]
    return (
        f"QWidget {{ color: {c.tx}; }}\n"
        "QLabel { background: transparent; }\n"
        + "\n".join(rules)
        + f"\nQToolTip {{ background: {c.toast}; color: {c.toast_text}; border: 1px solid {c.toast};"
        f" padding: {px(5)} {px(8)}; font-size: {px(13)}; }}"
    )


def _buttons(c: Tokens, px: Scale, inner: Scale) -> str:
    def role(name: str, text: str, fill: str, border: str, bold: bool, hover: str, pressed: str) -> str:
        one = f'QPushButton[role="{name}"]'
        return (
            f"{one} {{ color: {text}; background: {fill}; border-color: {border};"
            f" font-weight: {700 if bold else 400}; }}\n"
            f"{one}:hover {{ {hover} }}\n{one}:pressed {{ {pressed} }}\n"
        )

    def fill(colour: str, border: str | None = None) -> str:
        return f"background: {colour};" + (f" border-color: {border};" if border else "")

    return (
        f"QPushButton {{ border: 1px solid transparent; border-radius: {px(size.RADIUS_CONTROL)};"
        f" min-height: {inner(size.CONTROL)}; max-height: {inner(size.CONTROL)};"
        f" padding: 0 {px(14)}; font-size: {px(15)}; outline: none; }}\n"
        f'QPushButton[high="small"] {{ min-height: {inner(size.CONTROL_SMALL)};'
        f" max-height: {inner(size.CONTROL_SMALL)}; padding: 0 {px(10)}; font-size: {px(14)}; }}\n"
        f'QPushButton[high="big"] {{ min-height: {inner(size.CONTROL_BIG)};'
        f" max-height: {inner(size.CONTROL_BIG)};"
        f" font-size: {px(16)}; }}\n"
        f'QPushButton[high="icon"] {{ min-height: {inner(size.CONTROL_SMALL)};'
        f" max-height: {inner(size.CONTROL_SMALL)};"
        f" min-width: {inner(size.CONTROL_SMALL)}; max-width: {inner(size.CONTROL_SMALL)}; padding: 0; }}\n"
        + role(
            "primary",
            c.on_acc,
            c.acc,
            c.acc,
            True,
            fill(c.acc_hover, c.acc_hover),
            fill(c.acc_pressed, c.acc_pressed),
        )
        + role("tonal", c.acc_text, c.acc_soft, c.acc, True, fill(c.acc_line), fill(c.acc_line))
        + role("normal", c.tx, c.card, c.ctl, False, fill(c.hover), fill(c.line))
        + role("text", c.acc_text, "transparent", "transparent", False, fill(c.acc_soft), fill(c.acc_line))
        + role("plain", c.tx2, "transparent", "transparent", False, fill(c.hover), fill(c.line))
        + role("danger", c.bad, c.card, c.bad, True, fill(c.bad_soft), fill(c.bad_line))
        + f'QPushButton[role="primary"]:disabled {{ color: {c.tx2}; background: {c.hover};'
        f" border-color: {c.line2}; font-weight: 400; }}\n"
        f'QPushButton[role="tonal"]:disabled, QPushButton[role="danger"]:disabled {{ color: {c.txd};'
        f" background: {c.hover}; border-color: {c.line2}; font-weight: 400; }}\n"
        f'QPushButton[role="normal"]:disabled {{ color: {c.txd}; background: {c.sunk};'
        f" border-color: {c.line2}; }}\n"
        f'QPushButton[role="text"]:disabled, QPushButton[role="plain"]:disabled {{ color: {c.txd};'
        " background: transparent; border-color: transparent; }\n"
    )


def _inputs(c: Tokens, px: Scale, inner: Scale) -> str:
    boxes = "QLineEdit, QPlainTextEdit, QTextEdit, QComboBox"

    def each(state: str) -> str:
        return ", ".join(name.strip() + state for name in boxes.split(","))

    return (
        f"{boxes} {{ background: {c.card}; border: 1px solid {c.ctl};"
        f" border-radius: {px(size.RADIUS_CONTROL)};"
        f" font-size: {px(15)}; selection-background-color: {c.acc}; selection-color: {c.on_acc};"
        f" placeholder-text-color: {c.tx2}; }}\n"
        f"QLineEdit, QComboBox {{ min-height: {inner(size.CONTROL)}; max-height: {inner(size.CONTROL)};"
        f" padding: 0 {px(11)}; }}\n"
        f"QPlainTextEdit, QTextEdit {{ padding: {px(6)} {px(8)}; }}\n"
        f"{each(':hover')} {{ border-color: {c.tx2}; }}\n"
        f"{each(':focus')} {{ border-color: {c.acc}; }}\n"
        f"{each(':disabled')} {{ color: {c.txd}; background: {c.sunk}; border-color: {c.line2};"
        f" placeholder-text-color: {c.txd}; }}\n"
        f"{each(WRONG)} {{ background: {c.bad_soft}; border-color: {c.bad}; }}\n"
        f'QPlainTextEdit[sunk="true"] {{ background: {c.sunk}; border-color: {c.line2}; }}\n'
        f'QPlainTextEdit[sunk="true"]:hover {{ border-color: {c.ctl}; }}\n'
        f'QPlainTextEdit[sunk="true"]:focus {{ border-color: {c.acc}; background: {c.card}; }}\n'
        f'QLineEdit[high="big"] {{ min-height: {inner(52)}; max-height: {inner(52)}; font-size: {px(22)};'
        " font-weight: 700; }\n"
        f'QLineEdit[bare="true"] {{ background: transparent; border: none; padding: 0;'
        f" min-height: {px(20)}; }}\n"
        f'QLineEdit[bare="true"][bold="true"] {{ font-weight: 700; color: {c.acc_text}; }}\n'
        f'QComboBox[high="small"] {{ min-height: {inner(size.CONTROL_SMALL)};'
        f" max-height: {inner(size.CONTROL_SMALL)}; font-size: {px(14)}; padding: 0 {px(24)} 0 {px(8)}; }}\n"
        "QComboBox::drop-down { border: none; width: 0; }\n"
        "QComboBox::down-arrow { image: none; width: 0; height: 0; }\n"
        f"QComboBox {{ padding-right: {px(30)}; combobox-popup: 0; }}\n"
        f"QComboBox QAbstractItemView {{ background: {c.card}; border: 1px solid {c.ctl};"
        f" border-radius: {px(size.RADIUS_CONTROL)}; outline: none; padding: {px(3)};"
        f" font-size: {px(15)}; }}\n"
        f"QComboBox QAbstractItemView::item {{ min-height: {px(36)}; padding: 0 {px(8)}; border: none;"
        f" border-radius: {px(4)}; color: {c.tx}; }}\n"
        f"QComboBox QAbstractItemView::item:hover {{ background: {c.hover}; color: {c.tx}; }}\n"
        f"QComboBox QAbstractItemView::item:selected {{ background: {c.acc_soft}; color: {c.acc_text}; }}\n"
    )


def _frames(c: Tokens, px: Scale) -> str:
    def frame(name: str, fill: str, border: str, radius: int) -> str:
        return (
            f'QFrame[frame="{name}"] {{ background: {fill}; border: 1px solid {border};'
            f" border-radius: {px(radius)}; }}\n"
        )

    return (
        frame("card", c.card, c.line, size.RADIUS_CARD)
        + frame("popup", c.card, c.ctl, size.RADIUS_TILE)
        + frame("dialog", c.card, c.line2, size.RADIUS_CARD)
        + frame("sunk", c.sunk, c.line2, size.RADIUS_TILE)
        + frame("stepper", c.card, c.ctl, size.RADIUS_CONTROL)
        + f'QFrame[frame="stepper"][changed="true"] {{ background: {c.acc_soft};'
        f" border: 2px solid {c.acc}; }}\n"
        + f'QFrame[frame="stepper"]:disabled {{ background: {c.sunk}; border-color: {c.line2}; }}\n'
        + f'QFrame[frame="line"] {{ background: {c.line}; border: none; }}\n'
        + f'QWidget[page="true"], QWidget[fill="win"] {{ background: {c.win}; }}\n'
        + f'QWidget[fill="rail"] {{ background: {c.rail}; }}\n'
        + f"QMainWindow {{ background: {c.win}; }}\n"
        + "QScrollArea { background: transparent; border: none; }\n"
        + "QScrollArea > QWidget > QWidget { background: transparent; }\n"
        + "QAbstractScrollArea::corner { background: transparent; border: none; }\n"
        + f"QScrollBar:vertical {{ background: transparent; width: {px(13)}; margin: 0; border: none; }}\n"
        + f"QScrollBar:horizontal {{ background: transparent; height: {px(13)}; margin: 0; border: none; }}\n"
        + f"QScrollBar::handle {{ background: {c.line2}; border-radius: {px(4)};"
        f" margin: {px(3)} {px(3)} {px(3)} {px(2)}; }}\n"
        + f"QScrollBar::handle:hover {{ background: {c.ctl}; }}\n"
        + f"QScrollBar::handle:vertical {{ min-height: {px(32)};"
        f" }} QScrollBar::handle:horizontal {{ min-width: {px(32)}; }}\n"
        + "QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page"
        " { background: none; border: none; width: 0; height: 0; }\n"
    )


def _lists(c: Tokens, px: Scale, inner: Scale) -> str:
    return (
        f"QTableView, QListView {{ background: {c.card}; border: none; outline: none;"
        f" gridline-color: transparent;"
        f" selection-background-color: transparent; selection-color: {c.tx}; font-size: {px(15)}; }}\n"
        f"QHeaderView {{ background: {c.sunk}; border: none; font-size: {px(14)}; }}\n"
        f"QHeaderView::section {{ background: {c.sunk}; color: {c.tx2}; border: none;"
        f" border-bottom: 1px solid {c.line}; padding: 0 {px(12)}; font-size: {px(14)};"
        f" font-weight: 400; }}\n"
        f"QTableCornerButton::section {{ background: {c.sunk}; border: none; }}\n"
        f"QMenu {{ background: {c.card}; border: 1px solid {c.ctl}; border-radius: {px(size.RADIUS_CONTROL)};"
        f" padding: {px(5)}; font-size: {px(15)}; }}\n"
        f"QMenu::item {{ padding: {px(8)} {px(24)} {px(8)} {px(12)}; border-radius: {px(4)};"
        f" color: {c.tx}; }}\n"
        f"QMenu::item:selected {{ background: {c.hover}; }}\n"
        f"QMenu::item:disabled {{ color: {c.txd}; }}\n"
        f"QMenu::separator {{ height: 1px; background: {c.line}; margin: {px(5)} {px(8)}; }}\n"
        f"QCalendarWidget QWidget {{ background: {c.card}; alternate-background-color: {c.sunk}; }}\n"
        f"QCalendarWidget QAbstractItemView {{ background: {c.card}; selection-background-color: {c.acc};"
        f" selection-color: {c.on_acc}; }}\n"
        f"QCalendarWidget QToolButton {{ background: transparent; color: {c.tx}; border: none;"
        f" padding: {px(6)}; }}\n"
        f"QCalendarWidget QToolButton:hover {{ background: {c.hover}; }}\n"
    )
