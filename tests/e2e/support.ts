import { test as base, expect, type Locator, type Page } from "@playwright/test";

export { expect };

/** The documented JavaScript object of the page (CONTRIBUTING.md, "The page from outside"). */
export interface AckScope {
  trace(): TraceEntry[];
  fates(): Record<string, string>;
  digest(): string;
  clock(): number;
  link(): string;
  flights(): number[];
  tokens(): { entry: number; entries: number[]; label: string; from: number; to: number }[];
  act(line: string): void;
}

export interface TraceEntry {
  id: number;
  at_us: number;
  [field: string]: unknown;
}

/** The part of the object that only reads. */
type Question = "trace" | "fates" | "digest" | "clock" | "link" | "flights" | "tokens";

/** What a page did besides showing itself. */
export interface Watch {
  /** Console errors, uncaught exceptions, failed requests, requests outside the site's folder. */
  faults: string[];
  /** Addresses requested, in order. */
  requested: string[];
}

/**
 * Playwright's `test` with a watch on every page: a console error, an exception, a failed request
 * or one that leaves the site's folder fails the test at its end.
 */
export const test = base.extend<{ watch: Watch }>({
  watch: [
    async ({ page }, use) => {
      const watch: Watch = { faults: [], requested: [] };
      page.on("console", (message) => {
        if (message.type() === "error") watch.faults.push(`console: ${message.text()}`);
      });
      page.on("pageerror", (error) => watch.faults.push(`exception: ${error.message}`));
      page.on("requestfailed", (request) => {
        // A page that is left ends its own requests.
        if (request.failure()?.errorText === "net::ERR_ABORTED") return;
        watch.faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
      });
      page.on("response", (response) => {
        if (response.status() >= 400) {
          watch.faults.push(`${response.status()}: ${response.url()}`);
        }
      });
      page.on("request", (request) => {
        watch.requested.push(request.url());
        if (!staysInside(request.url())) watch.faults.push(`foreign: ${request.url()}`);
      });
      await use(watch);
      expect(watch.faults).toEqual([]);
    },
    { auto: true },
  ],
});

function staysInside(url: string): boolean {
  return url.startsWith(siteUrl()) || url.startsWith("data:") || url.startsWith("blob:");
}

/** Address of the page under test, ending in a slash. */
export function siteUrl(): string {
  const url = process.env.SITE_URL;
  if (!url) throw new Error("SITE_URL is set by global-setup.ts; run through Playwright");
  return url;
}

/** Loads the page from nothing, with the link after `#`, and waits until the stage shows. */
export async function openPage(page: Page, link = ""): Promise<Locator> {
  // A changed fragment alone would not load the page again.
  if (page.url() !== "about:blank") await page.goto("about:blank");
  await page.goto(siteUrl() + (link ? `#${link}` : ""));
  const stage = page.getByTestId("stage");
  await expect(stage).toBeVisible();
  return stage;
}

/** Asks the page's object; the answer crosses as plain data. */
export function ask<Q extends Question>(
  page: Page,
  question: Q,
): Promise<ReturnType<AckScope[Q]>> {
  return page.evaluate(
    (name) => (window as unknown as { ackscope: AckScope }).ackscope[name](),
    question,
  ) as Promise<ReturnType<AckScope[Q]>>;
}

/** Does an act as the text format spells it, at the moment shown. */
export function act(page: Page, line: string): Promise<void> {
  return page.evaluate(
    (text) => (window as unknown as { ackscope: AckScope }).ackscope.act(text),
    line,
  );
}
