// A picture of which any rectangle can be had at any size. As `media/raster.py`.

import { area, brightness, linear, picture } from "./pixels.js";

export class Raster {
  // Four bytes a pixel, as a canvas has them; what is transparent is not looked at.
  constructor({ width, height, data }) {
    const words = new Int32Array(data.buffer, data.byteOffset, width * height);
    Object.assign(this, { width, height, depth: 4, values: data, words });
  }

  // A rectangle that lies inside the picture, at its own resolution; gray or three bytes a pixel.
  pixels([x0, y0, x1, y1], isGray) {
    const made = picture(x1 - x0, y1 - y0, isGray ? 1 : 3), { values } = this, to = made.values;
    let at = 0;
    for (let row = y0; row < y1; row += 1) {
      for (let from = (row * this.width + x0) * 4, end = from + 4 * made.width; from < end; from += 4) {
        if (isGray) to[at++] = brightness(values[from], values[from + 1], values[from + 2]);
        else {
          to[at++] = values[from];
          to[at++] = values[from + 1];
          to[at++] = values[from + 2];
        }
      }
    }
    return made;
  }

  // A rectangle at another size, averaged where it shrinks much, black beyond the picture.
  part(rectangle, [width, height]) {
    if (rectangle[2] - rectangle[0] <= 2 * width) return linear(this, rectangle, width, height);
    return area(linear(this, rectangle, 2 * width, 2 * height), width, height);
  }

  // Brightness at points spread evenly over a rectangle inside the picture.
  points(columns, rows, [x0, y0, x1, y1] = [0, 0, this.width, this.height]) {
    const made = picture(columns, rows, 1);
    for (let row = 0; row < rows; row += 1) {
      const y = y0 + Math.floor(((row + 0.5) * (y1 - y0)) / rows);
      for (let column = 0; column < columns; column += 1) {
        const at = (y * this.width + x0 + Math.floor(((column + 0.5) * (x1 - x0)) / columns)) * 4;
        made.values[row * columns + column] = brightness(this.values[at], this.values[at + 1], this.values[at + 2]);
      }
    }
    return made;
  }
}
