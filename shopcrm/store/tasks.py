"""To-dos and contacts: what the follow-up rules need to know, and what they decided.

Candidates are picked by SQL, a superset of the members a rule can hold for; everything about them is read in
a few statements for all at once. Days go in and out as `date.toordinal()` and stand in the file as text.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Generator, Mapping, Sequence, Set
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from shopcrm.basics.records import TYPE_KEYS, MemberId, Sentence, StaffId, TypeKey
from shopcrm.basics.values import Birthday
from shopcrm.rules.calibration import Limits
from shopcrm.rules.capacity import Listed
from shopcrm.rules.customer_types import Yardstick, reason_of, waits
from shopcrm.rules.events import Event
from shopcrm.rules.followups import (
    AFTER_OFFER,
    AHEAD,
    BY_HAND,
    FARTHEST_BIRTHDAY,
    GONE_AWAY,
    LAPSED,
    MANUAL,
    OVERDUE,
    OWED,
    REMINDER,
    Case,
    ShopFacts,
    Stored,
    Wanted,
    longest_closed,
)
from shopcrm.rules.holdout import quarter_of
from shopcrm.rules.reasons import OFTEN_SAID, SEASON_SAID, VISIT_SAID, Goods, Part
from shopcrm.rules.reconciling import Move
from shopcrm.store.connection import AMONG, Row, Rx
from shopcrm.store.events import fans
from shopcrm.store.facts import iso, ordinal
from shopcrm.store.journal import REDO, TAKEBACK, UNDO
from shopcrm.store.writing import Tx, as_json

STATE = "followups"  # day, month with its gains, snapshot with its quartiles, season with its cuts
WANTED = "followups.wanted"  # the shop for which everybody's list was last made
SEEN = "followups.seen"  # to-do: day it first stood on a list
_BIRTHDAY_PAST = 2 * LAPSED  # days around a birthday at which a rule may speak of it
_BIRTHDAY_AHEAD = FARTHEST_BIRTHDAY + AHEAD
_JULIAN = 1721424.5  # date.toordinal() to SQLite's julian day
_REMEMBERED = 520  # days a closed to-do matters to a rule
_EVENTS = 75  # days a return matters to a rule
_NEVER = -1_000_000  # days: the window of a rule that is switched off
_RECENT = 100  # days within which a rule may ask what the last purchase came to

VOIDED = "voided"  # why a reminder was stopped: its visit never happened
_IDS = AMONG
_BY_HAND = str(tuple(sorted(BY_HAND)))
# Somebody counts on it. In these very words, they begin the index task_best.
_PROMISED = f"(tries + snoozes > 0 OR appointment IS NOT NULL OR rule IN {_BY_HAND})"
_OWED = str(tuple(sorted(OWED)))
_GONE_AWAY = str(tuple(sorted(GONE_AWAY)))

# What is left of a birthday key behind the year: MM-DD, with a plus in a leap month.
_MONTH_DAY = """
CASE WHEN m.birthday LIKE 'L:-%' THEN substr(m.birthday, 5)
  WHEN m.birthday LIKE 'L:%' THEN substr(m.birthday, 8) ELSE substr(m.birthday, -5) END
"""

# Open to-dos of which the rules would say today what they said when they were written down, for members
# without a record since: what they hang on is still so, and no day came at which anything changes.
_SETTLED = f"""
INSERT INTO settled
SELECT t.member_id, t.rule, t.id FROM task t JOIN d_case c ON c.member_id = t.member_id
WHERE t.state = 'open' AND t.type = c.type AND t.expires >= :day AND t.tries + t.snoozes = 0
  AND t.appointment IS NULL AND CASE t.rule
    WHEN 'L1' THEN t.anchor = date(c.last_d + {_JULIAN})
    WHEN 'P4' THEN c.code = 'POT_RISING' AND t.anchor = date(c.last_d + {_JULIAN})
      AND :loyal - c.n12 BETWEEN 1 AND 2
      AND NOT EXISTS (SELECT 1 FROM member r WHERE r.referrer_id = c.member_id)
    WHEN 'L3' THEN t.anchor = :season_day AND c.last_d < :season
    WHEN 'D3' THEN t.anchor = :sale_day AND c.last_d < :sale
    WHEN 'P5' THEN CASE WHEN c.code = 'POT_POWER' AND :T <= c.last_d + :gap + :p5_ends
      THEN t.anchor = date(c.last_d + {_JULIAN})
      ELSE t.anchor = :season_day AND c.last_d < :season AND 0 < :power
        AND CAST(c.spend AS REAL) / c.n >= :power END
    WHEN 'D4' THEN t.anchor = date(c.last_d + {_JULIAN})
    WHEN 'D5' THEN t.anchor = :season_day AND c.code = 'DRIFT_NEVER'
    WHEN 'E1' THEN t.anchor = :event_day AND coalesce(c.last_d, 0) < :event_due
    WHEN 'H1' THEN t.anchor = :festival_day
    WHEN 'N1' THEN t.anchor = :news_day AND coalesce(c.last_d, 0) < :news_due END
  AND t.member_id NOT IN (
    SELECT member_id FROM contact WHERE day >= :quarter GROUP BY member_id HAVING count(*) >= :cap_90)
UNION ALL
SELECT w.member_id, w.rule, -w.id FROM draw w JOIN json_each(:left_out) h
  ON w.rule = h.value ->> 0 AND w.quarter = h.value ->> 1 AND w.held AND NOT EXISTS (
    SELECT 1 FROM task t WHERE t.member_id = w.member_id AND t.rule = w.rule AND t.anchor = h.value ->> 2)
"""
_CLEAR_SETTLED = "DELETE FROM settled"
_TEMP_SETTLED = """
CREATE TEMP TABLE IF NOT EXISTS settled (
  member_id INTEGER NOT NULL, rule TEXT NOT NULL, task INTEGER NOT NULL, PRIMARY KEY (member_id, rule, task)
) WITHOUT ROWID
"""
# To-dos of a season that is over, of members who could have been contacted: they expire and nothing else.
_OVER = """
SELECT t.expires, t.id
FROM task t JOIN d_case c ON c.member_id = t.member_id JOIN member m ON m.id = t.member_id
WHERE t.state = 'open' AND t.expires < :day AND t.tries + t.snoozes = 0 AND t.appointment IS NULL
  AND CASE t.rule
    WHEN 'L3' THEN t.anchor = :season_day AND coalesce(c.last_d, 0) < :season AND :T - :season > :l3_to
    WHEN 'P5' THEN t.anchor = :season_day AND coalesce(c.last_d, 0) < :season AND :T - :season > :p5_to
    WHEN 'D5' THEN t.anchor = :season_day AND coalesce(c.last_d, 0) < :season AND :T - :season > :d5_to
    WHEN 'D3' THEN t.anchor = :sale_day AND coalesce(c.last_d, 0) < :sale AND :T - :sale > :d3_to END
  AND m.archived_on IS NULL AND NOT m.no_call AND NOT m.no_message AND m.pause_until IS NULL
  AND m.consent <> 'no'
  AND EXISTS (SELECT 1 FROM phone p WHERE p.member_id = m.id AND NOT p.wrong)
ORDER BY t.expires, t.id
"""


def _unless(rule: str) -> str:
    """Whether a rule may still have to open its to-do."""
    return f"NOT EXISTS (SELECT 1 FROM settled s WHERE s.member_id = c.member_id AND s.rule = '{rule}')"


_CANDIDATES = f"""
SELECT c.member_id FROM d_case c JOIN member m ON m.id = c.member_id WHERE m.archived_on IS NULL AND (
  (c.type = 'loyal' AND (c.last_d >= :T - :l1_to AND {_unless("L1")} OR c.last_d <= :T - :l5_from))
  OR (c.n = 1 AND c.type IN ('potential', 'drifting') AND c.last_d >= :T - :once_to)
  OR (c.code = 'POT_RISING' AND c.last_d BETWEEN :T - :p4_to AND :T - :p4_from AND {_unless("P4")})
  OR (c.code = 'POT_POWER' AND c.last_d + :gap BETWEEN :T - :p5_to AND :T - :p5_from AND {_unless("P5")})
  OR (c.code = 'DRIFT_SLIPPING' AND :d2)
  OR (c.type = 'drifting' AND c.n = 1 AND c.last_d + :once BETWEEN :T - :d4_to AND :T - :d4_from)
  OR (c.type = 'drifting' AND c.n > 1 AND c.last_d BETWEEN :T - :d4_to - :longest AND :T - :d4_from - :repeat
    AND {_unless("D4")})
  OR (c.type = 'lost' AND c.since >= :lost_since)
  OR (c.n = 0 AND c.type = 'potential' AND m.joined >= :joined_since)
  OR (c.type = 'loyal' AND :T - :season <= :l3_to AND c.last_d < :l3_last AND {_unless("L3")})
  OR (c.type = 'drifting' AND :T - :sale <= :d3_to AND c.last_d < :d3_last AND {_unless("D3")})
  OR (c.type = 'potential' AND :T - :season <= :p5_to AND c.last_d < :season AND c.spend >= :power * c.n
    AND (c.code <> 'POT_POWER' OR c.last_d + :gap + :p5_ends < :T) AND {_unless("P5")})
  OR (c.code = 'DRIFT_NEVER' AND :T - :season <= :d5_to AND {_unless("D5")})
  OR (c.type IN (SELECT value FROM json_each(:invited)) AND {_unless("E1")})
  OR (c.type IN (SELECT value FROM json_each(:greeted)) AND {_unless("H1")})
  OR (m.birthday NOT LIKE 'L:%' AND {_MONTH_DAY} IN (SELECT value FROM json_each(:solar)))
  OR (m.birthday LIKE 'L:%' AND {_MONTH_DAY} IN (SELECT value FROM json_each(:lunar))))
UNION SELECT member_id FROM task t WHERE state = 'open' AND NOT EXISTS (
  SELECT 1 FROM settled s WHERE s.member_id = t.member_id AND s.rule = t.rule AND s.task = t.id)
UNION SELECT member_id FROM task
  WHERE state IN ('done', 'expired') AND closed_on >= :long_ago AND rule LIKE 'X%'
UNION SELECT member_id FROM visit WHERE day >= :visits
UNION SELECT s.member_id FROM sale s JOIN line l ON l.sale_id = s.id
  WHERE s.day >= :returns AND l.amount_fen < 0 AND s.member_id IS NOT NULL
UNION SELECT s.member_id FROM json_each(:news) n
  CROSS JOIN line l ON instr(l.item, n.value) AND l.amount_fen > 0  -- nothing new: no line is read
  CROSS JOIN sale s ON s.id = l.sale_id WHERE s.member_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM settled n1 WHERE n1.member_id = s.member_id AND n1.rule = 'N1')
UNION SELECT member_id FROM complaint WHERE state = 'open'
UNION SELECT referrer_id FROM member WHERE referrer_id IS NOT NULL AND joined >= :referred
"""
# For who may only read: everybody is looked at, and nobody is settled.
_ALL_CANDIDATES = f"WITH settled (member_id, rule, task) AS (SELECT 0, '', 0 WHERE 0) {_CANDIDATES}"
_LUNAR = f"SELECT DISTINCT {_MONTH_DAY} FROM member m WHERE m.birthday LIKE 'L:%'"

_CASES = f"""
SELECT m.id, c.type, c.code, c.since, c.score, c.n, c.n12, c.first_d, c.last_d, c.spend, c.spend12,
  CASE WHEN c.last_d >= :T - {_RECENT} THEN
    (SELECT p.net FROM d_purchase_day p WHERE p.member_id = m.id AND p.d = c.last_d) ELSE 0 END,
  m.joined, m.birthday, m.no_call, m.no_message, m.pause_until, m.archived_on, m.wechat <> '',
  (SELECT count(*) FROM phone WHERE member_id = m.id),
  (SELECT count(*) FROM phone WHERE member_id = m.id AND wrong = 1),
  (SELECT max(v.day) FROM visit v WHERE v.member_id = m.id AND v.day <= :day AND v.voided_on IS NULL),
  (SELECT max(s.day) FROM sale s WHERE s.member_id = m.id AND s.day BETWEEN :since AND :day
     AND s.voided_on IS NULL AND (SELECT sum(l.amount_fen) FROM line l WHERE l.sale_id = s.id) < 0),
  (SELECT max(r.joined) || ' ' || sum(r.joined >= :year_ago) FROM member r
   WHERE r.referrer_id = m.id AND r.joined <= :day),
  (SELECT min(k.day || ' ' || k.due) FROM complaint k WHERE k.member_id = m.id AND k.state = 'open'),
  m.no_sms, m.consent,
  (SELECT max(g.day) FROM contact g WHERE g.member_id = m.id AND g.reason IN {_GONE_AWAY})
FROM member m JOIN d_case c ON c.member_id = m.id WHERE m.id {_IDS}
"""
_TASKS = f"""
SELECT member_id, id, rule, anchor, step, type, due, expires, channel, state, closed_on, closed_why, outcome,
  tries, snoozes, appointment, rule = 'L1' AND instr(context, '"asks":true') > 0, priority,
  rule = '{MANUAL}' AND instr(context, '"bought":true') > 0,
  rule = 'X1' AND state = 'done' AND 'unreachable' = (
    SELECT k.reason FROM contact k WHERE k.task_id = task.id ORDER BY k.day DESC, k.id DESC LIMIT 1)
FROM task WHERE member_id {_IDS} AND (state = 'open' OR closed_on >= :remembered OR due >= :remembered)
ORDER BY id
"""
_TOUCHED = f"""
SELECT member_id, task_id, max(day) FROM contact
WHERE member_id {_IDS} AND day > :quarter AND outcome IN ('reached', 'no_answer', 'will_come', 'refused')
GROUP BY member_id, coalesce(task_id, -id) ORDER BY max(day) DESC
"""
# From the member to her last day: left to itself the database goes through all her receipts.
_LAST_ITEM = f"""
SELECT s.member_id, l.item, l.size, l.colour, max(l.amount_fen), s.day FROM d_case c
CROSS JOIN sale s ON s.member_id = c.member_id AND s.day = date(c.last_d + {_JULIAN}) AND s.voided_on IS NULL
CROSS JOIN line l ON l.sale_id = s.id AND l.amount_fen > 0
WHERE c.member_id {_IDS} GROUP BY c.member_id
"""
_SHORT = "substr(l.item, 1, instr(l.item || ' ', ' ') - 1)"  # an article without its colour
_OFTEN = f"""
SELECT s.member_id, {_SHORT} AS item, count(*) FROM sale s JOIN line l ON l.sale_id = s.id
WHERE s.member_id {_IDS} AND s.voided_on IS NULL AND l.amount_fen > 0 AND l.item <> ''
GROUP BY s.member_id, 2 HAVING count(*) > 1 ORDER BY count(*), 2 DESC
"""
_LAST_YEAR = f"""
SELECT s.member_id, {_SHORT}, max(l.amount_fen), substr(s.day, 6, 2)
FROM sale s JOIN line l ON l.sale_id = s.id
WHERE s.member_id {_IDS} AND s.day BETWEEN :from_day AND :to_day AND s.voided_on IS NULL AND l.amount_fen > 0
  AND l.item <> '' GROUP BY s.member_id
"""
_LAST_VISIT = f"""
SELECT v.member_id, v.kind, v.items, v.reasons, v.says, max(v.day || v.at || v.id) FROM visit v
WHERE v.member_id {_IDS} AND v.voided_on IS NULL GROUP BY v.member_id
"""
_TASTE = f"SELECT id, size_top, size_bottom, size_shoe, likes, birthday FROM member WHERE id {_IDS}"

_GAPS = """
SELECT (SELECT p.d FROM d_purchase_day p WHERE p.member_id = c.member_id AND p.d > c.first_d
        ORDER BY p.d LIMIT 1) - c.first_d AS gap, count(*)
FROM d_case c WHERE c.n > 1 GROUP BY gap ORDER BY gap
"""
_MARK = """
SELECT (SELECT max(id) FROM setting), (SELECT value FROM d_state WHERE key = ?),
  (SELECT json_group_array(json_array(id, kind, day, until, types, lead, name, offer, item))
   FROM event WHERE gone_on IS NULL)
"""
_LOYAL_SCORES = "SELECT score FROM d_case WHERE type = 'loyal' ORDER BY score"

_COLUMNS = (
    "member_id", "rule", "anchor", "step", "type", "due", "expires", "channel", "priority", "why", "context",
)  # fmt: skip
_DAYS = frozenset(("due", "expires", "closed_on", "appointment"))

_DUE = f"""
t.state = 'open' AND t.due <= :day AND (t.expires >= :day OR t.appointment IS NOT NULL)
AND (t.member_id NOT IN (SELECT value FROM json_each(:in_peace, '$.at_all'))
  OR (t.tries + t.snoozes > 0 OR t.appointment IS NOT NULL OR t.rule IN {_OWED})
    AND t.member_id NOT IN (SELECT value FROM json_each(:in_peace, '$.wholly')))
"""
# Whoever cannot or must not be reached, or was talked to today; and who named a later day, which holds back
# what the rules propose and nothing she is owed: each from an index.
_KEPT_OFF = """
SELECT m.id, m.name, m.pause_until FROM member m WHERE m.archived_on IS NULL AND (
  m.consent = 'no' OR m.no_call AND m.no_message AND m.no_sms OR m.pause_until >= :day
  OR m.id IN (SELECT member_id FROM complaint WHERE state = 'open')
  OR (m.wechat = '' OR m.no_message)
    AND NOT EXISTS (SELECT 1 FROM phone p WHERE p.member_id = m.id AND NOT p.wrong))
"""
_IN_PEACE = """
SELECT id FROM member WHERE archived_on IS NOT NULL
UNION SELECT id FROM member WHERE no_call AND no_message AND no_sms
UNION SELECT id FROM member WHERE consent = 'no'
UNION SELECT id FROM member WHERE pause_until >= :day
UNION SELECT member_id FROM contact WHERE day = :day
"""
_LATER_AGREED = f"""
SELECT member_id FROM task
WHERE state = 'open' AND {_PROMISED} = 1 AND due > :day AND (tries + snoozes > 0 OR appointment IS NOT NULL)
"""
# Whose a to-do is: of nobody where all it was given to left, also of one that stands again since.
_WHOSE = """CASE
    WHEN coalesce(t.staff_id, m.staff_id) IN (SELECT id FROM staff WHERE active)
      THEN coalesce(t.staff_id, m.staff_id)
    WHEN m.staff_id IN (SELECT id FROM staff WHERE active) THEN m.staff_id END"""
# Tens of thousands wait in a big shop: the index task_best has them in this order, with all they are chosen
# by (the limit keeps that a step of its own), and only those that are looked at are fetched.
_LISTED = f"""
SELECT t.id, t.member_id, t.type, CAST(julianday(t.due) - {_JULIAN} AS INTEGER), t.priority,
  CAST(julianday(t.appointment) - {_JULIAN} AS INTEGER), best.promised, {_WHOSE}
FROM (
  SELECT t.id, {_PROMISED} AS promised
  FROM task t WHERE {_DUE} ORDER BY promised DESC, t.priority DESC, t.id LIMIT -1
) best CROSS JOIN task t ON t.id = best.id CROSS JOIN member m ON m.id = t.member_id
"""
_HOW_MANY_DUE = f"SELECT count(DISTINCT t.member_id) FROM task t INDEXED BY task_best WHERE {_DUE}"
_FORWARD = "SELECT id FROM task WHERE forward_on = ?"
_THESE_DUE = f"""
SELECT t.id, t.member_id, t.type, CAST(julianday(t.due) - {_JULIAN} AS INTEGER), t.priority,
  CAST(julianday(t.appointment) - {_JULIAN} AS INTEGER), 0, {_WHOSE}
FROM task t JOIN member m ON m.id = t.member_id
WHERE t.id {_IDS} AND {_DUE} ORDER BY t.priority DESC, t.id
"""
_DONE = f"""
SELECT t.id, t.member_id, t.type, 0, t.priority, NULL, 0, {_WHOSE}
FROM task t JOIN member m ON m.id = t.member_id
LEFT JOIN (SELECT task_id, max(id) AS last FROM contact WHERE day = :day AND task_id IS NOT NULL
           GROUP BY task_id) k ON k.task_id = t.id
LEFT JOIN contact c ON c.id = k.last
WHERE t.id IN (SELECT task_id FROM contact WHERE day = :day AND task_id IS NOT NULL
               UNION SELECT id FROM task
               WHERE state IN ('done', 'expired') AND closed_on = :day AND state = 'done')
  AND coalesce(c.outcome, '') <> 'later'
  AND (c.id IS NOT NULL OR t.closed_why IN ('counter', 'counter_bought'))
ORDER BY coalesce(c.at, '') DESC, coalesce(c.id, 0) DESC, t.id DESC
"""
_SELLERS = "SELECT count(*) FROM staff WHERE active AND role = 'assistant'"

_ROWS = f"""
SELECT t.id, t.member_id, m.name, t.type, t.rule, t.step, t.why, t.context, t.channel, t.due, t.expires,
  t.priority, t.appointment, t.tries, t.snoozes, t.state, t.copied_at IS NOT NULL, m.joined,
  coalesce(p.name, ''), c.last_d, k.day, k.outcome, k.at, coalesce(q.name, ''),
  k.task_id = t.id, t.closed_why, m.no_call, m.no_message, m.no_sms, m.best_time,
  p.id, coalesce(t.staff_id = p.id, 0), t.forward_on, k.reason, k.next_day, k.note
FROM task t JOIN member m ON m.id = t.member_id LEFT JOIN staff p ON p.id = {_WHOSE}
LEFT JOIN d_case c ON c.member_id = t.member_id
LEFT JOIN contact k ON k.id = (SELECT k2.id FROM contact k2 WHERE k2.member_id = t.member_id
                               ORDER BY k2.day DESC, k2.id DESC LIMIT 1)
LEFT JOIN staff q ON q.id = k.staff_id
WHERE t.id {_IDS}
"""
_PHONES = f"SELECT member_id, key FROM phone WHERE member_id {_IDS} AND wrong = 0 ORDER BY member_id, seq"
_ONE = f"""
SELECT t.member_id, t.id, t.rule, t.anchor, t.step, t.type, t.due, t.expires, t.channel, t.state, t.closed_on,
  t.closed_why, t.outcome, t.tries, t.snoozes, t.appointment, 0, t.priority, 0,
  m.name, m.call_name, m.no_message AND m.no_sms, t.context,
  coalesce(p.name, ''), m.gender
FROM task t JOIN member m ON m.id = t.member_id LEFT JOIN staff p ON p.id = {_WHOSE}
WHERE t.id {_IDS}
"""
# A contact that came back stands by the entry that wrote it first, and so do its effects on the member.
_ENTRY_OF = f"""
SELECT j.entry_id FROM contact c JOIN journal_change j
  ON j.tbl = 'contact' AND j.op = 'insert' AND j.row_id <= c.id AND j.last_id >= c.id
JOIN journal_entry e ON e.id = j.entry_id AND e.kind NOT IN ('{UNDO}', '{REDO}', '{TAKEBACK}')
WHERE c.task_id = ? AND j.entry_id NOT IN (SELECT value FROM json_each(?))
ORDER BY c.id DESC, j.entry_id DESC LIMIT 1
"""
_OPEN_OF = f"""
SELECT id FROM task WHERE member_id = ? AND state = 'open' AND due <= ?
ORDER BY {_PROMISED} DESC, priority DESC, id
"""
_TALKED_TO = f"SELECT DISTINCT member_id FROM contact WHERE member_id {_IDS} AND day = :day"
_BUSY = f"""
SELECT DISTINCT member_id FROM task WHERE member_id {_IDS} AND state = 'open'
  AND (due <= :day OR tries + snoozes > 0 OR appointment IS NOT NULL)
"""
_SET_TODAY = f"""
SELECT member_id, count(*) FROM task
WHERE member_id {_IDS} AND rule = :rule AND anchor = :day GROUP BY member_id
"""
_REMINDER = f"""
SELECT t.id, t.due, t.tries + t.snoozes > 0 OR t.appointment IS NOT NULL
  OR EXISTS (SELECT 1 FROM contact c WHERE c.task_id = t.id)
FROM task t WHERE t.member_id = ? AND t.rule = '{REMINDER}' AND t.anchor = ? AND t.state = 'open'
"""
_DROPPED_REMINDER = f"""
SELECT id FROM task WHERE member_id = ? AND rule = '{REMINDER}' AND anchor = ? AND closed_why = '{VOIDED}'
  AND expires >= ? ORDER BY id DESC
"""
_SETTLED_ON = """
SELECT id FROM task WHERE member_id = ? AND closed_on = ? AND state = 'done'
  AND closed_why IN (SELECT value FROM json_each(?)) ORDER BY id
"""
# What was agreed about the to-do itself is no reason to wait.
_OTHER_CONTACT = """
SELECT c.day, c.at, c.outcome, coalesce(p.name, '') FROM contact c LEFT JOIN staff p ON p.id = c.staff_id
WHERE c.member_id = ? AND c.outcome IN ('reached', 'no_answer', 'will_come', 'refused')
  AND (c.task_id IS NULL OR c.task_id <> ?) ORDER BY c.day DESC, c.at DESC, c.id DESC LIMIT 1
"""
_FIRST_PHONE = "SELECT id FROM phone WHERE member_id = ? AND wrong = 0 ORDER BY seq LIMIT 1"
_WRONGLY_CLOSED = """
SELECT id FROM task
WHERE state IN ('expired', 'stopped') AND (closed_on > ? OR closed_on < date(due, '-400 days'))
"""
_NEWEST = """
SELECT max(day) FROM (SELECT max(day) AS day FROM sale WHERE day < ?
  UNION ALL SELECT max(day) FROM visit WHERE day < ? UNION ALL SELECT max(day) FROM contact WHERE day < ?)
"""
_HOURS = f"""
SELECT t.id, m.best_time FROM task t JOIN member m ON m.id = t.member_id
WHERE t.id {_IDS} AND m.best_time <> '' AND t.channel = 'call' AND NOT m.no_call
"""
_STILL_OPEN = f"SELECT id FROM task WHERE id {_IDS} AND state = 'open'"
_WORDS = f"""
SELECT m.id, c.code, c.vals, m.size_top, m.size_bottom, m.size_shoe, m.likes, m.avoids
FROM member m LEFT JOIN d_case c ON c.member_id = m.id WHERE m.id {_IDS}
"""


def ids_of(members: Collection[int]) -> str:
    """Ids as the JSON list the statements take."""
    return "[" + ",".join(map(str, members)) + "]"


def _number(text: str | None) -> int | None:
    return None if text is None else ordinal(text)


# ---------------------------------------------------------------- what the rules need


@lru_cache(maxsize=4)
def _solar_birthdays(day: int) -> dict[str, int]:
    """MM-DD of all birthdays around `day`, with the day on which they fall."""
    first = date.fromordinal(day - _BIRTHDAY_PAST)
    found: dict[str, int] = {}
    for offset in range(_BIRTHDAY_PAST + _BIRTHDAY_AHEAD + 1):
        on = date.fromordinal(first.toordinal() + offset)
        found[f"{on:%m-%d}"] = on.toordinal()
    leap_day = Birthday(None, 2, 29).next_solar(first).toordinal()
    if leap_day <= day + _BIRTHDAY_AHEAD:
        found["02-29"] = leap_day
    return found


@lru_cache(maxsize=4096)
def _lunar_birthday(month_day: str, day: int) -> int:
    first = date.fromordinal(day - _BIRTHDAY_PAST)
    return Birthday.from_key("L:--" + month_day).next_solar(first).toordinal()


def _birthday(key: str, day: int) -> int | None:
    """The birthday from three days ago on, if it is near enough to matter."""
    if not key:
        return None
    if not key.startswith("L:"):
        return _solar_birthdays(day).get(key[-5:])
    month_day = key[4:] if key[2] == "-" else key[7:]
    on = _lunar_birthday(month_day, day)
    return on if on <= day + _BIRTHDAY_AHEAD else None


def over(rx: Rx, shop: ShopFacts, day: int) -> dict[int, list[int]]:
    """To-dos of a season that is over, by the day they expired."""
    found: dict[int, list[int]] = defaultdict(list)
    for expired, task in rx.all(_OVER, {"T": day, "day": iso(day), **_seasons(shop, day)}):
        found[ordinal(expired)].append(task)
    return found


def candidates(rx: Rx, shop: ShopFacts, limits: Limits, day: int) -> list[int]:
    """Every member for whom a rule may hold today, or who has a to-do; some for whom none does."""
    return sorted(row[0] for row in rx.all(_ALL_CANDIDATES, _params(rx, shop, limits, day)))


def unsettled(tx: Tx, shop: ShopFacts, limits: Limits, day: int) -> list[int]:
    """The same where the list is as the rules wanted it for this shop, and only days have passed: most to-dos
    need no look."""
    params = _params(tx, shop, limits, day)
    tx.derive(_TEMP_SETTLED)
    tx.derive(_SETTLED, params)
    found = tx.all(_CANDIDATES, params)
    tx.derive(_CLEAR_SETTLED)
    return sorted(row[0] for row in found)


def _params(rx: Rx, shop: ShopFacts, limits: Limits, day: int) -> dict[str, object]:
    return _windows(shop, limits, day) | _seasons(shop, day) | _birthdays(rx, shop, day) | _occasions(shop)


def _windows(shop: ShopFacts, limits: Limits, day: int) -> dict[str, object]:
    """How long before and after what it hangs on each rule may have a to-do: `_from` and `_to` days after it,
    never for one that is switched off."""
    closed = longest_closed(shop, day)
    found: dict[str, object] = {}
    ends: dict[str, int] = {}
    for key in ("L1", "L6", "S1", "P1", "P2", "P3", "P4", "P5", "D1", "D2", "D4", "X1", "X2", "X3"):
        rule = shop.rule(key)
        ends[key] = _NEVER if rule is None else rule.expires + closed + 1
        found[f"{key.lower()}_to"] = ends[key]
        found[f"{key.lower()}_from"] = 0 if rule is None else rule.steps[0] - AHEAD - 1
    settings, span = limits.settings, limits.calibration.span
    # No loyal limit is shorter than this (CLASSIFICATION 4): nobody is watched before her part of it.
    shortest = min(settings.loyal_silence_span * span, limits.shortest_wait)
    offers = [later - season for season, later in pairwise(shop.seasons)]
    survey = shop.rule("X1")
    second_try = _NEVER if survey is None else survey.steps[1] + closed + 1
    return found | {
        "T": day, "day": iso(day), "quarter": iso(day - 91), "cap_90": shop.cap_90,
        "loyal": shop.loyal_purchases, "power": float(shop.power_ticket), "gap": round(shop.typical_gap),
        "l5_from": int(OVERDUE * shortest) - AHEAD if shop.rule("L5") else -_NEVER,
        # An owner may let who buys often be lost sooner than who does not.
        "once": limits.lost_once, "repeat": min(limits.lost_repeat, limits.lost_frequent),
        "longest": max(settings.lost_max, limits.lost_repeat, limits.lost_frequent),
        "once_to": max(ends["P3"], ends["D1"]), "d2": shop.rule("D2") is not None,
        "lost_since": _days_before(day, ends["X1"] + 15), "joined_since": _days_before(day, ends["P2"] + 1),
        "visits": _days_before(day, ends["P1"] + 5), "returns": _days_before(day, max(20, ends["S1"])),
        "referred": _days_before(day, ends["L6"] + 5),
        # From the survey to its second try, or to the last one: the wait for a season after the offer, and
        # its own time.
        "long_ago": _days_before(
            day, max(ends["X2"], ends["X3"] + AFTER_OFFER + max(offers, default=0), second_try, 20)
        ),
        "p5_ends": ends["P5"] - closed - 1,
    }  # fmt: skip


def _days_before(day: int, days: int) -> str:
    return iso(day - days) if days > 0 else iso(day + AHEAD)


def _seasons(shop: ShopFacts, day: int) -> dict[str, object]:
    """The season and the sale of the day, and how many days after them their rules may have a to-do."""
    season, sale, closed = shop.season(day) or 0, shop.sale(day) or 0, longest_closed(shop, day)
    found: dict[str, object] = {
        "season": season, "season_day": iso(season or day), "sale": sale, "sale_day": iso(sale or day)
    }  # fmt: skip
    for key in ("L3", "P5", "D3", "D5"):
        rule = shop.rule(key)
        found[f"{key.lower()}_to"] = _NEVER if rule is None else rule.expires + closed
    for key, start in (("L3", season), ("D3", sale)):  # who may have bought since is the owner's to say
        rule = shop.rule(key)
        ends = rule is None or "bought" in rule.stops
        found[f"{key.lower()}_last"] = start if ends else day + 1
    # Whoever is left out this season is so to its end.
    ways = (("L3", season), ("D3", sale), ("D5", season))
    left_out = [(key, quarter_of(on), iso(on)) for key, on in ways if on and key in shop.holdout]
    return found | {"left_out": json.dumps(left_out)}


def _birthdays(rx: Rx, shop: ShopFacts, day: int) -> dict[str, object]:
    """The birthdays of both calendars, MM-DD, at which their rule may have a to-do today."""
    rule = shop.rule("L2")
    if rule is None:
        return {"solar": "[]", "lunar": "[]"}
    idle = 0 if shop.worked is None else min(day - shop.worked, LAPSED)
    first = day - rule.expires - max(longest_closed(shop, day), idle)
    last = day + AHEAD - rule.steps[0]
    solar = [text for text, on in _solar_birthdays(day).items() if first <= on <= last]
    lunar = [text for (text,) in rx.all(_LUNAR) if first <= _lunar_birthday(text, day) <= last]
    return {"solar": json.dumps(solar), "lunar": json.dumps(lunar)}


def _occasions(shop: ShopFacts) -> dict[str, object]:
    """Whom the occasions are for. One alone says the same of a member until her next record; of several that
    run together another one may be hers tomorrow."""
    by_rule: dict[str, list[Event]] = defaultdict(list)
    for event in shop.events:
        by_rule[event.rule].append(event)
    invite, greet, news = by_rule["E1"], by_rule["H1"], by_rule["N1"]
    return {
        "event_day": iso(invite[0].first) if len(invite) == 1 else "",
        "event_due": invite[0].due if len(invite) == 1 else 0,
        "festival_day": iso(greet[0].first) if len(greet) == 1 else "",
        "invited": as_json([key for key in TYPE_KEYS if any(event.is_for(key) for event in invite)]),
        "greeted": as_json([key for key in TYPE_KEYS if any(event.is_for(key) for event in greet)]),
        "news_day": iso(news[0].first) if len(news) == 1 else "",
        "news_due": news[0].due if len(news) == 1 else 0,
        "news": as_json([event.item for event in news]),
    }


def cases(
    rx: Rx, members: Collection[int], measure: Yardstick, day: int, events: Sequence[Event] = ()
) -> list[Case]:
    """What the rules know of these members; those without a type are left out. Whether one of the `events`
    tells of what they often buy is looked up where they do."""
    today = iso(day)
    params: dict[str, object] = {
        "T": day, "day": today, "since": iso(day - _EVENTS),
        "year_ago": iso(day - 364), "remembered": iso(day - _REMEMBERED), "quarter": iso(day - 90),
    }  # fmt: skip
    contacts: dict[int, list[int]] = defaultdict(list)
    last_contact: dict[int, int] = {}
    for member, task, text in rx.among(_TOUCHED, members, params):
        on = ordinal(text)
        contacts[member].append(on)
        if task is not None:
            last_contact[task] = on
    tasks: dict[int, list[Stored]] = defaultdict(list)
    for row in rx.among(_TASKS, members, params):
        task = _stored(row, last_contact.get(row[1]))
        tasks[row[0]].append(task._replace(unreachable=True) if row[19] else task)
    fan_of: dict[int, set[int]] = defaultdict(set)
    for event in events:
        if event.rule == "N1":
            for member in fans(rx, event.item, members):
                fan_of[member].add(event.id)
    found = []
    for (
        member, kind, code, since, score, n, n12, first, last, spend, spend12, last_net, joined, birthday,
        no_call, no_message, pause_until, archived_on, has_wechat, phones, wrong, visited, returned, brought,
        complaint, no_sms, consent, gone_away,
    ) in rx.among(_CASES, members, params):  # fmt: skip
        referred, friends = brought.split() if brought else (None, "0")
        _, lost, loyal, credit = waits(n, last - first if n else 0, int(friends), measure)
        good = phones - wrong
        complained, complaint_due = map(ordinal, complaint.split()) if complaint else (None, None)
        may_call = not no_call and good > 0
        # WeChat finds her by its own name or her phone, a text message by her phone alone.
        may_message = (not no_message and (good > 0 or bool(has_wechat))) or (not no_sms and good > 0)
        if archived_on is not None:
            closed = "archived"
        elif consent == "no":
            closed = "consent"
        elif no_call and no_message and no_sms:
            closed = "never"
        elif pause_until is not None and pause_until >= today:
            closed = "paused"
        elif wrong and not good:
            closed = "wrong_number"
        else:
            closed = "" if may_call or may_message else "no_way"
        found.append(Case(
            member, kind, code, ordinal(since), score, n, n12, n12 + credit, first, last, last_net or 0,
            spend, spend12, _number(joined), lost, loyal, _number(visited), _number(returned),
            _number(referred), _birthday(birthday, day), complained, complaint_due, _number(gone_away),
            may_call, may_message, closed, tuple(contacts.get(member, ())), tuple(tasks.get(member, ())),
            frozenset(fan_of.get(member, ())),
        ))  # fmt: skip
    return found


def _stored(row: Row, contacted: int | None) -> Stored:
    return Stored(
        row[1], row[2], ordinal(row[3]), row[4], row[5],
        ordinal(row[6]), ordinal(row[7]), row[8], row[9],
        _number(row[10]), row[11], row[12], row[13], row[14], _number(row[15]), contacted, bool(row[16]),
        row[17], bool(row[18]),
    )  # fmt: skip


def goods(rx: Rx, told: Mapping[int, Set[str]], season: int | None) -> dict[int, Goods]:
    """What members bought, tried and like; `season` is the season day for last year's article.

    `told` = the rules that speak of each: what none of them names is not looked up.
    """
    members = told.keys()
    items = {row[0]: row for row in rx.among(_LAST_ITEM, members)}
    often: dict[int, str] = {}
    visits: dict[int, Row] = {}
    former: dict[int, Row] = {}
    if regular := _spoken_of(told, OFTEN_SAID):
        often = {row[0]: row[1] for row in rx.among(_OFTEN, regular)}
    if visited := _spoken_of(told, VISIT_SAID):
        visits = {row[0]: row for row in rx.among(_LAST_VISIT, visited)}
    if season is not None and (seasonal := _spoken_of(told, SEASON_SAID)):
        days = {"from_day": iso(season - 365 - 10), "to_day": iso(season - 365 + 60)}
        former = {row[0]: row for row in rx.among(_LAST_YEAR, seasonal, days)}
    found: dict[int, Goods] = {}
    for member, top, bottom, shoe, likes, birthday in rx.among(_TASTE, members):
        item, visit, last_year = items.get(member), visits.get(member), former.get(member)
        found[member] = Goods(
            item=_article(item),
            item_day=_number(item[5]) if item else None,
            often=often.get(member, ""),
            season_item=last_year[1] if last_year else "", season_month=int(last_year[3]) if last_year else 0,
            visit_kind=visit[1] if visit else "", visit_items=visit[2] if visit else "",
            visit_reasons=tuple(visit[3].split()) if visit else (), visit_says=visit[4] if visit else "",
            size=top or (item[2] if item else "") or bottom or shoe, likes=likes, birthday=birthday,
        )  # fmt: skip
    return found


def _spoken_of(told: Mapping[int, Set[str]], rules: Set[str]) -> list[int]:
    return [member for member, by in told.items() if not by.isdisjoint(rules)]


def _article(row: Row | None) -> str:
    """Article and colour; many tills write the colour into the name."""
    if row is None:
        return ""
    name, colour = row[1], row[3]
    return f"{name} {colour}".strip() if colour and colour not in name else str(name)


def first_gaps(rx: Rx) -> list[tuple[int, int]]:
    """Days from the first to the second purchase and how many members waited so long, ascending."""
    return [(gap, count) for gap, count in rx.all(_GAPS) if gap is not None]


def loyal_scores(rx: Rx) -> list[float]:
    """The scores of all loyal members, ascending."""
    return [row[0] for row in rx.all(_LOYAL_SCORES)]


def state(rx: Rx, key: str) -> str:
    """What the follow-ups remember between days, as JSON; may be lost without harm."""
    return str(rx.value("SELECT value FROM d_state WHERE key=?", (key,)) or "{}")


def mark(rx: Rx) -> Row | None:
    """What changes with every setting, with what the follow-ups remember, and with the book of occasions."""
    return rx.one(_MARK, (STATE,))


def keep_state(tx: Tx, key: str, values: Mapping[str, object]) -> None:
    """Remember these values."""
    tx.derive("INSERT OR REPLACE INTO d_state (key, value) VALUES (?, ?)", (key, as_json(dict(values))))


# ---------------------------------------------------------------- what they decided


class NewTask(NamedTuple):
    """A to-do to write down."""

    member: int
    wish: Wanted
    why: Part
    context: Mapping[str, object]


def add(tx: Tx, tasks: Sequence[NewTask]) -> None:
    """Write down new to-dos."""
    tx.insert_many("task", _COLUMNS, [
        (
            new.member, new.wish.rule, iso(new.wish.anchor), new.wish.step, new.wish.type,
            iso(new.wish.due), iso(new.wish.expires), new.wish.channel, new.wish.priority, as_json(new.why),
            as_json(new.context),
        )
        for new in tasks
    ])  # fmt: skip


def expire(tx: Tx, tasks: Collection[int], day: int) -> None:
    """Close to-dos whose last day was `day`."""
    tx.update_same("task", tasks, state="expired", closed_on=iso(day + 1), closed_why="expired")


def change(tx: Tx, move: Move, told: tuple[Part, Mapping[str, object]] | None = None) -> None:
    """Change one stored to-do, and its reason and context if they are `told` anew."""
    values = {
        name: iso(value) if name in _DAYS and isinstance(value, int) else value
        for name, value in move.values.items()
    }
    if told is not None:
        values |= {"why": as_json(told[0]), "context": as_json(told[1])}
    tx.update("task", move.task, **values)


# ---------------------------------------------------------------- reading lists


def in_peace(rx: Rx, day: int) -> str:
    """The members whose to-dos of a day are not listed, as the JSON the two questions below take: `wholly`,
    or, of those in peace `at_all`, but for what they are owed."""
    params = {"day": iso(day)}
    wholly, later = ([member for (member,) in rx.all(sql, params)] for sql in (_IN_PEACE, _LATER_AGREED))
    return as_json({"wholly": wholly, "at_all": wholly + later})


class KeptOff(NamedTuple):
    """Somebody who must not be contacted, or not for selling."""

    name: str
    pause_until: date | None


def kept_off(rx: Rx, day: int) -> dict[int, KeptOff]:
    """Everybody of whom the rules may say so; deactivated members are nobody's business."""
    return {
        member: KeptOff(name, None if until is None else date.fromisoformat(until))
        for member, name, until in rx.all(_KEPT_OFF, {"day": iso(day)})
    }


def due(rx: Rx, day: int, in_peace: str, forward: Collection[int] = ()) -> Generator[Listed, None, None]:
    """Open to-dos that are due, of members not in peace: those of `forward`, then promised ones, then by
    priority and id. Close it when enough were read."""
    params = {"day": iso(day), "in_peace": in_peace}
    if forward:
        yield from map(Listed._make, rx.all(_THESE_DUE, {**params, "ids": ids_of(forward)}))
    yield from map(Listed._make, rx.iterate(_LISTED, params))


def brought_forward(rx: Rx, day: int) -> frozenset[int]:
    """The to-dos, open or not, that were brought forward for a day."""
    return frozenset(task for (task,) in rx.all(_FORWARD, (iso(day),)))


def how_many_due(rx: Rx, day: int, in_peace: str) -> int:
    """How many members `due` goes through."""
    return int(rx.value(_HOW_MANY_DUE, {"day": iso(day), "in_peace": in_peace}))


def done_on(rx: Rx, day: int) -> list[Listed]:
    """To-dos with an outcome of that day, the newest first."""
    return list(map(Listed._make, rx.all(_DONE, {"day": iso(day)})))


def sellers(rx: Rx) -> int:
    """How many people share the day's list, at least one."""
    return int(max(1, rx.value(_SELLERS)))


class StoredRow(NamedTuple):
    """A to-do with what its row shows, unworded."""

    id: int
    member: MemberId
    name: str
    phones: tuple[str, ...]
    type: TypeKey
    rule: str
    step: int
    why: Part
    context: Mapping[str, object]
    channel: str
    due: date
    expires: date
    priority: float
    appointment: date | None
    tries: int
    snoozes: int
    state: str
    copied: bool
    joined: date | None
    staff: str
    last_day: date | None
    last_item: str
    last_fen: int
    contact_day: date | None
    contact_outcome: str
    contact_at: str
    contact_by: str
    is_own_contact: bool  # the last contact was about this to-do
    closed_why: str
    no_call: bool
    no_message: bool
    no_sms: bool
    best_time: str
    staff_id: StaffId | None
    is_assigned: bool
    forward_on: date | None
    contact_reason: str
    contact_next: date | None
    contact_note: str


def rows(rx: Rx, ids: Sequence[int]) -> list[StoredRow]:
    """The rows of these to-dos in this order; missing ones are left out."""
    found = {row[0]: row for row in rx.all(_ROWS, {"ids": ids_of(ids)})}
    of = {"ids": ids_of({row[1] for row in found.values()})}
    phones: dict[int, list[str]] = defaultdict(list)
    for member, key in rx.all(_PHONES, of):
        phones[member].append(key)
    items = {row[0]: row for row in rx.all(_LAST_ITEM, of)}
    return [_row(found[task], phones, items) for task in ids if task in found]


def _row(row: Row, phones: Mapping[int, list[str]], items: Mapping[int, Row]) -> StoredRow:
    item = items.get(row[1])
    return StoredRow(
        id=row[0], member=row[1], name=row[2], phones=tuple(phones.get(row[1], ())), type=row[3], rule=row[4],
        step=row[5], why=json.loads(row[6]), context=json.loads(row[7]),
        channel="message" if row[26] else row[8], due=date.fromisoformat(row[9]),
        expires=date.fromisoformat(row[10]), priority=row[11],
        appointment=None if row[12] is None else date.fromisoformat(row[12]), tries=row[13], snoozes=row[14],
        state=row[15], copied=bool(row[16]), joined=None if row[17] is None else date.fromisoformat(row[17]),
        staff=row[18], last_day=None if row[19] is None else date.fromordinal(row[19]),
        last_item=_article(item),
        last_fen=item[4] if item else 0,
        contact_day=None if row[20] is None else date.fromisoformat(row[20]), contact_outcome=row[21] or "",
        contact_at=row[22] or "", contact_by=row[23], is_own_contact=bool(row[24]), closed_why=row[25],
        no_call=bool(row[26]), no_message=bool(row[27]), no_sms=bool(row[28]), best_time=row[29],
        staff_id=row[30], is_assigned=bool(row[31]),
        forward_on=None if row[32] is None else date.fromisoformat(row[32]), contact_reason=row[33] or "",
        contact_next=None if row[34] is None else date.fromisoformat(row[34]), contact_note=row[35] or "",
    )  # fmt: skip


class OneTask(NamedTuple):
    """One to-do with what its message and its outcome need."""

    task: Stored
    member: MemberId
    name: str
    call_name: str
    is_man: bool
    may_message: bool
    context: Mapping[str, object]
    staff: str


def some(rx: Rx, ids: Collection[int]) -> dict[int, OneTask]:
    """These to-dos by their ids; missing ones are left out."""
    return {
        row[1]: OneTask(
            _stored(row, None), MemberId(row[0]), row[19], row[20], row[24] == "m", not row[21],
            json.loads(row[22]), row[23],
        )
        for row in rx.all(_ONE, {"ids": ids_of(ids)})
    }  # fmt: skip


def entry_of_outcome(tx: Tx, task: int, taken: Collection[int] = ()) -> int | None:
    """The journal entry that recorded a to-do's outcome, but for this write and those `taken` back."""
    entry: int | None = tx.value(_ENTRY_OF, (task, ids_of({tx.entry, *taken})))
    return entry


def open_of(rx: Rx, member: int, day: int) -> list[int]:
    """The open to-dos of a member that are due, the one shown first."""
    return [row[0] for row in rx.all(_OPEN_OF, (member, iso(day)))]


class OtherContact(NamedTuple):
    """A contact that reached out to her, whatever it was about."""

    day: date
    at: str
    outcome: str
    staff: str


def other_contact(rx: Rx, member: int, task: int) -> OtherContact | None:
    """Her newest contact that was about something else than this to-do."""
    row = rx.one(_OTHER_CONTACT, (member, task))
    return None if row is None else OtherContact(date.fromisoformat(row[0]), *row[1:])


def hours_of(rx: Rx, ids: Collection[int]) -> dict[int, str]:
    """When those of these to-dos that are calls want to be made, where that was said."""
    return dict(rx.all(_HOURS, {"ids": ids_of(ids)}))


def still_open(rx: Rx, ids: Collection[int]) -> set[int]:
    """Those of these to-dos that are open."""
    return {row[0] for row in rx.all(_STILL_OPEN, {"ids": ids_of(ids)})}


def closed_by_a_wrong_clock(rx: Rx, day: int) -> list[int]:
    """To-dos the rules closed on a day still to come, or more than a year before they were due."""
    return [row[0] for row in rx.all(_WRONGLY_CLOSED, (iso(day),))]


def newest_record(rx: Rx, before: int | None = None) -> int:
    """The last day on which anything was recorded, `before` one if named; 0 without any."""
    newest = rx.value(_NEWEST, ("9999" if before is None else iso(before),) * 3)
    return ordinal(newest) if newest else 0


def busy(rx: Rx, members: Collection[int], day: int) -> set[int]:
    """Those of these members who have a to-do that is due, or with whom a later day was agreed."""
    return {row[0] for row in rx.all(_BUSY, {"ids": ids_of(members), "day": iso(day)})}


def talked_to(rx: Rx, members: Collection[int], day: int) -> set[int]:
    """Those of these members who were contacted that day."""
    return {row[0] for row in rx.all(_TALKED_TO, {"ids": ids_of(members), "day": iso(day)})}


def set_today(rx: Rx, members: Collection[int], rule: str, day: int) -> dict[int, int]:
    """How many to-dos of this rule, one set by hand, these members got that day."""
    return dict(rx.all(_SET_TODAY, {"ids": ids_of(members), "day": iso(day), "rule": rule}))


class Reminder(NamedTuple):
    """An open to-do set at a visit, and whether anybody worked on it."""

    id: int
    due: int
    is_begun: bool


def reminder(rx: Rx, member: int, visit: int) -> Reminder | None:
    """The open reminder of her visit of that day."""
    row = rx.one(_REMINDER, (member, iso(visit)))
    return None if row is None else Reminder(row[0], ordinal(row[1]), bool(row[2]))


def dropped_reminder(rx: Rx, member: int, visit: int, day: int) -> int | None:
    """The reminder that went with her visit of that day and is not past yet."""
    found: int | None = rx.value(_DROPPED_REMINDER, (member, iso(visit), iso(day)))
    return found


def settled(rx: Rx, member: int, day: int, *, counter: bool) -> list[int]:
    """Her to-dos that were closed because she came on that day; with `counter` also those a record of the
    counter closed."""
    whys = ("came", "came_bought", *(("counter", "counter_bought") if counter else ()))
    return [row[0] for row in rx.all(_SETTLED_ON, (member, iso(day), as_json(whys)))]


def mark_phone_wrong(tx: Tx, member: int) -> None:
    """The number that was called is not hers."""
    phone = tx.value(_FIRST_PHONE, (member,))
    if phone is not None:
        tx.update("phone", phone, wrong=1)


class Words(NamedTuple):
    """What a call-back list says about a member: why she is of her type, her sizes and taste."""

    reason: Sentence | None
    sizes: tuple[str, str, str]  # top, bottom, shoe
    likes: str
    avoids: str


def words(rx: Rx, members: Collection[int]) -> dict[int, Words]:
    """The same for many members."""
    return {
        row[0]: Words(
            None if row[1] is None else reason_of(row[1], json.loads(row[2])), row[3:6], row[6], row[7]
        )
        for row in rx.all(_WORDS, {"ids": ids_of(members)})
    }
