"""The fields of members, sales, visits and contacts, and the headings under which files carry them.

A heading must equal a known one after `plain_heading`; nothing is matched by parts of words, because 手机型号
is no phone and 累计消费金额 no amount. One heading can mean different fields on different kinds of sheets
(导购 on a sales list is who sold, on a member list the member's own assistant).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

SheetKind = Literal["members", "sales", "visits", "contacts"]
EVERY: tuple[SheetKind, ...] = ("members", "sales", "visits", "contacts")

# The fields of a member that a file fills, besides name and phones; `staff` and `referrer` hold names.
MEMBER_FIELDS = (
    "card_no", "gender", "birthday", "joined", "staff", "referrer", "wechat", "size_top", "size_bottom",
    "size_shoe", "height", "weight", "likes", "avoids", "tags", "notes", "no_call", "no_message", "no_sms",
    "consent", "best_time",
)  # fmt: skip
OWN = "own."  # before the id of one of the shop's own fields, which lists of members carry under its name


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the kinds of sheets that carry it, and its headings.

    Its name on the screen is the text `field.<id>`. Of several columns for one field that of the best heading
    counts (only amounts have `lesser` ones), then the leftmost.
    """

    id: str
    sheets: tuple[SheetKind, ...]
    headings: tuple[str, ...]
    lesser: tuple[tuple[str, ...], ...] = ()  # headings of lower preference, best first


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", " ").split("|"))


FIELDS: tuple[Field, ...] = (
    Field("name", EVERY, _split(
        "姓名|会员姓名|客户姓名|顾客姓名|名字|客户名称|会员名称|客户|顾客|会员|收货人|會員姓名"
        "|客戶姓名|顧客姓名|會員名稱|客戶名稱"
        "|客戶|顧客|會員|name|customer|customer name|member name|full name")),
    Field("phone", EVERY, _split(
        "手机|手机号|手机号码|电话|电话号码|联系电话|联系方式|移动电话|会员手机|会员手机号"
        "|会员手机号码|会员电话|客户电话|客户手机"
        "|顾客电话|顾客手机|手機|手機號碼|手機號|電話|電話號碼|聯絡電話|聯絡方式|會員手機|會員電話|客戶電話"
        "|phone|mobile|tel|cell|phone number|mobile number|telephone")),
    Field("phone2", EVERY, _split(
        "备用电话|备用手机|电话2|手机2|備用電話|備用手機|電話2|手機2|phone 2|phone2")),
    Field("card", EVERY, _split(
        "会员卡号|卡号|会员编号|会员号|會員卡號|會員編號|卡號|會員號|card no|card number|member id"
        "|member no")),
    Field("gender", EVERY, _split("性别|性別|gender|sex")),
    Field("birthday", EVERY, _split(
        "生日|会员生日|出生日期|出生年月日|客户生日|會員生日|客戶生日|birthday|date of birth|dob")),
    Field("lunar_birthday", EVERY, _split("农历生日|阴历生日|農曆生日|陰曆生日|lunar birthday")),
    Field("calendar", EVERY, _split("生日类型|历法|生日類型|曆法|calendar")),
    Field("notes", ("members",), _split(
        "备注|备注信息|附注|備註|備註資訊|附註|notes|note|remark|remarks|memo")),
    Field("joined", EVERY, _split(
        "入会日期|入会时间|注册日期|注册时间|登记日期|开卡日期|办卡日期|建档日期|入會日期|入會時間"
        "|註冊日期|登記日期|開卡日期"
        "|辦卡日期|建檔日期|joined|member since")),
    Field("own_staff", ("members",), _split(
        "归属导购|专属导购|服务导购|所属导购|專屬導購|歸屬導購|所屬導購|own assistant"
        "|导购|店员|营业员|销售员|导购员|導購|店員|staff|sales")),
    Field("own_staff", ("sales", "visits", "contacts"), _split(
        "归属导购|专属导购|服务导购|所属导购|專屬導購|歸屬導購|所屬導購|own assistant")),
    Field("referrer", ("members",), _split("推荐人|介绍人|推薦人|介紹人|referred by|referrer")),
    Field("size_top", ("members",), _split("尺码|上衣尺码|尺碼|上衣尺碼|size|top size")),
    Field("size_bottom", ("members",), _split("裤子尺码|裤码|褲子尺碼|褲碼|bottom size")),
    Field("size_shoe", ("members",), _split("鞋码|鞋碼|shoe size")),
    Field("height", ("members",), _split("身高|height")),
    Field("weight", ("members",), _split("体重|體重|weight")),
    Field("likes", ("members",), _split("喜好|偏好|喜欢|喜歡|likes")),
    Field("avoids", ("members",), _split("不喜欢|忌讳|不喜歡|忌諱|avoids")),
    Field("wechat", EVERY, _split("微信|微信号|微信號|wechat")),
    Field("tags", ("members",), _split("标签|客户标签|標籤|客戶標籤|tags")),
    Field("points", ("members",), _split(
        "积分|当前积分|可用积分|剩余积分|積分|當前積分|可用積分|剩餘積分|points")),
    Field("contact_no", ("members",), _split(
        "勿扰|免打扰|拒绝联系|联系限制|勿擾|免打擾|拒絕聯絡|聯絡限制|does not want|do not contact")),
    Field("no_call", ("members",), _split(
        "别打电话|不打电话|勿打电话|免电话|拒接电话|別打電話|不打電話|勿打電話|免電話|拒接電話|no calls"
        "|no call|do not call")),
    Field("no_message", ("members",), _split(
        "别发微信|不发微信|勿发微信|拒收微信|別發微信|不發微信|勿發微信|no wechat|no message|no messages")),
    Field("no_sms", ("members",), _split(
        "别发短信|不发短信|勿发短信|拒收短信|別發簡訊|不發簡訊|勿發簡訊|拒收簡訊|no text messages|no sms")),
    Field("consent", ("members",), _split(
        "同意联系|是否同意联系|允许联系|联系授权|营销授权|同意聯絡|是否同意聯絡|允許聯絡|聯絡授權|consent"
        "|contact consent")),
    Field("consent_on", ("members",), _split(
        "同意日期|同意时间|同意联系日期|授权日期|同意時間|同意聯絡日期|授權日期|consent date"
        "|consent given on")),
    Field("consent_by", ("members",), _split(
        "谁说的|谁同意的|同意人|授权人|誰說的|誰同意的|授權人|said by|consent by|who said so")),
    Field("best_time", ("members",), _split(
        "合适时间|方便时间|合适联系时间|方便联系时间|合適時間|方便時間|合適聯絡時間|best time"
        "|best time to call")),
    Field("sale_day", ("sales",), _split(
        "消费日期|销售日期|购买日期|交易日期|成交日期|消费时间|销售时间|购买时间|交易时间|成交时间"
        "|下单时间|下单日期|日期|消費日期|銷售日期"
        "|購買日期|交易時間|消費時間|銷售時間|date|sale date|purchase date")),
    Field("amount", ("sales",), _split(
        "实收金额|实收|实付金额|实付|成交额|成交金额|成交价|實收金額|實收|實付金額|實付|成交金額|paid"), (
        _split("消费金额|销售金额|金额|交易金额|消費金額|銷售金額|金額|交易金額|amount|total"),
        _split("应收金额|应收|應收金額|應收"))),
    Field("price", ("sales",), _split("单价|售价|單價|售價|price|unit price")),
    Field("qty", ("sales",), _split("数量|件数|數量|件數|qty|quantity")),
    Field("item", ("sales",), _split(
        "商品|商品名称|品名|款号|货号|款式|货品|货品名称|商品名稱|款號|貨號|貨品|item|product|style no")),
    Field("article_no", ("sales",), _split(  # and NUMBERS
        "商品编码|商品编号|商品货号|商品款号|货品编码|货品编号|款式编号"
        "|商品編碼|商品編號|商品貨號|商品款號|貨品編碼|貨品編號|款式編號"
        "|sku|article no|article number|style number|item no|item number")),
    Field("category", ("sales",), _split(
        "类别|品类|商品类别|商品品类|商品分类|货品类别|货品分类|大类|類別|品類|商品類別|商品品類|商品分類"
        "|貨品類別|貨品分類|大類|category|product category")),
    Field("list_price", ("sales",), _split(
        "吊牌价|吊牌单价|原价|标价|牌价|零售价|标准售价|吊牌價|吊牌單價|原價|標價|牌價|零售價|標準售價"
        "|list price|tag price|original price|retail price")),
    Field("list_amount", ("sales",), _split(
        "吊牌金额|吊牌总额|原价金额|吊牌金額|吊牌總額|原價金額|list amount|tag amount")),
    Field("discount", ("sales",), _split("折扣|折扣率|折率|折數|折数|discount|discount rate")),
    Field("line_size", ("sales",), _split("尺码|尺寸|尺碼|size")),
    Field("colour", ("sales",), _split("颜色|色号|顏色|色號|colour|color")),
    Field("staff", ("visits", "contacts"), _split(
        "跟进人|回访人|跟进导购|回访导购|接待人|接待导购|跟進人|回訪人|跟進導購|回訪導購|接待導購"
        "|followed up by")),
    Field("staff", ("sales", "visits", "contacts"), _split(
        "导购|店员|营业员|销售员|导购员|收银员|導購|店員|營業員|銷售員|staff|sales")),
    Field("sale_type", ("sales",), _split(
        "类型|单据类型|交易类型|销售类型|類型|單據類型|交易類型|銷售類型|type")),
    Field("order_no", ("sales",), _split(
        "单号|小票号|订单号|流水号|單號|小票號|訂單號|流水號|order no|receipt no")),
    Field("sale_note", ("sales",), _split(
        "备注|备注信息|附注|備註|備註資訊|附註|notes|note|remark|remarks|memo")),
    Field("visit_day", ("visits",), _split(
        "到店日期|到店时间|来店日期|来店时间|到店時間|來店日期|來店時間|visit date")),
    Field("outcome", ("visits",), _split("到店情况|到店情況|情况|visit")),
    Field("bought", ("visits",), _split("是否成交|bought")),
    Field("tried", ("visits",), _split("试穿|試穿|tried")),
    Field("visit_item", ("visits",), _split(
        "商品|商品名称|品名|款号|货号|款式|货品|试穿款|看中款式|货品名称|商品名稱|款號|貨號|item"
        "|product|style no")),
    Field("reason", ("visits",), _split("未购原因|未購原因|reason")),
    Field("says", ("visits",), _split(
        "备注|备注信息|附注|她说|備註|備註資訊|附註|notes|note|remark|remarks|memo")),
    Field("contact_day", ("contacts",), _split(
        "回访日期|跟进日期|联系日期|回访时间|跟进时间|回訪日期|跟進日期|聯絡日期|contact date")),
    Field("contact_outcome", ("contacts",), _split(
        "回访结果|跟进结果|联系结果|回訪結果|跟進結果|聯絡結果|result")),
    Field("contact_note", ("contacts",), _split(
        "跟进内容|回访内容|跟進內容|回訪內容|备注|备注信息|附注|備註|附註|notes|note|remark|remarks|memo")),
    Field("channel", ("contacts",), _split("联系渠道|回访渠道|跟进渠道|聯絡管道|回訪管道|channel")),
    Field("next_day", ("contacts",), _split(
        "下次跟进日期|下次联系日期|下次跟進日期|下次聯絡日期|next date")),
)  # fmt: skip

IDENTITY = ("name", "phone", "card")  # one of them must stand in a header row

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|《[^《》]*》|<[^<>]*>|\{[^{}]*\}")
_DROPPED = re.compile(r"[\s*:∗﹡＊\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f]+")


def plain_heading(text: str) -> str:
    """The form in which headings are compared: NFKC, lower case, without blanks, `*`, `:` and brackets."""
    return _DROPPED.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", text))).lower()


# Headings of `item` that number an article: where another column names it they are `article_no`.
NUMBERS = frozenset(map(plain_heading, _split("款号|货号|款號|貨號|style no")))


def _by_kind() -> dict[SheetKind, dict[str, tuple[str, int]]]:
    table: dict[SheetKind, dict[str, tuple[str, int]]] = {kind: {} for kind in EVERY}
    for field in FIELDS:
        for kind in field.sheets:
            for rank, headings in enumerate((field.headings, *field.lesser)):
                for heading in headings:
                    table[kind].setdefault(plain_heading(heading), (field.id, rank))
    return table


BY_KIND = _by_kind()  # kind of sheet -> plain heading -> (field id, rank)
KNOWN_HEADINGS = frozenset(heading for table in BY_KIND.values() for heading in table)


def is_identity(heading: str) -> bool:
    """Whether a plain heading names the person: a name, a phone or a card number."""
    return BY_KIND["members"].get(heading, ("", 0))[0] in IDENTITY
