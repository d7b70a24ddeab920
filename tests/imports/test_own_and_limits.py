"""The shop's own fields, and what members said about being contacted, in a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shopcrm.basics import texts
from shopcrm.basics.records import MemberDraft
from shopcrm.excel.fates import Choices, Policy
from shopcrm.shop import Shop
from shopcrm.shop.dump import dump
from tests.imports import made_files as make
from tests.imports.at_the_shop import imported, put

pytestmark = pytest.mark.usefixtures("in_process")
HEAD = ["姓名", "手机号"]
WHO = ["王丽", "13800000001"]


def file(tmp_path: Path, heads: list[str], *rows: list[object]) -> Path:
    return put(tmp_path, "f.xlsx", make.xlsx([[*HEAD, *heads], *([*WHO, *row] for row in rows)]))


def her(shop: Any) -> Any:
    return shop.view().member(shop.view().search("王丽")[0].id)


def limits(shop: Any) -> tuple[Any, ...]:
    card = her(shop)
    return card.no_call, card.no_message, card.no_sms, card.consent, card.best_time


def own(shop: Any) -> list[str]:
    return [value for _, value in her(shop).own]


@pytest.mark.parametrize(
    ("heads", "cells", "expected"),
    [
        (["别打电话", "别发微信", "别发短信"], ["是", "", "否"], (True, False, False, "", "")),
        (["不打電話", "別發微信", "拒收簡訊"], ["✓", "1", "是"], (True, True, True, "", "")),
        (["no calls", "no wechat", "no sms"], ["yes", "no", "TRUE"], (True, False, True, "", "")),
        (["勿扰"], ["别打电话、别发短信"], (True, False, True, "", "")),
        (["Does not want"], ["No WeChat"], (False, True, False, "", "")),
        (["勿擾"], ["是"], (True, True, True, "", "")),
        (["勿扰"], ["无"], (False, False, False, "", "")),
        (["勿扰", "别发微信"], ["电话", "是"], (True, True, False, "", "")),
        (["同意联系", "合适时间"], ["同意", "晚上7点后"], (False, False, False, "yes", "19:00-")),
        (["同意聯絡", "方便時間"], ["不同意", "9:00-12:00"], (False, False, False, "no", "09:00-12:00")),
        (["Consent", "Best time"], ["no", "before 12:00"], (False, False, False, "no", "-12:00")),
    ],
)
def test_what_she_said_about_contact(
    shop: Any, tmp_path: Path, heads: list[str], cells: list[object], expected: tuple[Any, ...]
) -> None:
    report = imported(shop, file(tmp_path, heads, cells))
    assert (limits(shop), report["problems"], report["ignored_columns"]) == (expected, [], [])
    assert her(shop).consent_on == (shop.day if expected[3] else None)
    again = imported(shop, file(tmp_path, heads, cells))
    assert (again["members_new"], again["members_updated"]) == (0, 0)


def test_what_cannot_be_understood_is_said_and_left_empty(shop: Any, tmp_path: Path) -> None:
    heads = ["勿扰", "别打电话", "同意联系", "合适时间"]
    report = imported(shop, file(tmp_path, heads, ["看情况", "也许", "再问问", "有空"]))
    assert limits(shop) == (False, False, False, "", "")
    assert [(p["code"], p["value"]) for p in report["problems"]] == [
        ("bad_answer", "看情况"), ("bad_answer", "也许"), ("bad_answer", "再问问"), ("bad_answer", "有空")
    ]  # fmt: skip
    assert report["problems"][3]["message"] == "“合适时间”里看不懂：有空，先空着。"


@pytest.mark.parametrize(("policy", "consent"), [("fill", "yes"), ("overwrite", "no"), ("skip", "yes")])
def test_a_file_fills_and_overwrites_and_never_takes_a_refusal_away(
    shop: Any, tmp_path: Path, policy: Policy, consent: str
) -> None:
    field = shop.members.own.add("肤质").value
    draft = MemberDraft(
        name="王丽", phones=((WHO[1], WHO[1]),), no_call=True, consent="yes", own=((field, "干"),)
    )
    shop.members.save(draft)
    path = file(tmp_path, ["别打电话", "别发微信", "同意联系", "肤质"], ["否", "是", "否", "油"])
    plan = shop.imports.replan(shop.imports.preview(path), Choices(policy=policy))
    before = shop.store.read().all("SELECT * FROM member"), shop.store.read().all("SELECT * FROM own_value")
    shop.imports.apply(plan)
    assert limits(shop)[:4] == (True, policy != "skip", False, consent)
    assert own(shop) == ["油" if policy == "overwrite" else "干"]
    if policy == "fill":
        assert [(p.code, p.values["known"]) for p in plan.problems] == [
            ("field_conflict", "同意"), ("field_conflict", "干")
        ]  # fmt: skip
    if policy != "skip":
        shop.imports.undo()
    after = shop.store.read().all("SELECT * FROM member"), shop.store.read().all("SELECT * FROM own_value")
    assert after == before


def test_an_own_field_is_filled_under_its_name_and_nowhere_else(shop: Any, tmp_path: Path) -> None:
    shop.members.own.add("肤质")
    gone = shop.members.own.add("车牌").value
    shop.members.own.put_away(gone)
    report = imported(shop, file(tmp_path, ["肤 质（必填）", "肤质类型", "车牌"], ["干", "x", "沪A"]))
    assert (own(shop), report["ignored_columns"]) == (["干"], ["肤质类型", "车牌"])
    sales = make.xlsx([[*HEAD, "日期", "金额", "肤质"], [*WHO, "2026-03-04", 10, "油"]])
    assert imported(shop, put(tmp_path, "s.xlsx", sales))["ignored_columns"] == ["肤质"]
    assert own(shop) == ["干"]
    card = her(shop)
    shop.undo()
    assert shop.view().member(card.id).own == card.own


def test_a_column_goes_to_an_own_field_by_hand_and_is_remembered(shop: Any, tmp_path: Path) -> None:
    field = shop.members.own.add("肤质").value
    path = file(tmp_path, ["皮肤"], ["干"])
    plan = shop.imports.preview(path)
    assert plan.sheets[0].own == {f"own.{field}": "肤质"}
    shop.imports.apply(shop.imports.replan(plan, Choices(mapping={0: {2: f"own.{field}"}})))
    assert own(shop) == ["干"]
    plan = shop.imports.preview(file(tmp_path, ["皮肤"], ["油"]))
    assert plan.sheets[0].columns[2].field == f"own.{field}"
    assert plan.sheets[0].row(0).problems[0].code == "field_conflict"


def test_too_long_a_text_is_said_and_left_empty(shop: Any, tmp_path: Path) -> None:
    shop.members.own.add("肤质")
    report = imported(shop, file(tmp_path, ["肤质"], ["干" * 501]))
    assert ([p["code"] for p in report["problems"]], own(shop)) == (["long_text"], [])


@pytest.mark.parametrize(
    ("there", "policy", "kept"),
    [
        ("", "fill", ("yes", date(2026, 3, 4), "她女儿")),
        ("no", "fill", ("no", date(2026, 1, 1), "本人")),  # what stands is of one piece
        ("no", "overwrite", ("yes", date(2026, 3, 4), "她女儿")),
        ("yes", "overwrite", ("yes", date(2026, 1, 1), "本人")),  # says the same
    ],
)
def test_day_and_person_go_with_a_consent(
    shop: Any, tmp_path: Path, there: str, policy: Policy, kept: tuple[object, ...]
) -> None:
    draft = MemberDraft(name="王丽", phones=((WHO[1], WHO[1]),))
    if there:
        draft = draft._replace(consent=there, consent_on=date(2026, 1, 1), consent_by="本人")
    shop.members.save(draft)
    before = dump(shop.store.read())
    headings = ["同意联系", "同意日期", "谁说的", "标签"]
    plan = shop.imports.preview(file(tmp_path, headings, ["同意", "2026/3/4", "她女儿", "老客"]))
    shop.imports.apply(shop.imports.replan(plan, Choices(policy=policy)))
    card = her(shop)
    assert (card.consent, card.consent_on, card.consent_by) == kept
    shop.imports.undo()
    assert dump(shop.store.read()) == before
    card = her(shop)
    assert (card.consent, card.consent_by) == (there, "本人" if there else "")


def test_a_day_or_a_person_alone_is_no_consent(shop: Any, tmp_path: Path) -> None:
    imported(shop, file(tmp_path, ["同意联系", "同意日期", "谁说的"], ["", "2026-03-04", "她女儿"]))
    card = her(shop)
    assert (card.consent, card.consent_on, card.consent_by) == ("", None, "")
    imported(shop, file(tmp_path, ["同意联系", "谁说的"], ["不同意", ""]))
    card = her(shop)
    assert (card.consent, card.consent_on, card.consent_by) == ("no", shop.day, "")


def test_a_day_ahead_is_not_believed(shop: Any, tmp_path: Path) -> None:
    report = imported(shop, file(tmp_path, ["同意联系", "同意日期"], ["同意", "2027-03-04"]))
    assert [problem["code"] for problem in report["problems"]] == ["future_date"]
    assert her(shop).consent_on == shop.day


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW", "en"])
def test_the_members_list_comes_home_with_them(shop: Any, clock: Any, tmp_path: Path, language: str) -> None:
    field = shop.members.own.add("肤质").value
    draft = MemberDraft(name="王丽", phones=((WHO[1], WHO[1]),), consent="yes", best_time="19:00-")
    draft = draft._replace(consent_on=date(2026, 1, 5), consent_by="她女儿")
    shop.members.save(draft._replace(no_call=True, no_sms=True, own=((field, "干"),)))
    texts.use(language)
    path = shop.exports.members(tmp_path / "out.xlsx").value
    with Shop.open(":memory:", clock=clock) as other:
        other.members.own.add("肤质")
        report = imported(other, path)
        assert (limits(other), own(other)) == (limits(shop), ["干"])
        assert (her(other).consent_on, her(other).consent_by) == (date(2026, 1, 5), "她女儿")
        assert not {p["code"] for p in report["problems"]}
