// The face finder: looks close at the faces it knows, scans for new ones, and gives each its number. As `faces/finder.py`,
// where the way is drawn; here every detector answers later.

import { GatedSchedule } from "./gate.js";
import { covered, edge, nearest, nonMaximumSuppression } from "./geometry.js";
import { roi, take } from "./looks.js";
import { People } from "./people.js";
import { ReplacementDetector } from "./replacements.js";
import { ShotBoundaryDetector } from "./shot_boundaries.js";
import { faces } from "./tables.js";
import { Tracker } from "./tracks.js";

const { CONFIRMED, COVER, KEPT, RATIO, ROI_EDGE, SURER } = faces.finder;

export class FaceFinder {
  // scans: rows of { detector, plan, least }; closer: is shown ROIs; aligner: turns them, or null.
  constructor(scans, closer, aligner = null) {
    Object.assign(this, { scans: [], closer, aligner, before: null, rois: [], carried: new Set(), inHaste: false });
    for (const scan of scans) this.add(scan);
    this.boundaries = new ShotBoundaryDetector();
    this.tracker = new Tracker();
    this.people = new People();
    this.replacements = new ReplacementDetector();
  }

  // Looks this way too from now on.
  add(scan) {
    this.scans = [...this.scans, { ...scan, schedule: new GatedSchedule(scan.plan) }];
  }

  // The faces of one frame, each with its number, lowest number first.
  async find(picture, timeS) {
    this.changes(picture, timeS);
    const measured = await this.known(picture, timeS);
    const shown = this.tracker.update([...measured, ...(await this.fresh(picture, measured, timeS))], timeS);
    const seen = this.tracker.seen(timeS);
    return this.people.named(picture, shown, seen, timeS, this.replacements.take(picture, seen, this.carried));
  }

  changes(picture, timeS) {
    const size = `${picture.width}×${picture.height}`;
    if (this.before && (timeS < this.before.timeS || size !== this.before.size)) this.jump();
    this.before = { timeS, size };
    if (this.boundaries.isBoundary(picture)) this.forget();
    this.replacements.any(picture);
  }

  // Forgets where faces were, as after a jump within a source; who was seen is still known.
  jump() {
    this.forget();
    this.boundaries.reset();
    this.before = null;
  }

  // Forgets everything, as before another source; no number is given twice.
  reset() {
    this.jump();
    this.people.reset();
  }

  forget() {
    this.tracker.reset();
    this.replacements.reset();
    this.people.leave();
    this.rois = [];
    for (const { schedule } of this.scans) schedule.restart();
    this.aligner?.restart();
  }

  // The known faces, measured again but where they stand still; those that were not found left out.
  async known(picture, timeS) {
    const tracked = this.tracker.known(timeS);
    let known = tracked, rois = known.map((face) => roi(face, ROI_EDGE, this.rois));
    if (this.aligner) {
      known = await this.aligner.aligned(picture, known, rois, timeS);
      const before = rois;
      rois = known.map((face) => roi(face, ROI_EDGE, before));
    }
    const still = this.replacements.still(), slow = this.tracker.slow(timeS);
    const stays = known.map((face, number) => face === tracked[number] && still.has(face.track) && slow.has(face.track));
    this.carried = new Set(known.filter((_, number) => stays[number]).map(({ track }) => track));
    const moved = [...known.keys()].filter((number) => !stays[number]);
    const { found, looks } = await this.measured(picture, moved.map((number) => known[number]), moved.map((number) => rois[number]), KEPT);
    const seen = [...known];
    this.rois = rois;
    moved.forEach((number, place) => ([seen[number], rois[number]] = [found[place], looks[place]]));
    return nonMaximumSuppression(seen.filter(Boolean), COVER);
  }

  // Faces that a scan shows where none was measured, confirmed in an ROI.
  async fresh(picture, measured, timeS) {
    const seen = await this.scanned(picture, measured, timeS);
    const surest = seen.flatMap(({ found, least }) => found.filter(({ score }) => score >= least)).sort((a, b) => b.score - a.score);
    const tried = nonMaximumSuppression([...measured, ...surest], COVER).slice(measured.length);
    const known = nonMaximumSuppression([...measured, ...(await this.confirmed(picture, tried))], COVER);
    for (const { found, look, schedule } of seen) {
      if (!found.every((face) => known.some((other) => covered(face.box, other.box) > COVER))) schedule.doubt(look);
    }
    return known.slice(measured.length);
  }

  // Those of the faces that are one in ROIs of their own too.
  async confirmed(picture, tried) {
    const seen = await this.measured(picture, tried, tried.map((face) => roi(face, ROI_EDGE)), CONFIRMED);
    // Once more, in the ROI that the next frames will use: the first one sits where the scan saw the face.
    let first = seen.found.filter(Boolean), aligned = first;
    let rois = seen.looks.filter((_, number) => seen.found[number]).map((look, number) => again(first[number], look));
    if (this.aligner) {
      [first, rois] = await this.upright(picture, first, rois);
      aligned = await this.aligner.align(picture, first, rois);
    }
    // A face that fills the picture may seem to tilt when it does not: the surer look counts.
    const doubtful = aligned.flatMap((face, number) => (face === first[number] ? [] : [number]));
    const second = [...aligned, ...doubtful.map((number) => first[number])];
    const looks = [...aligned.map((face) => roi(face, ROI_EDGE, rois)), ...doubtful.map((number) => rois[number])];
    const last = await this.measured(picture, second, looks, CONFIRMED);
    this.rois.push(...last.looks);
    const found = last.found.slice(0, first.length);
    doubtful.forEach((number, place) => {
      const upright = last.found[first.length + place];
      if ((upright?.score ?? 0) > (found[number]?.score ?? 0)) found[number] = upright;
    });
    return found.filter(Boolean);
  }

  // The faces and their ROIs, upside down where a face is surer that way: YuNet sees eyes in a mouth.
  async upright(picture, found, rois) {
    const over = rois.map((look) => look.over()), turned = await this.seen(picture, found, over, CONFIRMED);
    const surer = found.map((face, number) => turned[number] !== null && turned[number].score > face.score + SURER);
    return [found.map((face, number) => (surer[number] ? turned[number] : face)), rois.map((look, number) => (surer[number] ? over[number] : look))];
  }

  // What the looks show that are due, also where it is not believed.
  async scanned(picture, measured, timeS) {
    const lost = measured.length < this.tracker.known(timeS).length, seen = [];
    for (const { detector, least, schedule } of this.scans) {
      const looks = schedule.due(picture, measured, lost, timeS, this.inHaste), answers = await take(detector, picture, looks);
      looks.forEach((look, number) => seen.push({ found: answers[number], least, look, schedule }));
    }
    return seen;
  }

  // Each face as it is seen in its ROI, or null, and the ROI: a finer one where only that showed the face.
  async measured(picture, known, rois, least) {
    const found = await this.seen(picture, known, rois, least), looks = [...rois];
    for (let number = 0; number < known.length; number += 1) {
      const close = rois[number].closed(picture.width, picture.height);
      if (!close || isSame(known[number], found[number])) continue;
      const [closer] = await this.seen(picture, [known[number]], [close], least);
      if (closer) [found[number], looks[number]] = [closer, close];
    }
    return { found, looks };
  }

  async seen(picture, known, rois, least) {
    const answers = await take(this.closer, picture, rois);
    return known.map((face, number) => nearest(face, answers[number], least));
  }
}

// Whether a face was seen about as large as it was before.
function isSame(face, seen) {
  const ratio = seen ? edge(seen.box) / edge(face.box) : 0;
  return 1 / RATIO < ratio && ratio < RATIO;
}

// An ROI about a face in place of one that showed it: closed if that was.
const again = (face, look) => roi(face, ROI_EDGE, look.ends ? [look] : []);
