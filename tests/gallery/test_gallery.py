"""What `mistakes_gallery` shows: everything in words too, the same every time."""

import html
import re

import numpy as np
import pytest

from bplab import mistakes_gallery
from bplab.exercises import EXERCISES
from bplab.exercises.task import Mistake, Subgoal
from bplab.gallery.gallery import SHOWN, Gallery, Shown
from bplab.gallery.trainings import TRAININGS
from bplab.gallery.verdict import Kind
from bplab.plots import Picture

NAMES = ("sign-flipped", "no-factor-2", "transposed", "sigmoid-prime-at-T")


@pytest.fixture(scope="module")
def shown():
    return mistakes_gallery("eq4", NAMES)


def flat(text):
    return " ".join(text.split())


def test_it_shows_what_was_asked_for_in_that_order(shown):
    assert isinstance(shown, Picture)
    assert tuple(s.mistake.name for s in shown.shown) == NAMES
    assert [s.verdict.kind for s in shown.shown] == [
        Kind.CLIMBS,
        Kind.SLOWER,
        Kind.DOES_NOT_RUN,
        Kind.BLOWS_UP,
    ]


def test_the_text_has_everything(shown):
    text = flat(repr(shown))
    assert "eq4 · equation (4)" in text
    assert "γ = 0.003" in text
    assert "from R(θ) = 236 to 17.4 in 200 epochs" in text
    for s in shown.shown:
        assert f"{s.mistake.name} {s.mistake.says} {s.verdict}" in text
    assert max(map(len, repr(shown).splitlines()[1:])) <= 96


def test_the_page_has_everything_and_a_description(shown):
    page = shown._repr_html_()
    words = flat(html.unescape(re.sub("<[^>]*>", " ", page)))
    assert "γ = 0.003" in words
    for s in shown.shown:
        assert f"{s.mistake.name} {s.mistake.says} {s.verdict}" in words
    (alt,) = re.findall('<img alt="([^"]*)"', page)
    for name, kind in [(s.mistake.name, s.verdict.kind) for s in shown.shown]:
        assert f"{name}: {kind}" in html.unescape(alt)
    assert page.count('scope="row"') == len(NAMES)
    assert page.count('scope="col"') == 3


def test_markup_in_words_is_escaped():
    mistake = Mistake("a<b>", Subgoal.CODE, "You say <script>x</script> & go.", "", None)
    losses = np.array([4.0, 3.0])
    verdict = mistakes_gallery("eq4", NAMES[:1], epochs=1).shown[0].verdict
    gallery = Gallery(EXERCISES["eq4"], TRAININGS["eq4"], losses, [Shown(mistake, losses, verdict)])
    page = gallery._repr_html_()
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
    assert "a<b>" in repr(gallery)


def test_a_single_name_may_stand_for_itself_and_none_is_shown_twice():
    one = mistakes_gallery("eq4", "sign-flipped", epochs=2)
    assert [s.mistake.name for s in one.shown] == ["sign-flipped"]
    twice = mistakes_gallery("eq4", ["transposed", "transposed"], epochs=2)
    assert [s.mistake.name for s in twice.shown] == ["transposed"]


def test_it_is_the_same_every_time(shown):
    again = mistakes_gallery("eq4", NAMES)
    assert repr(again) == repr(shown)
    assert again.png.getvalue() == shown.png.getvalue()
    assert all(
        np.array_equal(a.losses, b.losses, equal_nan=True)
        for a, b in zip(again.shown, shown.shown, strict=True)
    )


def test_epochs_may_be_given():
    gallery = mistakes_gallery("eq4", "no-factor-2", epochs=7)
    assert len(gallery.right) == len(gallery.shown[0].losses) == 8


@pytest.mark.parametrize("id", ["eq4", "eq13", "softmax"])
def test_without_names_the_verdicts_differ(id):
    gallery = mistakes_gallery(id)
    kinds = [s.verdict.kind for s in gallery.shown]
    assert len(kinds) == SHOWN
    assert len(set(kinds)) >= 5
    assert kinds.count(Kind.DOES_NOT_RUN) <= 1
    order = [m.name for m in EXERCISES[id].mistakes]
    places = [order.index(s.mistake.name) for s in gallery.shown]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_any_number_of_panels_can_be_drawn(count):
    names = [m.name for m in EXERCISES["eq4"].mistakes][:count]
    gallery = mistakes_gallery("eq4", names, epochs=1)
    assert len(gallery.shown) == count
    assert len(gallery.png.getvalue()) > 1000


@pytest.mark.parametrize("name", ["transposed", "sigmoid-prime-at-T"])
def test_a_mistake_without_a_curve_can_be_drawn_alone(name):
    assert mistakes_gallery("eq4", name, epochs=20).width > 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("eq44",), r'no mistakes gallery for "eq44"\. Did you mean "eq4"'),
        (("numerical-gradient",), 'no mistakes gallery for "numerical-gradient".*There is one for'),
        ((4,), "no mistakes gallery for 4"),
        (("eq4", ["sign-fliped"]), "eq4 has no known mistake 'sign-fliped'.*\"sign-flipped\""),
        (("eq4", ["nonsense"]), "eq4 has no known mistake 'nonsense'. There are: no-factor-2, "),
    ],
)
def test_what_is_not_there_is_said_with_what_there_is(arguments, words):
    with pytest.raises(ValueError, match=words):
        mistakes_gallery(*arguments)


@pytest.mark.parametrize("epochs", [0, -1, 2.5, True, "many"])
def test_epochs_must_be_a_number(epochs):
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1; got"):
        mistakes_gallery("eq4", epochs=epochs)
