"""The plan of a run: which number stands where in the arrays that tell a kernel what to do.

A kernel is given no objects, only arrays of numbers. `layers` has a row of whole numbers for each layer; `plan` and
`settings` hold what there is once. `options` holds the numbers that formulas are given: other arrays say where.
`pellucid.engines.packing` fills them.
"""

# A row of `layers`. Offsets W and B point into θ, the others into the workspace; equal offsets share one block.
INPUTS = 0  # p
UNITS = 1  # h
ACTIVATION = 2  # its number (see `pellucid.engines.formulas`), BY_ROWS for softmax, or NO_ACTIVATION
W = 3  # the weights (p, h) of an affine layer; the only parameter of another one
B = 4  # the biases (h,) of an affine layer
Z = 5  # pre-activations; the same place as H where the derivative needs only H, and without activation
H = 6  # f(Z)
A = 7  # what the next layer sees; the same place as H without dropout
MASK = 8  # the dropout mask
THRESHOLD = 9  # a unit is kept where its random bits reach this; −1 without dropout
OPTIONS = 10  # where the activation's numbers stand in `options`
DROPOUT_SCALE = 11  # where 1/(1 − rate) stands in it, by which dropout multiplies the units that are kept
TRANSFORM = 12  # Aˡ⁻¹ → Zˡ: one of the numbers below
LAYER_FIELDS = 13

AFFINE, SCALE, PERIODIC = 0, 1, 2  # values of TRANSFORM, see `transforms`
TRANSFORMS = {"scale": SCALE, "periodic": PERIODIC}
"""The numbers of those that are layers by themselves, by their `Operation.kernel_name`."""

# The numbers of what has no formula.
BY_ROWS = -1  # softmax and cross-entropy look at whole rows, and have kernels of their own (`outputs`)
NONE = -1  # no penalty, no update
NO_ACTIVATION = -2  # in no table: H = Z, and δ stays as it is

# `plan`.
N_LAYERS = 0
ROWS = 1  # n
FEATURES = 2  # p of the first layer
OUTPUTS = 3  # k
BATCH = 4
TILE = 5  # samples that are worked on at a time
LD = 6  # elements from one unit's samples to the next unit's
EPOCHS = 7
SIZE = 8  # the length of θ, rounded up to whole registers
LOSS = 9  # its number, or BY_ROWS for cross-entropy
CANONICAL = 10  # whether the loss's formula gives ∂ℓ/∂Z itself
UPDATE = 11  # the number of the update rule; NONE: leave θ as it is
METRIC = 12
MEAN = 13  # whether the loss is averaged over a batch
HAS_WEIGHT = 14
ORDER_STEP = 15  # from one epoch's order of rows to the next one's; 0 where all epochs share one
THREADS = 16
SEED = 17  # of dropout
STEP = 18  # updates made before this call
RESIDENT = 19  # whether each batch is the same one tile, which then stays in place from step to step
X_AT = 20  # blocks of the workspace: inputs,
Y_AT = 21  # targets,
LABELS_AT = 22  # class numbers,
WEIGHT_AT = 23  # sample weights,
LOSS_AT = 24  # losses of one output,
DELTA_AT = 25  # δ of the layer at hand,
OTHER_AT = 26  # δ of the layer before
WORK = 27  # the length of one worker's workspace
LOSS_OPTIONS = 28  # where the loss's numbers stand in `options`
PENALTY = 29  # its number, or NONE
PENALTY_OPTIONS = 30  # where its numbers stand in `options`
STEP_NUMBERS = 31  # how many numbers of an update there are in `numbers`
PLAN_FIELDS = 32
TILES_PER_SUM = 16
"""So many tiles' gradients are added up in θ's precision."""
ACCURACY_OF_SIGMOIDS, R2 = 0, 1  # values of METRIC; cross-entropy brings its own

# `settings`.
TOTAL_WEIGHT = 0
CLIP_NORM = 1  # how long a gradient may be; 0: as long as it is
MAX_NORM = 2  # how long a unit's weight vector may be; 0: as long as it is
SETTINGS = 3

# A row of `sums` and of `results`: the loss, the tally (one number or k), then the penalty and a sign of NaN.
TALLY = 1


def row_length(n_outputs: int) -> int:
    """The length of a row of `sums` and of `results`."""
    return TALLY + max(n_outputs, 1) + 2
