"""One worker thread for everything that touches files, and the way its answers come back to the screen."""

from __future__ import annotations

import linecache
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot

_LONG_SECONDS = 0.1  # work that takes longer may have held a whole shop in memory
_SHORT_TURN, _USUAL_TURN = 0.0005, 0.005  # seconds a thread keeps Python before another one gets on

Work = Callable[[], object]
Answer = Callable[[object], object]


class Jobs(Protocol):
    """Runs work one after the other and hands results back in the screen's thread."""

    def submit(self, work: Work, done: Answer, failed: Answer) -> None:
        """Run `work`; exactly one of `done(result)` and `failed(error)` follows."""

    def post(self, call: Callable[[], object]) -> None:
        """Run a call in the screen's thread soon; may be used from the worker."""

    def close(self) -> None:
        """Wait for the work that runs and take no more."""


class WorkerJobs(QObject):
    """The real thing: a single thread, and one queued signal of an object that lives in the screen's thread.

    Results never come back by lambdas or by signals of objects made in the worker: those would run there.
    """

    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool: ThreadPoolExecutor | None = ThreadPoolExecutor(1, thread_name_prefix="shop")
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)

    def submit(self, work: Work, done: Answer, failed: Answer) -> None:
        if self._pool is not None:
            self._pool.submit(self._run, work, done, failed)

    def post(self, call: Callable[[], object]) -> None:
        self._came.emit(call)

    def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def _run(self, work: Work, done: Answer, failed: Answer) -> None:
        started = time.monotonic()
        # Painting a table asks Python a hundred times, and each time the screen waits for its turn.
        sys.setswitchinterval(_SHORT_TURN)
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the screen must hear of it
            self._came.emit(_Call(failed, error))
        else:
            self._came.emit(_Call(done, result))
        finally:
            sys.setswitchinterval(_USUAL_TURN)
        if time.monotonic() - started > _LONG_SECONDS:
            _give_memory_back()

    @Slot(object)
    def _on_came(self, call: Callable[[], object]) -> None:
        call()


def _give_memory_back() -> None:
    """Hand freed memory back to the system where the C library keeps it otherwise: the program is open all
    day."""
    linecache.clearcache()  # PySide has read the source of every module to see whether it is named there
    if sys.platform == "linux":
        from ctypes import CDLL

        trim = getattr(CDLL(None), "malloc_trim", None)  # only the GNU library has it, and needs it
        if trim is not None:
            trim(0)


class _Call:
    def __init__(self, answer: Answer, value: object) -> None:
        self._answer, self._value = answer, value

    def __call__(self) -> None:
        self._answer(self._value)


class InlineJobs:
    """The twin for tests and pictures: everything happens at once, in the caller's thread."""

    def submit(self, work: Work, done: Answer, failed: Answer) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - same contract as the worker
            failed(error)
        else:
            done(result)

    def post(self, call: Callable[[], object]) -> None:
        call()

    def close(self) -> None:
        """Nothing to wait for."""
