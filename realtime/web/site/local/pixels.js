// Pictures as OpenCV makes them of one another, to the last bit but for a few halves: shrunk, enlarged, turned.
//
// A picture is { width, height, depth, values }: `depth` bytes a pixel, red first.

import { round } from "./numbers.js";

export function picture(width, height, depth, values = new Uint8ClampedArray(width * height * depth)) {
  return { width, height, depth, values };
}

const BITS = 11, ONE = 1 << BITS; // of the weights between two neighbours, as OpenCV rounds them

// What each of `length` cells takes of an axis's pixels `from` … `to`, which may lie beyond a picture of `size` pixels:
// the numbers of two neighbours, and their weights; black adds nothing, so what lies beyond weighs nothing.
function taps(from, to, length, size) {
  const step = (to - from) / length, [first, second, a, b] = [1, 2, 3, 4].map(() => new Int32Array(length));
  for (let cell = 0; cell < length; cell += 1) {
    const place = Math.fround((cell + 0.5) * step - 0.5), low = Math.floor(place), isInside = low >= 0 && low < to - from - 1;
    const at = Math.min(Math.max(low, 0), to - from - 1), share = isInside ? Math.fround(place - low) : 0;
    for (const [number, weight, numbers, weights] of [[at, 1 - share, first, a], [at + 1, share, second, b]]) {
      const within = number + from >= 0 && number + from < size;
      numbers[cell] = within ? number + from : 0;
      weights[cell] = within ? round(Math.fround(weight) * ONE) : 0;
    }
  }
  return { first, second, a, b };
}

// A rectangle of a picture at another size, between neighbours linearly, black beyond the picture. (cv2.resize, INTER_LINEAR)
//
// `words`: the picture's pixels of four bytes each, as many a row as it is wide. Every frame comes this way, so a pixel is read
// once, and its three channels stand one below the other: in a loop they take half as long again.
export function linear(source, rectangle, width, height) {
  const [x0, y0, x1, y1] = rectangle, wide = source.width, { words } = source;
  if (x1 - x0 === width && y1 - y0 === height) return copied(source, rectangle);
  const made = picture(width, height, 3), to = made.values, across = taps(x0, x1, width, wide), down = taps(y0, y1, height, source.height);
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    const upper = down.first[row] * wide, lower = down.second[row] * wide, c = down.a[row], d = down.b[row];
    for (let column = 0; column < width; column += 1, at += 3) {
      const left = across.first[column], right = across.second[column], a = across.a[column], b = across.b[column];
      const p = words[upper + left], q = words[upper + right], r = words[lower + left], s = words[lower + right];
      to[at] = mixed(c, weighed(a, p & 255, b, q & 255), d, weighed(a, r & 255, b, s & 255));
      to[at + 1] = mixed(c, weighed(a, (p >> 8) & 255, b, (q >> 8) & 255), d, weighed(a, (r >> 8) & 255, b, (s >> 8) & 255));
      to[at + 2] = mixed(c, weighed(a, (p >> 16) & 255, b, (q >> 16) & 255), d, weighed(a, (r >> 16) & 255, b, (s >> 16) & 255));
    }
  }
  return made;
}

// Two neighbours of a row, and two rows, as OpenCV rounds them.
const weighed = (a, p, b, q) => (Math.imul(a, p) + Math.imul(b, q)) >> 4;
const mixed = (c, above, d, below) => ((Math.imul(c, above) >> 16) + (Math.imul(d, below) >> 16) + 2) >> 2;

// A rectangle at its own size, black beyond the picture.
function copied({ width, height, depth, values }, [x0, y0, x1, y1]) {
  const made = picture(x1 - x0, y1 - y0, 3), to = made.values, first = Math.max(x0, 0), last = Math.min(x1, width);
  for (let row = Math.max(y0, 0); row < Math.min(y1, height); row += 1) {
    let at = ((row - y0) * made.width + first - x0) * 3;
    for (let from = (row * width + first) * depth, end = from + (last - first) * depth; from < end; from += depth, at += 3) {
      to[at] = values[from];
      to[at + 1] = values[from + 1];
      to[at + 2] = values[from + 2];
    }
  }
  return made;
}

// Shrunk so that every pixel counts for the area that it covers. (cv2.resize, INTER_AREA)
export function area(source, width, height) {
  const across = source.width / width, down = source.height / height;
  if (across === 2 && down === 2) return halved(source, width, height);
  if (Number.isInteger(across) && Number.isInteger(down)) return blocks(source, width, height, across, down);
  const { depth, values } = source, columns = spans(source.width, width), rows = spans(source.height, height);
  const line = new Float64Array(width * depth), made = picture(width, height, depth);
  rows.forEach((span, row) => {
    line.fill(0);
    for (const [y, weight] of span) {
      const start = y * source.width;
      for (let column = 0; column < width; column += 1) {
        for (const [x, share] of columns[column]) {
          for (let channel = 0; channel < depth; channel += 1) {
            line[column * depth + channel] += weight * share * values[(start + x) * depth + channel];
          }
        }
      }
    }
    made.values.set(line, row * width * depth);
  });
  return made;
}

// The same where a pixel is the mean of whole ones.
function blocks(source, width, height, across, down) {
  const { depth, values } = source, made = picture(width, height, depth), line = source.width * depth, count = across * down;
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const corner = row * down * line + column * across * depth;
      for (let channel = 0; channel < depth; channel += 1) {
        let sum = 0;
        for (let y = 0, start = corner + channel; y < down; y += 1, start += line) {
          for (let x = 0, from = start; x < across; x += 1, from += depth) sum += values[from];
        }
        made.values[at++] = sum / count;
      }
    }
  }
  return made;
}

// The same of four pixels each; OpenCV rounds halves up in this case alone.
function halved(source, width, height) {
  const { depth, values } = source, made = picture(width, height, depth), line = source.width * depth;
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0, left = 2 * row * line; column < width; column += 1, left += 2 * depth) {
      for (let channel = 0; channel < depth; channel += 1) {
        const upper = left + channel, lower = upper + line;
        made.values[at++] = (values[upper] + values[upper + depth] + values[lower] + values[lower + depth] + 2) >> 2;
      }
    }
  }
  return made;
}

// For each cell of an axis its pixels, as [number, share].
function spans(from, length) {
  const step = from / length;
  return Array.from({ length }, (_, cell) => {
    const low = cell * step, high = Math.min((cell + 1) * step, from), span = [];
    for (let at = Math.floor(low); at < high - 1e-9; at += 1) span.push([at, (Math.min(at + 1, high) - Math.max(at, low)) / step]);
    return span;
  });
}

// `matrix`, [a, b, x, c, d, y], maps pixel numbers of what is made to those of the source, between whose pixels is read
// linearly; beyond it its border is repeated, or all is black. All is rounded to 32 bits where OpenCV rounds it, which is
// once where a processor multiplies and adds in one step: a gray level can turn a cell of the network on or off.
// (cv2.warpAffine, INTER_LINEAR | WARP_INVERSE_MAP)
export function warp(source, matrix, width, height, repeat) {
  const { depth, values, width: wide, height: high } = source, made = picture(width, height, depth), single = Math.fround;
  const [a, b, x, c, d, y] = matrix.map(single);
  const pixel = (column, row) => {
    if (!repeat && (column < 0 || row < 0 || column >= wide || row >= high)) return -1;
    return (Math.min(Math.max(row, 0), high - 1) * wide + Math.min(Math.max(column, 0), wide - 1)) * depth;
  };
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    const firstX = single(single(b * row) + x), firstY = single(single(d * row) + y);
    for (let column = 0; column < width; column += 1) {
      const px = single(a * column + firstX), py = single(c * column + firstY);
      const left = Math.floor(px), top = Math.floor(py), across = single(px - left), down = single(py - top);
      const p = pixel(left, top), q = pixel(left + 1, top), r = pixel(left, top + 1), s = pixel(left + 1, top + 1);
      for (let channel = 0; channel < depth; channel += 1) {
        const first = p < 0 ? 0 : values[p + channel], third = r < 0 ? 0 : values[r + channel];
        const upper = single(first + across * ((q < 0 ? 0 : values[q + channel]) - first));
        const lower = single(third + across * ((s < 0 ? 0 : values[s + channel]) - third));
        made.values[at++] = single(upper + down * single(lower - upper));
      }
    }
  }
  return made;
}

// Turned by quarters, against the clock as it is seen. (numpy.rot90)
export function quarters(source, count) {
  const times = ((count % 4) + 4) % 4;
  if (!times) return source;
  const { width, height, depth, values } = source, swaps = times % 2 === 1;
  const made = picture(swaps ? height : width, swaps ? width : height, depth);
  for (let row = 0; row < made.height; row += 1) {
    for (let column = 0; column < made.width; column += 1) {
      const [x, y] = times === 1 ? [width - 1 - row, column] : times === 2 ? [width - 1 - column, height - 1 - row] : [row, height - 1 - column];
      for (let channel = 0; channel < depth; channel += 1) {
        made.values[(row * made.width + column) * depth + channel] = values[(y * width + x) * depth + channel];
      }
    }
  }
  return made;
}

// Brightness of a colour, 0–255. (cv2.COLOR_BGR2GRAY, whose weights are these over 2¹⁵)
export const brightness = (red, green, blue) => (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15;

export function gray(source) {
  const made = picture(source.width, source.height, 1), { values, depth } = source;
  for (let at = 0, from = 0; at < made.values.length; at += 1, from += depth) {
    made.values[at] = brightness(values[from], values[from + 1], values[from + 2]);
  }
  return made;
}
