"""A synthetic shop of any size, written past the shop's own code: a bench measures only what it names."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from shopcrm.basics.values import search_keys
from shopcrm.shop import Shop

DAY = date(2026, 11, 21)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
)
GIVEN = "曼丽秀英敏静佳怡晓瑶若云诗涵月青霞慧素芬桂雅琴梓子艳婷宁海彤文雨桐春芳玲红梅兰竹欣然思琪美玉珍珠"
ITEMS = (
    "羊绒衫 米白",
    "针织开衫 豆沙",
    "连衣裙 碎花",
    "双面呢大衣 焦糖",
    "T恤 条纹",
    "风衣 卡其",
    "阔腿裤 黑",
)


def clock_of(day: date) -> Callable[[], datetime]:
    """A clock that stands still in the morning of a day."""
    return lambda: datetime(day.year, day.month, day.day, 10, 24)


def fill(path: Path, members: int, sales: int, *, day: date = DAY, seed: int = 7) -> None:
    """Write `members` members and `sales` receipts of one line over the three years before `day`.

    Nothing derived but the search keys; the shop has a name, so that the window opens on the to-dos.
    """
    rng = random.Random(seed)
    Shop.open(path, clock=clock_of(day)).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN")
    db.execute("INSERT INTO setting(key, value, at) VALUES ('shop.name', '\"大店\"', '')")
    names = ["".join((rng.choice(SURNAMES), rng.choice(GIVEN), rng.choice(GIVEN))) for _ in range(members)]
    keys = [f"1380000{i:06d}" for i in range(members)]
    first = day - timedelta(days=3 * 365)
    db.executemany(
        "INSERT INTO member(id, name, joined, created_at) VALUES (?, ?, ?, '')",
        (
            (i + 1, name, (first + timedelta(days=i * 1095 // members)).isoformat())
            for i, name in enumerate(names)
        ),
    )
    db.executemany(
        "INSERT INTO phone(member_id, seq, typed, key) VALUES (?, 1, ?, ?)",
        ((i + 1, key, key) for i, key in enumerate(keys)),
    )
    db.executemany(
        "INSERT INTO d_search(member_id, name, letters, digits) VALUES (?, ?, ?, ?)",
        ((i + 1, *search_keys(names[i], (keys[i],), "")) for i in range(members)),
    )
    days = [(first + timedelta(days=n)).isoformat() for n in range(1095)]
    # A few buy often, most rarely: the square makes low ids frequent. A till writes day after day.
    booked = sorted(rng.choices(days, k=sales))
    db.executemany(
        "INSERT INTO sale(id, member_id, day) VALUES (?, ?, ?)",
        ((i + 1, int(rng.random() ** 2 * members) + 1, bought) for i, bought in enumerate(booked)),
    )
    db.executemany(
        "INSERT INTO line(id, sale_id, item, amount_fen) VALUES (?, ?, ?, ?)",
        ((i + 1, i + 1, rng.choice(ITEMS), rng.randrange(5_000, 130_000, 100)) for i in range(sales)),
    )
    db.execute("COMMIT")
    db.close()


def till_rows(rows: int, members: int, *, day: date = DAY, seed: int = 7) -> list[list[object]]:
    """The rows of a till's sales list with its heading, one article each."""
    rng = random.Random(seed)
    people = [
        ("".join((rng.choice(SURNAMES), rng.choice(GIVEN), rng.choice(GIVEN))), f"138{i:08d}")
        for i in range(members)
    ]
    first = day - timedelta(days=730)
    when = sorted(rng.choices(range(730), k=rows))
    table: list[list[object]] = [
        ["单号", "日期", "会员姓名", "手机号", "商品名称", "尺码", "数量", "实收金额"]
    ]
    for number, after in enumerate(when):
        name, phone = people[int(rng.random() ** 2 * members)]
        bought = (first + timedelta(days=after)).isoformat()
        table.append(
            [
                f"XS{number:07d}",
                bought,
                name,
                phone,
                rng.choice(ITEMS),
                rng.choice("SML"),
                1,
                rng.randrange(50, 1300),
            ]
        )
    return table
