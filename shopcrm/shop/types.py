"""SEAM: class Types(shop)

start_day(tx, day, progress) -> bool         new calibration snapshot at month change; everybody re-classified if the day moved on
refresh(tx, members: frozenset[int] | None, day, progress)   after records changed: purchase days, facts, verdicts (None = rebuild all by replay, CLASSIFICATION 5 History)
limits(rx) -> Limits in force; calibration(rx) -> Calibration (settings page shows both)
verdict(rx, member, day=None) -> Verdict; explain(rx, member) -> Verdict with evidence, rank, p90
"""
