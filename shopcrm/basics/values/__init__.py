"""The values of the shop: phone, money, day, birthday, name, each read and shown in one place."""

from shopcrm.basics.values.birthday import Birthday, BirthdayCell, parse_birthday
from shopcrm.basics.values.day import DayCell, parse_day, sale_day_problem, show_day, show_weekday
from shopcrm.basics.values.hours import is_hours, is_within, parse_hours, show_hours
from shopcrm.basics.values.money import (
    AmountCell,
    DiscountCell,
    QuantityCell,
    list_price,
    parse_amount,
    parse_discount,
    parse_quantity,
    show_discount,
    show_money,
)
from shopcrm.basics.values.name import call_name, pinyin_keys
from shopcrm.basics.values.phone import (
    PhoneCell,
    is_masked,
    is_mobile,
    mask_phone,
    parse_phones,
    phone_key,
    phone_problem,
    show_phone,
)
from shopcrm.basics.values.recurring import is_recurring, is_yearly, next_on, show_recurring
from shopcrm.basics.values.search import Kind, SearchKeys, fold, search_keys, search_parts
from shopcrm.basics.values.text import clean_name, clean_text

__all__ = [
    "AmountCell",
    "Birthday",
    "BirthdayCell",
    "DayCell",
    "DiscountCell",
    "Kind",
    "PhoneCell",
    "QuantityCell",
    "SearchKeys",
    "call_name",
    "clean_name",
    "clean_text",
    "fold",
    "is_hours",
    "is_masked",
    "is_mobile",
    "is_recurring",
    "is_within",
    "is_yearly",
    "list_price",
    "mask_phone",
    "next_on",
    "parse_amount",
    "parse_birthday",
    "parse_day",
    "parse_discount",
    "parse_hours",
    "parse_phones",
    "parse_quantity",
    "phone_key",
    "phone_problem",
    "pinyin_keys",
    "sale_day_problem",
    "search_keys",
    "search_parts",
    "show_day",
    "show_discount",
    "show_hours",
    "show_money",
    "show_phone",
    "show_recurring",
    "show_weekday",
]
