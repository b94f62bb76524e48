// The dashboard's numbers for one face: maps of the chosen layer and of the pooling behind it, the one map that is chosen
// with the pixels that drive it, and every method's heat, all by one call of the network. As the server's `inside.py`.

import { argmax } from "./numbers.js";
import { otherClass } from "./session.js";
import { network as constants, web } from "./tables.js";

const { NOTHING, NO_UNIT, PREDICTED } = constants.network;
const { QUICK_S, REST } = web.inside;

export class Inside {
  constructor(network) {
    this.network = network;
    this.dueS = 0;
  }

  // state: the page's; still: whether the picture stands still, so that all that is shown may be computed anew.
  async tell(readout, one, state, still) {
    const { layers, methods, labels } = this.network.contract;
    if (!layers[state.layer]) return;
    const request = this.request(state), { layer, rule, against } = request;
    if (!still && (performance.now() / 1000 < this.dueS || !this.network.ready(request))) return this.prepare(request);
    await this.network.prepare(this.network.outputs(request));
    const target = state.target === PREDICTED ? argmax(one.raw) : state.target, start = performance.now() / 1000;
    const answer = await this.network.answer(one.batch, 1, request, [target]), tookS = performance.now() / 1000 - start;
    this.dueS = tookS > QUICK_S ? start + REST * tookS : 0;
    const [maps] = answer.maps, pool = poolingAfter(layers, state.layer);
    readout.maps("layer", maps, state.sort, { layer });
    if (pool) readout.maps("pool", answer.also?.[0] ?? maps, state.sort, { layer: pool });
    readout.oneMap("unit", maps, state.unit, { layer });
    readout.pixels("unitpixels", answer.pixels?.[0], { rule, unit: state.unit });
    const told = { target, against: otherClass(labels, one.raw, against, target) };
    readout.facts.heats = methods.map((method, number) => {
      readout.heat(`heat${number}`, answer[`heat ${method}`][0], { method, ...told });
      return `heat${number}`;
    });
  }

  // All at once; the chosen map is followed back by the rule that is chosen, else by the first there is.
  request(state) {
    const { layers, methods } = this.network.contract, layer = layers[state.layer].name, pool = poolingAfter(layers, state.layer);
    const rules = this.network.rules(layer), rule = rules.includes(state.rule) ? state.rule : rules[0] ?? "";
    const against = this.network.contrasts ? state.against : NOTHING;
    return { layer, maps: true, against, rule, unit: rule ? state.unit : NO_UNIT, methods, also: pool === layer ? "" : pool };
  }

  // Builds a session that is missing, one a frame: each takes longer than a frame lasts.
  async prepare(request) {
    if (this.network.ready(request) || this.building) return null;
    this.building = true;
    this.network.prepare(this.network.outputs(request)).finally(() => (this.building = false));
    return null;
  }
}

// The pooling layer that follows the chosen layer, else the last one there is.
function poolingAfter(layers, chosen) {
  const pools = layers.flatMap(({ kind, height }, number) => (kind === "pool" && height > 1 ? [number] : []));
  return layers[pools.find((number) => number > chosen) ?? pools.at(-1)]?.name;
}
