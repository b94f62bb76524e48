"""Ctrl-C is heard at once and acted upon where the work may end."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from emoscope.system.interrupts import (
    ENDINGS,
    Interrupts,
    hearing_endings,
    starting_deaf,
    status_of_interruption,
    was_interrupted,
)


def test_the_first_is_heard_and_the_second_acts() -> None:
    with Interrupts() as interrupts:
        interrupts.check()
        signal.raise_signal(signal.SIGINT)
        assert interrupts.heard
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_afterwards_ctrl_c_acts_as_before() -> None:
    with Interrupts():
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_process_that_ignores_ctrl_c_goes_on_doing_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGINT)
        assert not interrupts.heard and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_outside_the_main_thread_nothing_changes() -> None:
    entered = []

    def enter() -> None:
        with Interrupts() as interrupts:
            entered.append((interrupts.heard, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [(False, signal.default_int_handler)]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_each_signal_that_ends_a_program_is_heard_and_told_by_the_status(name: str) -> None:
    number = signal.Signals[name]
    before = signal.getsignal(number)
    with hearing_endings():
        assert not was_interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert was_interrupted() and status_of_interruption() == 128 + number
        with Interrupts() as interrupts:
            signal.raise_signal(number)
        assert interrupts.heard
    assert signal.getsignal(number) == before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_nohup_keeps_its_word() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with hearing_endings():
            signal.raise_signal(signal.SIGHUP)
        assert not was_interrupted()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no masks of signals")
@pytest.mark.parametrize("number", ENDINGS)
def test_a_process_that_starts_deaf_lives_on_and_this_one_hears_later(number: signal.Signals) -> None:
    with starting_deaf(), subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        child.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.3)
        child.communicate(b"\n")
    assert child.returncode == 0
    with pytest.raises(KeyboardInterrupt), hearing_endings():
        with starting_deaf():
            signal.raise_signal(number)
            heard_too_soon = was_interrupted()
        assert not heard_too_soon
