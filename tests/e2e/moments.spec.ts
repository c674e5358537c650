import type { Page } from "@playwright/test";
import { ask, expect, openPage, test } from "./support.ts";

/** What the stage shows and what the trace says, read in one go. */
interface Look {
  clock: number;
  /** Packets in flight by the trace alone. */
  flying: number[];
  /** Of these: periodic chatter, which the filter hides, and packets that carry no message. */
  carrying: number[];
  /** Entries of the tokens in the document, bundles taken apart. */
  shown: number[];
}

async function look(page: Page): Promise<Look> {
  // Tokens are painted in the frame after the seek.
  await page.evaluate(() => new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame))));
  return page.evaluate(() => {
    const door = (window as never as { ackscope: import("./support.ts").AckScope }).ackscope;
    const flying = door.flights();
    const carries = (entry: { id: number; [field: string]: unknown }) =>
      flying.includes(entry.id) && typeof entry.message === "string" && entry.background === false;
    const drawn = document.querySelectorAll<SVGElement>('[data-testid="token"], [data-testid="bundle"]');
    return {
      clock: door.clock(),
      flying,
      carrying: door.trace().filter(carries).map((entry) => entry.id),
      shown: [...drawn].flatMap((token) =>
        (token.getAttribute("data-entry") ?? token.getAttribute("data-entries") ?? "").split(" ").map(Number),
      ),
    };
  });
}

/** Seeks by pressing the diagram at a share of its width. */
async function seek(page: Page, share: number): Promise<void> {
  const box = await page.getByTestId("timeline").boundingBox();
  if (!box) throw new Error("the diagram is not on the page");
  const labels = 114;
  await page.mouse.click(box.x + labels + (box.width - labels - 14) * share, box.y + box.height / 2);
}

test("at random moments, in both directions, the stage shows what the trace says", async ({ page }) => {
  await openPage(page);
  await page.getByTestId("to-end").click();
  // A fixed sequence that jumps back and forth.
  const shares = Array.from({ length: 20 }, (_, place) => ((place * 7_919 + 13) % 1_000) / 1_000);
  const seen: Look[] = [];
  for (const share of shares) {
    await seek(page, share);
    const now = await look(page);
    for (const entry of now.shown) expect(now.flying, `moment ${now.clock}`).toContain(entry);
    for (const entry of now.carrying) expect(now.shown, `moment ${now.clock}`).toContain(entry);
    expect(new Set(now.shown).size).toBe(now.shown.length);
    seen.push(now);
  }
  const clocks = seen.map((now) => now.clock);
  const steps = clocks.slice(1).map((clock, place) => clock - (clocks[place] ?? 0));
  expect(Math.min(...steps)).toBeLessThan(0);
  expect(Math.max(...steps)).toBeGreaterThan(0);
  // Going to the same place again shows the same.
  await seek(page, shares[0] ?? 0);
  expect(await look(page)).toEqual(seen[0]);
});

test("with an empty trace nothing moves", async ({ page }) => {
  await openPage(page);
  await page.keyboard.press("Space");
  await expect(page.getByTestId("play")).toHaveAttribute("aria-pressed", "false");
  await page.getByTestId("to-start").click();
  await expect.poll(() => ask(page, "clock")).toBe(0);
  const now = await look(page);
  const trace = await ask(page, "trace");
  expect(now.shown.filter((entry) => !trace.some((line) => line.id === entry))).toEqual([]);
  if (trace.length === 0) expect(now.shown).toEqual([]);
});
