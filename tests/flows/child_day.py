"""A day at the window as somebody has it, off screen, in a process of its own (`python -m
tests.flows.child_day DB PHONE NAME`): every page, a search, a sale, an export, errors with a number and a
name in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from shopcrm.basics.records import LineDraft, MemberDraft, SaleDraft
from shopcrm.shop import encryption
from ui import app
from ui.main_window import MainWindow
from ui.pages import PAGES


def deeds(window: MainWindow, db: Path, phone: str, name: str) -> Iterator[object]:
    """One thing after the other, each after the one before is done."""
    session: Any = window.session
    for entry in PAGES:
        yield window.navigate(entry.id)
    window.navigate("settings")
    settings: Any = window.current_page()
    for place in settings.buttons:
        yield window.navigate("settings", place=place)
    draft = MemberDraft(name=name, phones=((phone, phone),))
    yield session.do(lambda shop, _: shop.members.save(draft))
    yield session.query(lambda view: view.search(name), key="day", done=lambda _: None)
    member = session.view.search(phone[-4:])[0].id
    yield window.navigate("members", member=member)
    yield window.navigate("counter", member=member)
    sale = SaleDraft(member, datetime.now().date(), (LineDraft(10_000, "大衣"),))
    yield session.do(lambda shop, _: shop.counter.sell(sale))
    yield session.do(lambda shop, _: shop.exports.members(db.parent / "out" / "list.xlsx"))
    yield session.do(lambda shop, _: shop.backups.now("by_hand"))
    # Faults of ours, and of the world, with words in them that nobody else may read.
    yield session.do(lambda shop, _: int(name))
    yield session.do(lambda shop, _: {}[phone])
    yield session.query(lambda view: int(f"{name} {phone}"), key="fault", done=lambda _: None)
    yield session.do(lambda shop, _: shop.store.read().all(f"SELECT {name}"))
    yield session.do(lambda shop, _: shop.imports.preview(db.parent / f"{name}{phone}.xlsx"))
    yield session.do(lambda shop, _: shop.members.find(phone + "9"))

    def uncaught() -> None:
        try:
            int(name)
        except ValueError as error:
            raise RuntimeError(phone) from error

    yield QTimer.singleShot(0, uncaught)
    yield window.navigate("today")


def main() -> int:
    db, phone, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    (db.parent / "out").mkdir(exist_ok=True)
    encryption.unlock(db, os.environ.get("SHOPCRM_PASSWORD", ""))  # as if typed before the window came up
    going: list[Iterator[object]] = []

    def go_on() -> None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        if not going:
            going.append(deeds(window, db, phone, name))
        if window.session.is_busy:
            return
        try:
            next(going[0])
        except StopIteration:
            window.close()
            QApplication.quit()

    timer = QTimer()
    timer.timeout.connect(go_on)

    def loaded() -> None:
        timer.start(60)

    code = app.run(db, loaded=loaded)
    print("days end" if going else "no day", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
