// Sixteen-bit floating-point numbers, by which weights travel, as the 32-bit ones that the network computes with.

export function widened(bytes) {
  if (globalThis.Float16Array) return new Uint8Array(new Float32Array(new Float16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)).buffer);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2), made = new Float32Array(halves.length);
  const table = Float32Array.from({ length: 65536 }, (_, bits) => value(bits));
  for (let at = 0; at < made.length; at += 1) made[at] = table[halves[at]];
  return new Uint8Array(made.buffer);
}

function value(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}
