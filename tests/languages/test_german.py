"""German: all that a learner of section 2.1 is told, and that nothing but the words differs."""

import re
from collections import Counter

import numpy as np
import pytest
from IPython.core import display_functions

import bplab
from bplab.errors import InputError
from bplab.exercises import (
    KINDS,
    TASKS,
    Answers,
    begin_explain,
    failing_case,
    hint,
    progress,
    sheet_of,
)
from bplab.exercises.judging.conditions import at_least, at_most, beyond
from bplab.exercises.judging.trial import known_answers
from bplab.gradcheck import check_gradient
from bplab.languages import door, told
from bplab.languages.template import sentences
from bplab.learner import Cause, LearnerError
from bplab.widgets import learning_rate
from bplab.widgets.explain import words
from tests.benchmarks.naming import programs
from tests.exercises.explain.codes import codes_of
from tests.exercises.explain.test_items import drawn
from tests.languages.messages import SECTION_2_1, messages, verdict
from tests.thorough import ALL, EXAMPLES

ENGLISH = re.compile(
    r"\b(all|and|are|as|but|by|does|example|from|has|have|holds|is|it|its|not|number|of|one|or|other"
    r"|output|right|should|than|that|the|there|this|to|wanted|weight|what|where|which|with|wrong"
    r"|your)\b(?![-.(=])"
)
"""Words of English sentences that German has not, nor code of the messages."""

PROSE = re.compile(r"\b(the|is|of|are|instead|with|from|this|that|your|you|it|at)\b")
"""Words of English, of which none is a name in code or German."""

VERBATIM = re.compile(
    r"Zeile \d+: .*|Pythons eigene Worte: .*|\[eq\d/[^\]]*\]|(?<=bricht ab mit )\w+: .*(?<!\.)$",
    re.MULTILINE,
)
"""Lines of a learner's code, and what Python says itself: they are told as they are."""


@pytest.fixture(scope="module")
def catalogue():
    """German as `bplab.language` finds it: each time it reads the file, and knows nothing yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "_chosen", None)
        bplab.language("de")
        return door._chosen


@pytest.fixture
def german(catalogue, monkeypatch):
    monkeypatch.setattr(door, "_chosen", catalogue)


def left(text):
    """The sentences of a German text that have English words."""
    return [s for s in re.split(r"(?<=[.!?])\s", VERBATIM.sub("", text)) if ENGLISH.search(s)]


def test_no_english_sentence_is_left_of_what_section_2_1_says(german):
    found = Counter()
    kinds = Counter(kind for kind, _, _ in messages())
    for kind, name, text in messages():
        # code is no English sentence
        found.update((kind, name, s) for s in left(told(text)) if "return " not in s)
    print(f"{dict(kinds)}; with English left: {len(found)}")
    assert kinds["mistake"] > 300
    assert kinds["bank"] > 30
    assert not found, "\n".join(map(str, found))


def test_no_english_sentence_is_left_where_there_was_no_time_to_try_places(german, monkeypatch):
    monkeypatch.setattr("bplab.exercises.judging.one_place.SECONDS", 0.0)
    bank = [(id, p) for id in SECTION_2_1 for p in programs([id])]
    some = [(id, p) for id, p in bank if ALL or "clipped" in p.id or "kept" in p.id]
    found = {p.id: left(told(getattr(verdict(id, p.function), "english", ""))) for id, p in some}
    assert len(found) > 2
    assert not any(found.values()), found


def test_no_english_sentence_is_left_of_what_explain_asks_in_section_2_1(
    german, monkeypatch, tmp_path
):
    """What is between backticks is a learner's code, and what Python says is told as it is."""
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path))
    found, said = Counter(), set()
    codes = [code for code in codes_of(SECTION_2_1).values() if code]
    for item, _ in drawn(codes, np.random.default_rng(0), EXAMPLES):
        said |= {item.question, f"Right is “{item.answer.text}”: {item.answer.because}"}
        said |= {choice.text for choice in item.choices}
        said |= {f"Not so: {choice.because}" for choice in item.choices}
    passed = begin_explain("eq4")
    sheet = sheet_of(codes[0].plain)
    said |= {words.noted(sheet, answers) for answers in answers_to(sheet)} | {words.COPY}
    for text in [*said, passed, '1 of 3 right. Once more, with other questions: explain("eq4")']:
        translated = re.sub("`[^`]*`|(?<=Pythons eigene Worte: ).*", "", told(text))
        found.update(left(translated))
    assert len(said) > 5 * EXAMPLES / 2
    assert not found, "\n".join(map(str, found))


def answers_to(sheet):
    """Of each kind that something else is said to."""
    yield Answers(("?",) * 3, sheet.code)
    yield Answers(("a",), sheet.code)
    yield Answers(("a",) * 3, "other")
    yield Answers(("a",) * 3, f"{sheet.code[:-4]}")
    yield Answers(("a",) * len(sheet.items), sheet.code)


def test_the_english_of_these_is_found_by_what_looks_for_it():
    """Else the test above could not fail."""
    texts = [text for kind, _, text in messages() if kind != "hint"]
    assert all(left(text) for text in texts if not text.startswith("✓"))


def test_a_name_of_the_learners_is_no_word_to_be_translated(german):
    """A variable may be called inputs, weights, output: words that have a translation elsewhere."""
    for english, meant in (
        ("In line 2, weights is (3, 6) and inputs is (2, 3).", "weights ist (3, 6)"),
        ("In line 2, output has no value yet at this place of the function.", "output hat"),
        ("gradient is all zeros.", "gradient ist überall null."),
        ("Right so far: inputs in line 3 of rows is the hidden delta.", "richtig: inputs in Zeile"),
        ("With one small change in line 2 of rows every answer is right:", "Zeile 2 von rows"),
        ("With another value in line 2 of rows every answer is right:", "Zeile 2 von rows"),
    ):
        assert meant in told(english)


def test_numbers_and_code_are_the_same_in_both(german):
    shown = re.compile(
        r"-?\d+\.\d+(?:e[+-]\d+)?|\w+\[[^\]]*\]|\w+\.\w+\([^)]*\)|\([\d, ]+\)|\beq\d\b"
    )
    for _, name, text in messages():
        assert sorted(shown.findall(told(text))) == sorted(shown.findall(text)), name


def test_every_cause_of_an_error_has_german_words(german):
    for cause in Cause:
        for text in (cause.says, cause.cure):
            assert told(text) != text
            assert not left(re.sub("and, or oder not|ein and|np.where|as, ", "", told(text)))


@pytest.mark.parametrize("id", SECTION_2_1)
def test_verdicts_and_records_do_not_depend_on_the_language(id, catalogue, monkeypatch):
    functions = [
        TASKS[id].reference,
        lambda *given: None,
        *(m.wrong for m in TASKS[id].mistakes[:3]),
    ]

    def outcomes():
        shown = []
        monkeypatch.setattr(display_functions, "display", lambda *a, **k: shown.append((a, k)))
        monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append((a, k)))
        came = [verdict(id, function) for function in functions]
        return (
            [getattr(c, "mistake", c) for c in came],
            [getattr(c, "args", c) for c in came],
            shown,
        )

    for execution in ("", "autograde"):
        monkeypatch.setenv("NBGRADER_EXECUTION", execution)
        bplab.language("en")
        english = outcomes()
        monkeypatch.setattr(door, "_chosen", catalogue)
        assert outcomes() == english
        assert bool(english[2]) == bool(execution)


def test_while_nbgrader_grades_all_is_english(german, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert str(verdict("eq4", lambda *given: None)).startswith("✗ eq4 · equation (4)")


def test_in_english_errors_are_told_as_they_were_made():
    for _, _, text in messages():
        assert told(text) is text


def test_what_is_shown_of_a_check_is_german(german):
    failed = verdict("eq4", TASKS["eq4"].mistakes[0].wrong)
    assert "Der Faktor 2 fehlt." in str(failed)
    assert "Der Faktor 2 fehlt." in "\n".join(failed._render_traceback_())
    assert "The factor 2 is missing." in failed.english
    assert "Fall „allgemein“" in repr(failing_case("eq4"))
    passed = verdict("eq4", TASKS["eq4"].reference)
    assert "Gleich der Referenz" in repr(passed)
    assert "Gleich der Referenz" in passed._repr_html_()


def test_hints_and_progress_are_german(german):
    for id in SECTION_2_1:
        for step in (1, 2, 3):
            asked = hint(id, step)
            assert f"Tipp {step} von 3 zu {id}" in repr(asked)
            assert not [s for s in left(repr(asked)) if "return " not in s]
    assert "Dein Fortschritt" in repr(progress())
    assert "Dein Fortschritt" in progress()._repr_html_()


def test_the_report_of_a_gradient_is_german(german):
    report = check_gradient(lambda w: float(w @ w), lambda w: w, np.ones(3))
    assert str(report).startswith("3 Einträge: 0 richtig, 3 falsch")
    assert "relativer Fehler" in report._repr_html_()
    assert report.verdict == "wrong"


def test_errors_are_told_in_german_and_go_on_in_english(german):
    error = LearnerError("Your gradient function returns nothing: is a return missing?")
    assert str(error) == "Deine Gradientenfunktion gibt nichts zurück: Fehlt ein return?"
    assert error.english.startswith("Your gradient")
    with pytest.raises(InputError, match="check ruft man so auf: "):
        bplab.check()


def test_a_panel_is_german_with_its_label_its_numbers_and_its_description(german):
    panel = learning_rate()
    assert panel.slider.description == "Lernrate γ"
    assert panel.reset_button.description == "Zurück"
    assert panel.canvas.alt.startswith("Verlust R(θ) über den Epochen, logarithmisch. γ = 0.001")
    assert "Trefferquote" in panel.readout.value
    for gamma in (1e-5, 0.05, 0.3, 1.0):
        panel.state = f"gamma={gamma}"
        assert not left(panel.canvas.alt)
        assert not left(re.sub("<[^>]*>", " ", panel.readout.value))
    assert ">Epoche</text>" in panel.canvas.svg()
    panel.close()


def test_what_a_panel_says_of_a_function_that_fails_is_german(german):
    def gradients(X, Y, alpha, beta, sigma, g):
        return None

    panel = learning_rate(gradients)
    assert "Deine Gradientenfunktion gibt nichts zurück" in panel.readout.value
    assert not left(re.sub("<[^>]*>", " ", panel.readout.value)), panel.readout.value
    panel.close()


NAMES = re.compile(r"\b\w+(-\w+)+\b|^\[Picture:", re.MULTILINE)
"""Names of mistakes, and what stands for a picture: as they are in every language."""


@pytest.mark.one_in(2)
@pytest.mark.parametrize("id", ["eq4", "eq5"])
def test_a_gallery_with_hidden_names_is_german_before_and_after_the_answers(id, german):
    names = ["no-factor-2", "sign-flipped", "averaged-over-N", "examples-shifted"]
    names += ["bias-last", "bias-missing", "divided-by-g-prime", "square-lost"]
    hidden = bplab.mistakes_gallery(id, names, hide=True, epochs=60)
    wrong = dict(zip("ABCDEFGH", names, strict=True))
    told_apart = bplab.mistakes_gallery(id, names, answers=wrong, epochs=60)
    kinds = {s.verdict.kind for s in hidden.shown}
    assert len(kinds) > 3
    for gallery in (hidden, told_apart):
        page = re.sub("<[^>]*>", "\n", gallery._repr_html_())
        for text in (repr(gallery), page):
            assert not left(NAMES.sub("", " ".join(text.split()))), text
    assert "Noch keine Antwort für A, B, C, D, E, F, G, H." in repr(hidden)
    assert "Du hast no-factor-2 gesagt." in " ".join(repr(told_apart).split())
    assert {s.verdict.kind for s in told_apart.shown} == kinds  # what decides is no word


@pytest.mark.parametrize("id", ["half-eq4", "half-eq5"])
def test_what_a_puzzle_says_is_german_and_its_code_as_it_is(id, german):
    panel = bplab.parsons(id)
    right = panel.puzzle.right
    wrong = [w.text for line in panel.puzzle.lines for w in line.wrong]
    programs = [[], right[:1], right[::-1], right, *([w, *right] for w in wrong)]
    programs += [[w if i == at else r for i, r in enumerate(right)] for w in wrong for at in (0, 1)]
    for program in programs:
        panel.chosen[:] = program
        panel.run()
        said = re.sub("<[^>]*>", "", panel.said.value)
        assert not left(said), said
    assert list(panel.line_buttons) == list(panel.puzzle.offered)
    assert panel.run_button.description == "Diese Zeilen ausführen"
    assert not left(panel._repr_mimebundle_()["text/plain"].partition("\n")[0])


def test_mine_is_german(german):
    for text in (bplab.mine._title, *{whose for _, _, whose in bplab.mine._rows()}):
        assert not left(text)
        assert text in repr(bplab.mine)
        assert text in bplab.mine._repr_html_()
    said = told(
        "mine.hidden: the library's runs here; none of yours is kept. Once "
        'check("hidden", hidden) passes in section_1, it is yours.'
    )
    assert said.startswith("mine.hidden: Hier läuft die der Bibliothek; von dir ist keine")
    with pytest.raises(InputError, match=r"mine\[…\] bekommt die Kennung einer Aufgabe"):
        bplab.mine["eq99"]


@pytest.mark.parametrize("id", SECTION_2_1)
@pytest.mark.parametrize("kind", ["shape", "step", "mistake"])
def test_what_a_review_asks_is_german(id, kind, german):
    asked = (KINDS[kind].make(TASKS[id], np.random.default_rng(seed)) for seed in range(6))
    some = [item for item in asked if item]
    for item in [*some, *(item.then for item in some if item.then)]:
        of_choices = [text for c in item.choices for text in (c.text, c.because)]
        for text in (item.question, *of_choices, *(table.name for table in item.tables)):
            assert not left(told(text)), text
    assert some


@pytest.mark.parametrize("id", SECTION_2_1)
def test_whatever_sets_the_wrong_cases_apart_has_german_words(id, german):
    """Which of these is said of a function hangs on how far a search came."""
    task = TASKS[id]
    drawn = [c for n in range(3) for c in task.cases(np.random.default_rng(n))]
    traits = sorted({t for c in drawn for t in known_answers(task, c).traits})
    conditions = [
        *traits,
        *(beyond("T", side, 7, 7.5).says for side in (-1, 0, 1)),
        at_least("M", 4).says,
        at_most("K", 2).says,
        f"{traits[0]}, {traits[-1]} and N = 1, among other things",
        f"{traits[1]} or where {traits[-2]}",
    ]
    for condition in conditions:
        for text in (": only where", ", and wrong only where"):
            said = told(f"grad_alpha is right in 2 of 16 cases{text} {condition}.")
            assert not left(said), said


def test_no_sentence_is_german_in_part(german):
    """What is not translated stays English as a whole, whatever stands in the catalogue."""
    texts = {
        text
        for task in TASKS.values()
        for text in (
            *task.hints,
            *(t for m in getattr(task, "mistakes", ()) for t in (m.says, m.hint)),
        )
    }
    pieces = {text[start:end] for text in texts for start, end in sentences(text)}
    mixed = [piece for piece in pieces if told(piece) != piece and PROSE.search(told(piece))]
    assert len(pieces) > 1000
    assert mixed == []


@pytest.mark.parametrize(
    "text",
    [
        "The bias column of grad_beta is right, the weights are not. "
        "It is right only where K = 1 or where N = 1.",
        "Some entries of delta are zero, all others are right. It is wrong only where N = 1.",
        "Where grad_beta is wrong it is all zeros. It is wrong only where N = 1.",
        "Two mistakes at once: In delta: Your delta is summed over the examples; one delta an "
        "example is wanted. In grad_beta: Every example's delta meets the inputs of all examples: "
        "you sum before you multiply.",
        "Only the last row of grad_beta is right. A row is one output. It is right only where "
        "K = 1.",
        "Only the first column of delta is wrong.",
        "A row is one example.",
        "Work out the first by hand: what is different there? Ways to get this: an index that "
        "never changes; or = in place of += in a loop, a sum set to 0 inside it, or an addition "
        "that stands after it; or an array that is written into while its old numbers are still "
        "needed.",
        "Inside there is Delta. Is that what you mean by delta?",
        "It raises ValueError: no such axis, in line 3: delta.T @ ones. What stands outside: "
        "delta (5, 4).",
    ],
)
def test_what_is_put_together_of_two_parts_or_of_some_cases_is_german_to_its_end(text, german):
    said = told(text)
    assert said != text
    assert not ENGLISH.search(VERBATIM.sub("", said.replace("no such axis", "")))


def test_a_step_of_two_is_written_as_each_of_them_is(german):
    assert told("Step: output delta and weight gradient.") == (
        "Schritt: Ausgabe-Delta und Gewichtsgradient."
    )
