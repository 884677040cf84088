"""Every exercise, three ways: the reference passes, the stub waits, each mistake is called by its name."""

import importlib
import pkgutil

import pytest

from dlcore import checks
from dlcore.exercise import Exercise

EXERCISES = {
    f"{module.name}.{name}": exercise
    for module in pkgutil.iter_modules(checks.__path__)
    for name, exercise in vars(importlib.import_module(f"dlcore.checks.{module.name}")).items()
    if isinstance(exercise, Exercise)
}
MISTAKES = [(name, i) for name, exercise in EXERCISES.items() for i in range(len(exercise.mistakes))]
each_exercise = pytest.mark.parametrize("name", EXERCISES)


def stub(*arguments): ...


def test_there_are_exercises():
    assert EXERCISES


@each_exercise
def test_the_reference_passes(name):
    exercise = EXERCISES[name]
    assert exercise.verdict(exercise.reference).startswith("✓")


@each_exercise
def test_the_stub_is_not_attempted(name):
    assert EXERCISES[name].verdict(stub).startswith("○ not attempted yet")


@pytest.mark.parametrize(("name", "i"), MISTAKES, ids=[f"{name}-{i}" for name, i in MISTAKES])
def test_a_mistake_is_called_by_its_own_name(name, i):
    wrong, sentence = EXERCISES[name].mistakes[i]
    told = EXERCISES[name].verdict(wrong)
    assert told.startswith("✗") and told.endswith(" " + sentence), told
    assert "\n" not in told and len(told) < 600


@each_exercise
def test_at_least_three_mistakes_each_with_a_sentence_of_its_own(name):
    sentences = [sentence for _, sentence in EXERCISES[name].mistakes]
    assert len(sentences) >= 3
    assert len(set(sentences)) == len(sentences), "one sentence for two mistakes names neither"
    assert all(s.endswith((".", "?", "!")) and len(s.split()) >= 4 for s in sentences)


@each_exercise
def test_at_least_two_cases_that_are_not_changed_by_checking(name):
    exercise = EXERCISES[name]
    assert len(exercise.cases) >= 2
    before = repr(exercise.cases)
    exercise.verdict(exercise.reference)
    assert repr(exercise.cases) == before


@each_exercise
def test_an_answer_that_returns_its_input_or_nothing_is_rejected(name):
    exercise = EXERCISES[name]
    for answer in (lambda *arguments: None, lambda *arguments: "text", lambda *arguments: arguments):
        assert exercise.verdict(answer).startswith("✗")


def test_windows_that_are_a_copy_are_told_so():
    def copied(x, k):
        return x.unfold(0, k, 1).unfold(1, k, 1).clone()

    told = EXERCISES["torch.windows"].verdict(copied)
    assert told.endswith("a copy of them. The task asks for the memory of x itself.")
