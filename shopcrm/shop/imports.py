"""SEAM: class Imports(shop)

preview(path: Path, progress) -> ImportPlan      reads in a child process, plans; touches nothing; Refusal(reason code)
replan(plan, choices: Choices) -> ImportPlan     owner changed mapping, policy, a cell, skipped a row; no file read (shopcrm.excel.fates.Choices; also `Imports.choices(mapping=..., policy=..., edits=..., skips=...)`)
apply(plan, progress) -> Done[ImportResult]      backup, one transaction, types and to-dos; ConflictError if the shop moved on since the preview
undo(batch: BatchId | None) -> Done[tuple[str, ...]]    None = the last one; value names rows kept because edited since
problems_workbook(plan, path) -> Path            left-out rows, same columns + 问题说明
report(plan, result) -> dict; refused(path, refusal) -> dict           OUT.json of IMPORT 0
template(path) -> Path                           blank template

ImportPlan (shopcrm.excel.plan): .file .sheets .problems .groups .counts .ignored_sheets .ignored_columns .choices
  SheetPlan: .name .kind .columns (ColumnPlan: at, heading, field | None, recognised) len() row(position) rows(start, stop) with_problems (positions)
  RowView: .number .fate (Fate.NEW/UPDATE/DUPLICATE/PROBLEM/SKIPPED) .cells .flags ("" wrong check repaired) .problems .repaired
  Problem: .row .column .code .value .left_out .at (column place) .sentence;  Group: .code .level (wrong duplicate check repaired) .title .hint .rows ((sheet place, position) ...)
  Counts: members_new members_updated sales_new sales_duplicate visits_new rows_ready rows_left_out rows_skipped ...
fields of a sheet's combo: shopcrm.basics.fields.fields_of(sheet.kind); their names: t("field.<id>")
"""
