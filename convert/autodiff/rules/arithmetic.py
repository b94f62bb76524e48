"""Elementwise arithmetic of two or more operands, with broadcasting."""

from __future__ import annotations

from convert.autodiff.table import defconstant, defelementwise, defvariadic, defvjp

defelementwise("Add", lambda b, g, y, p, q: g, lambda b, g, y, p, q: g)
defelementwise("Sub", lambda b, g, y, p, q: g, lambda b, g, y, p, q: b.Neg(g))
defelementwise("Mul", lambda b, g, y, p, q: b.Mul(g, q), lambda b, g, y, p, q: b.Mul(g, p))
defelementwise("Div", lambda b, g, y, p, q: b.Div(g, q), lambda b, g, y, p, q: b.Neg(b.Mul(g, b.Div(y, q))))
defvjp("Neg", lambda b, g, y, x: b.Neg(g))
defvariadic("Sum", lambda b, i, g, y, *inputs: g, broadcasts=True)

defconstant("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor", "IsNaN", "IsInf")
defconstant("Sign", "Floor", "Ceil", "Round", "ArgMax", "ArgMin", "OneHot", "NonZero")
