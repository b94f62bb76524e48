// The dashboard's numbers for one face: maps of the chosen layer and of the pooling behind it, the one map that is chosen
// with the pixels that drive it, and every method's heat. As the server's `inside.py`.

import { argmax } from "./numbers.js";
import { otherClass } from "./session.js";
import { network as constants, web } from "./tables.js";

const { NOTHING, PREDICTED } = constants.network;
const { PATIENCE, QUICK_S } = web.inside;

export class Inside {
  constructor(network) {
    this.network = network;
    this.dueS = new Map();
  }

  // state: the page's; still: whether the picture stands still, so that all that is shown may be computed anew.
  async tell(readout, one, state, still) {
    const { layers, methods, labels } = this.network.contract, layer = layers[state.layer]?.name;
    if (!layer) return;
    const target = state.target === PREDICTED ? argmax(one.raw) : state.target;
    const ask = (request) => this.network.answer(one.batch, 1, { layer, ...request }, [target]);
    await this.maps(readout, "layer", ask, layer, state, still);
    const pool = poolingAfter(layers, state.layer);
    if (pool) await this.maps(readout, "pool", ask, pool, state, still);
    await this.unit(readout, ask, layer, state, still);
    const against = this.network.contrasts ? state.against : NOTHING, told = { target, against: otherClass(labels, one.raw, against, target) };
    readout.facts.heats = [];
    for (const [number, method] of methods.entries()) {
      const heat = await this.heat(ask, { layer, method, against }, still || number === state.method), name = `heat${number}`;
      readout.heat(name, heat, { method, ...told });
      readout.facts.heats.push(heat ? name : "");
    }
  }

  async maps(readout, name, ask, layer, state, still) {
    if (!still && !this.network.ready({ layer, maps: true })) return this.prepare({ layer, maps: true });
    const { maps } = await ask({ layer, maps: true });
    readout.maps(name, maps[0], state.sort, { layer });
  }

  async unit(readout, ask, layer, state, still) {
    const rules = this.network.rules(layer), rule = rules.includes(state.rule) ? state.rule : rules[0] ?? "";
    const request = { layer, maps: true, rule, unit: rule ? state.unit : NOTHING };
    if (!still && !this.network.ready(request)) return this.prepare(request);
    const { maps, pixels } = await ask(request);
    readout.oneMap("unit", maps[0], state.unit, { layer });
    readout.pixels("unitpixels", pixels?.[0], { rule, unit: state.unit });
  }

  async heat(ask, request, needed) {
    const key = `${request.layer} ${request.method} ${request.against}`, start = performance.now() / 1000;
    if (!needed && (start < (this.dueS.get(key) ?? 0) || !this.network.ready(request))) return this.prepare(request);
    const { heat } = await ask(request), tookS = performance.now() / 1000 - start, slow = tookS > QUICK_S;
    this.dueS.set(key, slow ? start + PATIENCE * tookS : 0);
    return slow && !needed ? null : heat[0];
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
