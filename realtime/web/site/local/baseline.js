// A person's own neutral face, which is taken off. As `reading/baseline.py`, where the formula stands.

import { clip, median } from "./numbers.js";
import { reading } from "./tables.js";

const { LEAST, LIMIT, NEUTRAL, RESTING, ROUNDS, SECONDS, SMALLEST } = reading.baseline;

// The logits that are most typical of a face: the middle of the densest half of the answers; null for too few.
function typical(answers) {
  if (answers.length < LEAST) return null;
  const logits = answers.map((shares) => shares.map((share) => Math.log(Math.max(share, SMALLEST))));
  const middleOf = (rows) => rows[0].map((_, at) => median(rows.map((row) => row[at])));
  let middle = middleOf(logits);
  for (let round = 0; round < ROUNDS; round += 1) {
    const apart = logits.map((row) => row.reduce((sum, value, at) => sum + Math.abs(value - middle[at]), 0)), half = median(apart);
    const before = middle;
    middle = middleOf(logits.filter((_, number) => apart[number] <= half));
    if (middle.every((value, at) => value === before[at])) break;
  }
  return middle;
}

// What to add to the logits of a face whose rest is this.
function ownOffset(atRest, labels) {
  const neutral = labels.indexOf(NEUTRAL), other = Math.log((1 - RESTING) / (labels.length - 1)), rest = Math.log(RESTING);
  return labels.map((_, at) => clip((at === neutral ? 0 : other - rest) - (atRest[at] - atRest[neutral]), -LIMIT, LIMIT));
}

export class Baselines {
  constructor(labels) {
    this.labels = labels;
    this.reset();
  }

  reset() {
    this.people = new Map();
  }

  // From now on these faces have a baseline: new ones begin to show it, others lose theirs.
  keep(tracks) {
    this.people = new Map(tracks.map((track) => [track, this.people.get(track) ?? { answers: [], firstS: null, atRest: null }]));
  }

  // An answer about a face, without any offset, heard while its rest is being learnt.
  add(track, probabilities, timeS) {
    const person = this.people.get(track);
    if (!person || person.atRest) return;
    person.firstS = person.firstS === null ? timeS : Math.min(person.firstS, timeS);
    person.answers.push(Array.from(probabilities));
    if (timeS - person.firstS < SECONDS) return;
    person.atRest = typical(person.answers);
    if (person.atRest) person.answers = [];
  }

  // How much of a face's rest has been seen, 0–1; undefined where none is wanted.
  progress(track, timeS) {
    const person = this.people.get(track);
    if (!person) return undefined;
    if (person.atRest) return 1;
    return clip((person.firstS === null ? 0 : timeS - person.firstS) / SECONDS, 0, 0.99);
  }

  // What to add to a face's logits besides the offset of a prior; null for nothing.
  offset(track, prior) {
    const rest = this.people.get(track)?.atRest;
    if (!rest || !this.labels.includes(NEUTRAL)) return null;
    return ownOffset(prior ? rest.map((value, at) => value + prior[at]) : rest, this.labels);
  }
}
