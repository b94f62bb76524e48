// YuNet in onnxruntime, for pictures of any size. As `faces/yunet.py`, where the grids are explained.

import { blended } from "./blending.js";
import { clip } from "./numbers.js";
import { faces } from "./tables.js";

const { BATCH_PIXELS, HEADS, RIVAL, SAME, STRIDES } = faces.yunet;
const LEAST = 0.5;

export class YuNet {
  constructor(session, tensor) {
    Object.assign(this, { session, tensor });
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
    const input = this.tensor("float32", blob(pictures, rows, columns), [pictures.length, 3, rows, columns]);
    const outputs = await this.session.run({ input });
    return pictures.map((_, number) => this.faces(outputs, number, pictures.length, rows, columns));
  }

  faces(outputs, number, count, rows, columns) {
    const table = [];
    for (const stride of STRIDES) {
      const across = columns / stride, cells = across * (rows / stride), first = number * cells;
      const [score, object, box, points] = HEADS.map((head) => outputs[`${head}_${stride}`].data);
      for (let cell = 0; cell < cells; cell += 1) {
        const at = first + cell, sure = Math.sqrt(clip(score[at], 0, 1) * clip(object[at], 0, 1));
        if (!(sure >= LEAST)) continue;
        const column = cell % across, row = Math.floor(cell / across), b = 4 * at, p = (points.length / (count * cells)) * at;
        const x = (column + box[b]) * stride, y = (row + box[b + 1]) * stride;
        const wide = (Math.exp(box[b + 2]) * stride) / 2, high = (Math.exp(box[b + 3]) * stride) / 2;
        const eye = (k) => [(column + points[p + 2 * k]) * stride, (row + points[p + 2 * k + 1]) * stride];
        table.push([x - wide, y - high, x + wide, y + high, ...eye(0), ...eye(1), sure]);
      }
    }
    return blended(table, SAME, RIVAL);
  }
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

// (N, 3, rows, columns), blue first, black beyond the pictures.
function blob(pictures, rows, columns) {
  const plane = rows * columns, values = new Float32Array(pictures.length * 3 * plane);
  pictures.forEach((picture, number) => {
    const blue = number * 3 * plane, green = blue + plane, red = green + plane;
    for (let row = 0, from = 0; row < picture.height; row += 1) {
      for (let column = 0, at = row * columns; column < picture.width; column += 1, at += 1) {
        values[red + at] = picture.values[from++];
        values[green + at] = picture.values[from++];
        values[blue + at] = picture.values[from++];
      }
    }
  });
  return values;
}
