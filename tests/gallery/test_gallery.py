"""What `mistakes_gallery` shows: everything in words too, the same every time."""

import base64
import html
import io
import re

import numpy as np
import pytest
from PIL import Image

from bplab import mistakes_gallery
from bplab.exercises import EXERCISES
from bplab.exercises.task import Mistake, Subgoal
from bplab.gallery.gallery import NARROW, SHOWN, Gallery, _run, _small_multiples
from bplab.gallery.guess import Guess, letters
from bplab.gallery.shown import Shown
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


def test_on_a_narrow_page_panels_stand_in_one_column(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "section_2_1.ipynb")
    shown = mistakes_gallery("eq4", NAMES)
    [data] = re.findall(
        r'<source media="[^"]*" width="348" srcset="data:image/png;base64,([^"]*)">',
        shown._repr_html_(),
    )
    narrow, wide = (
        Image.open(io.BytesIO(png)) for png in (base64.b64decode(data), shown.png.getvalue())
    )
    assert narrow.width <= 348 < wide.width
    assert narrow.height > 1.4 * wide.height  # four panels, where there were two rows


@pytest.mark.parametrize("how", [(), (1, *NARROW)], ids=["wide", "narrow"])
def test_what_names_a_curve_stays_within_its_panel(how):
    right = np.geomspace(200, 5, 100)
    curves = {Kind.SLOWER: right**0.9, Kind.FASTER: right / 3, Kind.CLIMBS: right[::-1] * 3}
    panels = [(kind.name, kind, losses) for kind, losses in curves.items()]
    figure = _small_multiples(panels, right, *how)
    figure.draw_without_rendering()
    for axes in figure.axes:
        named = [text for text in axes.texts if re.search(r"\d$", text.get_text())]
        assert len(named) == 2
        for text in named:
            box = text.get_window_extent()
            assert axes.bbox.y0 < box.y0 < box.y1 < axes.bbox.y1, text


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
    _run.cache_clear()
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


@pytest.mark.one_in(3)
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


# --- with letters in place of names -------------------------------------------------------

SIX = ("sign-flipped", "no-factor-2", "transposed", "bias-last", "examples-sorted", "bias-missing")


@pytest.fixture(scope="module")
def key():
    """What the letters of the gallery of `SIX` stand for."""
    return letters("eq4", SIX)


def six(**how):
    return mistakes_gallery("eq4", SIX, epochs=60, **how)


def page_of(gallery):
    return flat(html.unescape(re.sub("<[^>]*>", " ", gallery._repr_html_()))).replace(" :", ":")


@pytest.mark.parametrize("answers", [None, {}, {"A": "…", "B": "?"}])
def test_hidden_no_row_no_title_and_no_description_has_a_name(answers):
    gallery = six(hide=True, answers=answers)
    for text in (flat(repr(gallery)), page_of(gallery)):
        curves, asked, listed = text.partition("Which curve belongs to which mistake?")
        assert asked
        assert not [name for name in SIX if name in curves]
        assert not [s.mistake.says for s in gallery.shown if s.mistake.says in curves]
        assert [name for name in sorted(SIX) if f" {name}: " not in listed] == []
        assert [listed.index(f" {name}: ") for name in sorted(SIX)] == sorted(
            listed.index(f" {name}: ") for name in SIX
        )
    for letter, shown in zip("ABCDEF", gallery.shown, strict=True):
        assert f"{letter}: {shown.verdict.kind}" in gallery.alt
        assert f"{letter} {shown.verdict}" in flat(repr(gallery))
    assert "No answer yet for A, B, C, D, E, F." in repr(gallery)


def test_the_letters_are_in_no_order_of_the_names(key):
    found = list(key.values())
    assert set(found) == set(SIX)
    orders = [list(SIX), sorted(SIX), [m.name for m in EXERCISES["eq4"].mistakes if m.name in SIX]]
    assert found not in orders + [order[::-1] for order in orders]
    assert letters("eq4", SIX[::-1]) == key
    assert [s.mistake.name for s in six(hide=True).shown] == found


def test_some_answers_are_not_all(key):
    gallery = six(answers={"A": key["A"], "C": key["B"]})
    assert not gallery.guess.made
    assert "No answer yet for B, D, E, F." in repr(gallery)
    assert "✓" not in repr(gallery) + page_of(gallery)


def test_all_answers_show_the_names_and_who_is_right(key):
    gallery = six(answers=key)
    for text in (flat(repr(gallery)), page_of(gallery)):
        for letter, shown in zip(key, gallery.shown, strict=True):
            row = f"{letter} · {key[letter]} {shown.mistake.says_why} {shown.verdict} ✓ right"
            assert row in text
        assert "Right: 6 of 6." in text
    assert f"A · {key['A']}: " in gallery.alt


def test_a_wrong_answer_is_told_by_the_curves(key):
    swapped = {**key, "A": key["B"], "B": key["A"]}
    gallery = six(answers=swapped)
    a, b = gallery.shown[:2]
    assert f"✗ You said {key['B']}. That is B: " in gallery.guess.remarks[0]
    assert "Right: 4 of 6." in repr(gallery)
    apart = re.search(
        r"farthest apart after (\d+) epochs?: the loss is ([\d.]+) here, and ([\d.]+) there",
        gallery.guess.remarks[0],
    )
    if apart:
        at = int(apart[1])
        assert float(apart[2]) == pytest.approx(a.losses[at], rel=0.01)
        assert float(apart[3]) == pytest.approx(b.losses[at], rel=0.01)
        ratios = np.abs(np.log(a.losses / b.losses))
        assert ratios[at] == ratios.max()
    else:
        assert "does not run" in {a.verdict.kind, b.verdict.kind}
    assert str(a.verdict.kind) in gallery.guess.remarks[0]
    assert str(b.verdict.kind) in gallery.guess.remarks[0]


def test_curves_that_are_one_are_not_said_to_differ():
    names = ("assumes-tanh", "weights-not-transposed", "bias-missing")
    shown = mistakes_gallery("hidden", names, epochs=5).shown
    twin = Shown(shown[2].mistake, shown[0].losses, shown[0].verdict)
    key = letters("hidden", names)
    at = {name: letter for letter, name in key.items()}
    answers = {**key, at["assumes-tanh"]: "bias-missing"}
    guess = Guess("hidden", [shown[0], shown[1], twin], answers)
    assert "look the same. Only a check tells them apart" in " ".join(guess.remarks)
    answers = {**key, at["assumes-tanh"]: "weights-not-transposed"}
    remarks = Guess("hidden", shown, answers).remarks
    assert any("“does not run”; this one “cannot be told from right here”." in r for r in remarks)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"G": "transposed"}, "answers has 'G'; the letters are A, B, C, D, E, F"),
        ({"A": "sign-fliped"}, 'is no mistake of this gallery. Did you mean "sign-flipped"'),
        ({"A": "no-g-prime"}, "There are: bias-last, bias-missing, examples-sorted, no-factor-2,"),
        ({"A": 3}, r"answers\['A'\] must be a name; got 3"),
        (["sign-flipped"], r'such as \{"A": "…", "B": "…"\}; got'),
    ],
)
def test_answers_that_cannot_be(answers, words):
    with pytest.raises(ValueError, match=words):
        six(answers=answers)


def test_more_mistakes_than_letters_have_names_of_two():
    names = [f"mistake-{i}" for i in range(30)]
    key = letters("eq4", names)
    assert list(key)[25:28] == ["Z", "AA", "AB"]
    assert sorted(key.values()) == sorted(names)
