"""Keys and clicks: they change the state at once; what needs the program is handed to the command of that name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..errors import EmoscopeError
from ..view import keys as bindings
from ..view.actions import Action
from ..view.state import ViewState
from .notes import Notes
from .window import Window

Command = Callable[[], None]
QUIT = "quit"
MOST_TURNS = 5
"""Steps of the wheel that one look takes; a wheel that spins freely gives dozens."""


class Controls:
    """Turns what the user does into the next state.

    Args:
        window: gives keys and clicks.
        state: what is shown at first.
        notes: where a command that fails says why.
        commands: name, as actions ask for it → what to do.
        at: what a click at (x, y) of the window means: an action, the name of a key, or None for nothing.
        wheel: the name of the key that a step of the wheel stands for, +1 away from the user or −1.

    Attributes:
        state: what is shown.
        leaving: whether the user asked to leave.
    """

    def __init__(
        self,
        window: Window,
        state: ViewState,
        notes: Notes,
        commands: Mapping[str, Command],
        at: Callable[[int, int], Action | str | None],
        wheel: Callable[[int], str] = lambda step: "",
    ) -> None:
        self.state = state
        self.leaving = False
        self._window, self._notes, self._commands, self._at = window, notes, commands, at
        self._wheel = wheel

    def listen(self) -> bool:
        """Acts on all keys and clicks since the last call; whether the state has changed."""
        before = self.state
        while (key := self._window.key()) is not None:
            self.press(key)
        clicks, self._window.clicks = self._window.clicks, []
        for x, y in clicks:
            self._click(x, y)
        turns, self._window.turns = self._window.turns, 0
        for _ in range(min(abs(turns), MOST_TURNS)):
            self.press(self._wheel(1 if turns > 0 else -1))
        return self.state != before

    def press(self, key: str) -> None:
        """Does what a key stands for, and says what it is now."""
        after = bindings.press(self.state, key)
        words = bindings.said(key, self.state, after)
        if words and not after.asked:
            self._notes.say(words)
        self._act(lambda _: after)

    def _click(self, x: int, y: int) -> None:
        meant = self._at(x, y)
        if isinstance(meant, str):
            self.press(meant)
        elif meant is not None:
            self._act(meant)

    def _act(self, action: Action) -> None:
        self.state = action(self.state)
        asked, self.state = self.state.asked, bindings.answered(self.state)
        if asked == QUIT:
            self.leaving = True
        elif asked:
            self._do(asked)

    def _do(self, asked: str) -> None:
        try:
            self._commands[asked]()
        except EmoscopeError as error:
            self._notes.tell(str(error))
