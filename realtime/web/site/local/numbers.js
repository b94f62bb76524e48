// Numbers as Python and numpy have them where JavaScript differs: halves rounded to even, percentiles, medians.

export function round(value) {
  const below = Math.floor(value), rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

export const clip = (value, low, high) => Math.min(Math.max(value, low), high);

// Between neighbours linearly, as `numpy.percentile` does; `sorted` rises.
export function percentile(sorted, share) {
  const place = (share / 100) * (sorted.length - 1), low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

export function median(values) {
  return percentile(Float64Array.from(values).sort(), 50);
}

// The first of the largest.
export function argmax(values) {
  let best = 0;
  for (let at = 1; at < values.length; at += 1) if (values[at] > values[best]) best = at;
  return best;
}

// Numbers of the values, the largest first; of equal ones the first.
export function descending(values) {
  return Array.from(values, (_, at) => at).sort((a, b) => values[b] - values[a] || a - b);
}
