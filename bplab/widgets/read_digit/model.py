"""The model of the panel that reads digits: a network's answer to a drawing, and the reasons."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.errors import InputError
from bplab.learner import Careful, array_of, finite
from bplab.widgets.read_digit.drawing import Strokes, image_of
from bplab.widgets.read_digit.pretrained import pretrained

__all__ = ["Mine", "Reader", "Reading", "Slopes", "Why"]

Mine = Callable[[NDArray], ArrayLike]
"""``network(images)`` returns the outputs (N, 10) for images (N, 64)."""
Slopes = Callable[[NDArray, int], ArrayLike]
"""``gradient(images, k)`` gives the derivatives of output k with respect to the pixels, (N, 64)."""

SECONDS = 2  # a call that takes longer is stopped
STEP = 1e-5  # step of the central differences
FINE = 1e-6  # so small a step that a second difference shows only rounding
WIDEST = 0.1  # the largest step, for the coarsest answers
RELATIVE, ABSOLUTE = 1e-4, 1e-9
ROUNDING = 8  # rounding errors up to this many times the typical one are allowed for


class Why(NamedTuple):
    """What speaks for a digit: derivatives of its output with respect to the pixels, (64,).

    ``slopes`` come from the gradient function, ``differences`` are central differences of the
    network. These may be wrong by ``rounding`` where the network's answers are coarse, as in single
    precision; else ``rounding`` is 0. ``ends`` (2, 64) holds the output with each pixel increased
    by ``step``, and with each decreased.
    """

    digit: int
    slopes: NDArray
    ends: NDArray
    step: float = STEP
    rounding: float = 0.0

    @property
    def differences(self) -> NDArray:
        """Central differences of the output."""
        return np.asarray((self.ends[0] - self.ends[1]) / (2 * self.step))

    @property
    def wrong(self) -> NDArray:
        """Where slopes and differences do not agree, shape (64,) of bool."""
        near = ABSOLUTE + RELATIVE * abs(self.differences).max() + self.rounding
        return abs(self.slopes - self.differences) > near

    @property
    def hidden(self) -> bool:
        """Whether the network's answers are too coarse to judge any slope."""
        return bool(self.rounding > max(abs(self.slopes).max(), abs(self.differences).max()))


class Reading(NamedTuple):
    """A network's answer to an image (64,): ``outputs`` (10,), and ``why``, if it was asked for."""

    strokes: Strokes
    image: NDArray
    outputs: NDArray
    why: Why | None

    @property
    def answer(self) -> int:
        """The digit with the largest output."""
        return int(self.outputs.argmax())

    @property
    def next(self) -> int:
        """The digit with the second largest output."""
        return int(np.argsort(self.outputs)[-2])


class Reader:
    """A network that reads drawings: the one that comes with the panel, or the learner's.

    Parameters
    ----------
    network : callable, optional
        ``network(images)``, which returns the outputs (N, 10) for images (N, 64).
    gradient : callable or True, optional
        ``gradient(images, k)``, which returns the derivatives of output k with respect to the
        pixels, (N, 64); True for the gradient of the network that comes with the panel.

    Raises
    ------
    ValueError
        If one of them is not a function, or ``gradient`` is True with a network of the learner's.
    """

    def __init__(self, network: Mine | None = None, gradient: Slopes | bool | None = None):
        if network is not None and not callable(network):
            raise InputError(
                "network must be a function network(images) that returns the outputs (N, 10), "
                f"given without calling it; got {type(network).__name__}"
            )
        if gradient is True and network is not None:
            raise InputError(
                "gradient=True is for the network that comes with the panel; with your own, give a "
                "function gradient(images, k) that returns the derivatives of output k, (N, 64)"
            )
        if not (gradient is None or isinstance(gradient, bool) or callable(gradient)):
            raise InputError(
                "gradient must be a function gradient(images, k) that returns the derivatives of "
                f"output k with respect to the pixels, (N, 64); got {type(gradient).__name__}"
            )
        self.network, self.own = network, network is not None
        self.gradient: Slopes | None = None if isinstance(gradient, bool) else gradient
        self.says_why = bool(gradient)

    def read(self, strokes: Strokes, digit: int | None = None) -> Reading | None:
        """Return the network's answer to a drawing; None if nothing is drawn.

        Parameters
        ----------
        strokes : Strokes
        digit : int, optional
            The digit whose output is differentiated; by default the one with the largest output.

        Raises
        ------
        LearnerError
            If a function of the learner's does not work.
        """
        if not strokes:
            return None
        image = image_of(strokes)
        if not self.says_why:
            return Reading(strokes, image, self._outputs(image[None])[0], None)
        outputs = self._around(image, STEP)
        k = int(outputs[0].argmax()) if digit is None else digit
        why = Why(k, self._slopes(image, k), _ends(outputs[:, k]))
        if why.wrong.any():
            why = self._coarsely(image, why)
        return Reading(strokes, image, outputs[0], why)

    def _around(self, image: NDArray, step: float) -> NDArray:
        """Return the outputs (129, 10): here, with each pixel increased, with each decreased."""
        nudges = step * np.eye(64)
        return self._outputs(np.vstack([image, image + nudges, image - nudges]))

    def _coarsely(self, image: NDArray, why: Why) -> Why:
        """Return the same with a larger step, if rounding in the network may be the cause."""
        near = self._around(image, FINE)[:, why.digit]
        bent = abs(near[1:65] + near[65:] - 2 * near[0])
        noise = float(np.median(bent[bent > 0])) if bent.any() else 0.0
        noise = max(noise, *(_spacing(near, dtype) for dtype in (np.float16, np.float32)))
        if noise / STEP <= RELATIVE * abs(why.differences).max():
            return why
        step = min(float(np.cbrt(noise)), WIDEST)
        ends = _ends(self._around(image, step)[:, why.digit])
        return why._replace(ends=ends, step=step, rounding=ROUNDING * noise / step)

    def _outputs(self, images: NDArray) -> NDArray:
        if self.network is None:
            return pretrained()(images)
        mine = Careful(self.network, "network", given="the images", seconds=SECONDS)
        shape = (len(images), 10)
        answer = mine(images)
        hint = "It gets several images at once, and returns the ten outputs of each: a row each."
        outputs = array_of(answer, "network's answer", shape, hint=hint)
        return finite(outputs, "network's answer")

    def _slopes(self, image: NDArray, k: int) -> NDArray:
        if self.gradient is None:
            return pretrained().by_pixels(image[None], k)[0]
        mine = Careful(self.gradient, "gradient", given="the images", seconds=SECONDS)
        hint = "It has a derivative for each of the 64 pixels of each image."
        slopes = array_of(mine(image[None], k), "gradient", (1, 64), hint=hint)
        return finite(slopes, "gradient")[0]


def _ends(outputs: NDArray) -> NDArray:
    """Return an output with each pixel increased, and with each decreased: (2, 64)."""
    return outputs[1:].reshape(2, 64)


def _spacing(outputs: NDArray, dtype: type[np.floating]) -> float:
    """Return the spacing of a type's numbers near the output; 0 if not all outputs fit the type."""
    coarse = outputs.astype(dtype)
    return float(np.spacing(abs(coarse[0]))) if (coarse == outputs).all() else 0.0
