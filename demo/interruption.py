"""SIGINT, SIGTERM and SIGHUP end the demo by SystemExit, which unwinds the stack; here is where that must wait."""

import contextlib
import signal

from support.cluster import close_on_signals

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals():
    close_on_signals()
    signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))


@contextlib.contextmanager
def uninterrupted():
    """A signal that comes inside the block takes effect at its end."""
    came = []
    # Handlers, not a signal mask: a process started inside the block would inherit the mask.
    before = {number: signal.signal(number, lambda n, _frame: came.append(n)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def ignore_signals():
    """For the clearing up, which is to be complete however often somebody presses Ctrl-C."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
