// The session: how every picture is read, and what is remembered from one picture to the next. As `reading/session.py`.
//
//     picture ──finder──▶ faces ──network──▶ readings ──label smoother──▶ what is said
//                                                       subject: whom the inset speaks of

import { Baselines } from "./baseline.js";
import { asSeen, cropSquare, cutCrop, toBatch } from "./crops.js";
import { argmax, descending } from "./numbers.js";
import { isPlain } from "./network.js";
import { shifted } from "./offset.js";
import { LabelSmoother } from "./smoothing.js";
import { network as constants, reading } from "./tables.js";

const { NOTHING, PREDICTED, RUNNER_UP } = constants.network;
const { NOBODY } = reading.session;

export class Session {
  constructor(finder, network) {
    Object.assign(this, { finder, network, subject: NOBODY, timeS: -Infinity, resting: "" });
    this.smoother = new LabelSmoother(network.contract);
    this.baselines = new Baselines(network.contract.labels);
    this.stages = {};
  }

  // Who is in a picture, and what is said of each: { faces, chosen }, `chosen` the number of the inset's face, or null.
  //
  // wish: { request, target, face, prior, atRest }
  async read(raster, timeS, wish) {
    if (timeS < this.timeS) this.jump();
    this.timeS = timeS;
    const found = await this.timed("faces", () => this.finder.find(raster, timeS));
    const chosen = this.pick(found, wish.face), prior = this.network.prior(wish.prior);
    const readings = await this.readings(raster, found, wish, prior);
    for (const { face, probabilities, readable } of readings) {
      if (readable) this.baselines.add(face.track, prior ? shifted(Array.from(probabilities), prior.map((value) => -value)) : probabilities, timeS);
    }
    const said = this.smoother.say(readings, timeS);
    await this.explainAnew(readings, wish);
    const faces = readings.map((one, number) => ({ ...one, raw: one.probabilities, ...said[number], atRest: this.baselines.progress(one.face.track, timeS) }));
    return { faces, chosen };
  }

  async readings(raster, found, wish, prior) {
    if (!found.length) return [];
    const { contract } = this.network, { input } = contract, request = this.network.fitting(wish.request);
    const { crops, batch } = await this.timed("crops", () => {
      const cut = found.map((face) => cutCrop(raster, face, contract));
      return { crops: cut, batch: toBatch(cut, input) };
    });
    const targets = found.map(({ track }) => this.smoother.target(wish.target, track));
    const own = this.own(found, wish.atRest, prior), offsets = this.offsets(own, prior);
    const answer = await this.timed("network", () => this.network.answer(batch, found.length, request, targets, offsets));
    return found.map((face, number) => {
      const probabilities = answer.probabilities[number].data, quality = answer.quality?.[number].data[0];
      const readable = quality === undefined || quality >= (contract.unreadable?.below ?? 0);
      const why = isPlain(request) ? null : this.why(answer, number, request, probabilities, targets[number]);
      const one = part(batch, number, found.length), offset = offsets && part(offsets, number, found.length);
      return { face, square: cropSquare(face, contract.crop), seen: asSeen(crops[number], input), batch: one, offset, own: own[number], probabilities, quality, readable, why };
    });
  }

  // Where another class than before is said, heat speaks for it at once: the page may be paused at this very picture.
  async explainAnew(readings, wish) {
    const { labels } = this.network.contract, target = ({ face }) => this.smoother.target(wish.target, face.track);
    const others = readings.filter((one) => one.why && one.why.target !== labels[target(one)]);
    if (!others.length) return;
    const request = this.network.fitting(wish.request), targets = others.map(target), before = this.stages.network;
    const batch = joined(others.map((one) => one.batch)), offsets = others[0].offset && joined(others.map((one) => one.offset));
    const answer = await this.timed("network", () => this.network.answer(batch, others.length, request, targets, offsets));
    this.stages.network += before;
    for (const [number, one] of others.entries()) one.why = this.why(answer, number, request, one.probabilities, targets[number]);
  }

  // What is added to the logits of those whose rest is known; null for others.
  own(found, atRest, prior) {
    if (this.resting !== String(atRest)) {
      this.resting = String(atRest);
      this.baselines.keep(atRest);
    }
    return found.map(({ track }) => this.baselines.offset(track, prior));
  }

  // The same with what is added to all, one after the other, or null where that is nothing for any.
  offsets(own, prior) {
    if (!prior && !own.some(Boolean)) return null;
    const { labels } = this.network.contract;
    return Float32Array.from(own.flatMap((offset) => labels.map((_, at) => (prior?.[at] ?? 0) + (offset?.[at] ?? 0))));
  }

  why(answer, number, request, probabilities, target) {
    const { labels } = this.network.contract, wanted = target === PREDICTED ? argmax(probabilities) : target;
    return {
      layer: request.layer, method: request.method, rule: request.rule, unit: request.unit, target: labels[wanted],
      heatLayer: this.network.heatLayer(request), against: otherClass(labels, probabilities, request.against, wanted),
      maps: answer.maps?.[number], heat: answer.heat?.[number], pixels: answer.pixels?.[number],
    };
  }

  // The face that was chosen, else the one of before, else the largest.
  pick(found, wanted) {
    if (!found.length) return null;
    const tracks = found.map(({ track }) => track), size = ({ box: [x0, y0, x1, y1] }) => (x1 - x0) * (y1 - y0);
    const known = [wanted, this.subject].find((track) => track !== NOBODY && tracks.includes(track));
    const number = known === undefined ? argmax(found.map(size)) : tracks.indexOf(known);
    this.subject = tracks[number];
    return number;
  }

  async timed(stage, work) {
    const start = performance.now(), done = await work();
    this.stages[stage] = (performance.now() - start) / 1000;
    return done;
  }

  // Forgets where faces were and what was said of them; who they are, whom the inset shows and rests stay.
  jump() {
    this.finder.jump();
    this.smoother.reset();
    this.timeS = -Infinity;
  }

  // Another source: forgets faces, who they were, what was said of them, and whom the inset spoke of.
  reset() {
    this.jump();
    this.finder.reset();
    this.baselines.reset();
    Object.assign(this, { resting: "", subject: NOBODY });
  }
}

// What belongs to one of `count` faces.
const part = (values, number, count) => values.subarray((number * values.length) / count, ((number + 1) * values.length) / count);

// The same of several faces, one after the other.
function joined(parts) {
  const all = new Float32Array(parts.length * parts[0].length);
  for (const [number, values] of parts.entries()) all.set(values, number * values.length);
  return all;
}

// Name of the class that heat is told against; "" for none.
export function otherClass(labels, probabilities, against = NOTHING, target) {
  if (against !== RUNNER_UP) return against >= 0 ? labels[against] : "";
  const [best, second] = descending(probabilities);
  return labels[target === best ? second : best];
}
