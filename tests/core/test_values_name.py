"""Cell text and names: import rule 4, pinyin keys, how to address a member."""

import csv
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installer import readings
from shopcrm.basics.values import call_name, clean_name, clean_text, pinyin_keys

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("　 王丽\u00a0", "王丽"),
        ("王\u200b丽\ufeff", "王丽"),
        ("\u202a王丽\u202c\u0000", "王丽"),
        ("e\u0301", "é"),
        (FAMILY, FAMILY),
        ("王\u200d丽", "王丽"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("𠮷野·芳", "𠮷野·芳"),
        ("=1+1", "=1+1"),
        ("@小雯", "@小雯"),
        ("\ud800x", "x"),
        (12.0, "12"),
        (12.5, "12.5"),
        (7, "7"),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_text_is_cleaned(raw: object, text: str) -> None:
    assert clean_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("王 丽", "王丽"),
        ("王　 丽 华", "王丽华"),
        ("Anna   Li", "Anna Li"),
        ("王丽 Anna", "王丽 Anna"),
        ("王\n丽", "王丽"),
        ("买买提·艾力", "买买提·艾力"),
        ("小熊🐻", "小熊🐻"),
        (1001.0, "1001"),
    ],
)
def test_name_is_cleaned(raw: object, name: str) -> None:
    assert clean_name(raw) == name


@given(st.text())
def test_clean_text_is_normal_trimmed_and_stays_so(raw: str) -> None:
    once = clean_text(raw)
    assert once == clean_text(once) == once.strip()
    assert unicodedata.is_normalized("NFC", once)
    once.encode()  # nothing a database or a file would refuse
    assert clean_name(clean_name(raw)) == clean_name(raw)


@pytest.mark.parametrize(
    ("name", "initials", "full"),
    [
        ("李明朗", "lml", "liminglang"),
        ("曾小贤", "zxx", "zengxiaoxian"),
        ("单芳", "sf", "shanfang"),
        ("單芳", "sf", "shanfang"),
        ("仇英", "qy", "qiuying"),
        ("解晓东", "xxd", "xiexiaodong"),
        ("查莉", "zl", "zhali"),
        ("盖丽", "gl", "geli"),
        ("区敏", "om", "oumin"),
        ("朴树", "ps", "piaoshu"),
        ("乐静", "yj", "yuejing"),
        ("尉迟恭", "ycg", "yuchigong"),
        ("万俟芳", "mqf", "moqifang"),
        ("Anna Li", "al", "annali"),
    ],
)
def test_pinyin_knows_surnames(name: str, initials: str, full: str) -> None:
    keys = pinyin_keys(name)
    assert keys[0] == initials
    assert full in keys


def test_other_readings_find_her_too() -> None:
    assert {"zxx", "cxx", "cengxiaoxian"} <= set(pinyin_keys("曾小贤"))
    assert {"sf", "df"} <= set(pinyin_keys("单芳"))


@given(st.text(max_size=50))
def test_any_name_has_few_lower_case_keys(name: str) -> None:
    keys = pinyin_keys(name)
    assert len(keys) <= 48
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and key.isalnum() and key == key.lower() for key in keys)


@pytest.mark.parametrize(
    ("name", "call"),
    [("周曼丽", "丽姐"), ("丽", "丽姐"), ("王女士", "王女士"), ("霞姐", "霞姐"), ("Anna", "Anna"), ("", "")],
)
def test_how_to_address_her_is_proposed(name: str, call: str) -> None:
    assert call_name(name) == call


def test_the_table_of_readings_is_what_the_library_says() -> None:
    with readings.FILE.open(encoding="utf-8", newline="") as lines:
        kept = {row["readings"]: row["characters"] for row in csv.DictReader(lines)}
    assert kept == readings.table(), "python -m installer.readings makes it anew"
