"""Who is who: a person who was away, or whose place another took, is known again by appearance.

    tracker ──tracks──▶ People ──▶ the same faces, numbered by person
                          │  ▲
                looks ────┘  └── who was seen before

The tracker follows faces from frame to frame; it neither knows who returns nor who took whose place. A track is given
the number of the person whose looks are like it, or a new one:

    difference   0 ──────────── `SAME` ─────────────────────── `OTHER` ──────────▶
                 the same one     a new track: another,          another one
                                  a known one: still the same

Nobody is anybody else while both are in the picture, and who is like two people who met is neither: a wrong merge is
worse than a new number. A look is taken of a track that is new, `OPEN_S` apart until it is settled, `LOOK_S` apart
then, and whenever it may have changed hands: it was out of sight, met another, or its place shows something else.

Only looks at clear faces count. Of a person up to `LOOKS` of them are kept, of different kinds, and of people the
`PEOPLE` who were seen last; they live as long as the recording is read: in memory, and of a long film in its unfinished
run's own files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from ..types import Face, Raster
from .appearance import Appearance, appearance, colour_difference, colours_about, differences
from .geometry import distance
from .tracks import Retention

SAME, OTHER = 2.0, 3.2
"""Difference below which two looks are of one person, and above which they are of two."""
HERE, NEAR = 1.8, 4.5
"""Difference up to which a known track still is whose it was, where its place suddenly shows something else, and where
it was lost for a moment or met another."""
CLEARLY = 0.5
"""By how much nobody else may be alike."""
NEW_KIND = 0.6
"""Difference from all looks that are kept, from which on another is worth keeping."""
LOOKS, PEOPLE = 8, 64
OPEN_S, LOOK_S = 0.25, 1.0
SETTLED = 4
"""Looks that agree, after which a number is no longer in doubt."""
AWAY_S = 0.25
"""A track that was not seen for this long may have changed hands."""
MEETING, PARTING = 0.8, 1.1
"""Distance between two faces, in their edges, below which they meet, and above which they have parted."""


@dataclass(slots=True)
class Gallery:
    """The looks that are kept of one person.

    Attributes:
        looks: of different kinds, the oldest first.
        seen_s: when the person was seen last.
        met: numbers of those who were in one picture with this person, and are others for sure.
    """

    looks: list[Appearance] = field(default_factory=list)
    seen_s: float = float("-inf")
    met: set[int] = field(default_factory=set)

    def difference(self, look: Appearance) -> float:
        """From the look that is most alike; infinite where none is kept."""
        return float(differences(look, self.looks).min()) if self.looks else float("inf")

    def add(self, look: Appearance) -> None:
        """Keeps a look of another kind; the oldest but the first goes when there are too many."""
        if self.difference(look) > NEW_KIND:
            self.looks.append(look)
            if len(self.looks) > LOOKS:
                del self.looks[1]


@dataclass(slots=True)
class _Bearer:
    """A track and whose it is.

    Attributes:
        number: of the person.
        seen_s: when the track was seen last.
        looked_s: when it was looked at last.
        agreed: looks that were like those before.
        limit: difference from which on it is somebody else's; below infinity where it may have changed hands.
        meeting: whether it is close to another.
        new: whether the number was given to this very track.
    """

    number: int
    seen_s: float
    looked_s: float = float("-inf")
    agreed: int = 0
    limit: float = float("inf")
    meeting: bool = False
    new: bool = True

    @property
    def settled(self) -> bool:
        return self.agreed >= SETTLED

    @property
    def doubted(self) -> bool:
        return self.limit < float("inf")

    def is_due(self, time_s: float) -> bool:
        """Whether it is time for a look."""
        return self.doubted or time_s - self.looked_s >= (LOOK_S if self.settled else OPEN_S)


class People:
    """Who was seen, by number; may be pickled.

    Attributes:
        galleries: looks of each person by number.
    """

    def __init__(self) -> None:
        self.galleries: dict[int, Gallery] = {}
        self._bearers: dict[int, _Bearer] = {}
        self._last = 0
        self._flipped = False
        self._memory = Retention()
        self._ahead: dict[int, Appearance] = {}

    def named(
        self,
        picture: Raster,
        shown: Sequence[Face],
        measured: Sequence[Face],
        time_s: float,
        replaced: Collection[int] = (),
        ahead: bool = False,
    ) -> list[Face]:
        """The faces of one frame numbered by person, the lowest number first.

        Args:
            picture: in whose pixels the faces are.
            shown: as they are to be shown, each with the number of its track.
            measured: those of them that were seen in this very frame, where they were measured.
            time_s: the frame's time.
            replaced: tracks whose place suddenly shows something else.
            ahead: whether `look` takes the looks that need not be taken of this very frame.
        """
        present = {face.track: face for face in measured}
        self._meet(present, time_s, replaced)
        looks = self._looks(picture, present, time_s, ahead)
        given = self._decided(present, looks)
        given |= dict.fromkeys(self._others(picture, present, looks, replaced))
        for track in present:
            if track in given or track not in self._bearers:
                self._give(track, given.get(track), time_s)
        self._keep(looks, time_s)
        together = {self._bearers[track].number for track in present}
        for number in together:
            self.galleries[number].met |= together - {number}
        owners = {track: bearer.number for track, bearer in self._bearers.items()}
        numbered = [replace(face, track=owners[face.track]) for face in shown if face.track in owners]
        return sorted(numbered, key=lambda face: face.track)

    def look(self, picture: Raster, measured: Sequence[Face], time_s: float) -> None:
        """Takes the looks that are due of those who are in no doubt, for the next frame.

        Args:
            picture: in whose pixels the faces are.
            measured: those that were seen in it, where they were measured.
            time_s: its time.
        """
        present = {face.track: face for face in measured}
        due = [track for track in present if track in self._bearers and self._bearers[track].is_due(time_s)]
        self._ahead = self._taken(picture, present, due, time_s)

    def mirror(self) -> None:
        """Takes note that the pictures are flipped left to right from now on."""
        self._flipped = not self._flipped
        self._ahead = {}

    def leave(self) -> None:
        """Takes note that all tracks have ended, as at a cut or a jump: everybody is still known."""
        self._bearers.clear()
        self._ahead = {}

    def reset(self, anew: bool = False) -> None:
        """Forgets everybody; no number is given twice, unless they begin with 1 again (`anew`)."""
        self.galleries.clear()
        self.leave()
        self._flipped = False
        self._last = 0 if anew else self._last

    def _meet(self, present: Mapping[int, Face], time_s: float, replaced: Collection[int]) -> None:
        """Doubts the tracks that may have changed hands; those that ended are forgotten."""
        old = [track for track, bearer in self._bearers.items() if not self._memory.holds(bearer.seen_s, time_s)]
        self._memory.look(time_s)
        for track in old:
            del self._bearers[track]
        near = dict.fromkeys(present, float("inf"))
        for one, other in combinations(present, 2):
            apart = distance(present[one].box_xyxy, present[other].box_xyxy)
            near[one], near[other] = min(near[one], apart), min(near[other], apart)
        for track, bearer in self._bearers.items():
            if track not in present:
                continue
            parts = bearer.meeting and near[track] > PARTING
            if parts or time_s - bearer.seen_s > AWAY_S:
                bearer.limit = min(bearer.limit, NEAR)
            if track in replaced:
                bearer.limit = HERE
            bearer.meeting = near[track] < MEETING or (bearer.meeting and not parts)
            bearer.seen_s = self.galleries[bearer.number].seen_s = time_s

    def _looks(self, picture: Raster, present: Mapping[int, Face], time_s: float, ahead: bool) -> dict[int, Appearance]:
        """The looks that are to be taken now, where they can be, and those that were taken ahead."""
        borne = {self._bearers[track].number for track in present if track in self._bearers}
        someone = any(gallery.looks for number, gallery in self.galleries.items() if number not in borne)
        due = [track for track in present if track not in self._bearers and someone]
        known = [track for track in present if track in self._bearers]
        due += [
            track
            for track in known
            if self._bearers[track].doubted or (not ahead and self._bearers[track].is_due(time_s))
        ]
        before, self._ahead = self._ahead, {}
        looks = {track: before[track] for track in known if track in before and track not in due}
        looks |= self._taken(picture, present, due, time_s)
        if any(self._strange(track, look) for track, look in looks.items()):
            # Perhaps two have changed places: then the other one is strange too.
            rest = [track for track in known if track not in due]
            looks |= self._taken(picture, present, rest, time_s)
        return looks

    def _taken(
        self, picture: Raster, present: Mapping[int, Face], tracks: Iterable[int], time_s: float
    ) -> dict[int, Appearance]:
        looks = {track: appearance(picture, present[track], self._flipped) for track in tracks}
        for track in looks:
            if track in self._bearers:
                self._bearers[track].looked_s = time_s
        return {track: look for track, look in looks.items() if look is not None}

    def _strange(self, track: int, look: Appearance) -> bool:
        """Whether a known track does not look like its person, or far more like another."""
        bearer = self._bearers.get(track)
        if bearer is None or not self.galleries[bearer.number].looks:
            return False
        own = self.galleries[bearer.number].difference(look)
        if own < SAME / 2:
            return False
        others = (gallery.difference(look) for number, gallery in self.galleries.items() if number != bearer.number)
        return own > OTHER or min(others, default=own) + 2 * CLEARLY < own

    def _others(
        self, picture: Raster, present: Mapping[int, Face], looks: Mapping[int, Appearance], replaced: Collection[int]
    ) -> Iterator[int]:
        """Tracks with another face in their place that cannot be looked at, but has other colours about it."""
        for track in replaced:
            if track in self._bearers and track not in looks:
                kept = self.galleries[self._bearers[track].number].looks
                if kept and colour_difference(colours_about(picture, present[track], self._flipped), kept) > OTHER:
                    yield track

    def _decided(self, present: Mapping[int, Face], looks: Mapping[int, Appearance]) -> dict[int, int | None]:
        """Number of the person that a track changes over to, None for a new one; who keeps theirs are left out."""
        moved = {track for track, look in looks.items() if self._may_have_moved(track, look)}
        asked = {
            track: look
            for track, look in looks.items()
            if track in moved or track not in self._bearers or not self._bearers[track].settled
        }
        known = {number: gallery for number, gallery in self.galleries.items() if gallery.looks}
        kept = {self._bearers[track].number for track in present if track in self._bearers and track not in moved}
        apart = {
            track: {number: gallery.difference(look) for number, gallery in known.items()}
            for track, look in asked.items()
        }
        chosen = _matched({track: self._wishes(track, apart[track], kept) for track in asked})
        given: dict[int, int | None] = {}
        for track in present:
            bearer = self._bearers.get(track)
            if track in asked:
                number = chosen.get(track)
                if bearer is None or (number is not None and number != bearer.number):
                    given[track] = number
                elif number is None and self._lost(bearer, apart[track], chosen.values()):
                    given[track] = None
        return given

    def _may_have_moved(self, track: int, look: Appearance) -> bool:
        bearer = self._bearers.get(track)
        return bearer is not None and (bearer.doubted or self._strange(track, look))

    def _wishes(self, track: int, apart: Mapping[int, float], kept: Collection[int]) -> dict[int, float]:
        """Whom a track may be, and how gladly: its own person rather than another."""
        bearer = self._bearers.get(track)
        own = None if bearer is None else bearer.number
        provisional = bearer is not None and bearer.new and not bearer.settled and not bearer.doubted
        wishes = {}
        for number, difference in apart.items():
            met = self.galleries[number].met
            rivals = [other for who, other in apart.items() if who in met and who != own]
            alone = difference + CLEARLY < min(rivals, default=float("inf"))
            if number == own:
                if bearer is not None and not provisional and difference < bearer.limit:
                    wishes[number] = difference - (OTHER - SAME)
            elif number not in kept and difference < SAME and alone:
                wishes[number] = difference
        return wishes

    def _lost(self, bearer: _Bearer, apart: Mapping[int, float], chosen: Collection[int]) -> bool:
        """Whether a track is nobody's that is known, and no longer its own person's either."""
        return bearer.number in chosen or apart.get(bearer.number, 0.0) >= bearer.limit

    def _give(self, track: int, number: int | None, time_s: float) -> None:
        """The track is this person's from now on, or a new one's."""
        before = self._bearers.get(track)
        if number is None:
            self._last += 1
            self.galleries[self._last] = Gallery(seen_s=time_s)
            self._bearers[track] = _Bearer(self._last, time_s)
            self._forget_some()
            return
        if before is not None and before.new and not before.settled and not before.doubted:
            self.galleries.pop(before.number, None)  # it was the same person from the beginning
        for other in [one for one, bearer in self._bearers.items() if bearer.number == number]:
            del self._bearers[other]
        self._bearers[track] = _Bearer(number, time_s, time_s, new=False)
        self.galleries[number].seen_s = time_s

    def _keep(self, looks: Mapping[int, Appearance], time_s: float) -> None:
        """Keeps the looks of those who are who they were."""
        for track, look in looks.items():
            bearer = self._bearers[track]
            gallery = self.galleries[bearer.number]
            difference = gallery.difference(look)
            followed = bearer.limit == float(
                "inf"
            )  # never out of sight since: a head that turns looks other bit by bit
            bearer.limit, bearer.looked_s = float("inf"), time_s
            bearer.agreed += difference < SAME
            if not gallery.looks or difference < (OTHER if followed else SAME):
                gallery.add(look)

    def _forget_some(self) -> None:
        """Those who were seen longest ago, where there are too many."""
        borne = {bearer.number for bearer in self._bearers.values()}
        absent = sorted((gallery.seen_s, number) for number, gallery in self.galleries.items() if number not in borne)
        for _, number in absent[: max(0, len(self.galleries) - PEOPLE)]:
            del self.galleries[number]


def _matched(wishes: Mapping[int, Mapping[int, float]]) -> dict[int, int]:
    """Track → person, the most alike first, each once."""
    ordered = sorted((cost, track, number) for track, whom in wishes.items() for number, cost in whom.items())
    matched: dict[int, int] = {}
    for _, track, number in ordered:
        if track not in matched and number not in matched.values():
            matched[track] = number
    return matched
