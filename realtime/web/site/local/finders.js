// The face finders by name, as `faces/__init__.py` has them. What finds tilted and lying heads comes later: it is half a
// megabyte and many looks, and the first picture should not wait for them.

import { BlazeFace } from "./blazeface.js";
import { FaceFinder } from "./finder.js";
import { RollAligner } from "./roll_alignment.js";
import { faces } from "./tables.js";
import { YuNet } from "./yunet.js";

const { BLAZEFACE_LEAST, LYING_LEAST, LYING_PLAN, TILTED_PLAN, YUNET_LEAST, YUNET_PLAN } = faces.finders;
const { PER_S } = faces.roll_alignment;

// session: of YuNet's file.
export function openFinder(session, tensor) {
  const yunet = new YuNet(session, tensor);
  return new FaceFinder([{ detector: yunet, plan: YUNET_PLAN, least: YUNET_LEAST }], yunet);
}

// Adds what comes later; until then a head that is tilted by more than 45° is not found.
//
// open: gives the session of a detector's file by its name.
export async function complete(finder, name, open, tensor) {
  if (name === "yunet") return;
  const [short, full] = [await open("blazeface_short"), await open("blazeface_full")];
  finder.aligner = new RollAligner(new BlazeFace(short, tensor, "short"), BLAZEFACE_LEAST, PER_S);
  finder.add({ detector: new BlazeFace(full, tensor, "full"), plan: TILTED_PLAN, least: BLAZEFACE_LEAST });
  finder.add({ detector: finder.closer, plan: LYING_PLAN, least: LYING_LEAST });
}
