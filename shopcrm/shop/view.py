"""SEAM: class ShopView(rx, clock): reads for the screen, plain data out, never writes.

ids(query: Query) -> array('q'); rows(ids) -> list[MemberRow] (same order; missing ones left out); member(id) -> MemberCard | None;
count(query) -> int; total() -> int; type_counts() -> tuple[TypeCount, ...]; chip_counts(day) -> dict[str, int];
search(text, limit=6) -> list[MemberRow]  (last four digits first, most recent visitor first; pinyin; name; card)
day_list(staff=None) -> DayList; tasks(ids) -> list[TaskRow]; message(task, variant=0) -> Message; open_count() -> int
staff() -> tuple[StaffRow, ...]; batches() -> tuple[BatchRow, ...]; today_log() -> tuple[DayEntry, ...]; items(member, text, limit=6) -> list[ItemHint]
setting(key); limits() -> plain data of thresholds in force; overview() -> plain data; close()
"""
