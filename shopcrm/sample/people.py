"""Who the invented people are and what hangs in the shop: tables, no logic."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ASSISTANTS = ("小雯", "阿珍", "小敏", "林姐")
ASSISTANT_WEIGHTS = (34, 29, 24, 13)

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏"
    "蒋田杜丁沈姜范江傅钟卢汪戴崔任"
    "陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段"
    "郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚仇单查解区盖"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "尉迟", "诸葛")
OLDER_NAMES = _words(
    "秀珍 桂英 素芬 美兰 玉华 淑芬 凤英 秀兰 丽华 雅琴 慧敏 秋菊 月娥 玉梅 金凤 "
    "素珍 桂兰 爱华 翠萍 惠芳 红霞 春梅 彩霞 丽萍 桂梅"
)
MIDDLE_NAMES = _words(
    "曼丽 霞月 晓红 文静 敏薇 桂茹 芳瑶 慧然 静云 丽娟 海燕 晓燕 雪梅 艳红 玲玲 "
    "莉莉 春云 晓华 亚萍 建芳 小琴 文娟 丹丹 红梅 冬梅 美洁 佳禾 蓉蓓 欣芝 雅萱 "
    "志芳 晓丽 永红 明霞"
)
YOUNGER_NAMES = _words(
    "若云 晓彤 雨桐 佳怡 语云 曼筠 琳真 子蔓 子怡 雨芬 雪 洁 梓 佳 琪 思颖 梦瑶 "
    "诗涵 欣怡 雨欣 可馨 婧 嘉琪 紫萱 梦洁 雅婷 心怡 思雨 晓晨 安琪 静怡 佳慧 曼彤 "
    "依琳"
)

LIKES = (
    "羊绒",
    "深色",
    "长款",
    "宽松",
    "豆沙色",
    "纯棉",
    "修身",
    "真丝",
    "收腰",
    "素色",
    "碎花",
    "A字裙",
    "高领",
    "针织",
)
AVOIDS = ("化纤", "怕扎", "紧身", "亮色", "露肩", "高领闷", "短款", "印花")
NOTES = (
    "周末来得多",
    "接孩子顺路",
    "喜欢先微信看图",
    "下班后联系",
    "怕冷，冬天早买",
    "常和姐妹一起来",
    "爱讲价，送小礼物就好",
    "在附近小学上班",
    "尺码偏大一号",
    "只看打折",
)


@dataclass(frozen=True, slots=True)
class Article:
    """Something that hangs in the shop: what it costs at full price, in which months, and its colours."""

    name: str
    yuan: int
    months: frozenset[int]
    colours: tuple[str, ...]
    sizes: str = "top"  # top, bottom, shoe or none


def _article(name: str, yuan: int, months: str, colours: str, sizes: str = "top") -> Article:
    first, last = (int(month) for month in months.split("-"))
    span = range(first, last + 1) if first <= last else (*range(first, 13), *range(1, last + 1))
    return Article(name, yuan, frozenset(span), tuple(colours.split()), sizes)


ARTICLES = (
    _article("羊绒大衣", 1680, "10-1", "驼色 黑 雾蓝"),
    _article("双面呢大衣", 1280, "10-1", "焦糖 燕麦 黑"),
    _article("羽绒服", 899, "11-2", "米杏 黑 藏青"),
    _article("羊绒衫", 698, "9-2", "米白 酒红 豆沙 黑"),
    _article("毛呢半裙", 298, "10-2", "格纹 黑", "bottom"),
    _article("高领打底衫", 129, "10-3", "黑 米白 咖"),
    _article("毛衣", 329, "9-2", "燕麦 墨绿 酒红"),
    _article("加绒裤", 239, "11-2", "黑 藏青", "bottom"),
    _article("围巾", 159, "11-2", "格纹 驼色", "none"),
    _article("短靴", 459, "10-2", "黑 棕", "shoe"),
    _article("风衣", 569, "9-11", "卡其 藏青"),
    _article("西装外套", 459, "3-5", "燕麦 黑"),
    _article("薄风衣", 499, "3-5", "卡其 雾蓝"),
    _article("针织开衫", 328, "9-5", "豆沙 燕麦 藏青"),
    _article("衬衫", 229, "3-10", "白 条纹 雾蓝"),
    _article("牛仔裤", 239, "1-12", "深蓝 浅蓝 黑", "bottom"),
    _article("阔腿裤", 269, "3-10", "卡其 黑", "bottom"),
    _article("连衣裙", 399, "4-9", "墨绿 碎花 黑 雾蓝"),
    _article("真丝连衣裙", 758, "5-8", "碎花 香槟"),
    _article("T恤", 99, "4-9", "白 条纹 黑 藏青"),
    _article("真丝衬衫", 428, "4-9", "香槟 白"),
    _article("半身裙", 259, "4-9", "碎花 卡其 黑", "bottom"),
    _article("防晒衣", 189, "5-8", "米白 浅蓝"),
    _article("亚麻裤", 229, "5-8", "米白 卡其", "bottom"),
    _article("小白鞋", 279, "3-10", "白", "shoe"),
    _article("丝巾", 119, "3-10", "碎花 素色", "none"),
    _article("马甲", 259, "9-11", "燕麦 黑"),
    _article("卫衣", 199, "9-11", "灰 藏青"),
)

# How busy each month is: most before the Spring Festival and at the turn of the seasons.
SEASON = dict(enumerate((1.5, 0.7, 1.0, 1.1, 1.1, 0.9, 0.7, 0.75, 1.05, 1.25, 1.4, 1.4), 1))


@dataclass(frozen=True, slots=True)
class Habit:
    """One way of being a customer: how many such members, their age group, and how they buy."""

    key: str
    people: int
    names: str  # older, middle, younger or any
    dear: float  # how far up the price list they reach, 0 to 1
    pieces: tuple[int, ...]  # how many pieces on a receipt, drawn evenly


HABITS = (
    Habit("regular", 45, "any", 0.65, (1, 1, 2, 2, 3)),
    Habit("rising", 9, "younger", 0.45, (1, 1, 2)),
    Habit("newcomer", 8, "younger", 0.4, (1, 1, 2)),
    Habit("prospect", 9, "younger", 0.5, ()),
    Habit("returning", 6, "middle", 0.5, (1, 2)),
    Habit("choosy", 4, "middle", 1.0, (2, 3)),
    Habit("slipping", 4, "middle", 0.6, (1, 1, 2)),
    Habit("occasional", 47, "any", 0.25, (1,)),
    Habit("once", 18, "younger", 0.25, (1,)),
    Habit("winter", 6, "older", 0.9, (1,)),
    Habit("never", 6, "younger", 0.3, ()),
    Habit("gone_once", 22, "younger", 0.4, (1, 1, 2)),
    Habit("gone", 20, "any", 0.4, (1, 1, 2)),
    Habit("gone_regular", 8, "middle", 0.6, (1, 2)),
)

# What a visitor who leaves without buying says, in the shop's own words.
REASONS = ("再考虑", "价格", "没她的码", "款式", "颜色", "料子扎")
REMARKS = {
    "再考虑": ("喜欢版型，嫌长", "想带先生来看", "回去跟家里衣服比一比"),
    "价格": ("等换季打折", "预算 300 以内", "问有没有会员价"),
    "没她的码": ("要 M 码，到货微信她", "要大一码", "S 码断货"),
    "款式": ("想要更宽松的", "想要长款"),
    "颜色": ("想要别的颜色", "要豆沙色"),
    "料子扎": ("领口扎，想要羊绒的",),
}
ANSWERS = ("联系上了", "没接通", "会来店", "不需要")
SAID = {
    "联系上了": ("说颜色好看，周末来", "衣服穿着满意", "谢谢祝福", "最近忙，下月再来"),
    "没接通": ("响了没人接", "关机"),
    "会来店": ("说周六带女儿来", "约好来试大衣"),
    "不需要": ("最近不添衣服",),
}
