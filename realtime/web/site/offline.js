// The service worker: keeps the site in this browser, so that a second visit asks nobody for anything.
//
// `files.js` names everything, and a version that changes with any of it. What the first picture needs is kept at once, the
// rest (clip, pictures, atlas) when the page says that it has time.

importScripts("files.js");

const { first, later, version } = self.FILES;
const OURS = `emoscope ${registration.scope} `;
const NAME = OURS + version;

const kept = async (paths) => {
  const cache = await caches.open(NAME), there = new Set((await cache.keys()).map(({ url }) => url));
  const missing = paths.map((path) => new URL(path, registration.scope).href).filter((url) => !there.has(url));
  // The browser's own cache may hold files of the version before: the host is asked whether they are still the ones.
  await cache.addAll(missing.map((url) => new Request(url, { cache: "no-cache" })));
};

// What the browser may take out of the cache by itself, without waiting for this worker; it asks the host for what is not there.
const BY_ITSELF = ["page", "local", "ort", "model", "detectors"];

addEventListener("install", (event) => {
  const folder = new URL(registration.scope).pathname.replace(/[\\:*+?(){}]/g, "\\$&");
  const routes = BY_ITSELF.map((name) => ({ condition: { urlPattern: { pathname: `${folder}${name}/*` } }, source: { cacheName: NAME } }));
  event.addRoutes?.(routes).catch(console.warn); // few browsers have it
  event.waitUntil(kept(first).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const dropOld = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(dropOld());
});

addEventListener("message", (event) => {
  if (event.data === "rest") event.waitUntil(kept(later));
});

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(registration.scope)) return;
  const asked = url.replace(/[?#].*/, ""), address = asked.endsWith("/") ? `${asked}index.html` : asked;
  event.respondWith(caches.open(NAME).then(async (cache) => (await cache.match(address)) ?? fetch(event.request)));
});
