// The lesson about a face, step by step over the page; it can be taken home as it is.

import { save, stamp } from "./keep.js";

const $ = (name) => document.querySelector(name);

// The page takes no styles but its own and those that its scripts set, so those of the lesson are set one by one.
export async function lesson(link, kind, picture, face, name) {
  const blob = await link.result(kind, picture, face, name);
  const plain = (await blob.text()).replace(/<style>.*?<\/style>/s, "").replaceAll(' style="', ' data-style="');
  $("#lessonsteps").replaceChildren(...new DOMParser().parseFromString(plain, "text/html").body.children);
  for (const styled of document.querySelectorAll("#lessonsteps [data-style]")) styled.style.cssText = styled.dataset.style;
  $("#lessonsave").onclick = () => save(blob, `emoscope-${stamp()}.lesson.html`);
  $("#lessonpage").showModal();
  $("#lessonpage").scrollTop = 0;
  return "";
}
