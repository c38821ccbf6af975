"""Whatever goes wrong in a learner's function becomes one sentence for them."""

import contextlib
import signal
import sys
import threading
import time

import numpy as np
import pytest

import bplab
from bplab import deep
from bplab.activations import identity, tanh
from bplab.learner import Careful, Gradients, LearnerError, array_of, finite, parts_of

X = np.ones((2, 3))


def says(function, *arguments, **options):
    with pytest.raises(LearnerError) as error:
        Careful(function, "softmax", given="t", **options)(*arguments)
    return str(error.value)


def starter(t):
    raise NotImplementedError


def writes(t):
    t += 1


def raises(t):
    raise ValueError("It is so.")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (starter, "Your softmax is not written yet: write it, run its cell."),
        (lambda t: bplab.todo(), "<lambda> is not written yet"),
        (raises, 'Your softmax raises ValueError: It is so (at line 35: raise ValueError("It is'),
        (writes, "Your softmax writes into t (at line 31: t += 1). Work on a copy."),
    ],
)
def test_what_stops_it_is_said_with_the_learners_line(function, said):
    assert said in says(function, X)


@pytest.mark.parametrize(
    "leaves", [lambda t: sys.exit(), lambda t: quit(), lambda t: exit(3), lambda t: sys.exit("So")]
)
def test_a_function_that_ends_the_program_is_an_error_like_any_other(leaves):
    stdin = sys.stdin
    said = says(leaves, X)
    assert said.startswith("Your softmax raises SystemExit")
    assert said.endswith("It ends the program instead of returning an answer.")
    assert sys.stdin is stdin
    assert not stdin.closed


def raises_keyboard_interrupt(t):
    raise KeyboardInterrupt


def test_a_function_that_raises_what_ctrl_c_does_is_an_error_too():
    assert "Your softmax raises KeyboardInterrupt" in says(raises_keyboard_interrupt, X)


@pytest.mark.parametrize("kind", [list, tuple])
def test_what_comes_for_all_layers_goes_together_with_lists_and_tuples(kind):
    def joins(alphas):
        assert (
            len(alphas + [X]) == len((X, *alphas)) == len((X,) + alphas) == len([X] + alphas) == 3  # noqa: RUF005
        )
        alphas.append(X)
        return alphas[::-1].copy() + (X,)  # noqa: RUF005

    given = kind([X, X])
    assert len(Careful(joins, "softmax", given="t")(given)) == 4
    assert len(Careful(joins, "function f")(given)) == 4
    assert len(given) == 2


def test_arrays_in_sequences_cannot_be_written_to_either():
    assert "writes into t" in says(lambda arrays: arrays[0].fill(0), [X, X])
    assert "writes into t" in says(lambda arrays: arrays[1].sort(), (X, X))
    assert X.flags.writeable


def test_a_function_that_may_write_into_its_argument_may():
    mine = X.copy()
    Careful(writes, "function f")(mine)
    assert (mine == 2).all()


def test_a_slow_call_is_told_and_a_call_after_the_time_is_refused():
    calls = []
    said = says(calls.append, X, seconds=0)
    assert said.startswith("Your softmax is slow: one call took 0.0 seconds. Replace its loops")
    said = says(calls.append, X, in_all=-1, doing="the training", faster="Sleep less.")
    assert said == "Your softmax is slow: the training took longer than -1 seconds. Sleep less."
    assert len(calls) == 1


def endless(t):
    while True:
        pass


def swallows(t):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


@pytest.mark.parametrize("function", [endless, swallows, lambda t: [endless(row) for row in t]])
def test_a_function_without_an_end_is_stopped_where_it_is(function):
    said = says(function, X, seconds=0.05)
    assert said.startswith("Your softmax is slow: one call was still running after 0.05 seconds, ")
    assert "and was stopped in line " in said
    assert said.endswith("Replace its loops by operations on whole arrays.")
    said = says(function, X, in_all=0.05, doing="the training", faster="Sleep less.")
    assert said.startswith("Your softmax is slow: the training took longer than 0.05 seconds, and")
    assert said.endswith(" Sleep less.")


def test_what_was_to_ring_before_still_rings():
    before = signal.getsignal(signal.SIGALRM)
    assert says(endless, X, seconds=0.01)
    assert Careful(np.sum, "sum", seconds=5)(X) == 6
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_where_it_cannot_be_stopped_it_is_said_how_to(capsys, monkeypatch):
    monkeypatch.delattr(signal, "setitimer")  # as on Windows
    monkeypatch.setattr(sys.modules["bplab.learner.careful"], "LONG", 0.02)
    said = says(lambda t: time.sleep(0.1), X, seconds=0.05)
    assert said.startswith("Your softmax is slow: one call took 0.")
    assert capsys.readouterr().out == (
        "Your softmax has been running for 0 seconds. To stop it, press Ctrl-C.\n"
    )
    Careful(np.sum, "sum", seconds=5)(X)
    assert not capsys.readouterr().out


def test_in_a_thread_of_its_own_no_interrupt_is_promised(capsys, monkeypatch):
    monkeypatch.setattr(sys.modules["bplab.learner.careful"], "LONG", 0.02)
    thread = threading.Thread(target=Careful(lambda t: time.sleep(0.1), "softmax"), args=(X,))
    thread.start()
    thread.join()
    assert capsys.readouterr().out.endswith("To stop it, end the program.\n")


def presses(t):
    signal.raise_signal(signal.SIGINT)


def test_whoever_stops_it_gets_a_sentence_with_the_line():
    line = presses.__code__.co_firstlineno + 1
    said = says(presses, X)
    assert said.startswith("You stopped your softmax after 0.0 seconds (at line ")
    assert f"(at line {line}: signal.raise_signal" in said


def test_what_is_said_already_is_not_said_again():
    def ours(t):
        raise LearnerError("Said.")

    assert says(ours, X) == "Said."


@pytest.mark.parametrize(
    ("answer", "parts", "said"),
    [
        (None, ("a", "b"), "Your f returns nothing: is a return missing?"),
        (X, ("a", "b"), "must return 2 things, a and b; it returned one array of shape (2, 3)."),
        ((1, 2, 3), ("a", "b"), "it returned 3 of them."),
        (7, ("a",), "must return a list of one thing, a; it returned one int."),
    ],
)
def test_another_number_of_parts_is_told(answer, parts, said):
    with pytest.raises(LearnerError) as error:
        parts_of(answer, "f", parts)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "Your f returns nothing: is a return missing?"),
        (X.T, "Your f has shape (3, 2); right is (2, 3)."),
        (X + 0j, "Your f must hold real numbers; it has dtype complex128."),
        ([[1], [1, 2]], "Your f must hold real numbers; it has dtype object."),
    ],
)
def test_an_array_of_another_form_is_told(answer, said):
    with pytest.raises(LearnerError) as error:
        array_of(answer, "f", (2, 3))
    assert str(error.value) == said


def test_an_array_that_is_returned_is_a_copy_in_floats():
    array = array_of(X, "f", (2, 3))
    assert not np.shares_memory(array, X)
    assert array_of([[True] * 3, [0, 1, 2]], "f", (2, 3)).dtype == np.float64


def test_numbers_that_are_not_finite_are_told_with_the_place():
    assert finite(X, "f") is X
    with pytest.raises(LearnerError) as error:
        finite(X * np.nan, "f", " at x = 0", "Divide by less.")
    said = "Your f holds a number that is not finite (NaN or infinite) at x = 0. Divide by less."
    assert str(error.value) == said


# --- a backward pass -------------------------------------------------------------------------


def network(depth):
    alphas, beta = bplab.initial_weights(3, [3] * depth, 1, seed=0)
    return X, np.ones((2, 1)), (*alphas, beta), [tanh] * depth, identity


def of_one_layer(X, Y, alpha, beta, sigma, g):
    return bplab.backward(X, Y, alpha, beta, sigma, g)


@pytest.mark.parametrize("function", [of_one_layer, bplab.backward, deep.backward])
def test_gradients_of_one_layer_come_beta_last(function):
    X, Y, weights, sigmas, g = network(1)
    right = bplab.backward(X, Y, *weights, *sigmas, g)
    for mine, its in zip(Gradients(function)(X, Y, weights, sigmas, g), right, strict=True):
        np.testing.assert_array_equal(mine, its)


def test_a_function_of_one_layer_is_told_by_its_arguments_or_by_whoever_knows():
    assert Gradients(of_one_layer).one_layer
    assert not Gradients(lambda *a: of_one_layer(*a)).one_layer
    assert Gradients(lambda *a: of_one_layer(*a), one_layer=True).one_layer
    with pytest.raises(LearnerError, match=r"for one hidden layer .*, and the network has 2"):
        Gradients(of_one_layer)(*network(2))


def test_gradients_in_the_wrong_order_are_told():
    with pytest.raises(LearnerError, match=r"to alpha has shape .*in the wrong order"):
        Gradients(lambda *a: of_one_layer(*a)[::-1], one_layer=True)(*network(1))
    with pytest.raises(LearnerError, match=r"to alphas\[0\] has shape .*Compare it with"):
        Gradients(lambda *a: ([X, X], X))(*network(2))


def test_the_librarys_own_gradients_are_known():
    assert Gradients(bplab.backward).is_reference
    assert Gradients(deep.backward).is_reference
    assert not Gradients(of_one_layer).is_reference


def test_arrays_that_make_no_rectangle_are_no_array():
    apart = (np.zeros(2), np.zeros((2, 3)))
    with pytest.raises(LearnerError, match="must hold real numbers; it has dtype object"):
        array_of(apart, "gradient", (2, 4))
