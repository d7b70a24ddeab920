"""SEAM: class Types(shop)

start_day(tx, day, progress) -> bool         new calibration snapshot at month change; everybody re-classified if the day moved on
refresh(tx, members: frozenset[int] | None, day, progress)   after records changed: purchase days, facts, verdicts (None = rebuild all by replay, CLASSIFICATION 5 History)
limits(rx) -> Limits in force; calibration(rx) -> Calibration (settings page shows both)
verdict(rx, member, day=None) -> Verdict; explain(rx, member) -> Verdict with evidence, rank, p90
"""
"""
Reasons: the sentence of a row of d_case is rules.customer_types.reason_of(code, json.loads(vals)): a few codes have a second
wording for special figures (id reason.<code>.<variant>), so do not build the id by hand. Limits = rules.calibration.Limits.
"""

"""
Called by ShopView as functions of this module: explain(rx, member) -> Verdict | None, limits(rx) -> Limits.
"""
