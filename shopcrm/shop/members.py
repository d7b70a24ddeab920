"""SEAM: class Members(shop)

save(draft: MemberDraft) -> Done[MemberId]          add or change; InputError(field, code) for nonsense
archive(id) / restore(id) -> Done[None]
pause(id, until: date | None, never: bool=False) -> Done[None]    暂停联系 / 以后别联系
duplicates(draft) -> tuple[tuple[MemberId, str], ...]  same phone key (code "phone") or same name + birthday (code "name")
find(key: str) -> MemberId      CLI: id, card number, phone or exact name; Refusal("member_unknown"/"member_ambiguous")
"""
