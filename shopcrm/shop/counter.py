"""SEAM: class Counter(shop)

sell(draft: SaleDraft) -> Done[SaleId]       sale and/or return lines; Refusal return_too_much; InputError for nonsense (future day, no line, 0 pieces)
visit(draft: VisitDraft) -> Done[VisitId]
void_sale(id, reason) -> Done[None]; void_visit(id) -> Done[None]; attach(sale: SaleId, member: MemberId) -> Done[None]
Each writes, then shop.refresh(tx, {member}), closes/re-times the member's to-dos (draft.close_task) through shop.followups.on_record(tx, member, kind).
"""
