// The network's sessions: one call for all faces of a frame. As `network/network.py`; a request is
// { layer, maps, method, against, rule, unit, methods, also }, each of which may be missing.

import { Graph } from "./graph.js";
import { offsetOf } from "./offset.js";
import { network } from "./tables.js";

const { AGAINST, INPUT, NOTHING, OFFSET, PREDICTED, PROBABILITIES, QUALITY, RULES, UNIT } = network.network;
const WEIGHTS = "weights"; // as the skeleton calls its external data
const MOST_KEPT = 16; // sessions; the dashboard asks for a dozen at once

export const isPlain = (request) => !request.layer || !(request.maps || request.method || request.rule);

export class Network {
  // contract, names: the model's; weights: bytes; skeleton: gives its bytes, later; create, tensor: of the runtime.
  constructor(contract, { inputs, outputs }, weights, skeleton, create, tensor) {
    Object.assign(this, { contract, weights, skeleton, create, tensor });
    this.offered = new Set(outputs);
    this.sessions = new Map();
    this.said = [PROBABILITIES, ...(this.offered.has(QUALITY) ? [QUALITY] : [])];
    this.contrasts = inputs.includes(AGAINST);
  }

  // Takes a model that was cut out when the site was written.
  async add(model) {
    const session = await this.open(model);
    this.sessions.set(keyOf(session.outputNames), { session, inputs: session.inputNames });
  }

  // Where the heat of a request is taken: its layer, or the input for the methods that belong there.
  heatLayer({ layer, method }) {
    return this.offered.has(`cam/${method}/${INPUT}`) ? INPUT : layer;
  }

  rules(layer) {
    return RULES.filter((rule) => this.offered.has(`unit/${rule}/${layer}`));
  }

  // A request without the ways back and contrasts that the model does not offer.
  fitting(request) {
    const known = !request.rule || this.rules(request.layer).includes(request.rule);
    return { ...request, ...(known ? {} : { rule: "" }), ...(this.contrasts ? {} : { against: NOTHING }) };
  }

  ready(request) {
    return this.sessions.has(keyOf(Object.values(this.outputs(request))));
  }

  // What N faces say: { probabilities, quality, maps, heat, pixels }, each a list of { shape, data }, one a face.
  //
  // targets: classes that heat speaks for; offsets: added to the logits, N · K, or null.
  async answer(batch, count, request, targets, offsets = null) {
    const { input, labels } = this.contract, names = this.outputs(request), { session, inputs } = await this.prepare(names);
    const shape = input.layout === "NHWC" ? [input.height, input.width] : [];
    const depth = input.channels === "gray" ? 1 : 3, dims = shape.length ? [count, ...shape, depth] : [count, depth, input.height, input.width];
    const whole = (values) => this.tensor("int64", BigInt64Array.from(values, BigInt), [values.length]);
    const feeds = {
      faces: () => this.tensor("float32", batch, dims),
      target: () => whole(targets ?? new Array(count).fill(PREDICTED)),
      [UNIT]: () => whole([request.unit ?? NOTHING]),
      [AGAINST]: () => whole([request.against ?? NOTHING]),
      [OFFSET]: () => this.tensor("float32", offsets ?? new Float32Array(count * labels.length), [count, labels.length]),
    };
    const got = await session.run(Object.fromEntries(inputs.map((name) => [name, feeds[name]()])));
    return Object.fromEntries(Object.entries(names).map(([name, output]) => [name, split(got[output], count)]));
  }

  async prepare(names) {
    const outputs = Object.values(names), key = keyOf(outputs);
    if (!this.sessions.has(key)) {
      const { model, inputs } = (await this.whole()).cut(outputs);
      this.sessions.set(key, { session: await this.open(model), inputs });
    }
    const opened = this.sessions.get(key);
    this.sessions.delete(key);
    this.sessions.set(key, opened); // the last to go
    if (this.sessions.size > MOST_KEPT) {
      const [oldest] = this.sessions.keys(), { session } = this.sessions.get(oldest);
      this.sessions.delete(oldest);
      await session.release();
    }
    return opened;
  }

  // The graph that all else is cut out of, read when it is first needed.
  whole() {
    this.graph ??= this.skeleton().then((bytes) => new Graph(bytes)).catch((error) => {
      this.graph = null; // there may be a network again
      throw error;
    });
    return this.graph;
  }

  open(model) {
    return this.create(model, [{ path: WEIGHTS, data: this.weights }]);
  }

  // Name in the answer → the output that holds it.
  outputs(request) {
    const names = Object.fromEntries(this.said.map((name) => [name, name]));
    if (isPlain(request)) return names;
    if (request.maps) names.maps = `activation/${request.layer}`;
    if (request.method) names.heat = `cam/${request.method}/${this.heatLayer(request)}`;
    for (const method of request.methods ?? []) names[`heat ${method}`] = `cam/${method}/${this.heatLayer({ ...request, method })}`;
    if (request.also) names.also = `activation/${request.also}`;
    if (request.rule) names.pixels = `unit/${request.rule}/${request.layer}`;
    return names;
  }

  // What is added to all logits for this much of the prior to be taken off, or null.
  prior(share) {
    return offsetOf(this.contract, share);
  }
}

const keyOf = (outputs) => [...outputs].sort().join();

function split({ data, dims: [, ...shape] }, count) {
  const size = data.length / count;
  return Array.from({ length: count }, (_, number) => ({ shape, data: data.subarray(number * size, (number + 1) * size) }));
}
