BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'shopcrm','m0001_kept','2026-11-22 17:06:22.899938+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'shopcrm','m0002_fewer_indexes','2026-11-22 17:06:22.900249+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'shopcrm','m0003_counter','2026-11-22 17:06:22.902536+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'shopcrm','m0004_followups','2026-11-22 17:06:22.904392+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'shopcrm','m0005_audit','2026-11-22 17:06:22.904638+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'shopcrm','m0006_people','2026-11-22 17:06:22.905658+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'shopcrm','m0007_best','2026-11-22 17:06:22.905938+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'shopcrm','m0008_one_list','2026-11-22 17:06:22.906164+00:00');
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, staff TEXT NOT NULL, kind TEXT NOT NULL,
  entry_id INTEGER, what TEXT NOT NULL,            -- what: JSON, counts and names of settings
  seal TEXT NOT NULL) STRICT;
CREATE TABLE batch (                               -- one import
  id INTEGER PRIMARY KEY AUTOINCREMENT, entry_id INTEGER NOT NULL, at TEXT NOT NULL, file TEXT NOT NULL,
  staff_id INTEGER, counts TEXT NOT NULL,          -- JSON: members_new, members_updated, sales_new, ...
  undone_at TEXT) STRICT;
INSERT INTO "batch" VALUES(1,1,'2026-01-02 10:00','a.xlsx',NULL,'{}',NULL);
CREATE TABLE complaint (
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  level TEXT NOT NULL DEFAULT 'normal',            -- normal, serious
  words TEXT NOT NULL, due TEXT NOT NULL,          -- due: the day by which she is called back
  state TEXT NOT NULL DEFAULT 'open',              -- open, settled
  settled_on TEXT, settlement TEXT NOT NULL DEFAULT '', compensation_fen INTEGER NOT NULL DEFAULT 0,
  staff_id INTEGER REFERENCES staff(id)) STRICT;
INSERT INTO "complaint" VALUES(1,1,'2026-01-02','serious','ada.complaint.words','2026-01-02','settled','2026-01-02','ada.complaint.settlement',1,1);
CREATE TABLE contact (                             -- what really happened
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  task_id INTEGER REFERENCES task(id), day TEXT NOT NULL, at TEXT NOT NULL DEFAULT '',
  channel TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '',             -- reached, no_answer, will_come, refused, wrong_number, later
  reason TEXT NOT NULL DEFAULT '', next_day TEXT, note TEXT NOT NULL DEFAULT '',
  message TEXT NOT NULL DEFAULT '', template TEXT NOT NULL DEFAULT '',
  staff_id INTEGER REFERENCES staff(id), chance REAL) STRICT;
INSERT INTO "contact" VALUES(1,1,1,'2026-01-02','10:00','call','reached','price','2026-01-02','ada.contact.note','ada.contact.message','own:1',1,1.0);
CREATE TABLE d_calibration (day TEXT PRIMARY KEY, vals TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE d_case (                              -- the stored verdict, and the figures lists are sorted by
  member_id INTEGER PRIMARY KEY, day TEXT NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL,
  vals TEXT NOT NULL, score REAL NOT NULL, since TEXT NOT NULL, dirty INTEGER NOT NULL DEFAULT 0,
  n INTEGER NOT NULL, first_d INTEGER, last_d INTEGER, spend INTEGER NOT NULL,
  n12 INTEGER NOT NULL, spend12 INTEGER NOT NULL,
  months12 INTEGER, rising INTEGER, points REAL, season REAL) STRICT;
CREATE TABLE d_gap (                               -- days between two purchases, how often, until types.gaps
  gap INTEGER PRIMARY KEY, often INTEGER NOT NULL) STRICT;
CREATE TABLE d_item (                              -- articles and their pinyin
  item TEXT PRIMARY KEY, keys TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE d_purchase_day (                      -- CLASSIFICATION 7; d = date.toordinal(), net in fen
  member_id INTEGER NOT NULL, d INTEGER NOT NULL, net INTEGER NOT NULL, ym INTEGER NOT NULL,
  PRIMARY KEY (member_id, d)) STRICT, WITHOUT ROWID;
CREATE TABLE d_search (                            -- values.search_keys; spelled: pinyin, to sort by
  member_id INTEGER PRIMARY KEY, name TEXT NOT NULL, letters TEXT NOT NULL, digits TEXT NOT NULL,
  spelled TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE d_state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "d_state" VALUES('schema','12608dbe-2219');
CREATE TABLE d_type_log (                          -- one row for each change of type
  member_id INTEGER NOT NULL, day TEXT NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL,
  PRIMARY KEY (member_id, day)) STRICT, WITHOUT ROWID;
CREATE TABLE draw (                                -- who of a rule's members is left out to compare with
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  rule TEXT NOT NULL, quarter TEXT NOT NULL,       -- 2026Q4
  day TEXT NOT NULL, type TEXT NOT NULL, held INTEGER NOT NULL, UNIQUE (member_id, rule, quarter)) STRICT;
INSERT INTO "draw" VALUES(1,1,'L1','2026Q1','2026-01-02','lost',0);
CREATE TABLE event (                               -- a day the shop invites or greets on
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,        -- event, festival, new_in
  name TEXT NOT NULL, day TEXT NOT NULL,           -- YYYY-MM-DD, yearly MM-DD, or L:MM-DD, lunar
  until TEXT NOT NULL DEFAULT '',                  -- its last day in the same form; none: as the kind has it
  offer TEXT NOT NULL DEFAULT '', item TEXT NOT NULL DEFAULT '',
  types TEXT NOT NULL DEFAULT '',                  -- type keys joined by a space; none: everybody
  lead INTEGER NOT NULL DEFAULT 3, gone_on TEXT) STRICT;
INSERT INTO "event" VALUES(1,'new_in','ada.event.name','ada.event.day','ada.event.until','ada.event.offer','ada.event.item','ada.event.types',1,'2026-01-02');
CREATE TABLE fitting (                             -- one article tried on at a visit
  id INTEGER PRIMARY KEY AUTOINCREMENT, visit_id INTEGER NOT NULL REFERENCES visit(id),
  item TEXT NOT NULL DEFAULT '', size TEXT NOT NULL DEFAULT '', liked INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "fitting" VALUES(1,1,'ada.fitting.item','ada.fitting.size',0);
CREATE TABLE footfall (                            -- who came in, counted without a name; no row: unknown
  id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, hour INTEGER NOT NULL, people INTEGER NOT NULL,
  UNIQUE (day, hour)) STRICT;
INSERT INTO "footfall" VALUES(1,'2026-01-02',1,1);
CREATE TABLE journal_change (                      -- before-images; a run of new ids takes one row
  entry_id INTEGER NOT NULL REFERENCES journal_entry(id), seq INTEGER NOT NULL, tbl TEXT NOT NULL,
  row_id INTEGER NOT NULL, last_id INTEGER NOT NULL, op TEXT NOT NULL,       -- insert, update, delete
  before TEXT, after TEXT,                         -- JSON: the changed columns, or the whole removed rows
  PRIMARY KEY (entry_id, seq)) STRICT, WITHOUT ROWID;
INSERT INTO "journal_change" VALUES(1,1,'member',1,1,'update','{"name":"a"}','{"name":"b"}');
CREATE TABLE journal_entry (                       -- one user intention = one transaction
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, day TEXT NOT NULL, actor INTEGER,
  kind TEXT NOT NULL,
  sentence TEXT NOT NULL DEFAULT '{}',             -- JSON {id, values} of what was done
  undoes INTEGER REFERENCES journal_entry(id), undone_by INTEGER REFERENCES journal_entry(id)) STRICT;
INSERT INTO "journal_entry" VALUES(1,'2026-01-02 10:00:00','2026-01-02',1,'member.save','{"id":"done.member_saved","values":{}}',NULL,NULL);
CREATE TABLE line (                                -- one article of a receipt; a negative amount is a return
  id INTEGER PRIMARY KEY AUTOINCREMENT, sale_id INTEGER NOT NULL REFERENCES sale(id),
  item TEXT NOT NULL DEFAULT '', size TEXT NOT NULL DEFAULT '', colour TEXT NOT NULL DEFAULT '',
  qty INTEGER NOT NULL DEFAULT 1,
  amount_fen INTEGER NOT NULL,                     -- net of the whole line, not of a piece
  returns_line_id INTEGER REFERENCES line(id), category TEXT NOT NULL DEFAULT '', article_no TEXT NOT NULL DEFAULT '', list_fen INTEGER) STRICT;
INSERT INTO "line" VALUES(1,1,'ada.line.item','ada.line.size','ada.line.colour',1,1,NULL,'ada.line.category','ada.line.article_no',1);
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
  archived_on TEXT, created_at TEXT NOT NULL DEFAULT '', no_sms INTEGER NOT NULL DEFAULT 0, consent TEXT NOT NULL DEFAULT '', consent_on TEXT, consent_by TEXT NOT NULL DEFAULT '', best_time TEXT NOT NULL DEFAULT '', merged_into INTEGER REFERENCES member(id), erased_on TEXT) STRICT;
INSERT INTO "member" VALUES(1,'ada.member.name','ada.member.call_name','ada.member.card_no','m','1971-03-09','2026-01-02',1,NULL,'ada.member.wechat','ada.member.size_top','ada.member.size_bottom','ada.member.size_shoe','ada.member.height','ada.member.weight','ada.member.likes','ada.member.avoids','ada.member.tags','ada.member.notes',1,0,1,'2026-01-02','lost','2026-01-02','ada.member.pin_reason',NULL,'2026-01-02 10:00',0,'no','2026-01-02','ada.member.consent_by','19:00-',NULL,NULL);
CREATE TABLE own_field (                           -- the shop's own fields of a member
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, seq INTEGER NOT NULL, gone_on TEXT) STRICT;
INSERT INTO "own_field" VALUES(1,'ada.own_field.name',1,'2026-01-02');
CREATE TABLE own_value (
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  field_id INTEGER NOT NULL REFERENCES own_field(id), value TEXT NOT NULL,
  UNIQUE (member_id, field_id)) STRICT;
INSERT INTO "own_value" VALUES(1,1,1,'ada.own_value.value');
CREATE TABLE phone (
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id),
  seq INTEGER NOT NULL, typed TEXT NOT NULL, key TEXT NOT NULL,   -- key: values.parse_phones form
  wrong INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "phone" VALUES(1,1,1,'13800000072','13800000072',0);
CREATE TABLE rating (                              -- a mark she gave the shop
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  kind TEXT NOT NULL,                              -- satisfaction 1-5, recommend 0-10
  score INTEGER NOT NULL, staff_id INTEGER REFERENCES staff(id)) STRICT;
INSERT INTO "rating" VALUES(1,1,'2026-01-02','recommend',1,1);
CREATE TABLE reveal (                              -- a whole number somebody looked at; no step back
  id INTEGER PRIMARY KEY AUTOINCREMENT, staff_id INTEGER NOT NULL REFERENCES staff(id),
  member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE sale (                                -- one receipt
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER REFERENCES member(id),
  day TEXT NOT NULL, at TEXT NOT NULL DEFAULT '', order_no TEXT NOT NULL DEFAULT '',
  staff_id INTEGER REFERENCES staff(id), note TEXT NOT NULL DEFAULT '',
  voided_on TEXT, void_reason TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "sale" VALUES(1,1,'2026-01-02','10:00','ada.sale.order_no',1,'ada.sale.note',NULL,'ada.sale.void_reason');
CREATE TABLE setting (                             -- versions: the newest row of a key is in force
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, value TEXT NOT NULL,   -- value: JSON
  at TEXT NOT NULL, staff_id INTEGER) STRICT;
INSERT INTO "setting" VALUES(1,'loyal_min_purchases','4','2026-01-02 10:00',NULL);
CREATE TABLE staff (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,
  role TEXT NOT NULL DEFAULT 'owner',              -- owner, assistant, entry
  pin TEXT NOT NULL DEFAULT '', active INTEGER NOT NULL DEFAULT 1, rights TEXT NOT NULL DEFAULT 'reveal', pin_wrong INTEGER NOT NULL DEFAULT 0, recovery TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "staff" VALUES(1,'ada.staff.name','entry','',0,'ada.staff.rights',0,'');
CREATE TABLE task (                                -- a to-do; (member, rule, anchor, step) makes one
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), rule TEXT NOT NULL,
  anchor TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 1, type TEXT NOT NULL,
  due TEXT NOT NULL, expires TEXT NOT NULL, channel TEXT NOT NULL,   -- call, message
  priority REAL NOT NULL DEFAULT 0, why TEXT NOT NULL,     -- why: JSON {id, values} of the reason sentence
  context TEXT NOT NULL DEFAULT '{}',              -- JSON facts for the message (item, birthday, ...)
  state TEXT NOT NULL DEFAULT 'open',              -- open, done, skipped, expired, stopped
  closed_on TEXT, closed_why TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0, snoozes INTEGER NOT NULL DEFAULT 0, appointment TEXT,
  staff_id INTEGER REFERENCES staff(id), copied_at TEXT, forward_on TEXT,
  UNIQUE (member_id, rule, anchor, step)) STRICT;
INSERT INTO "task" VALUES(1,1,'L1','2026-01-02',1,'lost','2026-01-02','2026-01-02','message',1.0,'{}','{}','stopped','2026-01-02','','later',1,1,'2026-01-02',1,'2026-01-02 10:00','2026-01-02');
CREATE TABLE template (                            -- a wording of the shop's own
  id INTEGER PRIMARY KEY AUTOINCREMENT, occasion TEXT NOT NULL,    -- rules.templates.occasion
  language TEXT NOT NULL, name TEXT NOT NULL DEFAULT '', words TEXT NOT NULL,
  staff_id INTEGER REFERENCES staff(id), made_on TEXT NOT NULL, gone_on TEXT) STRICT;
INSERT INTO "template" VALUES(1,'ada.template.occasion','ada.template.language','ada.template.name','ada.template.words',1,'2026-01-02','2026-01-02');
CREATE TABLE visit (                               -- came in without buying
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL, -- tried, asked, looked
  items TEXT NOT NULL DEFAULT '', reasons TEXT NOT NULL DEFAULT '',  -- reasons: codes joined by a space
  says TEXT NOT NULL DEFAULT '', staff_id INTEGER REFERENCES staff(id), voided_on TEXT) STRICT;
INSERT INTO "visit" VALUES(1,1,'2026-01-02','10:00','looked','ada.visit.items','price','ada.visit.says',1,NULL);
CREATE TABLE wanted (                              -- asked for and not there
  id INTEGER PRIMARY KEY AUTOINCREMENT, member_id INTEGER NOT NULL REFERENCES member(id), day TEXT NOT NULL,
  item TEXT NOT NULL DEFAULT '', size TEXT NOT NULL DEFAULT '', colour TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '', staff_id INTEGER REFERENCES staff(id),
  state TEXT NOT NULL DEFAULT 'open',              -- open, arrived, dropped
  arrived_on TEXT, visit_id INTEGER REFERENCES visit(id)) STRICT;
INSERT INTO "wanted" VALUES(1,1,'2026-01-02','ada.wanted.item','ada.wanted.size','ada.wanted.colour','ada.wanted.note',1,'dropped','2026-01-02',1);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX member_name ON member(name);
CREATE INDEX member_card ON member(card_no) WHERE card_no <> '';
CREATE INDEX member_archived ON member(archived_on) WHERE archived_on IS NOT NULL;
CREATE INDEX member_referrer ON member(referrer_id) WHERE referrer_id IS NOT NULL;
CREATE INDEX phone_key ON phone(key);
CREATE INDEX phone_member ON phone(member_id, seq);
CREATE INDEX phone_wrong ON phone(member_id) WHERE wrong = 1;
CREATE INDEX sale_member ON sale(member_id, day);
CREATE INDEX sale_day ON sale(day);
CREATE INDEX sale_order ON sale(order_no) WHERE order_no <> '';
CREATE INDEX line_sale ON line(sale_id);
CREATE INDEX line_returns ON line(returns_line_id) WHERE returns_line_id IS NOT NULL;
CREATE INDEX visit_member ON visit(member_id, day);
CREATE INDEX visit_day ON visit(day);
CREATE INDEX contact_member ON contact(member_id, day);
CREATE INDEX contact_day ON contact(day);
CREATE INDEX contact_task ON contact(task_id) WHERE task_id IS NOT NULL;
CREATE INDEX setting_key ON setting(key, id);
CREATE INDEX journal_row ON journal_change(tbl, row_id) WHERE op <> 'insert' OR tbl = 'contact';
CREATE INDEX member_merged ON member(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX sale_voided ON sale(voided_on) WHERE voided_on IS NOT NULL;
CREATE INDEX visit_voided ON visit(voided_on) WHERE voided_on IS NOT NULL;
CREATE INDEX member_never ON member(no_call, no_message, no_sms) WHERE no_call;
CREATE INDEX member_refused ON member(consent) WHERE consent = 'no';
CREATE INDEX member_paused ON member(pause_until) WHERE pause_until IS NOT NULL;
CREATE INDEX fitting_visit ON fitting(visit_id);
CREATE INDEX wanted_member ON wanted(member_id);
CREATE INDEX wanted_open ON wanted(item) WHERE state = 'open';
CREATE INDEX complaint_member ON complaint(member_id);
CREATE INDEX complaint_open ON complaint(member_id, day) WHERE state = 'open';
CREATE INDEX rating_member ON rating(member_id);
CREATE INDEX rating_day ON rating(day);
CREATE INDEX draw_rule ON draw(rule, day);
CREATE INDEX task_forward ON task(forward_on) WHERE forward_on IS NOT NULL;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail stays'); END;
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail stays'); END;
CREATE INDEX reveal_staff ON reveal(staff_id, day);
CREATE INDEX task_best ON task(
  (tries + snoozes > 0 OR appointment IS NOT NULL OR rule IN ('M1', 'R1', 'W1')) DESC, priority DESC, id,
  due, expires, appointment, member_id, tries, snoozes, rule, state) WHERE state = 'open';
CREATE INDEX task_closed ON task(closed_on) WHERE state IN ('done', 'expired');
CREATE TRIGGER d_day_new AFTER INSERT ON d_purchase_day BEGIN
  UPDATE d_case SET points = NULL WHERE member_id = NEW.member_id; END;
CREATE TRIGGER d_day_gone AFTER DELETE ON d_purchase_day BEGIN
  UPDATE d_case SET points = NULL WHERE member_id = OLD.member_id; END;
CREATE TRIGGER d_day_other AFTER UPDATE ON d_purchase_day BEGIN
  UPDATE d_case SET points = NULL WHERE member_id = NEW.member_id; END;
CREATE INDEX d_search_spelled ON d_search(spelled);
UPDATE sqlite_sequence SET seq=1 WHERE name='staff';
UPDATE sqlite_sequence SET seq=1 WHERE name='member';
UPDATE sqlite_sequence SET seq=1 WHERE name='own_field';
UPDATE sqlite_sequence SET seq=1 WHERE name='own_value';
UPDATE sqlite_sequence SET seq=1 WHERE name='phone';
UPDATE sqlite_sequence SET seq=1 WHERE name='sale';
UPDATE sqlite_sequence SET seq=1 WHERE name='line';
UPDATE sqlite_sequence SET seq=1 WHERE name='visit';
UPDATE sqlite_sequence SET seq=1 WHERE name='fitting';
UPDATE sqlite_sequence SET seq=1 WHERE name='wanted';
UPDATE sqlite_sequence SET seq=1 WHERE name='complaint';
UPDATE sqlite_sequence SET seq=1 WHERE name='rating';
UPDATE sqlite_sequence SET seq=1 WHERE name='footfall';
UPDATE sqlite_sequence SET seq=1 WHERE name='task';
UPDATE sqlite_sequence SET seq=1 WHERE name='contact';
UPDATE sqlite_sequence SET seq=1 WHERE name='template';
UPDATE sqlite_sequence SET seq=1 WHERE name='event';
UPDATE sqlite_sequence SET seq=1 WHERE name='draw';
UPDATE sqlite_sequence SET seq=1 WHERE name='setting';
UPDATE sqlite_sequence SET seq=1 WHERE name='journal_entry';
UPDATE sqlite_sequence SET seq=1 WHERE name='batch';
PRAGMA user_version=8;
COMMIT;
