"""Phone numbers: import rules 5.1 to 5.7, showing, masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopcrm.basics.texts import has
from shopcrm.basics.values import is_mobile, mask_phone, parse_phones, phone_key, phone_problem, show_phone

MOBILE = "13800001234"
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        # 5.1 the stored number counts; text with an exponent only if every digit is in it
        (13800001234, (MOBILE,)),
        (13800001234.0, (MOBILE,)),
        (8613800001234, (MOBILE,)),
        ("1.3800001234E+10", (MOBILE,)),
        ("13800001234.0", (MOBILE,)),
        # 5.2 width, blanks, dashes, dots, brackets, invisible characters, quote, label
        ("１３８ ００００ １２３４", (MOBILE,)),
        ("138-0000-1234", (MOBILE,)),
        ("138—0000－1234", (MOBILE,)),
        ("138.0000.1234", (MOBILE,)),
        ("(138)00001234", (MOBILE,)),
        ("\u202a13800001234\u202c", (MOBILE,)),
        ("138\u200b0000\u00a01234\ufeff", (MOBILE,)),
        ("'13800001234", (MOBILE,)),
        ("手机：13800001234", (MOBILE,)),
        ("电话: 138 0000 1234", (MOBILE,)),
        ("Tel:13800001234", (MOBILE,)),
        # 5.3 country code and trunk zero
        ("+86 138 0000 1234", (MOBILE,)),
        ("＋86-13800001234", (MOBILE,)),
        ("0086 13800001234", (MOBILE,)),
        ("8613800001234", (MOBILE,)),
        ("013800001234", (MOBILE,)),
        # 5.4 landlines
        ("010-88886666", ("01088886666",)),
        ("0755 8888 666", ("07558888666",)),
        ("020 8888666", ("0208888666",)),
        # 5.5 Hong Kong, Macau, Taiwan, the rest of the world
        ("852 9123 4567", ("+85291234567",)),
        ("+852-91234567", ("+85291234567",)),
        ("00853 61234567", ("+85361234567",)),
        ("+886 0900 000 678", ("+886900000678",)),
        ("886900000678", ("+886900000678",)),
        ("+1 212 555 1234", ("+12125551234",)),
        ("0044 20 7946 0000", ("+442079460000",)),
        # 5.6 several in one cell
        ("13800001234/13900001234", (MOBILE, "13900001234")),
        ("13800001234、13900001234", (MOBILE, "13900001234")),
        ("13800001234，13900001234", (MOBILE, "13900001234")),
        ("13800001234；13900001234", (MOBILE, "13900001234")),
        ("13800001234\n13900001234", (MOBILE, "13900001234")),
        ("13800001234 13900001234", (MOBILE, "13900001234")),
        ("12345/13800001234", (MOBILE,)),
        ("13800001234/13800001234", (MOBILE,)),
        ("无/13800001234", (MOBILE,)),
    ],
)
def test_phone_is_read(raw: object, keys: tuple[str, ...]) -> None:
    cell = parse_phones(raw)
    assert cell.phones == keys
    assert cell.problem is None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "  ",
        "无",
        "没有",
        "未留",
        "空",
        "暂无",
        "-",
        "—",
        "——",
        "/",
        "0",
        0,
        "none",
        "None",
        "N/A",
        float("nan"),
    ],
)
def test_words_for_none_mean_no_phone(raw: object) -> None:  # 5.7
    cell = parse_phones(raw)
    assert cell.phones == ()
    assert cell.problem is None


@pytest.mark.parametrize(
    "raw",
    [
        "1.39E+10",
        "1.3800001234E+11",
        1.38,
        "12345",
        "1380000123",
        "138000012345",
        "12800001234",
        "abc",
        True,
        "1380000O234",
        "张三",
        "00000000000",
        "+1234567",
        "+1234567890123456",
        -13800001234,
        1e300,
        "#N/A",
    ],
)
def test_anything_else_is_invalid_and_never_guessed(raw: object) -> None:  # 5.1, 5.7
    cell = parse_phones(raw)
    assert cell.phones == ()
    assert cell.problem == "invalid_phone"


def test_repaired_tells_what_was_put_right() -> None:
    assert not parse_phones(MOBILE).repaired
    assert not parse_phones(13800001234.0).repaired
    assert parse_phones("+86 13800001234").repaired
    assert parse_phones("13800001234/13900001234").repaired


@given(
    mobiles,
    st.sampled_from(["", "+86", "86", "0086 ", "0", "手机:", "'"]),
    st.sampled_from(["", " ", "-", "."]),
)
def test_every_mobile_is_found_however_it_is_written(key: str, front: str, gap: str) -> None:
    assert parse_phones(f"{front}{key[:3]}{gap}{key[3:7]}{gap}{key[7:]}").phones == (key,)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_any_cell_gives_keys_or_a_problem_or_nothing(raw: object) -> None:
    cell = parse_phones(raw)
    assert not (cell.phones and cell.problem)
    for key in cell.phones:
        assert parse_phones(key).phones == (key,), "a key read again is the same key"
        assert show_phone(key).replace(" ", "") == key
        assert mask_phone(key).count("*") == 4


def test_a_form_says_what_is_wrong() -> None:
    assert phone_problem("138 0000 1234") is None
    assert phone_problem("") is None
    assert phone_problem("1380000123") == ("phone_length", {"n": 10})
    assert phone_problem("138000012345") == ("phone_length", {"n": 12})
    assert phone_problem("1380000a234") == ("phone_letters", {})
    assert phone_problem("22800001234") == ("phone_start", {})
    assert has("err.phone_start")
    assert phone_key("138 0000 1234") == MOBILE
    assert phone_key("12") is None


@pytest.mark.parametrize(
    ("key", "shown", "masked"),
    [
        ("13800005678", "138 0000 5678", "138 **** 5678"),
        ("01088886666", "010 8888 6666", "010 **** 6666"),
        ("07558888666", "0755 888 8666", "0755 **** 8666"),
        ("+85291234567", "+852 9123 4567", "+852 **** 4567"),
        ("+886900000678", "+886 900 000 678", "+886 **** 0678"),
        ("+12125551234", "+12125551234", "+12 **** 1234"),
    ],
)
def test_phone_is_shown_and_masked(key: str, shown: str, masked: str) -> None:
    assert show_phone(key) == shown
    assert mask_phone(key) == masked
    assert is_mobile(key) == (key[0] == "1")
