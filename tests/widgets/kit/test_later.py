"""Moves that come from the page: drawn soon, the newest only, and the loop goes on meanwhile."""

import asyncio
import signal
import sys
import threading
import time

import pytest

import bplab
from bplab.activations import sigmoid, tanh
from bplab.training import train
from bplab.widgets import learning_rate, softmax
from bplab.widgets.kit.later import Later, interruptible
from bplab.widgets.kit.panel import AT_LEAST_EVERY
from bplab.widgets.learning_rate import LearningRate
from tests.widgets.reading import collected


def moved(panel, name, value):
    """Set a control as its view in the page does."""
    panel.controls[name].widget.set_state({"value": value})


def in_a_loop(work):
    async def run():
        work()
        for _ in range(500):
            await asyncio.sleep(0.001)
            if len(asyncio.all_tasks()) == 1:
                return
        raise AssertionError("it goes on and on")

    asyncio.run(run())


def test_of_moves_in_the_page_only_the_last_is_drawn():
    panel = learning_rate(epochs=5)

    def work():
        for gamma in (0.01, 0.02, 0.03):
            moved(panel, "gamma", gamma)
        assert panel.run.gamma == 0.001

    in_a_loop(work)
    assert panel.run.gamma == 0.03
    assert panel.previous.gamma == 0.001


def test_what_code_sets_is_drawn_before_it_goes_on():
    panel = softmax()

    def work():
        panel.state = "t1=2"
        assert panel.shown.t[0] == 2
        panel.controls["t1"].widget.value = 3.0
        assert panel.shown.t[0] == 3

    in_a_loop(work)


@pytest.mark.parametrize("early", [True, False])
def test_a_newer_value_ends_a_run_that_has_just_begun(early):
    panel, begun, drawn = learning_rate(epochs=5), [], []

    def steps(gamma):
        begun.append(gamma)
        yield 0.1 if early else 0.9
        if len(begun) == 1:
            moved(panel, "gamma", 0.05)
            yield 0.2 if early else 0.95
        return LearningRate(epochs=5).run(gamma)

    def draw(run, draw=panel.draw):
        drawn.append(run.gamma)
        return draw(run)

    panel.model.steps, panel.draw = steps, draw
    in_a_loop(lambda: moved(panel, "gamma", 0.01))
    assert begun == [0.01, 0.05]
    assert drawn == ([0.05] if early else [0.01, 0.05])


def test_numbers_follow_the_picture_unless_another_follows_first(monkeypatch):
    monkeypatch.setattr("bplab.widgets.kit.panel.AT_LEAST_EVERY", 60)
    panel, said = softmax(), []
    panel.readout.observe(lambda change: said.append(panel.shown.t[0]), "value")

    async def moves():
        for n in range(6):  # each picture is there before the next move, its numbers are not
            moved(panel, "t1", 2 + n / 10)
            while panel.shown.t[0] != 2 + n / 10:
                await asyncio.sleep(0)
        assert not said
        while not said:
            await asyncio.sleep(0.01)

    panel._said_at = time.perf_counter()
    asyncio.run(moves())
    assert said == [2.5]


def test_numbers_come_now_and_then_while_a_slider_moves(monkeypatch):
    clock = [0.0]  # of its own: on a busy machine a hundredth of a second may take a tenth
    monkeypatch.setattr("bplab.widgets.kit.panel.perf_counter", lambda: clock[0])
    panel, said = softmax(), []
    panel.readout.observe(lambda change: said.append(panel.shown.t[0]), "value")

    async def moves():
        for n in range(100):
            moved(panel, "t1", 1 + n / 100)
            clock[0] += AT_LEAST_EVERY / 10
            await asyncio.sleep(0.002)

    asyncio.run(moves())
    assert 2 < len(said) <= 100 / 10 + 1


def test_what_code_sets_has_its_numbers_at_once():
    panel = softmax()
    before = panel.readout.value
    in_a_loop(lambda: setattr(panel, "state", "t1=2"))
    assert panel.readout.value != before


def test_reset_while_it_trains():
    panel = learning_rate(epochs=5)

    def steps(gamma):
        yield 0.9
        panel.reset()
        yield 0.95
        return LearningRate(epochs=5).run(gamma)

    panel.model.steps = steps
    in_a_loop(lambda: moved(panel, "gamma", 0.01))
    assert panel.run.gamma == 0.001
    assert panel.previous is None


def test_an_error_and_an_interrupt_are_said_and_the_panel_lives_on():
    fail = None

    def gradients(*arguments):
        if fail:
            fail()
        return bplab.backward(*arguments)

    panel = learning_rate(gradients, epochs=5)

    def ctrl_c():
        signal.raise_signal(signal.SIGINT)

    def breaks():
        raise RuntimeError("oh")

    for fail, said in (
        (ctrl_c, "You stopped your gradient function"),
        (breaks, "oh"),
        (sys.exit, "raises SystemExit (at line 147: fail())"),
    ):
        in_a_loop(lambda: moved(panel, "gamma", 0.01))
        assert said in panel.readout.value
        fail = None
        in_a_loop(lambda: moved(panel, "gamma", 0.02))
        assert panel.run.gamma == 0.02


def test_the_steps_are_one_training():
    model, found = LearningRate(epochs=700), []

    def steps():
        found.append((yield from model.steps(0.01)))

    shares = [*steps()]
    assert 0 < shares[0] <= shares[-1] < 1
    start = model._X, model._Y, *model._weights
    trained = train(*start, tanh, sigmoid, gamma=0.01, epochs=700)
    assert found[0].losses == pytest.approx(trained.losses, rel=1e-12)


def test_closed_while_it_waits_nothing_is_drawn():
    panel = softmax()
    before = panel.shown

    def work():
        moved(panel, "t1", 2.0)
        panel.close()

    in_a_loop(work)
    assert panel.shown is before


def test_moves_and_resets_in_two_threads_do_not_meet():
    panel, drawing, met = softmax(), [], []

    def draw(computed, draw=panel.draw):
        met.extend(drawing)
        drawing.append(computed)
        time.sleep(0.001)
        said = draw(computed)
        drawing.clear()
        return said

    panel.draw = draw

    async def moves():
        for n in range(100):
            moved(panel, "t1", n / 50 + 0.02)
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.2)

    thread = threading.Thread(target=lambda: asyncio.run(moves()))
    thread.start()
    while thread.is_alive():
        panel.reset()
    assert not met
    panel.state = "t1=1"
    assert panel.shown.t[0] == 1


def test_what_is_asked_at_any_time_is_done():
    done, asked = 0, 0

    def work():
        nonlocal done
        while done < asked:
            done = asked
            yield 0

    later = Later(work)

    async def ask(times):
        nonlocal asked
        for _ in range(times):
            asked += 1
            later.start()
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)

    for times in (1, 2, 7, 30):
        asyncio.run(ask(times))
        assert done == asked


def test_without_a_loop_it_says_so():
    assert not Later(list).start()


def test_the_interrupt_is_as_before_afterwards():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), interruptible():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _tidy():
    with collected():
        yield
