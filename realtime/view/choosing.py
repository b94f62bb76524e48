"""Actions that choose: the class that heat speaks for, and the face in the inset."""

from __future__ import annotations

from dataclasses import replace

from .state import FOLLOW, Action, ViewState, ask, next_of


def pin(number: int) -> Action:
    """Explains the class of this number, counted from 1; 0 follows the prediction.

    A number beyond the model's classes changes nothing, and asks the loop to say so.
    """

    def action(state: ViewState) -> ViewState:
        if number > len(state.labels):
            return ask("classes")(state)
        return replace(state, target=number - 1 if number else FOLLOW)

    return action


def step_face(step: int) -> Action:
    """The face to the right of the one that is shown, then the first again."""

    def action(state: ViewState) -> ViewState:
        shown = state.face if state.face in state.tracks else state.subject
        return replace(state, face=next_of(state.tracks, shown, step)) if state.tracks else state

    return action


def choose_face(track: int) -> Action:
    """Keeps the inset on this face."""
    return lambda state: replace(state, face=track)
