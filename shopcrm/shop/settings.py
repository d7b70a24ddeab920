"""SEAM: class Settings(shop)

get(key) -> value in force (default of basics.settings where unset); set(key, value) -> Done[None] (InputError out of range); all() -> dict; versions(key)
staff() -> tuple[StaffRow, ...]; add_staff(name, role) -> Done[StaffId]; rename_staff
"""
