"""Matrix products. With Y = A B: the gradient of A is g Bᵀ, the gradient of B is Aᵀ g; a vector has one axis less.

Einsum says the same of any axes: the gradient of an operand is the sum of products of g with all the other operands.
"""

from __future__ import annotations

from ..broadcast import unbroadcast
from ..site import Site
from ..table import defvariadic, defvjp


def transposed(b: Site, x: str) -> str:
    """x with its last two axes exchanged."""
    axes = list(range(b.rank(x)))
    return b.Transpose(x, perm=[*axes[:-2], axes[-1], axes[-2]])


def matmul_left(b: Site, g: str, y: str, p: str, q: str) -> str:
    """g Bᵀ, summed over the axes along which A was broadcast."""
    if b.rank(q) == 1:
        return b.Mul(b.Unsqueeze(g, [-1]), q)
    if b.rank(p) == 1:
        return b.ReduceSum(b.Mul(q, b.Unsqueeze(g, [-2])), [*range(b.rank(q) - 2), -1], keepdims=0)
    if b.rank(p) == b.rank(q) == 2:
        return b.Gemm(g, q, transB=1)  # a transposition would be computed beforehand, and held beside the weights
    large = (*b.shape(y)[:-2], *b.shape(p)[-2:])
    return unbroadcast(b, b.MatMul(g, transposed(b, q)), large, b.shape(p))


def matmul_right(b: Site, g: str, y: str, p: str, q: str) -> str:
    """Aᵀ g, summed over the axes along which B was broadcast."""
    if b.rank(q) == 1:
        return b.ReduceSum(b.Mul(p, b.Unsqueeze(g, [-1])), list(range(b.rank(p) - 1)), keepdims=0)
    if b.rank(p) == 1:
        return b.Mul(b.Unsqueeze(g, [-2]), b.Unsqueeze(p, [-1]))
    large = (*b.shape(y)[:-2], *b.shape(q)[-2:])
    return unbroadcast(b, b.MatMul(transposed(b, p), g), large, b.shape(q))


def gemm_left(b: Site, g: str, y: str, p: str, q: str, c: str | None = None) -> str:
    """Y = α A′ B′ + β C, where ′ may transpose: α g B′ᵀ, transposed back where A was."""
    if b["transA"]:
        return b.Gemm(q, g, alpha=b["alpha"], transA=b["transB"], transB=1)
    return b.Gemm(g, q, alpha=b["alpha"], transB=1 - b["transB"])


def gemm_right(b: Site, g: str, y: str, p: str, q: str, c: str | None = None) -> str:
    """α A′ᵀ g, transposed back where B was."""
    if b["transB"]:
        return b.Gemm(g, p, alpha=b["alpha"], transA=1, transB=b["transA"])
    return b.Gemm(p, g, alpha=b["alpha"], transA=1 - b["transA"])


def gemm_bias(b: Site, g: str, y: str, p: str, q: str, c: str) -> str:
    """β g, summed over the axes along which C was broadcast."""
    return unbroadcast(b, b.Mul(g, float(b["beta"])), b.shape(y), b.shape(c))


def einsum(b: Site, position: int, g: str, y: str, *inputs: str) -> str:
    """ "ij,jk->ik" sends back "ik,jk->ij" and "ij,ik->jk"; an axis of one operand alone was summed, and is spread."""
    terms, result = written(b)
    if any(len(set(term)) < len(term) or "." in term for term in (*terms, result)):
        b.refuse(f"for {b['equation']!r}, where an axis is named twice or not at all")
    mine = terms[position]
    others = [(term, name) for place, (term, name) in enumerate(zip(terms, inputs, strict=True)) if place != position]
    kept = "".join(letter for letter in mine if any(letter in term for term in (result, *(t for t, _ in others))))
    equation = f"{','.join((result, *(term for term, _ in others)))}->{kept}"
    found = b.Einsum(g, *(name for _, name in others), equation=equation)
    lost = [axis for axis, letter in enumerate(mine) if letter not in kept]
    return b.Expand(b.Unsqueeze(found, lost), b.Shape(inputs[position])) if lost else found


def written(b: Site) -> tuple[list[str], str]:
    """The letters of each operand, and of the result; where that is left out, those that occur once, in order."""
    sides = b["equation"].replace(" ", "").split("->")
    terms = sides[0].split(",")
    letters = "".join(terms)
    return terms, sides[1] if len(sides) > 1 else "".join(
        sorted(one for one in set(letters) if letters.count(one) == 1)
    )


defvariadic("Einsum", einsum)
defvjp("MatMul", matmul_left, matmul_right)
defvjp("Gemm", gemm_left, gemm_right, gemm_bias)
