"""SEAM: class Imports(shop)

preview(path: Path, progress) -> ImportPlan      reads in a child process, plans; touches nothing; Refusal(reason code)
replan(plan, mapping=..., policy=...) -> ImportPlan   owner changed mapping or duplicate policy; no file read
apply(plan, progress) -> Done[ImportResult]      backup, one transaction, types and to-dos; ConflictError if the shop moved on since the preview
undo(batch: BatchId | None) -> Done[tuple[str, ...]]    None = the last one; value names rows kept because edited since
problems_workbook(plan, path) -> Path            left-out rows, same columns + 问题说明
report(plan, result | refusal) -> dict           OUT.json of IMPORT 0
template(path) -> Path                           blank template
"""
