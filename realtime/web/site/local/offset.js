// Numbers that are added to a network's logits. As `network/offset.py`, where the formula stands.

import { network } from "./tables.js";

const { SMALLEST, SUM } = network.offset;

// What to add for this much of the prior to be taken off, or null for nothing.
export function offsetOf({ prior, default_prior: usual }, share) {
  if (share === null || share === usual || !prior.length) return null;
  return prior.map((part) => (usual - share) * Math.log(part));
}

// Probabilities as if `offsets` had been added to the logits behind them.
export function shifted(probabilities, offsets) {
  const sum = probabilities.reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > SUM) {
    return probabilities.map((share, at) => (Math.exp(offsets[at]) * share) / (1 - share + Math.exp(offsets[at]) * share));
  }
  const logits = probabilities.map((share, at) => Math.log(Math.max(share, SMALLEST)) + offsets[at]), most = Math.max(...logits);
  const raised = logits.map((logit) => Math.exp(logit - most)), all = raised.reduce((total, value) => total + value, 0);
  return raised.map((value) => value / all);
}
