"""SEAM: class Backups(shop)

now(why: str, to: Path | None = None) -> BackupFile   verified copy (backup API, reopened, integrity-checked, counts and sums compared, fsync, rename, checksum)
files() -> tuple[BackupFile, ...] newest first; check() -> CheckReport
"""
