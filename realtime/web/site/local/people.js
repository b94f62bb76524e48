// Who is who: a person who was away, or whose place another took, is known again by appearance. As `faces/people.py`,
// which says why each rule is what it is. Nothing of it outlives the page.

import { appearance, colourDifference, coloursAbout, difference } from "./appearance.js";
import { distance } from "./geometry.js";
import { faces } from "./tables.js";
import { Retention } from "./tracks.js";

const {
  AWAY_S, CLEARLY, HERE, LOOKS, LOOK_S, MEETING, NEAR, NEW_KIND, OPEN_S, OTHER, PARTING, PEOPLE, SAME, SETTLED,
} = faces.people;

class Gallery {
  looks = [];
  met = new Set();

  constructor(seenS) {
    this.seenS = seenS;
  }

  difference(look) {
    return Math.min(...this.looks.map((other) => difference(look, other)));
  }

  // Keeps a look of another kind; the oldest but the first goes when there are too many.
  add(look) {
    if (!(this.difference(look) > NEW_KIND)) return;
    this.looks.push(look);
    if (this.looks.length > LOOKS) this.looks.splice(1, 1);
  }
}

class Bearer {
  agreed = 0;
  limit = Infinity;
  meeting = false;

  constructor(number, seenS, lookedS = -Infinity, isNew = true) {
    Object.assign(this, { number, seenS, lookedS, isNew });
  }

  get settled() {
    return this.agreed >= SETTLED;
  }

  get doubted() {
    return this.limit < Infinity;
  }

  get provisional() {
    return this.isNew && !this.settled && !this.doubted;
  }

  isDue(timeS) {
    return this.doubted || timeS - this.lookedS >= (this.settled ? LOOK_S : OPEN_S);
  }
}

export class People {
  constructor() {
    this.reset();
  }

  // Forgets everybody, and counts from 1 again.
  reset() {
    this.last = 0;
    this.galleries = new Map();
    this.bearers = new Map();
    this.memory = new Retention();
  }

  // All tracks have ended, as at a cut or a jump: everybody is still known.
  leave() {
    this.bearers.clear();
  }

  // The faces of one frame numbered by person, the lowest number first.
  named(raster, shown, measured, timeS, replaced) {
    const present = new Map(measured.map((face) => [face.track, face]));
    this.meet(present, timeS, replaced);
    const looks = this.looks(raster, present, timeS), given = this.decided(present, looks);
    for (const track of this.others(raster, present, looks, replaced)) given.set(track, null);
    for (const track of present.keys()) if (given.has(track) || !this.bearers.has(track)) this.give(track, given.get(track) ?? null, timeS);
    this.keep(looks, timeS);
    const together = [...present.keys()].map((track) => this.bearers.get(track).number);
    for (const number of together) for (const other of together) if (other !== number) this.galleries.get(number).met.add(other);
    return shown
      .filter(({ track }) => this.bearers.has(track))
      .map((face) => ({ ...face, track: this.bearers.get(face.track).number }))
      .sort((a, b) => a.track - b.track);
  }

  // Doubts the tracks that may have changed hands; those that ended are forgotten.
  meet(present, timeS, replaced) {
    for (const [track, bearer] of this.bearers) if (!this.memory.holds(bearer.seenS, timeS)) this.bearers.delete(track);
    this.memory.look(timeS);
    const near = new Map();
    for (const [track, face] of present) {
      const others = [...present].filter(([other]) => other !== track);
      near.set(track, Math.min(...others.map(([, other]) => distance(face.box, other.box))));
    }
    for (const [track, bearer] of this.bearers) {
      if (!present.has(track)) continue;
      const parts = bearer.meeting && near.get(track) > PARTING;
      if (parts || timeS - bearer.seenS > AWAY_S) bearer.limit = Math.min(bearer.limit, NEAR);
      if (replaced.has(track)) bearer.limit = HERE;
      bearer.meeting = near.get(track) < MEETING || (bearer.meeting && !parts);
      bearer.seenS = this.galleries.get(bearer.number).seenS = timeS;
    }
  }

  // The looks that are to be taken now, where they can be: track → look.
  looks(raster, present, timeS) {
    const tracks = [...present.keys()], borne = new Set(tracks.map((track) => this.bearers.get(track)?.number));
    const someone = [...this.galleries].some(([number, { looks }]) => looks.length && !borne.has(number));
    const due = tracks.filter((track) => (this.bearers.has(track) ? this.bearers.get(track).isDue(timeS) : someone));
    const looks = this.taken(raster, present, due, timeS);
    if ([...looks].some(([track, look]) => this.isStrange(track, look))) {
      // Perhaps two have changed places: then the other one is strange too.
      const rest = tracks.filter((track) => this.bearers.has(track) && !due.includes(track));
      for (const [track, look] of this.taken(raster, present, rest, timeS)) looks.set(track, look);
    }
    return looks;
  }

  taken(raster, present, tracks, timeS) {
    const looks = new Map();
    for (const track of tracks) {
      const look = appearance(raster, present.get(track));
      if (this.bearers.has(track)) this.bearers.get(track).lookedS = timeS;
      if (look) looks.set(track, look);
    }
    return looks;
  }

  // Whether a known track does not look like its person, or far more like another.
  isStrange(track, look) {
    const bearer = this.bearers.get(track), gallery = bearer && this.galleries.get(bearer.number);
    if (!gallery?.looks.length) return false;
    const own = gallery.difference(look);
    if (own < SAME / 2) return false;
    const others = [...this.galleries].filter(([number]) => number !== bearer.number).map(([, other]) => other.difference(look));
    return own > OTHER || (others.length > 0 && Math.min(...others) + 2 * CLEARLY < own);
  }

  // Tracks with another face in their place that cannot be looked at, but has other colours about it.
  others(raster, present, looks, replaced) {
    return [...replaced].filter((track) => {
      if (!this.bearers.has(track) || looks.has(track)) return false;
      const kept = this.galleries.get(this.bearers.get(track).number).looks;
      return kept.length && colourDifference(coloursAbout(raster, present.get(track)), kept) > OTHER;
    });
  }

  // Track → number of the person that it changes over to, null for a new one; who keeps theirs are left out.
  decided(present, looks) {
    const moved = new Set([...looks].filter(([track, look]) => this.mayHaveMoved(track, look)).map(([track]) => track));
    const asked = [...looks].filter(([track]) => moved.has(track) || !this.bearers.get(track)?.settled);
    const known = [...this.galleries].filter(([, gallery]) => gallery.looks.length);
    const stays = [...present.keys()].filter((track) => this.bearers.has(track) && !moved.has(track));
    const kept = new Set(stays.map((track) => this.bearers.get(track).number));
    const apart = new Map(asked.map(([track, look]) => [track, new Map(known.map(([number, gallery]) => [number, gallery.difference(look)]))]));
    const chosen = matched(asked.map(([track]) => [track, this.wishes(track, apart.get(track), kept)]));
    const given = new Map(), taken = new Set(chosen.values());
    for (const track of present.keys()) {
      if (!apart.has(track)) continue;
      const bearer = this.bearers.get(track), number = chosen.get(track);
      if (!bearer || (number !== undefined && number !== bearer.number)) given.set(track, number ?? null);
      else if (number === undefined && this.isLost(bearer, apart.get(track), taken)) given.set(track, null);
    }
    return given;
  }

  mayHaveMoved(track, look) {
    const bearer = this.bearers.get(track);
    return Boolean(bearer) && (bearer.doubted || this.isStrange(track, look));
  }

  // Whom a track may be, and how gladly: its own person rather than another.
  wishes(track, apart, kept) {
    const bearer = this.bearers.get(track), wishes = [];
    for (const [number, unlike] of apart) {
      const { met } = this.galleries.get(number);
      const rivals = [...apart].filter(([who]) => met.has(who) && who !== bearer?.number).map(([, other]) => other);
      if (number === bearer?.number) {
        if (!bearer.provisional && unlike < bearer.limit) wishes.push([number, unlike - (OTHER - SAME)]);
      } else if (!kept.has(number) && unlike < SAME && unlike + CLEARLY < Math.min(...rivals)) wishes.push([number, unlike]);
    }
    return wishes;
  }

  // Whether a track is nobody's that is known, and no longer its own person's either.
  isLost(bearer, apart, taken) {
    return taken.has(bearer.number) || (apart.get(bearer.number) ?? 0) >= bearer.limit;
  }

  // The track is this person's from now on, or a new one's.
  give(track, number, timeS) {
    const before = this.bearers.get(track);
    if (number === null) {
      this.galleries.set((this.last += 1), new Gallery(timeS));
      this.bearers.set(track, new Bearer(this.last, timeS));
      return this.forgetSome();
    }
    if (before?.provisional) this.galleries.delete(before.number); // it was the same person from the beginning
    for (const [other, bearer] of this.bearers) if (bearer.number === number) this.bearers.delete(other);
    this.bearers.set(track, new Bearer(number, timeS, timeS, false));
    this.galleries.get(number).seenS = timeS;
  }

  // Keeps the looks of those who are who they were.
  keep(looks, timeS) {
    for (const [track, look] of looks) {
      const bearer = this.bearers.get(track), gallery = this.galleries.get(bearer.number), unlike = gallery.difference(look);
      const limit = bearer.limit === Infinity ? OTHER : SAME; // a head that turns while it is followed looks other bit by bit
      Object.assign(bearer, { limit: Infinity, lookedS: timeS, agreed: bearer.agreed + (unlike < SAME) });
      if (!gallery.looks.length || unlike < limit) gallery.add(look);
    }
  }

  // Those who were seen longest ago, where there are too many.
  forgetSome() {
    const borne = new Set([...this.bearers.values()].map(({ number }) => number));
    const absent = [...this.galleries].filter(([number]) => !borne.has(number)).sort((a, b) => a[1].seenS - b[1].seenS || a[0] - b[0]);
    for (const [number] of absent.slice(0, Math.max(0, this.galleries.size - PEOPLE))) this.galleries.delete(number);
  }
}

// Track → person, the most alike first, each once.
function matched(wishes) {
  const ordered = wishes.flatMap(([track, whom]) => whom.map(([number, cost]) => [cost, track, number]));
  ordered.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  const found = new Map(), taken = new Set();
  for (const [, track, number] of ordered) {
    if (found.has(track) || taken.has(number)) continue;
    found.set(track, number);
    taken.add(number);
  }
  return found;
}
