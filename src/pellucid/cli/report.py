"""The output of `pellucid train`: the table, the training, and the scores."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from rich.table import Table

from pellucid.cli.experiment import Outcome, sizes
from pellucid.cli.plan import Plan
from pellucid.cli.scores import Scores, clear_difference, lower_log_loss
from pellucid.cli.signs import visible
from pellucid.cli.terminal import Terminal
from pellucid.maths.percent import percent
from pellucid.maths.schedules import Constant
from pellucid.models.encoded_table import EncodedTable
from pellucid.optimizers import FirstOrder
from pellucid.tables.errors import quoted
from pellucid.tables.tasks import Task

MAX_NAMES = 8

_REMEDY = "; --class-weight balanced makes it name the rarer classes"

Fact = tuple[str, str]


def describe_table(console: Terminal, path: Path, encoded: EncodedTable) -> None:
    """Print the table, the task, the inputs and the split of the rows."""
    n_rows, n_columns = encoded.n_rows, encoded.n_columns
    parts = encoded.parts
    facts = [("table", f"{visible(path)}: {_many(n_rows, 'row')}, {_many(n_columns, 'column')}")]
    facts += [("read" if place == 0 else "", remark) for place, remark in enumerate(encoded.remarks)]
    facts.append(("target", _target(encoded)))
    if encoded.task.classifies:
        facts.append(("", _classes(encoded.task)))
    if encoded.rows_without_target:
        how = f" ({encoded.words_without_target})" if encoded.words_without_target else ""
        facts.append(("", f"{_many(encoded.rows_without_target, 'row')} without a target dropped{how}"))
    facts.append(("columns", _columns(encoded)))
    if encoded.missing_values:
        facts.append(("", f"{_many(encoded.missing_values, 'missing value')} filled"))
    for reason, names in _by_reason(encoded.columns.left_out).items():
        more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
        facts.append(("left out", f"{', '.join(map(visible, names[:MAX_NAMES]))}{more}: {reason}"))
    facts += [("note" if place == 0 else "", note) for place, note in enumerate(encoded.notes)]
    validation = f" · {len(parts.validation):,} to stop early by" if len(parts.validation) else ""
    facts.append(
        ("rows", f"{len(parts.training):,} to learn from{validation} · {len(parts.test):,} held out for the test")
    )
    _print_facts(console, facts)


def describe_training(console: Terminal, plan: Plan, outcome: Outcome) -> None:
    """Print the network, its training, and why it stopped."""
    optimizer = plan.optimizer
    rate = f"learning rate {optimizer.learning_rate:g}" if isinstance(optimizer, FirstOrder) else ""
    batches = f"batches of {plan.batch_size}" if plan.batch_size else "all rows at once"
    settings = plan.settings
    extras = [
        "" if isinstance(plan.schedule, Constant) else f"schedule {plan.schedule.name}",
        f"L2 penalty {settings.l2:g}" if settings.l2 else "",
        "" if plan.loss is None else f"loss {plan.loss.name}",
        f"class weights {', '.join(settings.class_weight)}" if settings.class_weight else "",
        f"dropout {settings.dropout:g}" if settings.dropout else "",
        f"label smoothing {settings.label_smoothing:g}" if settings.label_smoothing else "",
        "" if settings.clip_norm is None else f"gradients of at most {settings.clip_norm:g}",
        "" if settings.max_norm is None else f"weights of a unit of at most {settings.max_norm:g}",
    ]
    network = outcome.model.network
    shape = f"{sizes(network)} units, {plan.activation.name}, {network.theta.size:,} parameters"
    how = ", ".join(filter(None, [optimizer.name, rate, batches, *extras, f"seed {settings.seed}"]))
    facts = [("network", shape), ("training", how), ("", _ending(outcome))]
    _print_facts(console, facts)


def _ending(outcome: Outcome) -> str:
    history = outcome.history
    ended = f"{_many(len(history), 'epoch')} in {outcome.seconds:.1f} s"
    if history.ending == "interrupted":
        ended += ", ended by Ctrl-C"
    elif history.ending == "early stopping":
        ended += f", ended early: {history.stopped.partition(': ')[2].replace('_', ' ')}"
    elif history.ending == "callback":
        ended += ", ended by --max-seconds"
    if history.best_epoch is not None:
        ended += f"; the network is that of epoch {history.best_epoch + 1}"
    return ended


def tell_scores(console: Terminal, encoded: EncodedTable, outcome: Outcome) -> None:
    """Print the scores of the network and its baselines, and a conclusion in one sentence."""
    table = Table(title=f"On the {len(encoded.parts.test):,} held-out rows", title_justify="left", title_style="bold")
    table.add_column("model")
    for score in outcome.scores.figures:
        table.add_column(score, justify="right")
    for scores in outcome.models:
        style = "bold" if scores is outcome.scores else ""
        table.add_row(scores.name, *(_score(name, value) for name, value in scores.figures.items()), style=style)
    console.print()
    console.print(table)
    console.print(verdict(encoded, outcome))


def verdict(encoded: EncodedTable, outcome: Outcome) -> str:
    """Conclusion: the score of the network, and whether it is better than its baselines by more than chance."""
    network, linear, constant = outcome.scores, outcome.linear, outcome.constant
    evaluator = outcome.evaluator
    if evaluator.figure == "R²":
        share, target = max(network.figures["R²"], 0.0), quoted(encoded.task.target)
        result = f"The network explains {percent(share)} of how {target} varies in rows it never saw"
    elif evaluator.figure == "accuracy":
        result = f"The network is right in {_right(network)} of {len(encoded.parts.test):,} held-out rows"
    else:
        value = percent(network.figures[evaluator.figure], 1)
        result = f"Judged by balanced accuracy, for {evaluator.reason}: the network has {value}"
    if clear_difference(network, constant) <= 0:
        if lower_log_loss(network, constant):
            remedy = "" if encoded.task.classifies and "weight" in evaluator.reason else _REMEDY
            return (
                f"{result}, which is not clearly better than {constant.name}, but its probabilities are (log loss "
                f"{network.figures['log loss']:.3g}, not {constant.figures['log loss']:.3g}){remedy}."
            )
        doubt = "there are too few held-out rows to tell, or nothing to learn in these columns"
        return f"{result}, which is not clearly better than {constant.name}: {doubt}."
    if linear is None:
        return (
            f"{result}: clearly better than {constant.name}. (Ctrl-C ended the fit of {outcome.linear_name}, which is "
            "left out.)"
        )
    if network.errors.mean() == linear.errors.mean():
        return f"{result}: exactly as good as {linear.name}."
    against_linear = {
        1: f"clearly better than {linear.name}",
        0: f"about as good as {linear.name} (the difference is within chance)",
        -1: f"clearly worse than {linear.name}, which is the one to use",
    }[clear_difference(network, linear)]
    return f"{result}: {against_linear}."


def _target(encoded: EncodedTable) -> str:
    task = encoded.task
    return f"{visible(task.target)}: {'classification' if task.classifies else 'regression'}, for {task.reason}"


def _classes(task: Task) -> str:
    counts = Counter(task.classes[int(code)] for code in task.y).most_common()
    shown = ", ".join(f"{visible(label)} ({count:,})" for label, count in counts[:10])
    more = f" and {len(counts) - 10} more" if len(counts) > 10 else ""
    return f"{len(counts)} classes: {shown}{more}"


def _columns(encoded: EncodedTable) -> str:
    columns = encoded.columns
    kinds = [
        (columns.numbers, "of numbers, scaled"),
        (columns.categories, "of text, one-hot encoded"),
        (columns.times, "of dates, as numbers"),
    ]
    shown = "; ".join(f"{len(names):,} {kind}{_named(names)}" for names, kind in kinds if names)
    return f"{shown}: {_many(encoded.X.shape[1], 'input')}"


def _named(names: list[str]) -> str:
    return f" ({', '.join(map(visible, names))})" if len(names) <= 4 else ""


def _by_reason(left_out: dict[str, str]) -> dict[str, list[str]]:
    """Columns grouped by reason; the counts in brackets at the end of a reason are kept if it has a single column."""
    grouped: dict[str, dict[str, str]] = {}
    for name, reason in left_out.items():
        grouped.setdefault(re.sub(r" \([^()]*\)$", "", reason), {})[name] = reason
    return {kind if len(names) > 1 else next(iter(names.values())): list(names) for kind, names in grouped.items()}


def _print_facts(console: Terminal, facts: list[Fact]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True, min_width=8)
    grid.add_column(overflow="fold")
    for name, text in facts:
        grid.add_row(name, visible(text))
    console.print(grid)


def _score(name: str, value: float) -> str:
    if "accuracy" in name:
        return percent(value, 1)
    if name == "R²":
        return _r2(value)
    return f"{value:.4g}"


def _r2(value: float) -> str:
    """Round to three digits; 1.000 is written only for exactly 1."""
    rounded = round(value, 3) + 0.0  # + 0.0 makes -0 a 0
    return ">0.999" if rounded == 1 and value < 1 else f"{rounded:.3f}"


def _right(scores: Scores) -> str:
    return f"{int((scores.errors == 0).sum()):,}"


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
