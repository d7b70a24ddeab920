"""Two years of an invented shop: its members, receipts, returns, walk-outs and calls, drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from shopcrm.basics.values import Birthday
from shopcrm.sample.people import (
    ANSWERS,
    ARTICLES,
    ASSISTANT_WEIGHTS,
    ASSISTANTS,
    AVOIDS,
    DOUBLE_SURNAMES,
    HABITS,
    LIKES,
    MIDDLE_NAMES,
    NOTES,
    OLDER_NAMES,
    REASONS,
    REMARKS,
    SAID,
    SEASON,
    SURNAMES,
    YOUNGER_NAMES,
    Article,
    Habit,
)

_OLDEST = 728  # days of sales the till still has: two years less a day or two
_STAR = "周曼丽"
_COMMON = "王红"  # two members of one name


@dataclass(slots=True)
class Person:
    """One member as her card says."""

    name: str
    phone: str
    habit: Habit
    assistant: str
    sizes: dict[str, str]
    born: date
    birthday: Birthday | None = None
    joined: date = date.min
    card_no: str = ""
    referrer: str = ""
    likes: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    note: str = ""
    points: int = 0
    height: int = 160


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of a receipt; a negative amount for what came back."""

    item: str
    size: str
    qty: int
    fen: int
    list_yuan: int  # what the price tag of one piece says


@dataclass(slots=True)
class Receipt:
    """What somebody paid, or brought back, in one go; nobody in particular if `person` is None."""

    day: date
    minute: int
    person: Person | None
    assistant: str
    pieces: list[Piece]
    number: str = ""
    taken_back: Receipt | None = None  # the receipt whose piece this one returns


@dataclass(frozen=True, slots=True)
class WalkOut:
    """A visit without a purchase."""

    day: date
    person: Person
    assistant: str
    kind: str
    item: str
    reasons: tuple[str, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class Call:
    """A contact of the past and what came of it."""

    day: date
    person: Person
    assistant: str
    answer: str
    said: str


@dataclass(slots=True)
class History:
    """Everything the till and the notebook beside it hold."""

    people: list[Person] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    walk_outs: list[WalkOut] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


def invent(seed: int, day: date) -> History:
    """The history of the sample shop up to the evening before `day`; the same for the same seed and day."""
    return _Inventor(seed, day).run()


class _Inventor:
    """Draws the history from one random source, in one fixed order."""

    def __init__(self, seed: int, day: date) -> None:
        self.random = Random(seed)
        self.today = day
        self.history = History()
        self.names = {_STAR, _COMMON}  # given to somebody later
        self.bought: dict[str, dict[str, date]] = {}  # phone -> article -> when last
        self.phones = [f"1380000{n:04d}" for n in self.random.sample(range(1000, 10_000), 400)]
        years = range(day.year - 3, day.year + 2)
        new_years = [Birthday(None, 1, 1, lunar=True).next_solar(date(year, 1, 1)) for year in years]
        self.closed = {day + timedelta(days=n) for day in new_years for n in range(-1, 6)}

    def run(self) -> History:
        for habit in HABITS:
            for _ in range(habit.people):
                person = self._person(habit)
                self.history.people.append(person)
                self._buys(person)
                self._visits(person)
        self._stars()
        self._come_back()
        self._strangers()
        self.history.people.sort(key=lambda person: (person.joined, person.name))
        self._number()
        self._refer()
        self._calls()
        return self.history

    # ---------------------------------------------------------------- people

    def _person(self, habit: Habit) -> Person:
        draw = self.random
        group = habit.names if habit.names != "any" else draw.choice(("older", "middle", "middle", "younger"))
        given = {"older": OLDER_NAMES, "middle": MIDDLE_NAMES, "younger": YOUNGER_NAMES}[group]
        name = ""
        while not name or name in self.names:
            surname = draw.choice(DOUBLE_SURNAMES) if draw.random() < 0.015 else draw.choice(SURNAMES)
            name = surname + draw.choice(given)
        self.names.add(name)
        years = {"older": (48, 63), "middle": (34, 50), "younger": (21, 35)}[group]
        born = self.today - timedelta(days=draw.randint(years[0] * 365, years[1] * 365))
        build = draw.choice((0, 1, 1, 1, 2, 2, 3))
        sizes = {"top": ("S", "M", "L", "XL")[build], "bottom": str(26 + build + draw.randint(0, 1))}
        sizes["shoe"] = str(draw.randint(35, 39))
        person = Person(
            name=name,
            phone=self.phones.pop(),
            habit=habit,
            assistant=draw.choices(ASSISTANTS, ASSISTANT_WEIGHTS)[0],
            sizes=sizes,
            born=born,
            likes=tuple(draw.sample(LIKES, draw.choice((0, 1, 2, 2, 3)))),
            avoids=tuple(draw.sample(AVOIDS, draw.choice((0, 0, 1, 1, 2)))),
            note=draw.choice(NOTES) if draw.random() < 0.25 else "",
            height=draw.randint(153, 172),
        )
        if draw.random() < 0.62:
            known = draw.random() < 0.7
            person.birthday = Birthday(born.year if known else None, born.month, born.day)
            if group == "older" and draw.random() < 0.5:
                person.birthday = Birthday(None, draw.randint(1, 12), draw.randint(1, 29), lunar=True)
        return person

    def _day(self, age: int) -> date:
        """An open day about `age` days ago, rather a Saturday or Sunday."""
        day = self.today - timedelta(days=max(1, age))
        if self.random.random() < 0.3:
            shift = self.random.choice((5, 6)) - day.weekday()
            shift -= 7 if shift > 3 else 0
            if day + timedelta(days=shift) < self.today:
                day += timedelta(days=shift)
        while day in self.closed:
            day -= timedelta(days=1)
        return day

    # ---------------------------------------------------------------- buying

    def _ages(self, habit: Habit) -> list[int]:
        """How many days ago somebody of this habit bought, the first time first."""
        draw = self.random
        match habit.key:
            case "regular":
                return self._steps(
                    draw.choice((_OLDEST, _OLDEST, 660, 590, 520, 430)), 2, draw.randint(30, 46)
                )
            case "rising":
                return self._steps(draw.randint(110, 175), draw.randint(6, 40), draw.randint(48, 70))
            case "newcomer":
                return [draw.randint(2, 55)]
            case "returning":
                return [draw.randint(470, 620), draw.randint(300, 380)][: draw.randint(1, 2)]
            case "choosy":
                return [draw.randint(430, 640), draw.randint(200, 330), draw.randint(40, 90)]
            case "slipping":
                return self._steps(draw.randint(390, 450), draw.randint(205, 230), draw.randint(14, 18))
            case "occasional":
                return self._steps(draw.randint(480, _OLDEST), draw.randint(65, 275), draw.randint(105, 175))
            case "once":
                return [draw.randint(66, 160)]
            case "winter":
                first = (self.today - date(self.today.year - 2, 12, 10)).days
                return [first + draw.randint(-12, 12), first - 365 + draw.randint(-12, 12)]
            case "gone_once":
                return [draw.choice((draw.randint(184, 222), draw.randint(240, 700)))]
            case "gone":
                newest = draw.choice((draw.randint(305, 345), draw.randint(365, 520)))
                return self._steps(draw.randint(600, 720), newest, draw.randint(60, 110))[-4:]
            case "gone_regular":
                return self._steps(
                    _OLDEST - draw.randint(0, 20), draw.randint(425, 480), draw.randint(34, 50)
                )
        return []

    def _steps(self, oldest: int, newest: int, gap: int) -> list[int]:
        ages = []
        age = float(oldest)
        while age >= newest:
            ages.append(int(age))
            month = (self.today - timedelta(days=int(age))).month
            age -= max(5.0, self.random.gauss(gap, gap * 0.3) / SEASON[month] ** 0.6)
        return ages

    def _buys(self, person: Person) -> None:
        days = sorted({self._day(min(age, _OLDEST)) for age in self._ages(person.habit)})
        for day in days:
            self.history.receipts.append(self._receipt(person, day))
            if self.random.random() < 0.09:  # back again for what she could not decide on
                again = self._receipt(person, day)
                again.pieces = again.pieces[:1]
                self.history.receipts.append(again)
        person.joined = self._joined(person, days)

    def _joined(self, person: Person, days: list[date]) -> date:
        draw = self.random
        if days and (self.today - days[0]).days > 600 and draw.random() < 0.4:
            return days[0] - timedelta(days=draw.randint(60, 700))  # a member from before the till's memory
        if days:
            return days[0]
        return self._day(draw.randint(3, 50) if person.habit.key == "prospect" else draw.randint(90, 500))

    def _receipt(self, person: Person, day: date) -> Receipt:
        draw = self.random
        assistant = (
            person.assistant if draw.random() < 0.7 else draw.choices(ASSISTANTS, ASSISTANT_WEIGHTS)[0]
        )
        count = draw.choice(person.habit.pieces)
        articles = self._articles(day, person.habit.dear, count, self.bought.setdefault(person.phone, {}))
        pieces = [self._piece(article, person, day) for article in articles]
        return Receipt(day, draw.randint(10 * 60 + 5, 20 * 60 + 40), person, assistant, pieces)

    def _articles(
        self, day: date, dear: float, count: int, had: dict[str, date] | None = None
    ) -> list[Article]:
        """What she takes on that day, in the first place what she has not bought within half a year."""
        had = {} if had is None else had
        season = sorted((a for a in ARTICLES if day.month in a.months), key=lambda a: a.yuan)
        fresh = [a for a in season if a.name not in had or (day - had[a.name]).days > 180]
        there = fresh if len(fresh) > 4 else season
        chosen: list[Article] = []
        while len(chosen) < count:
            place = self.random.betavariate(1 + 2 * dear, 2.4 - dear)
            article = there[min(int(place * len(there)), len(there) - 1)]
            if article not in chosen:
                chosen.append(article)
        had.update((article.name, day) for article in chosen)
        return chosen

    def _piece(self, article: Article, person: Person | None, day: date) -> Piece:
        draw = self.random
        late = day.month in (1, 2, 7, 8)  # the sales at the end of winter and summer
        share = draw.choice((0.7, 0.8, 0.8, 0.9) if late else (1.0, 1.0, 1.0, 0.95, 0.9, 0.88))
        size = "" if article.sizes == "none" else (person.sizes[article.sizes] if person else "M")
        qty = 2 if article.yuan < 130 and draw.random() < 0.2 else 1
        fen = round(article.yuan * share) * 100
        if draw.random() < 0.02:
            fen += 50
        return Piece(f"{article.name} {draw.choice(article.colours)}", size, qty, fen * qty, article.yuan)

    # ---------------------------------------------------------------- coming without buying

    def _visits(self, person: Person) -> None:
        draw = self.random
        match person.habit.key:
            case "prospect":
                ages = [draw.randint(2, 24)] if draw.random() < 0.75 else []
            case "returning":
                ages = [draw.randint(2, 30)]
            case "regular":
                ages = [draw.randint(5, 330) for _ in range(draw.choice((0, 0, 1, 1, 2)))]
            case "occasional" | "gone" | "slipping":
                ages = [draw.randint(90, 420)] if draw.random() < 0.35 else []
            case _:
                ages = []
        bought = {receipt.day for receipt in self.history.receipts if receipt.person is person}
        for day in sorted({self._day(age) for age in ages} - bought):
            self._walk_out(person, day)
            person.joined = min(person.joined, day)

    def _walk_out(self, person: Person, day: date) -> None:
        draw = self.random
        kind = draw.choice(("试穿未买", "试穿未买", "试穿未买", "咨询", "随便看看"))
        article = self._articles(day, 0.8, 1)[0]
        item = f"{article.name} {draw.choice(article.colours)}"
        reasons: tuple[str, ...] = ()
        remark = ""
        if kind == "试穿未买":
            reasons = (draw.choice(REASONS),)
            remark = draw.choice(REMARKS[reasons[0]])
            if draw.random() < 0.2:
                reasons = tuple(sorted({*reasons, draw.choice(REASONS)}))
        elif kind == "咨询":
            remark = f"问{article.name}"
        tried = item if kind == "试穿未买" else ""
        self.history.walk_outs.append(WalkOut(day, person, person.assistant, kind, tried, reasons, remark))

    # ---------------------------------------------------------------- what makes it a real shop

    def _stars(self) -> None:
        """People to look at first: birthdays of this week, a lunar one, a shared phone, two of one name."""
        of = {habit.key: [p for p in self.history.people if p.habit is habit] for habit in HABITS}
        star = of["regular"][0]
        star.name, star.likes, star.avoids = _STAR, ("羊绒", "深色", "长款"), ("化纤", "怕扎")
        star.sizes, star.height, star.assistant = {"top": "L", "bottom": "29", "shoe": "38"}, 162, "小雯"
        ahead = [
            (star, 3),
            (of["regular"][1], 6),
            (of["occasional"][0], 2),
            (of["gone"][0], 5),
            (of["rising"][0], 0),
        ]
        for person, days in ahead:
            soon = self.today + timedelta(days=days)
            person.birthday = Birthday(person.born.year, soon.month, min(soon.day, 28))
        of["regular"][2].birthday = self._lunar_soon(self.today + timedelta(days=4))
        for person in of["gone_once"][:5] + of["occasional"][1:4]:
            person.phone = ""
        of["occasional"][5].name = of["gone"][2].name = _COMMON
        mother = of["regular"][3]
        mother.note = "和女儿共用一个号码"

    def _lunar_soon(self, day: date) -> Birthday:
        days = (Birthday(None, m, d, lunar=True) for m in range(1, 13) for d in range(1, 30))
        return next((b for b in days if b.next_solar(self.today) == day), Birthday(None, 10, 15, lunar=True))

    def _come_back(self) -> None:
        """Some pieces are brought back within days."""
        draw = self.random
        for receipt in list(self.history.receipts):
            person = receipt.person
            if person is None or len(receipt.pieces) < 2 or draw.random() >= 0.075:
                continue
            day = receipt.day + timedelta(days=draw.randint(1, 9))
            if day >= self.today or day in self.closed:
                continue
            piece = draw.choice(receipt.pieces)
            back = replace(piece, fen=-piece.fen)
            self.history.receipts.append(
                Receipt(day, draw.randint(620, 1200), person, receipt.assistant, [back], taken_back=receipt)
            )

    def _strangers(self) -> None:
        """Sales the till booked without a member."""
        for _ in range(7):
            day = self._day(self.random.randint(3, 600))
            article = self._articles(day, 0.2, 1)[0]
            piece = self._piece(article, None, day)
            minute = self.random.randint(620, 1200)
            self.history.receipts.append(Receipt(day, minute, None, self.random.choice(ASSISTANTS), [piece]))

    def _number(self) -> None:
        for n, person in enumerate(self.history.people, 1):
            person.card_no = f"HM{n:04d}"
        self.history.receipts.sort(key=lambda r: (r.day, r.minute, r.pieces[0].item))
        for n, receipt in enumerate(self.history.receipts, 1):
            receipt.number = f"X{1001000 + n}"
            if receipt.taken_back and n % 2:
                receipt.number = receipt.taken_back.number  # some tills write returns under the old number
        for receipt in self.history.receipts:
            if receipt.person:
                receipt.person.points += sum(piece.fen for piece in receipt.pieces) // 1000
        self.history.walk_outs.sort(key=lambda visit: (visit.day, visit.person.card_no))

    def _refer(self) -> None:
        people = self.history.people
        friends = [
            p for p in people if p.habit.key == "regular" and p.joined < self.today - timedelta(days=500)
        ]
        later = [p for p in people if p.habit.key in ("newcomer", "rising", "prospect", "once", "regular")]
        for person in self.random.sample(later, 16):
            older = [friend for friend in friends if friend.joined < person.joined]
            if older:
                person.referrer = self.random.choice(older).name

    def _calls(self) -> None:
        draw = self.random
        called = [
            p for p in self.history.people if p.phone and p.habit.key in ("regular", "occasional", "gone")
        ]
        for person in draw.sample(called, 30):
            day = self._day(draw.randint(16, 85))
            answer = draw.choices(ANSWERS, (6, 3, 2, 1))[0]
            self.history.calls.append(Call(day, person, person.assistant, answer, draw.choice(SAID[answer])))
        self.history.calls.sort(key=lambda call: (call.day, call.person.card_no))
