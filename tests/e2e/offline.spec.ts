import type { BrowserContext, Page } from "@playwright/test";
import { ask, expect, siteUrl, test } from "./support.ts";

const LOST = "1/kafka-s02-acks-1-leader-crash?seed=1&t=20";

/** Names of the files that the page's caches hold. */
const keptFiles = (page: Page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map((request) => new URL(request.url).pathname.split("/").pop() ?? "");
  });

/** A visit that lasts until the service worker holds the page. */
async function firstVisit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(siteUrl());
  await expect(page.getByTestId("stage")).toBeVisible();
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state ?? ""), { timeout: 30_000 })
    .toBe("activated");
  return page;
}

test("after the first visit the page works without a network, in both languages", async ({ browser }) => {
  const context = await browser.newContext({ serviceWorkers: "allow", locale: "en-US" });
  const page = await firstVisit(context);
  const files = await keptFiles(page);
  for (const ending of [".wasm", ".js", ".css", ".svg", ".ftl"]) {
    expect(files.filter((name) => name.endsWith(ending)).length, ending).toBeGreaterThan(0);
  }
  await context.setOffline(true);
  await page.goto("about:blank");
  await page.goto(`${siteUrl()}#${LOST}`);
  await expect(page.getByTestId("verdict")).toContainText("1 lost after ack");
  expect(await ask(page, "clock")).toBe(20_000_000);
  await page.getByTestId("language").click();
  await expect(page.getByTestId("verify")).toHaveText("验证");
  await page.getByTestId("model-link").click();
  await expect(page.getByTestId("left-out").first()).toContainText("事务");
  await context.close();
});

test("with a network the page itself comes from there, and an old build is forgotten", async ({ browser }) => {
  const context = await browser.newContext({ serviceWorkers: "allow", locale: "en-US" });
  const page = await firstVisit(context);
  const prefix = await page.evaluate(async () => {
    const name = (await caches.keys())[0] ?? "";
    const start = name.slice(0, name.lastIndexOf(" ") + 1);
    // A cache of a build that is gone, and one that belongs to somebody else.
    const old = await caches.open(`${start}ackscope-0000000000000000_bg.wasm`);
    await old.put(`${location.href}`, new Response("stale"));
    await caches.open("somebody else's");
    return start;
  });
  await page.goto("about:blank");
  await page.goto(siteUrl());
  await expect(page.getByTestId("stage")).toBeVisible();
  await expect
    .poll(() => page.evaluate(async (start) => (await caches.keys()).filter((name) => name.startsWith(start)).length, prefix))
    .toBe(1);
  expect(await page.evaluate(() => caches.has("somebody else's"))).toBe(true);
  await context.close();
});

test("a figure does not set up anything for later", async ({ browser }) => {
  const context = await browser.newContext({ serviceWorkers: "allow" });
  const page = await context.newPage();
  await page.goto(`${siteUrl()}#${LOST}&ui=min`);
  await expect(page.getByTestId("stage")).toBeVisible();
  await page.waitForTimeout(4_000);
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  await context.close();
});
