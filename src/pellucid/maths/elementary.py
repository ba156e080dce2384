"""Elementary functions of a NumPy array, or of a number whose code is still being written.

A formula such as `exp` is written once, in Python, with `+ - * /` and the functions of this module:

* given NumPy arrays it computes, in plain Python: this is how it is read and tested;
* given a `Symbolic` number it writes instructions: this is how the compiled engine makes machine code of it.

The kernel formulas of activations, losses, penalties and update rules are made of these functions, so they run both
ways too. An `if` in a formula may look at the precision (`bits`), never at a value: `select` chooses between values.

Range reduction is Cody and Waite's (J.-M. Muller, *Elementary Functions*, 3rd ed., §11.2): k = round(x / ln 2) and r =
x − k ln 2 with ln 2 in two parts, so that e^x = 2ᵏ e^r with |r| ≤ ½ ln 2; that of `sincospi` is exact. The polynomials
were fitted with mpmath (`chebyfit`, 40 digits); the log's are those of FreeBSD's msun. The greatest error of each is
stated in units of ε, the spacing of floats at 1 (2⁻⁵² or 2⁻²³), and held by `tests/maths/test_elementary.py` against
mpmath.
NaN goes in, NaN comes out, everywhere.

>>> import numpy as np
>>> tanh(np.array([0.0, 1.0])).round(4)
array([0.    , 0.7616])
"""

from typing import Any, ClassVar

import numpy as np


class Symbolic:
    """A number, or a comparison, whose code is still being written. Its operators and methods write instructions.

    A number has `bits`, `+ - * /`, comparisons, and the methods `absolute`, `sqrt`, `copysign`, `fma`, `equals`,
    `shifted_to_exponent` and `split`, which do what the functions of this module with these names say. A comparison has
    `&`, `|`, `select(x, y)` and `indicator(like)`.
    """

    __slots__ = ()
    __array_ufunc__: ClassVar[None] = None  # NumPy leaves arithmetic with it to its own operators

    def __bool__(self) -> bool:
        raise TypeError(
            "a kernel formula computes many numbers at once, so no if, and, or, min or max can ask for one: use "
            "select, minimum and maximum of pellucid.maths.elementary"
        )

    def __abs__(self) -> Any:
        return absolute(self)

    def __pow__(self, exponent: int) -> Any:
        if not isinstance(exponent, int) or exponent < 1:
            raise TypeError(f"a kernel formula takes whole powers from 1, got {exponent!r}")
        power: Any = self
        for _ in range(exponent - 1):
            power = power * self
        return power


def symbolic(x: Any) -> bool:
    """Whether `x` stands for a number whose code is still being written."""
    return isinstance(x, Symbolic)


def bits(x: Any) -> int:
    """32 or 64: the precision in which `x` is held."""
    return x.bits if symbolic(x) else int(np.asarray(x).dtype.itemsize * 8)


def fma(x: Any, y: Any, z: Any) -> Any:
    """x·y + z, rounded once where the processor can (level v2 cannot, and rounds twice, as NumPy does)."""
    return x.fma(y, z) if symbolic(x) else x * y + z


def absolute(x: Any) -> Any:
    """|x|."""
    return x.absolute() if symbolic(x) else np.abs(x)


def copysign(x: Any, sign: Any) -> Any:
    """|x| with the sign of `sign`."""
    return x.copysign(sign) if symbolic(x) else np.copysign(x, sign)


def sqrt(x: Any) -> Any:
    """√x."""
    return x.sqrt() if symbolic(x) else np.sqrt(x)


def equals(x: Any, y: Any) -> Any:
    """Where x = y."""
    return x.equals(y) if symbolic(x) else x == y


def select(mask: Any, x: Any, y: Any) -> Any:
    """`x` where the mask holds, else `y`; either may be a plain number, not both."""
    if symbolic(mask):
        return mask.select(x, y)
    kind = x.dtype if hasattr(x, "dtype") else y.dtype
    return np.where(mask, np.asarray(x, kind), np.asarray(y, kind))


def indicator(mask: Any, like: Any) -> Any:
    """1 where the mask holds, else 0, in the precision of `like`."""
    return mask.indicator(like) if symbolic(mask) else mask.astype(like.dtype)


def maximum(x: Any, y: Any) -> Any:
    """The larger; `x` where `x` is NaN. (A NaN in `y` is lost: give the datum as `x` and the limit as `y`.)"""
    return select(x < y, y, x)


def minimum(x: Any, y: Any) -> Any:
    """The smaller; `x` where `x` is NaN."""
    return select(x > y, y, x)


def sign(x: Any) -> Any:
    """1 where x > 0, −1 where x < 0, and x itself (0 or NaN) elsewhere."""
    return select(x > 0.0, 1.0, select(x < 0.0, -1.0, x))


def shifted_to_exponent(x: Any) -> Any:
    """The lowest bits of x moved into the exponent's place: 2ᵏ, for x = magic + k (see `reduced`)."""
    if symbolic(x):
        return x.shifted_to_exponent()
    whole: Any = x.view(np.int64 if bits(x) == 64 else np.int32)
    return (whole << FRACTION_BITS[bits(x)]).view(x.dtype)


def split(x: Any) -> tuple[Any, Any]:
    """(m, k) with x = m·2ᵏ and √½ ≤ m < √2, for positive normal x.

    Subtracting the bits of √½ before the exponent is cut off moves the boundary from a power of two to √2 times one.
    """
    if symbolic(x):
        return x.split()
    fraction, root = FRACTION_BITS[bits(x)], SQRT_HALF_BITS[bits(x)]
    kind = np.int64 if bits(x) == 64 else np.int32
    raw: Any = np.ascontiguousarray(x).view(kind)
    exponent = (raw - root) >> fraction
    return (raw - (exponent << fraction)).view(x.dtype), exponent.astype(x.dtype)


FRACTION_BITS = {64: 52, 32: 23}
SQRT_HALF_BITS = {64: 0x3FE6A09E667F3BCD, 32: 0x3F3504F3}
"""The bits of √½ as an integer."""
LOG2_E = 1.4426950408889634
HALF_LN_2 = 0.34657359027997264
# Adding one of these rounds to an integer k and leaves k + 1023 (k + 127), the exponent of 2ᵏ, in the lowest bits.
MAGIC_64, MAGIC_32 = 1.5 * 2.0**52 + 1023.0, 1.5 * 2.0**23 + 127.0
# (e^r − 1 − r) / r² on |r| ≤ ½ ln 2, lowest power first; relative error of e^r: 1.3e-17 and 8e-9.
EXP_64 = (
    0.5000000000000001, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062, 0.0013888888917213717,
    0.00019841269863053618, 2.4801521295954376e-05, 2.7557268459997064e-06, 2.7620088445409746e-07,
    2.510038549551032e-08,
)  # fmt: skip
EXP_32 = (0.5, 0.16666576669, 0.0416665546172, 0.00836317905272, 0.00139261835877)
# (tanh u / u − 1) / u² as a polynomial of u² on |u| ≤ ¼ ln 2; relative error of tanh u: 1.6e-17 and 5.5e-10.
TANH_64 = (
    -0.333333333333332819, 0.133333333332103991, -0.0539682534921142907, 0.0218694210297065369,
    -0.00885890219692779299, 0.00346341602757294573,
)  # fmt: skip
TANH_32 = (-0.33333331494406957, 0.1333223466864174, -0.0529926815042319672)
# log(1 + f) = f − s(f − R), s = f/(2 + f), R = s²(L₁ + L₂ s² + …)
LOG_64 = (
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
)  # fmt: skip
LOG_32 = (0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841)
# e^{x²} erfc(x) as a polynomial of t = (x − 2.5)/(x + 2.5), 0 ≤ x ≤ 6 (4 in float32); error 2e-17 (6e-10).
ERFC_64 = (
    0.2108063640611436, -0.3717367339489734, 0.25171319321744945, -0.1250330523788187, 0.03992253907557491,
    -0.003993701166647828, -0.002642365964855792, 0.0008759154724648841, 0.00022838042124216423,
    -0.00012887745910593554, -3.418313353695541e-05, 1.861599266650004e-05, 7.561055331826597e-06,
    -2.297621127403909e-06, -1.8388294084191092e-06, 4.324627236331963e-08, 4.0006651044520195e-07,
    1.6055470094141274e-07, 2.2721980272280577e-08,
)  # fmt: skip
ERFC_32 = (
    0.21080636355, -0.371736728682, 0.251713309511, -0.125033221293, 0.039918093038, -0.00400105566122,
    -0.00260601201441, 0.00103194494401, 0.000469620586746, 4.0434953465e-05,
)  # fmt: skip
# (sin πr / r − π) / r² and (cos πr − 1) / r² as polynomials of r² on |r| ≤ ¼; relative errors: 1.3e-17 (1.3e-8) and
# 2e-19 (3e-10).
PI = 3.141592653589793
SINPI_64 = (
    -5.167712780049969396, 2.550164039876615633, -0.5992645291845385868, 0.08214587730641624913,
    -0.007370143643593738216, 0.0004622111022418109748,
)  # fmt: skip
SINPI_32 = (-5.1677121585749538, 2.549984999173205555, -0.5916117417252811245)
COSPI_64 = (
    -4.934802200544679307, 4.058712126416765171, -1.335262768853809441, 0.2353306302839922224, -0.02580688796470187609,
    0.001929493874894937986, -0.0001037008297159313195,
)  # fmt: skip
COSPI_32 = (-4.934802197496877428, 4.058710565713735806, -1.335137813900792402, 0.2321254139911851524)


SHORT = 6


def polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    """Σ cᵢ xⁱ. A short one by Horner's rule, which needs the fewest instructions: the processor fills the time that
    each waits for the one before with the next registers' work. A long one by Estrin's scheme, in which neighbours pair
    up, (c₀ + c₁x) + (c₂ + c₃x) x² + …, and those of one level do not wait for each other.
    """
    terms: list[Any] = list(coefficients)
    if len(terms) <= SHORT:
        total = terms.pop()
        while terms:
            total = fma(x, total, terms.pop())
        return total
    power = x
    while len(terms) > 1:
        pairs = [fma(power, high, low) for low, high in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(pairs) * 2 :]
        if len(terms) > 1:
            power = power * power
    return terms[0]


def reduced(x: Any) -> tuple[Any, Any]:
    """(e^r − 1, 2ᵏ) with x = r + k ln 2 and |r| ≤ ½ ln 2.

    The clamps are where the exponent field reaches 0 (2ᵏ reads as 0) and 2047 (as ∞), so overflow and underflow come
    out right without a case of their own, a little early: e^x = 0 below −708.7 (−87.6) and ∞ above 709.4 (88.3).
    """
    coefficients: tuple[float, ...]
    if bits(x) == 64:
        low, high, magic, coefficients = -709.4, 709.6, MAGIC_64, EXP_64
        ln2 = (0.693147180369123816490, 1.90821492927058770002e-10)
    else:
        low, high, magic, coefficients = -88.2, 88.6, MAGIC_32, EXP_32
        ln2 = (0.693145751953125, 1.428606765330187e-06)
    x = minimum(maximum(x, low), high)
    shifted = fma(x, LOG2_E, magic)
    k = shifted - magic
    r = fma(k, -ln2[1], fma(k, -ln2[0], x))
    return fma(r * r, polynomial(r, coefficients), r), shifted_to_exponent(shifted)


def exp(x: Any) -> Any:
    """e^x. Error ≤ 1.2 ε."""
    p, scale = reduced(x)
    return (p + 1.0) * scale


def expm1(x: Any) -> Any:
    """e^x − 1 without the cancellation near 0. Error ≤ 1.5 ε; −1 below −708.7, ∞ above 709.4."""
    return select(x > (709.4 if bits(x) == 64 else 88.3), float("inf"), expm1_of_negative(x))


def expm1_of_negative(x: Any) -> Any:
    """e^x − 1 where e^x does not overflow."""
    p, scale = reduced(x)
    return fma(p, scale, scale - 1.0)


def tanh(x: Any) -> Any:
    """tanh x with |x| = u + k·½ ln 2 and |u| ≤ ¼ ln 2: where s = 2⁻ᵏ = e^{−2(|x| − u)} and τ = tanh u, the addition
    theorem gives (1 − s + (1 + s) τ)/(1 + s + (1 − s) τ). One division and no cancellation: s = 1 near 0, and else
    1 − s ≥ ½. Error ≤ 2 ε.
    """
    end, magic, coefficients = (20.0, MAGIC_64, TANH_64) if bits(x) == 64 else (10.0, MAGIC_32, TANH_32)
    size = minimum(absolute(x), end)  # where tanh is 1 to every digit
    shifted = fma(size, -2 * LOG2_E, magic)
    u = fma(shifted - magic, HALF_LN_2, size)
    square = u * u
    t = fma(u * square, polynomial(square, coefficients), u)
    s = shifted_to_exponent(shifted)
    return copysign(fma(s + 1.0, t, 1.0 - s) / fma(1.0 - s, t, s + 1.0), x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^{−x}). Error ≤ 2 ε."""
    return 1.0 / (exp(-x) + 1.0)


def log(x: Any) -> Any:
    """ln x: −∞ at 0, NaN below. Error ≤ 1.5 ε for |ln x| > 0.05, and ≤ 1.5 ε |x − 1| nearer to x = 1."""
    double = bits(x) == 64
    tiny, up, steps = (2.3e-308, 2.0**54, 54.0) if double else (1.2e-38, 2.0**25, 25.0)
    denormal = x < tiny
    m, k = split(select(denormal, x * up, x))
    k = select(denormal, k - steps, k)
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    r = z * polynomial(z, LOG_64 if double else LOG_32)
    half_square = f * f * 0.5
    ln2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10) if double else (0.69313812256, 9.0580006145e-06)
    value = fma(k, ln2[0], -((half_square - fma(s, half_square + r, k * ln2[1])) - f))
    value = select(equals(x, 0.0), float("-inf"), value)
    # ∞ and NaN are their own logarithm; their bits would split into a number.
    return select(x < 0.0, float("nan"), select(x < float("inf"), value, x))


def log1p(x: Any) -> Any:
    """ln(1 + x) for x ≥ 0: the logarithm of the rounded sum u, and what the rounding lost, over u. Error ≤ 2 ε."""
    u = x + 1.0
    return log(u) + select(u < float("inf"), (x - (u - 1.0)) / u, 0.0)


def softplus(x: Any) -> Any:
    """ln(1 + e^x) = max(x, 0) + ln(1 + e^{−|x|})."""
    return maximum(x, 0.0) + log1p(exp(-absolute(x)))


def erfc_of_size(size: Any) -> Any:
    """(2/√π) ∫ₓ^∞ e^{−t²} dt for x ≥ 0, as e^{−x²} P((x − 2.5)/(x + 2.5)); far out, e^{−x²} rules."""
    end, coefficients = (6.0, ERFC_64) if bits(size) == 64 else (4.0, ERFC_32)
    near = minimum(size, end)
    return exp(-(size * size)) * polynomial((near - 2.5) / (near + 2.5), coefficients)


def erf(x: Any) -> Any:
    """(2/√π) ∫₀ˣ e^{−t²} dt. Absolute error ≤ 2.5 ε."""
    return copysign(1.0 - erfc_of_size(absolute(x)), x)


def normal_cdf(x: Any) -> Any:
    """Φ(x), the standard normal distribution. Absolute error ≤ 2.5 ε."""
    tail = erfc_of_size(absolute(x) * 0.7071067811865476) * 0.5
    return select(x > 0.0, 1.0 - tail, tail)


def rounded(x: Any) -> Any:
    """A whole number nearest to x, for |x| ≤ 2⁵¹ (2²²); beyond, for positive x, one that differs from x by little."""
    magic = 1.5 * 2.0**52 if bits(x) == 64 else 1.5 * 2.0**23
    return (x + magic) - magic


def sincospi(x: Any) -> tuple[Any, Any]:
    """sin πx and cos πx. Errors ≤ 1.5 ε, for every finite x; NaN of ±∞.

    Counting in half turns makes the reduction exact, where Cody and Waite's would lose digits with the size of x: first
    y = x − 2 round(x/2), in [−1, 1], then r = y − k/2 with k = round(2y), in −2 … 2, so that |r| ≤ ¼. sin and cos of πr
    change places where k is odd. The first step is done twice, because beyond 2⁵¹ (2²²) the nearest whole number is not
    found, but one that leaves an even difference.
    """
    double = bits(x) == 64
    size = absolute(x)
    y = size - rounded(size * 0.5) * 2.0
    y = y - rounded(y * 0.5) * 2.0
    y = select(x < 0.0, -y, y)
    k = rounded(y + y)
    r = y - k * 0.5
    square = r * r
    sine = fma(r * square, polynomial(square, SINPI_64 if double else SINPI_32), r * PI)
    cosine = fma(square, polynomial(square, COSPI_64 if double else COSPI_32), 1.0)
    odd = equals(absolute(k), 1.0)
    sign_of_even = 1.0 - absolute(k)  # 1 for k = 0, −1 for ±2
    return select(odd, k * cosine, sign_of_even * sine), select(odd, -(k * sine), sign_of_even * cosine)


def sinpi(x: Any) -> Any:
    """sin πx; see `sincospi`."""
    return sincospi(x)[0]


def cospi(x: Any) -> Any:
    """cos πx; see `sincospi`."""
    return sincospi(x)[1]
