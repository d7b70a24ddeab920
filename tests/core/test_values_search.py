"""What a member is found by, and what is typed to find her."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics.values import clean_name, fold, search_keys, search_parts


def test_keys_by_kind() -> None:
    keys = search_keys("曾Anna", ("13800001234", "+85291234567"), "VIP001")
    assert keys.name == fold("曾Anna")
    assert keys.letters.split("|") == ["za", "ca", "zenganna", "cenganna", "vip001", "anna"]
    assert keys.digits == "13800001234|+85291234567|vip001"
    assert search_keys("", (), "") == ("", "", "")
    assert search_keys("王丽", (), "会员07").name == "王丽|会员07"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("陈丽华", "陳麗華"), ("张晓云", "張曉雲"), ("台发", "臺髮"), ("台发", "颱發"), ("余于", "餘於"),
        ("José", "JOSE"), ("ＡＢＣ", "abc"), ("买买提·艾力", "买买提艾力"), ("O’Neil", "oneil"),
        ("ℂℾ", "cγ"),
    ],
)  # fmt: skip
def test_two_spellings_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_other_characters_stay_apart() -> None:
    assert len({fold(name) for name in "王汪李黎丽莉立"}) == 7


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        (" 138 0000-4471 ", [("digits", "13800004471")]),
        ("+86 138 0000 4471", [("digits", "13800004471")]),
        ("+86", []),
        ("４４７１", [("digits", "4471")]),
        ("王丽　L", [("name", "王丽"), ("letters", "l")]),
        ("王li", [("name", "王"), ("letters", "li")]),
        ("王4471", [("name", "王"), ("digits", "4471")]),
        ("王丽（小）", [("name", "王丽"), ("name", "小")]),
        ("Xi'an", [("letters", "xian")]),
        ("VIP_07", [("letters", "vip_07")]),
        ("丽 丽", [("name", "丽")]),
        ("  ", []),
        ("|", []),
    ],
)
def test_what_is_typed(typed: str, parts: list[tuple[str, str]]) -> None:
    assert list(search_parts(typed)) == parts


@given(st.text(max_size=40))
def test_anything_may_be_typed(typed: str) -> None:
    parts = search_parts(typed)
    assert len(parts) <= 12
    assert all(part and "|" not in part and not part.isspace() for _, part in parts)
    assert all(part == fold(part) for _, part in parts)


@given(st.text(alphabet="曾单王丽華麗ABcéё07 ·'", min_size=1, max_size=6).map(clean_name))
def test_a_member_is_found_by_her_own_name(name: str) -> None:
    keys = search_keys(name, (), "")._asdict()
    assert all(part in keys[kind] for kind, part in search_parts(name))
