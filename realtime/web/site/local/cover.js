// The chosen face once more, a part of it covered by a gray square. As the server's `cover.py`, which says what is covered.

import { clip } from "./numbers.js";
import { web } from "./tables.js";

const { GRAY } = web.cover;

// one: of the session's faces; cover: [x, y, edge] in edges of the crop. Adds `covered` to the readout.
export async function cover(readout, network, one, [x, y, edge]) {
  const { input } = network.contract, batch = one.batch.slice();
  lay(batch, pixels(x, edge, input.width), pixels(y, edge, input.height), input);
  const { probabilities } = await network.answer(batch, 1, {}, null, one.offset);
  readout.facts.covered = { square: [x, y, edge], probabilities: Array.from(probabilities[0].data) };
}

// [first, after the last] of the pixels that it covers of an edge of the crop.
function pixels(middle, edge, length) {
  const first = clip(Math.floor((middle - edge / 2) * length + 0.5), 0, length - 1);
  return [first, clip(Math.floor((middle + edge / 2) * length + 0.5), first + 1, length)];
}

function lay(batch, [x0, x1], [y0, y1], { width, height, channels, layout, scale, offset }) {
  const depth = channels === "gray" ? 1 : 3, of = (value, channel) => (Array.isArray(value) ? value[channel] : value);
  for (let channel = 0; channel < depth; channel += 1) {
    const gray = GRAY * of(scale, channel) + of(offset, channel);
    for (let row = y0; row < y1; row += 1) {
      for (let column = x0; column < x1; column += 1) {
        batch[layout === "NHWC" ? (row * width + column) * depth + channel : (channel * height + row) * width + column] = gray;
      }
    }
  }
}
