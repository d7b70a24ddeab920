"""The shop file's schema, as numbered and frozen steps.

A step is SQL text only and imports nothing of ours, so that it means the same for ever. Kept tables are
STRICT, hold ISO text days and integer fen, and never cascade. Tables named `d_...` are derived: they are
dropped and filled again at will (store.facts), never migrated. Ids are never used twice (AUTOINCREMENT): the
journal names rows by their id, and a row put back by an undo must find its place free.
"""

from __future__ import annotations

M0001_KEPT = """
CREATE TABLE staff (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,
  role TEXT NOT NULL DEFAULT 'owner',              -- owner, assistant, entry
  pin TEXT NOT NULL DEFAULT '', active INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE TABLE batch (                               -- one import
  id INTEGER PRIMARY KEY AUTOINCREMENT, entry_id INTEGER NOT NULL, at TEXT NOT NULL, file TEXT NOT NULL,
  staff_id INTEGER, counts TEXT NOT NULL,          -- JSON: members_new, members_updated, sales_new, ...
  undone_at TEXT) STRICT;
CREATE TABLE member (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL DEFAULT '', call_name TEXT NOT NULL DEFAULT '',
  card_no TEXT NOT NULL DEFAULT '', gender TEXT NOT NULL DEFAULT '',        -- '', f, m
  birthday TEXT NOT NULL DEFAULT '',               -- values.Birthday.key
  joined TEXT, staff_id INTEGER REFERENCES staff(id), referrer_id INTEGER REFERENCES member(id),
  wechat TEXT NOT NULL DEFAULT '',
  size_top TEXT NOT NULL DEFAULT '', size_bottom TEXT NOT NULL DEFAULT '', size_shoe TEXT NOT NULL DEFAULT '',
  height TEXT NOT NULL DEFAULT '', weight TEXT NOT NULL DEFAULT '',
  likes TEXT NOT NULL DEFAULT '', avoids TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '',
  notes TEXT NOT NULL DEFAULT '', points_opening INTEGER NOT NULL DEFAULT 0,
  no_call INTEGER NOT NULL DEFAULT 0, no_message INTEGER NOT NULL DEFAULT 0, pause_until TEXT,
  pin_type TEXT, pin_until TEXT, pin_reason TEXT NOT NULL DEFAULT '',
  archived_on TEXT, created_at TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX member_name ON member(name);
CREATE INDEX member_card ON member(card_no) WHERE card_no <> '';
CREATE INDEX member_archived ON member(archived_on) WHERE archived_on IS NOT NULL;
CREATE INDEX member_referrer ON member(referrer_id) WHERE referrer_id IS NOT NULL;
CREATE TABLE phone (
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  seq INTEGER NOT NULL, typed TEXT NOT NULL, key TEXT NOT NULL,   -- key: values.parse_phones form
  wrong INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX phone_key ON phone(key);
CREATE INDEX phone_member ON phone(member_id, seq);
CREATE INDEX phone_wrong ON phone(member_id) WHERE wrong = 1;
CREATE TABLE sale (                                -- one receipt
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER REFERENCES member(id),
  day TEXT NOT NULL, at TEXT NOT NULL DEFAULT '', order_no TEXT NOT NULL DEFAULT '',
  staff_id INTEGER REFERENCES staff(id), note TEXT NOT NULL DEFAULT '',
  voided_on TEXT, void_reason TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX sale_member ON sale(member_id, day);
CREATE INDEX sale_day ON sale(day);
CREATE INDEX sale_order ON sale(order_no) WHERE order_no <> '';
CREATE TABLE line (                                -- one article of a receipt; a negative amount is a return
  id INTEGER PRIMARY KEY AUTOINCREMENT, sale_id INTEGER NOT NULL REFERENCES sale(id),
  item TEXT NOT NULL DEFAULT '', size TEXT NOT NULL DEFAULT '', colour TEXT NOT NULL DEFAULT '',
  qty INTEGER NOT NULL DEFAULT 1,
  amount_fen INTEGER NOT NULL,                     -- net of the whole line, not of a piece
  returns_line_id INTEGER REFERENCES line(id)) STRICT;
CREATE INDEX line_sale ON line(sale_id);
CREATE INDEX line_returns ON line(returns_line_id) WHERE returns_line_id IS NOT NULL;
CREATE TABLE visit (                               -- came in without buying
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL, -- tried, asked, looked
  items TEXT NOT NULL DEFAULT '', reasons TEXT NOT NULL DEFAULT '',  -- reasons: codes joined by a space
  says TEXT NOT NULL DEFAULT '', staff_id INTEGER REFERENCES staff(id), voided_on TEXT) STRICT;
CREATE INDEX visit_member ON visit(member_id, day);
CREATE INDEX visit_day ON visit(day);
CREATE TABLE task (                                -- a to-do; (member, rule, anchor, step) makes one
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), rule TEXT NOT NULL,
  anchor TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 1, type TEXT NOT NULL,
  due TEXT NOT NULL, expires TEXT NOT NULL, channel TEXT NOT NULL,   -- call, message
  priority REAL NOT NULL DEFAULT 0, why TEXT NOT NULL,     -- why: JSON {id, values} of the reason sentence
  context TEXT NOT NULL DEFAULT '{}',              -- JSON facts for the message (item, birthday, ...)
  state TEXT NOT NULL DEFAULT 'open',              -- open, done, skipped, expired, stopped
  closed_on TEXT, closed_why TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0, snoozes INTEGER NOT NULL DEFAULT 0, appointment TEXT,
  staff_id INTEGER REFERENCES staff(id), copied_at TEXT,
  UNIQUE (member_id, rule, anchor, step)) STRICT;
CREATE INDEX task_open ON task(due, priority) WHERE state = 'open';
CREATE INDEX task_member ON task(member_id, state);
CREATE INDEX task_closed ON task(closed_on) WHERE closed_on IS NOT NULL;
CREATE TABLE contact (                             -- what really happened
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  task_id INTEGER REFERENCES task(id), day TEXT NOT NULL, at TEXT NOT NULL DEFAULT '',
  channel TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '',             -- reached, no_answer, will_come, refused, wrong_number, later
  reason TEXT NOT NULL DEFAULT '', next_day TEXT, note TEXT NOT NULL DEFAULT '',
  message TEXT NOT NULL DEFAULT '', template TEXT NOT NULL DEFAULT '',
  staff_id INTEGER REFERENCES staff(id)) STRICT;
CREATE INDEX contact_member ON contact(member_id, day);
CREATE INDEX contact_day ON contact(day);
CREATE INDEX contact_task ON contact(task_id) WHERE task_id IS NOT NULL;
CREATE TABLE setting (                             -- versions: the newest row of a key is in force
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, value TEXT NOT NULL,   -- value: JSON
  at TEXT NOT NULL, staff_id INTEGER) STRICT;
CREATE INDEX setting_key ON setting(key, id);
CREATE TABLE journal_entry (                       -- one user intention = one transaction
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, day TEXT NOT NULL, actor INTEGER,
  kind TEXT NOT NULL,
  sentence TEXT NOT NULL DEFAULT '{}',             -- JSON {id, values} of what was done
  undoes INTEGER REFERENCES journal_entry(id), undone_by INTEGER REFERENCES journal_entry(id)) STRICT;
CREATE INDEX journal_day ON journal_entry(day);
CREATE TABLE journal_change (                      -- before-images; a run of new ids takes one row
  entry_id INTEGER NOT NULL REFERENCES journal_entry(id), seq INTEGER NOT NULL, tbl TEXT NOT NULL,
  row_id INTEGER NOT NULL, last_id INTEGER NOT NULL, op TEXT NOT NULL,       -- insert, update, delete
  before TEXT, after TEXT,                         -- JSON: the changed columns, or the whole removed rows
  PRIMARY KEY (entry_id, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX journal_row ON journal_change(tbl, row_id);
"""

# A booking writes every index it touches to the disk. Found without them: a member's to-dos, by the unique
# key that begins with her; the entries of a day, among the newest ones.
M0002_FEWER_INDEXES = """
DROP INDEX task_member;
DROP INDEX journal_day;
DROP INDEX journal_row;
CREATE INDEX journal_row ON journal_change(tbl, row_id) WHERE op <> 'insert' OR tbl = 'contact';
"""

# What the counter and the member card need.
M0003_COUNTER = """
ALTER TABLE member ADD COLUMN no_sms INTEGER NOT NULL DEFAULT 0;       -- no_message speaks of WeChat
UPDATE member SET no_sms = no_message;                                 -- until now it spoke of both
ALTER TABLE member ADD COLUMN consent TEXT NOT NULL DEFAULT '';        -- '', yes, no: may we contact her
ALTER TABLE member ADD COLUMN consent_on TEXT;                         -- the day she said so
ALTER TABLE member ADD COLUMN consent_by TEXT NOT NULL DEFAULT '';     -- who said so, as written
ALTER TABLE member ADD COLUMN best_time TEXT NOT NULL DEFAULT '';      -- HH:MM-HH:MM, an end may be empty
ALTER TABLE member ADD COLUMN merged_into INTEGER REFERENCES member(id);  -- archived_on is set then, too
ALTER TABLE member ADD COLUMN erased_on TEXT;                          -- name, phones and words are gone
CREATE INDEX member_merged ON member(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX sale_voided ON sale(voided_on) WHERE voided_on IS NOT NULL;    -- what was put away lately
CREATE INDEX visit_voided ON visit(voided_on) WHERE voided_on IS NOT NULL;
CREATE INDEX member_never ON member(no_call, no_message, no_sms) WHERE no_call;
CREATE INDEX member_refused ON member(consent) WHERE consent = 'no';
CREATE INDEX member_paused ON member(pause_until) WHERE pause_until IS NOT NULL;
DROP INDEX task_open;                              -- all the day's list asks of tens of thousands
CREATE INDEX task_open ON task(
  due, priority DESC, member_id, expires, appointment, tries, snoozes, rule, state) WHERE state = 'open';
CREATE TABLE own_field (                           -- the shop's own fields of a member
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, seq INTEGER NOT NULL, gone_on TEXT) STRICT;
CREATE TABLE own_value (
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  field_id INTEGER NOT NULL REFERENCES own_field(id), value TEXT NOT NULL,
  UNIQUE (member_id, field_id)) STRICT;
CREATE TABLE fitting (                             -- one article tried on at a visit
  id INTEGER PRIMARY KEY AUTOINCREMENT, visit_id INTEGER NOT NULL REFERENCES visit(id),
  item TEXT NOT NULL DEFAULT '', size TEXT NOT NULL DEFAULT '', liked INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX fitting_visit ON fitting(visit_id);
CREATE TABLE wanted (                              -- asked for and not there
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  item TEXT NOT NULL DEFAULT '', size TEXT NOT NULL DEFAULT '', colour TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '', staff_id INTEGER REFERENCES staff(id),
  state TEXT NOT NULL DEFAULT 'open',              -- open, arrived, dropped
  arrived_on TEXT, visit_id INTEGER REFERENCES visit(id)) STRICT;
CREATE INDEX wanted_member ON wanted(member_id);
CREATE INDEX wanted_open ON wanted(item) WHERE state = 'open';
CREATE TABLE complaint (
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  level TEXT NOT NULL DEFAULT 'normal',            -- normal, serious
  words TEXT NOT NULL, due TEXT NOT NULL,          -- due: the day by which she is called back
  state TEXT NOT NULL DEFAULT 'open',              -- open, settled
  settled_on TEXT, settlement TEXT NOT NULL DEFAULT '', compensation_fen INTEGER NOT NULL DEFAULT 0,
  staff_id INTEGER REFERENCES staff(id)) STRICT;
CREATE INDEX complaint_member ON complaint(member_id);
CREATE INDEX complaint_open ON complaint(member_id, day) WHERE state = 'open';
CREATE TABLE rating (                              -- a mark she gave the shop
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  kind TEXT NOT NULL,                              -- satisfaction 1-5, recommend 0-10
  score INTEGER NOT NULL, staff_id INTEGER REFERENCES staff(id)) STRICT;
CREATE INDEX rating_member ON rating(member_id);
CREATE INDEX rating_day ON rating(day);
CREATE TABLE footfall (                            -- who came in, counted without a name; no row: unknown
  id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, hour INTEGER NOT NULL, people INTEGER NOT NULL,
  UNIQUE (day, hour)) STRICT;
"""

# What the day's follow-ups need, and what a line may tell besides its article.
M0004_FOLLOWUPS = """
CREATE TABLE template (                            -- a wording of the shop's own
  id INTEGER PRIMARY KEY AUTOINCREMENT, occasion TEXT NOT NULL,    -- rules.templates.occasion
  language TEXT NOT NULL, name TEXT NOT NULL DEFAULT '', words TEXT NOT NULL,
  staff_id INTEGER REFERENCES staff(id), made_on TEXT NOT NULL, gone_on TEXT) STRICT;
CREATE TABLE event (                               -- a day the shop invites or greets on
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,        -- event, festival, new_in
  name TEXT NOT NULL, day TEXT NOT NULL,           -- YYYY-MM-DD, yearly MM-DD, or L:MM-DD, lunar
  until TEXT NOT NULL DEFAULT '',                  -- its last day in the same form; none: as the kind has it
  offer TEXT NOT NULL DEFAULT '', item TEXT NOT NULL DEFAULT '',
  types TEXT NOT NULL DEFAULT '',                  -- type keys joined by a space; none: everybody
  lead INTEGER NOT NULL DEFAULT 3, gone_on TEXT) STRICT;           -- lead: days before it to-dos are due
CREATE TABLE draw (                                -- who of a rule's members is left out to compare with
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  rule TEXT NOT NULL, quarter TEXT NOT NULL,       -- 2026Q4
  day TEXT NOT NULL, type TEXT NOT NULL, held INTEGER NOT NULL, UNIQUE (member_id, rule, quarter)) STRICT;
CREATE INDEX draw_rule ON draw(rule, day);
ALTER TABLE task ADD COLUMN forward_on TEXT;       -- the day it was brought forward from those that wait
CREATE INDEX task_forward ON task(forward_on) WHERE forward_on IS NOT NULL;
ALTER TABLE contact ADD COLUMN chance REAL;        -- of a purchase in 30 days on that day, where it was known
ALTER TABLE line ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE line ADD COLUMN article_no TEXT NOT NULL DEFAULT '';
ALTER TABLE line ADD COLUMN list_fen INTEGER;      -- by the price tags, of the whole line; NULL: unknown
"""

# What the owner must be able to rely on: no line of it is ever changed.
M0005_AUDIT = """
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, staff TEXT NOT NULL, kind TEXT NOT NULL,
  entry_id INTEGER, what TEXT NOT NULL,            -- what: JSON, counts and names of settings
  seal TEXT NOT NULL) STRICT;                      -- store.audit: SHA-256, with the seal before it
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail stays'); END;
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail stays'); END;
"""

# Who may do what, and who looked at whose number.
M0006_PEOPLE = """
ALTER TABLE staff ADD COLUMN rights TEXT NOT NULL DEFAULT 'reveal';   -- an assistant's, joined by a space
ALTER TABLE staff ADD COLUMN pin_wrong INTEGER NOT NULL DEFAULT 0;    -- wrong tries since the last right one
ALTER TABLE staff ADD COLUMN recovery TEXT NOT NULL DEFAULT '';       -- of an owner: opens without her PIN
CREATE TABLE reveal (                              -- a whole number somebody looked at; no step back
  id INTEGER PRIMARY KEY AUTOINCREMENT, staff_id INTEGER NOT NULL REFERENCES staff(id),
  member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX reveal_staff ON reveal(staff_id, day);
"""

# The day's list of a big shop: who comes first is read from an index and not put in order at every start. All
# that is asked of the tens of thousands that wait is in both; the other one counts members.
M0007_BEST = """
DROP INDEX task_open;
CREATE INDEX task_open ON task(
  member_id, due, expires, appointment, tries, snoozes, rule, state) WHERE state = 'open';
CREATE INDEX task_best ON task(
  (tries + snoozes > 0 OR appointment IS NOT NULL OR rule IN ('M1', 'R1', 'W1')) DESC, priority DESC, id,
  due, expires, appointment, member_id, tries, snoozes, rule, state) WHERE state = 'open';
"""

# A sale that ends one to-do and begins another wrote three pages for these. Members are counted by the list's
# own index, 5 ms slower of tens of thousands; nobody looks for stopped to-dos by their day.
M0008_ONE_LIST = """
DROP INDEX task_open;
DROP INDEX task_closed;
CREATE INDEX task_closed ON task(closed_on) WHERE state IN ('done', 'expired');
"""

# Without indexes: each costs every booking one page on the disk or two, and a list in any order is there in a
# tenth of a second without.
DERIVED = """
CREATE TABLE d_purchase_day (                      -- CLASSIFICATION 7; d = date.toordinal(), net in fen
  member_id INTEGER NOT NULL, d INTEGER NOT NULL, net INTEGER NOT NULL, ym INTEGER NOT NULL,
  PRIMARY KEY (member_id, d)) STRICT, WITHOUT ROWID;
CREATE TABLE d_case (                              -- the stored verdict, and the figures lists are sorted by
  member_id INTEGER PRIMARY KEY, day TEXT NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL,
  vals TEXT NOT NULL, score REAL NOT NULL, since TEXT NOT NULL, dirty INTEGER NOT NULL DEFAULT 0,
  n INTEGER NOT NULL, first_d INTEGER, last_d INTEGER, spend INTEGER NOT NULL,
  n12 INTEGER NOT NULL, spend12 INTEGER NOT NULL,
  months12 INTEGER, rising INTEGER, points REAL, season REAL) STRICT;  -- store.verdicts; points NULL: stale
CREATE TRIGGER d_day_new AFTER INSERT ON d_purchase_day BEGIN
  UPDATE d_case SET points = NULL WHERE member_id = NEW.member_id; END;
CREATE TRIGGER d_day_gone AFTER DELETE ON d_purchase_day BEGIN
  UPDATE d_case SET points = NULL WHERE member_id = OLD.member_id; END;
CREATE TRIGGER d_day_other AFTER UPDATE ON d_purchase_day BEGIN
  UPDATE d_case SET points = NULL WHERE member_id = NEW.member_id; END;
CREATE TABLE d_gap (                               -- days between two purchases, how often, until types.gaps
  gap INTEGER PRIMARY KEY, often INTEGER NOT NULL) STRICT;
CREATE TABLE d_type_log (                          -- one row for each change of type
  member_id INTEGER NOT NULL, day TEXT NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (member_id, day)) STRICT, WITHOUT ROWID;
CREATE TABLE d_calibration (day TEXT PRIMARY KEY, vals TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE d_search (                            -- values.search_keys; spelled: pinyin, to sort by
  member_id INTEGER PRIMARY KEY, name TEXT NOT NULL, letters TEXT NOT NULL, digits TEXT NOT NULL,
  spelled TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX d_search_spelled ON d_search(spelled);
CREATE TABLE d_item (                              -- articles and their pinyin
  item TEXT PRIMARY KEY, keys TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE d_state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

STEPS: tuple[tuple[str, str], ...] = (
    ("m0001_kept", M0001_KEPT),
    ("m0002_fewer_indexes", M0002_FEWER_INDEXES),
    ("m0003_counter", M0003_COUNTER),
    ("m0004_followups", M0004_FOLLOWUPS),
    ("m0005_audit", M0005_AUDIT),
    ("m0006_people", M0006_PEOPLE),
    ("m0007_best", M0007_BEST),
    ("m0008_one_list", M0008_ONE_LIST),
)  # append only; a released step never changes
