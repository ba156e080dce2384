"""Names from other libraries, and what to write here instead.

An unknown name raises an error that gives the right one: `net.fit(learning_rate=0.1)`, `net.save`, `Dense(4, "relu")`.
"""

from __future__ import annotations

from collections.abc import Iterable

from pellucid.maths.registry import did_you_mean

FIT_ARGUMENTS = {
    "learning_rate": "optimizer=Adam(learning_rate={value!r}), from pellucid.optimizers",
    "lr": "optimizer=Adam(learning_rate={value!r}), from pellucid.optimizers",
    "learning_rate_init": "optimizer=Adam(learning_rate={value!r}), from pellucid.optimizers",
    "momentum": "optimizer=Momentum(momentum={value!r}), from pellucid.optimizers",
    "weight_decay": "penalty=L2({value!r}), from pellucid.penalties, or optimizer=AdamW(weight_decay={value!r})",
    "alpha": "penalty=L2({value!r}), from pellucid.penalties",
    "l2": "penalty=L2({value!r}), from pellucid.penalties",
    "l1": "penalty=L1({value!r}), from pellucid.penalties",
    "solver": "optimizer={value!r}",
    "verbose": "progress={flag}",
    "n_epochs": "epochs={value!r}",
    "nb_epoch": "epochs={value!r}",
    "max_iter": "epochs={value!r}",
    "iterations": "epochs={value!r}",
    "passes": "epochs={value!r}",
    "steps": "epochs={value!r}, or max_updates={value!r}",
    "batchsize": "batch_size={value!r}",
    "seed": "random_state={value!r}",
    "random_seed": "random_state={value!r}",
    "validation_data": "validation=(X_val, y_val)",
    "eval_set": "validation=(X_val, y_val)",
    "validation_split": "validation={value!r}",
    "validation_fraction": "validation={value!r}",
    "patience": "early_stopping=EarlyStopping(patience={value!r}), from pellucid",
    "n_jobs": "threads={value!r}",
    "lr_schedule": "schedule='cosine', or another of pellucid.schedules",
    "scheduler": "schedule='cosine', or another of pellucid.schedules",
    "class_weight": "sample_weight=, one weight per row; MLPClassifier(class_weight='balanced') takes class weights",
    "loss": "Network(layers, loss={value!r}): the loss belongs to the network",
    "metrics": "nothing: accuracy or R² is in history['metric']; callbacks=[…] for others",
}
"""Arguments of `fit` in other libraries, and what to write for them."""

NETWORK_ATTRIBUTES = {
    "save": "save it with pickle: pickle.dump(net, file)",
    "load_weights": "assign them: net.theta = weights, or net.layers[0].W = weights",
    "save_weights": "save net.theta: numpy.save(file, net.theta)",
    "get_weights": "net.theta holds all parameters; net.layers[0].W and net.layers[0].b those of a layer",
    "set_weights": "assign them: net.theta = weights, or net.layers[0].W = weights",
    "weights": "net.theta holds all parameters; net.layers[0].W and net.layers[0].b those of a layer",
    "parameters": "net.theta holds all parameters; net.layers[0].W and net.layers[0].b those of a layer",
    "coefs_": "net.layers[0].W holds the weights of the first layer",
    "intercepts_": "net.layers[0].b holds the biases of the first layer",
    "state_dict": "net.theta holds all parameters",
    "evaluate": "net.score(X, y) gives accuracy or R², net.loss_value(X, y) the loss",
    "compile": "nothing needs to be compiled: give the optimizer to net.fit(X, y, optimizer='adam')",
    "add": "give all layers at once: Network([Dense(2, 3, 'tanh'), Dense(3, 2, 'softmax')])",
    "train": "net.fit(X, y)",
    "train_on_batch": "pellucid.Trainer(net).step(X, y)",
    "partial_fit": "net.fit(X, y, epochs=1) continues from the current weights; MLPClassifier has partial_fit",
    "predict_classes": "net.predict(X)",
    "predict_log_proba": "numpy.log(net.predict_proba(X))",
    "transform": "net.forward(X).A[0] holds the outputs of the first hidden layer",
    "loss_curve_": "history = net.fit(X, y) returns the history: history['loss']",
    "history": "history = net.fit(X, y) returns it",
    "gradient": "net.backward(net.forward(X), y).theta",
    "eval": "nothing: dropout is active in `fit` only",
    "to": "Network(…, dtype='float32') chooses the type; there is no other device",
    "numpy": "net.theta is an array",
}
"""Attributes of networks in other libraries, and what to write for them."""


def unknown_fit_argument(name: str, value: object, known: Iterable[str]) -> str:
    """Error message for an unknown argument of `fit`, with the one to use.

    >>> unknown_fit_argument("learning_rate", 0.1, ["optimizer"])
    'fit() takes no argument learning_rate: write optimizer=Adam(learning_rate=0.1), from pellucid.optimizers'
    >>> unknown_fit_argument("epoch", 5, ["epochs", "optimizer"])
    "fit() takes no argument epoch: did you mean 'epochs'?"
    """
    if name in FIT_ARGUMENTS:
        words = FIT_ARGUMENTS[name].format(value=value, flag=bool(value))
        return f"fit() takes no argument {name}: write {words}"
    known = sorted(known)
    return f"fit() takes no argument {name}: {did_you_mean(name, known) or 'it takes ' + ', '.join(known)}"


def unknown_attribute(owner: str, name: str, known: Iterable[str]) -> str:
    """Error message for an unknown attribute of a network, with what to use.

    >>> unknown_attribute("Network", "evaluate", [])
    "'Network' has no attribute 'evaluate': net.score(X, y) gives accuracy or R², net.loss_value(X, y) the loss"
    """
    words = f"'{owner}' has no attribute {name!r}"
    if name in NETWORK_ATTRIBUTES:
        return f"{words}: {NETWORK_ATTRIBUTES[name]}"
    hint = did_you_mean(name, known)
    return f"{words}: {hint}" if hint else words
