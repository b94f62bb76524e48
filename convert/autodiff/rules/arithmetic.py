"""Elementwise arithmetic: powers and products, larger and smaller, with broadcasting."""

from __future__ import annotations

import onnx

from ..site import Site
from ..table import UNSUPPORTED, defconstant, defelementwise, defvariadic, defvjp


def exponent(b: Site, x: str, p: str) -> str:
    """The exponent of Pow, which may be a whole number, in the type of its base."""
    return b.CastLike(p, x)


def power_base(b: Site, g: str, y: str, x: str, p: str) -> str:
    """p x^(p−1)."""
    q = exponent(b, x, p)
    return b.Mul(g, b.Mul(q, b.Pow(x, b.Sub(q, 1.0))))


def winner(b: Site, position: int, g: str, y: str, *inputs: str) -> str:
    """Max and Min: the first input that holds the result receives the gradient."""
    won = b.Equal(inputs[position], y)
    for earlier in inputs[:position]:
        won = b.And(won, b.Not(b.Equal(earlier, y)))
    return b.Mul(g, b.Cast(won, to=onnx.TensorProto.FLOAT))


def root(b: Site, g: str, y: str, x: str) -> str:
    """g / 2√x; 0 at 0, as for a norm, whose slope has no value there."""
    return b.Where(b.Equal(y, 0.0), 0.0, b.Div(b.Mul(g, 0.5), y))


defelementwise("Add", lambda b, g, y, p, q: g, lambda b, g, y, p, q: g)
defelementwise("Sub", lambda b, g, y, p, q: g, lambda b, g, y, p, q: b.Neg(g))
defelementwise("Mul", lambda b, g, y, p, q: b.Mul(g, q), lambda b, g, y, p, q: b.Mul(g, p))
defelementwise("Div", lambda b, g, y, p, q: b.Div(g, q), lambda b, g, y, p, q: b.Neg(b.Mul(g, b.Div(y, q))))
defelementwise("Pow", power_base, lambda b, g, y, x, p: b.Mul(g, b.Mul(y, b.Log(x))))
defvariadic("Sum", lambda b, i, g, y, *inputs: g, broadcasts=True)
defvariadic("Mean", lambda b, i, g, y, *inputs: b.Div(g, float(len(inputs))), broadcasts=True)
defvariadic("Max", winner, broadcasts=True)
defvariadic("Min", winner, broadcasts=True)
defelementwise(
    "Where",
    None,
    lambda b, g, y, condition, p, q: b.Where(condition, g, 0.0),
    lambda b, g, y, condition, p, q: b.Where(condition, 0.0, g),
)

defvjp("Neg", lambda b, g, y, x: b.Neg(g))
defvjp("Abs", lambda b, g, y, x: b.Mul(g, b.Sign(x)))
defvjp("Exp", lambda b, g, y, x: b.Mul(g, y))
defvjp("Log", lambda b, g, y, x: b.Div(g, x))
defvjp("Sqrt", root)
defvjp("Sin", lambda b, g, y, x: b.Mul(g, b.Cos(x)))
defvjp("Cos", lambda b, g, y, x: b.Neg(b.Mul(g, b.Sin(x))))
# what is left of x after whole multiples of n moves with x
defelementwise("Mod", lambda b, g, y, x, n: g, UNSUPPORTED)
defvjp("Reciprocal", lambda b, g, y, x: b.Neg(b.Mul(g, b.Mul(y, y))))

defconstant("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor", "IsNaN", "IsInf")
defconstant("Sign", "Floor", "Ceil", "Round", "ArgMax", "ArgMin", "OneHot", "NonZero", "Hardmax")
