// YuNet in onnxruntime, for pictures of any size. As `faces/yunet.py`, where the grids are explained.

import { blended } from "./blending.js";
import { faces } from "./tables.js";

const { BATCH_PIXELS, RIVAL, SAME } = faces.yunet;
const { OUTPUTS, STRIDES } = faces.yunet_graph;
const LEAST = 0.5;

export class YuNet {
  constructor(session, tensor) {
    Object.assign(this, { session, tensor, grids: new Map(), blobs: new Map() });
  }

  async detect(pictures) {
    const found = new Array(pictures.length);
    for (const numbers of batches(pictures)) {
      const answers = await this.look(numbers.map((number) => pictures[number]));
      numbers.forEach((number, place) => (found[number] = answers[place]));
    }
    return found;
  }

  async look(pictures) {
    const coarsest = STRIDES.at(-1), rows = padded(pictures[0].height, coarsest), columns = padded(pictures[0].width, coarsest);
    const input = this.tensor("float32", this.blob(pictures, rows, columns), [pictures.length, 3, rows, columns]);
    const outputs = await this.session.run({ input }), grid = this.grid(rows, columns);
    return pictures.map((_, number) => facesOf(outputs, number, grid));
  }

  // (N, 3, rows, columns), blue first, black beyond the pictures; memory that pictures of this size had before.
  blob(pictures, rows, columns) {
    const [{ width, height }] = pictures, name = `${pictures.length}×${width}×${height}`, plane = rows * columns;
    if (!this.blobs.has(name)) this.blobs.set(name, new Float32Array(pictures.length * 3 * plane));
    const made = this.blobs.get(name);
    pictures.forEach(({ values }, number) => fill(made.subarray(number * 3 * plane, (number + 1) * 3 * plane), values, width, height, columns));
    return made;
  }

  grid(rows, columns) {
    const name = `${rows}×${columns}`;
    if (!this.grids.has(name)) this.grids.set(name, gridOf(rows, columns));
    return this.grids.get(name);
  }
}

// Of picture number `number`: each output has, for each of its numbers, one a cell.
function facesOf(outputs, number, { column, row, stride }) {
  const table = [], cells = stride.length;
  const [scores, box, points] = Object.entries(OUTPUTS).map(([name, count]) => outputs[name].data.subarray(number * count * cells, (number + 1) * count * cells));
  for (let cell = 0; cell < cells; cell += 1) {
    const sure = Math.sqrt(scores[cell] * scores[cells + cell]);
    if (!(sure >= LEAST)) continue;
    const s = stride[cell], of = (values, k) => values[k * cells + cell];
    const x = (column[cell] + of(box, 0)) * s, y = (row[cell] + of(box, 1)) * s;
    const wide = (Math.exp(of(box, 2)) * s) / 2, high = (Math.exp(of(box, 3)) * s) / 2;
    const eye = (k) => [(column[cell] + of(points, 2 * k)) * s, (row[cell] + of(points, 2 * k + 1)) * s];
    table.push([x - wide, y - high, x + wide, y + high, ...eye(0), ...eye(1), sure]);
  }
  return blended(table, SAME, RIVAL);
}

// Column, row and stride of every cell, in the network's order.
function gridOf(rows, columns) {
  const cells = STRIDES.flatMap((stride) => {
    const across = columns / stride;
    return Array.from({ length: across * (rows / stride) }, (_, cell) => [cell % across, Math.floor(cell / across), stride]);
  });
  const [column, row, stride] = [0, 1, 2].map((part) => Float32Array.from(cells, (cell) => cell[part]));
  return { column, row, stride };
}

const padded = (length, step) => Math.ceil(length / step) * step;

// Numbers of pictures of one size that together are small enough for the processor's cache.
function batches(pictures) {
  const groups = new Map();
  pictures.forEach(({ width, height }, number) => groups.set(`${width}×${height}`, [...(groups.get(`${width}×${height}`) ?? []), number]));
  return [...groups.values()].flatMap((numbers) => {
    const { width, height } = pictures[numbers[0]], count = Math.max(1, Math.floor(BATCH_PIXELS / (width * height)));
    return Array.from({ length: Math.ceil(numbers.length / count) }, (_, part) => numbers.slice(part * count, (part + 1) * count));
  });
}

// Pixels, red first, into planes of rows of `columns`, blue first.
function fill(planes, values, width, height, columns) {
  const plane = planes.length / 3;
  for (let row = 0, from = 0; row < height; row += 1) {
    for (let at = row * columns, end = at + width; at < end; at += 1, from += 3) {
      planes[at] = values[from + 2];
      planes[plane + at] = values[from + 1];
      planes[2 * plane + at] = values[from];
    }
  }
}
