"""No sentence of a lesson is contradicted by the numbers above it, whatever the options."""

import ast
import inspect
import re
import sys

import pytest

from pellucid import lessons

from .claims import CLAIMS, Page

pytestmark = pytest.mark.slow

DEFAULT = "This paragraph is about the default settings"
# A middle and a large number of passes for each lesson; the small one is 1. Large is that of the tutorial, or close.
PASSES = {
    "gradient-descent": (30, 40_000),
    "neuron": (20, 2_000),
    "by-hand": (40, 5_000),
    "logistic-regression": (300, 5_000),
    "moons": (400, 20_000),
    "moons-elu": (60, 10_000),
    "moons-squared-error": (50, 20_000),
    "clouds": (5, 10_000),
    "hidden-sizes": (20, 20_000),
    "digits": (6, 200),
    "learning-rate": (30, 3_000),
    "optimizers": (2, 20),
    "normalisation": (10, 100),
    "symmetry": (50, 4_000),
    "vanishing-gradients": (2, 100),
    "overfitting": (8, 300),
    "universal": (2, 300),
    "homework": (60, 2_000),
}
HIDDEN = (1, 2, 12, 40)


def runs(name, whole):
    """The settings to try: short, three runs of every kind of option; whole, each option small, middle and large."""
    defaults = lessons.LESSONS[name].defaults
    if not defaults:
        return [{}]
    middle, large = PASSES[name]
    if not whole:
        short = [{"passes": 1, "hidden": 1}, {"passes": middle, "hidden": 12}, {"passes": middle, "seed": 7}]
    else:
        short = [{}]
        short += [{"passes": passes} for passes in (1, 2, middle, large // 10, large)]
        short += [{"seed": seed, "passes": passes} for seed in (1, 2, 7) for passes in (middle, large)]
        short += [{"hidden": hidden, "passes": passes} for hidden in HIDDEN for passes in (1, middle, large)]
    kept = [{option: value for option, value in run.items() if option in defaults} for run in short]
    return [run for place, run in enumerate(kept) if run not in kept[:place]]


@pytest.mark.parametrize("name", lessons.LESSONS)
def test_every_sentence_that_is_tied_to_numbers_agrees_with_them(name, capsys, proof_size):
    for options in runs(name, whole=proof_size(0, 1)):
        settings = lessons.LESSONS[name].defaults | options
        lessons.run(name, plots=False, **options)
        page = Page(capsys.readouterr().out, settings)
        for claim in CLAIMS.get(name, []):
            stands = claim.phrase in page.words
            if stands or claim.always:
                assert claim.holds(page) == stands, f"{name} {options}: {claim.phrase!r}\n{page.text}"
        differs = settings != lessons.LESSONS[name].defaults
        assert (DEFAULT in page.words) == (differs and by_default(name) > 0)
        # Readable, and about things that are counted right.
        assert max(map(len, page.text.splitlines())) <= 100
        assert not re.search(r"\b1 (passes|epochs|units|steps|points|layers|tanh units|hidden units)\b", page.words)
        assert sum("nan" in line.split() for line in page.text.splitlines()) == (name == "activations")


def calls(name, function):
    """The calls of a function in a lesson's script."""
    source = inspect.getsource(sys.modules[lessons.LESSONS[name].run.__module__])
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [node for node in found if getattr(node.func, "id", getattr(node.func, "attr", "")) == function]


def texts(node):
    """The texts that a call of `when` may print: each as what is constant in it."""
    for argument in [*node.args[1:], *(keyword.value for keyword in node.keywords)]:
        for branch in [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]:
            parts = branch.values if isinstance(branch, ast.JoinedStr) else [branch]
            text = "".join(part.value if isinstance(part, ast.Constant) else "…" for part in parts)
            if text:
                yield " ".join(text.split())


def by_default(name):
    return len(calls(name, "by_default"))


@pytest.mark.parametrize("name", lessons.LESSONS)
def test_every_sentence_that_may_be_left_out_has_a_claim(name):
    phrases = [claim.phrase for claim in CLAIMS.get(name, [])]
    for node in calls(name, "when"):
        for text in texts(node):
            assert any(phrase in text for phrase in phrases), text


def test_every_claim_is_one_of_its_lesson():
    for name, claims in CLAIMS.items():
        source = inspect.getsource(sys.modules[lessons.LESSONS[name].run.__module__])
        joined = " ".join(re.sub(r"[\"']\s*\n\s*f?[\"']", "", source).split())
        for claim in claims:
            assert claim.phrase in joined, claim.phrase
