// Sixteen-bit floating-point numbers, by which weights travel, as the 32-bit ones that the network computes with.

export function widened(bytes) {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2), table = new Float32Array(65536);
  for (let bits = 0; bits < table.length; bits += 1) table[bits] = value(bits);
  const made = new Float32Array(halves.length);
  for (let at = 0; at < made.length; at += 1) made[at] = table[halves[at]];
  return new Uint8Array(made.buffer);
}

function value(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}
