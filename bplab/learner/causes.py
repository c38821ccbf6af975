"""Why learners' functions stop: a closed list of causes, each with its words and a cure.

These words contain nothing of a learner's, no name and no number: a kernel that grades sends only
the name of a cause, and the grader has the words.
"""

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Cause", "Told"]


class Cause(StrEnum):
    """A cause: its value is its name, ``says`` completes "raises TypeError: …", ``cure`` helps."""

    says: str
    cure: str

    def __new__(cls, name: str, says: str, cure: str) -> "Cause":
        """Make a member; called by the class itself."""
        made = str.__new__(cls, name)
        made._value_, made.says, made.cure = name, says, cure
        return made

    SIGNATURE = (
        "wrong-signature",
        "your function takes other arguments than it is given",
        "Keep the first line as it was.",
    )
    # --- operators
    POWER = (
        "power",
        "^ is used for a power",
        "In Python ^ works on the bits of whole numbers, and after + and -. A power is **.",
    )
    BITS = (
        "bits",
        "&, | or ~ is used on numbers that are not truth values",
        "They work on the results of comparisons, and bind more tightly than these: put each "
        "comparison into brackets, (x > 0) & (x < 1).",
    )
    MATMUL = (
        "matmul-shapes",
        "the inner sizes of a matrix product do not agree",
        "In A @ B, A has as many columns as B has rows. Write the shapes in the paper's letters "
        "beside the names: is one to be transposed, are the two in the wrong order, or is * meant, "
        "entry by entry?",
    )
    MATMUL_STACKS = (
        "matmul-stacks",
        "a matrix product is taken of stacks with different numbers of matrices",
        "The last two axes are those of the matrices; the axes before must have equal sizes, or "
        "size 1.",
    )
    MATMUL_NUMBER = (
        "matmul-number",
        "a matrix product is taken with a single number",
        "@ multiplies matrices and vectors; a number multiplies with *.",
    )
    BROADCAST = (
        "broadcast-shapes",
        "two arrays do not fit each other entry by entry",
        "Shapes are compared from the last axis on: two sizes must be equal, or one of them 1. "
        "Write the shapes in the paper's letters beside the names. A sum or a maximum over an axis "
        "takes that axis away; keepdims=True leaves it, with size 1.",
    )
    IN_PLACE_SHAPE = (
        "in-place-shape",
        "an array would become larger in place",
        "a += b keeps the shape of a. Start from an array of the result's shape, or sum b first.",
    )
    CASTING = (
        "whole-numbers",
        "an array of whole numbers or truth values is to hold fractions",
        "np.zeros_like takes over the type of its model. Make the array of floats: "
        "np.zeros(shape), or dtype=float. Or write a = a + b, which makes a new one.",
    )
    TRUTH_MINUS = (
        "truth-minus",
        "truth values are subtracted",
        "The result of a comparison is made numbers by .astype(float).",
    )
    WHOLE_POWER = (
        "whole-power",
        "a whole number is raised to a negative power",
        "Make it a float first: x.astype(float), or 1.0 / x.",
    )
    LIST_ARITHMETIC = (
        "list-arithmetic",
        "arithmetic is done with a list or tuple as a whole",
        "Go through its entries, array by array: [… for a in alphas]. To join: [*alphas, beta].",
    )
    LIST_JOIN = (
        "list-join",
        "a list or tuple is joined with something of another type",
        "+ joins two lists, or two tuples: list(alphas) + [beta], or [*alphas, beta].",
    )
    NONE = (
        "none",
        "something is None",
        "Look at where it comes from: a function without a return gives None, and so does "
        "anything that changes its object in place.",
    )
    NO_RETURN = (
        "no-return",
        "a function of yours returns nothing, and its result is used",
        "End the function with return and its result.",
    )
    IN_PLACE = (
        "in-place-result",
        "the result is used of something that changes its object in place, and returns None",
        "Put it on a line of its own, and go on with the object itself.",
    )
    TEXT = (
        "text",
        "text is used as a number",
        "A number in quotation marks is text: take them away, or use float(text). For a message, "
        'print takes both: print("R is", R).',
    )
    METHOD = (
        "method-without-brackets",
        "a method is used without its brackets",
        "Without brackets it is the method itself, and no number: x.sum().",
    )
    FUNCTION = (
        "function-as-number",
        "a function is used as if it were a number or an array",
        "Call it with its argument in round brackets.",
    )
    ZERO = (
        "zero-division",
        "a number is divided by zero",
        "Look at where the divisor comes from: is it a count that may be 0?",
    )
    DOMAIN = (
        "math-domain",
        "a function of the module math is given a number that it is not defined for",
        "Logarithms and roots need positive numbers. numpy's functions give nan or -inf.",
    )
    OVERFLOW = (
        "math-overflow",
        "a number becomes too large",
        "numpy's functions give inf in place of an error. Better: a form in which the exponential "
        "is only taken of numbers that are not positive.",
    )
    # --- conditions
    TRUTH = (
        "array-condition",
        "an array is used as a condition",
        "A condition is one yes or no; an array has one for each entry. np.where(condition, a, b) "
        "chooses entry by entry; .any() and .all() make one answer of many.",
    )
    AND = (
        "and-on-arrays",
        "and, or or not is used on arrays",
        "These need one yes or no. Entry by entry: (a > 0) & (b > 0), (a > 0) | (b > 0), ~(a > 0).",
    )
    CHAIN = (
        "chained-comparison",
        "two comparisons in a row are used on an array",
        "There is an and inside. Entry by entry: (a < x) & (x < b).",
    )
    MAXIMUM = (
        "max-of-arrays",
        "Python's own max, min or sorted compares arrays as a whole",
        "np.maximum(a, b) and np.minimum(a, b) compare entry by entry; x.max() is the largest "
        "entry.",
    )
    # --- calls
    MATH = (
        "math-on-array",
        "a function of the module math is given an array or a list",
        "The module math takes one number. numpy has the function for arrays: np.exp, np.sqrt.",
    )
    ONE_NUMBER = (
        "array-for-number",
        "an array is given where one number is wanted",
        "Take one entry, x[i], or one number of all of them, x.sum(); leave float() or int() out "
        "if the array is meant.",
    )
    COUNT = (
        "argument-count",
        "a function is called with too many arguments or too few",
        "Compare the call with the function's first line.",
    )
    KEYWORD = (
        "unknown-keyword",
        "a function is given an argument by a name that it does not have",
        "Compare the call with the function's first line, or with its help.",
    )
    CALLED = (
        "no-function",
        "something that is not a function is called with round brackets",
        "An element is taken with square brackets; a product needs its *.",
    )
    HIDDEN_FUNCTION = (
        "hidden-function",
        "a variable hides a function of the same name",
        "Give the variable another name, and run its cell again; a name made in the notebook "
        "stays until the kernel is started again.",
    )
    SHAPE_BRACKETS = (
        "shape-without-brackets",
        "a shape is given as several arguments",
        "A shape is one tuple, in brackets of its own: np.zeros((N, K)).",
    )
    SHAPE_ARRAY = (
        "array-for-shape",
        "an array is given where a shape is wanted",
        "A shape is made of whole numbers: np.ones(len(Z)) has one entry for each row of Z, "
        "np.ones(Z.shape) as many as Z.",
    )
    WHERE = (
        "where-of-two",
        "np.where is given a value for one case of two",
        "np.where(condition, a, b) takes a where the condition holds, and b elsewhere.",
    )
    EINSUM = (
        "einsum-letters",
        "the letters of np.einsum do not fit the arrays",
        "Each array has as many letters as it has axes, and a letter stands for one size "
        "wherever it comes.",
    )
    JOIN_BRACKETS = (
        "join-without-brackets",
        "arrays to be joined are given as several arguments",
        "They come as one list, in brackets of its own: np.concatenate([a, b]).",
    )
    JOIN = (
        "joined-shapes",
        "arrays are joined that do not fit",
        "hstack and column_stack put arrays side by side, and need as many rows in each; vstack "
        "needs as many columns, stack equal shapes; concatenate goes along axis 0 if none is "
        "named. A vector is a column for column_stack only.",
    )
    RESHAPE = (
        "reshape-size",
        "an array is reshaped into another number of entries",
        "The product of the sizes must stay the same.",
    )
    RAGGED = (
        "ragged",
        "arrays of different shapes cannot become one array",
        "Keep them in a list, and work on each; or join them with np.concatenate.",
    )
    AXIS = (
        "no-such-axis",
        "an axis is named that the array does not have",
        "Axes are counted from 0: the rows of a matrix are axis 0, its columns axis 1.",
    )
    AXIS_TYPE = (
        "axis-type",
        "axis is given something that is no whole number",
        "axis is a whole number counted from 0, or a tuple of them.",
    )
    WHOLE = (
        "whole-number-wanted",
        "a float is given where a whole number is wanted",
        "/ always gives a float, 4 / 2 too: // gives a whole number.",
    )
    RANGE_ARRAY = (
        "range-of-array",
        "range is given something that is no whole number",
        "range takes a number: range(len(X)), or range(X.shape[0]) for the rows.",
    )
    LENGTH = (
        "no-length",
        "the length is asked of something that has none",
        "A single number has no length. Arrays, lists and tuples have.",
    )
    SQUARE = (
        "square-wanted",
        "a square matrix is wanted",
        "Inverses and determinants are of square matrices. Is it needed at all? No equation of "
        "the paper takes an inverse.",
    )
    MEMORY = (
        "too-large",
        "more is asked for than the memory holds",
        "Print the sizes: those of an exercise are small numbers.",
    )
    RECURSION = (
        "endless-recursion",
        "a function calls itself more often than Python allows",
        "Each call waits for one more. A function that a cell defines takes the place of any other "
        "of its name: is it that other one that you want to call?",
    )
    # --- elements
    INDEX = (
        "index-out-of-range",
        "an index finds no element",
        "Elements are counted from 0: the last of n has the index n - 1, or -1.",
    )
    INDICES = (
        "too-many-indices",
        "an array is given more indices than it has axes",
        "Look at its shape: a vector has one index, a single number none.",
    )
    INDEX_TYPE = (
        "index-type",
        "an index is no whole number",
        "An index is a whole number, a slice or an array of these. / always gives a float: // "
        "gives a whole number.",
    )
    LIST_INDICES = (
        "list-indices",
        "a list or tuple is indexed like a matrix",
        "First the entry, then what is in it: alphas[d][m, l].",
    )
    MASK = (
        "mask-shape",
        "a mask has another shape than the array",
        "A mask has a truth value for each entry, or for each row, of the array.",
    )
    NO_ELEMENTS = (
        "no-elements",
        "square brackets are put behind something that has no elements",
        "A function is called with round brackets; a single number has no elements.",
    )
    NO_LOOP = (
        "nothing-to-loop-over",
        "a single thing is used as if it had elements",
        "A loop that counts needs range(n); zip, enumerate and sum need arrays, lists or tuples.",
    )
    UNEVEN = (
        "uneven-rows",
        "zip is given rows of different lengths, and strict=True",
        "With strict=True all must be equally long. Print their lengths: which of them has too "
        "many elements, or lacks some?",
    )
    UNPACK = (
        "unpacking",
        "there are more names than values on the other side, or fewer",
        "There must be as many names as values. A loop with a counter is for i, a in enumerate(A); "
        "one through two arrays at a time is for a, b in zip(A, B).",
    )
    ELEMENT = (
        "several-for-one",
        "several numbers are put where there is room for one",
        "Write a slice on the left, or make one number of the right side.",
    )
    STORE = (
        "stored-shape",
        "an array is put into a place of another shape",
        "Both sides of the = must have one shape: print them.",
    )
    MASKED = (
        "masked-store",
        "the number of values differs from the number of places in the mask",
        "Take the same places on the right: z[mask] = f(x[mask]). Or choose entry by entry: "
        "np.where(mask, a, b).",
    )
    READ_ONLY = (
        "read-only",
        "an array is written to that is to be read only",
        "Work on a copy: a = a.copy().",
    )
    FIXED = (
        "tuple-assignment",
        "an element of something is set that cannot be changed",
        "A tuple cannot be changed: make a list of it, list(…).",
    )
    KEY = (
        "missing-key",
        "a dictionary has no such key",
        "Compare it with the keys that are there.",
    )
    UNHASHABLE = (
        "unhashable",
        "an array or a list is used as a key",
        "Keys are numbers, text, or tuples of these.",
    )
    # --- names
    NAME = (
        "unknown-name",
        "a name is used that nothing has",
        "Look at its spelling; capitals count. What another cell defines is there once that cell "
        "has been run; but the function is given everything it needs.",
    )
    UNBOUND = (
        "no-value-yet",
        "a variable is used before it has a value",
        "A name that is assigned anywhere in a function is the function's own in all of it. Give "
        "it a value first: before the loop, and on every way.",
    )
    ATTRIBUTE = (
        "unknown-attribute",
        "something is asked for an attribute that it does not have",
        "Look at its spelling, and at what it is.",
    )
    IMPORT = (
        "import",
        "an import does not find what it asks for",
        "numpy is all that an exercise needs.",
    )
    ASSERTION = (
        "own-assertion",
        "an assert of your own does not hold",
        "It has found something: print what it compares.",
    )
    WITHHELD = (
        "withheld",
        "a part of bplab is used that is not there while your work is graded",
        "Your own function is what counts.",
    )


class Told(NamedTuple):
    """What is said of an error: its cause if that is certain, and the values involved in words."""

    cause: Cause | None
    there: str = ""
