// Keeps the page for visits without a network. One cache per build, named after the program's own file:
// a new build never meets files of an old one. With a network the page, its texts and its icon always
// come from there; only files whose names carry a hash of what is in them come from the cache first.
"use strict";

const LANGUAGES = ["en", "zh-CN"];
const TEXTS = ["page", "ui", "narration", "reasons", "scenarios", "params", "model"];
const PLAIN = ["icon.svg", ...LANGUAGES.flatMap((tag) => TEXTS.map((name) => `locales/${tag}/${name}.ftl`))];
/** A name with a hash in it, as the build writes them. */
const HASHED = /[\w-]+-[0-9a-f]{16}(?:_bg)?\.(?:js|wasm|css)/g;

const scope = self.registration.scope;
/** Several pages may share a host, and with it the caches. */
const prefix = `ackscope ${scope} `;

/** The cache of the build that a page's text belongs to. */
const cacheOf = (text) => prefix + ((text.match(HASHED) ?? []).find((name) => name.endsWith(".wasm")) ?? "");

async function fresh(path) {
  const answer = await fetch(new URL(path, scope), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

/** Keeps everything that a build needs, the page itself last: a cache that has it is whole. */
async function keep(text) {
  const name = cacheOf(text);
  const cache = await caches.open(name);
  if (!(await cache.match(scope))) {
    const files = [...new Set(text.match(HASHED) ?? []), ...PLAIN];
    await Promise.all(files.map(async (file) => cache.put(new URL(file, scope), await fresh(file))));
    const headers = { "content-type": "text/html; charset=utf-8" };
    await cache.put(scope, new Response(text, { headers }));
  }
  const old = (await caches.keys()).filter((other) => other.startsWith(prefix) && other !== name);
  await Promise.all(old.map((other) => caches.delete(other)));
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    fresh("./")
      .then((answer) => answer.text())
      .then(keep)
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

/** What the caches of this page hold for an address. */
async function kept(address) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(prefix)) continue;
    const found = await (await caches.open(name)).match(address);
    if (found) return found;
  }
  return undefined;
}

/** The page itself: from the network, and where that is a new build, kept in the background. */
async function page(event) {
  try {
    const answer = await fetch(event.request);
    if (answer.ok) {
      const text = await answer.clone().text();
      event.waitUntil(keep(text).catch(() => {}));
    }
    return answer;
  } catch (error) {
    const found = await kept(scope);
    if (found) return found;
    throw error;
  }
}

/** Other files: hashed names from the cache first, the rest from the network first. */
async function file(request, address) {
  const hashed = new RegExp(`^${HASHED.source}$`).test(address.pathname.split("/").pop());
  if (hashed) return (await kept(address.href)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept(address.href);
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  address.search = "";
  address.hash = "";
  if (event.request.method !== "GET" || !address.href.startsWith(scope)) return;
  const isPage = [scope, `${scope}index.html`].includes(address.href);
  event.respondWith(isPage ? page(event) : file(event.request, address));
});
