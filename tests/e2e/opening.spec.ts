import AxeBuilder from "@axe-core/playwright";
import { ask, expect, openPage, test } from "./support.ts";

test("the page opens on a loss, within ten seconds of a cold load", async ({ page }) => {
  await openPage(page);
  await expect(page.getByTestId("verdict")).toContainText("1 lost after ack", { timeout: 10_000 });
  expect(await ask(page, "digest")).toMatch(/^[0-9a-f]{16}$/);
});

test("every moving token is an entry of the trace", async ({ page }) => {
  await openPage(page);
  let seen = 0;
  for (let look = 0; look < 20; look += 1) {
    await page.waitForTimeout(150);
    const { tokens, known } = await page.evaluate(() => {
      const shown = [...document.querySelectorAll<SVGElement>('[data-testid="token"]')];
      const ids = shown
        .filter((token) => token.getAttribute("data-entry") && getComputedStyle(token).display !== "none")
        .map((token) => Number(token.getAttribute("data-entry")));
      const door = (window as unknown as { ackscope: { trace(): { id: number }[] } }).ackscope;
      return { tokens: ids, known: door.trace().map((entry) => entry.id) };
    });
    seen += tokens.length;
    for (const id of tokens) expect(known).toContain(id);
  }
  expect(seen).toBeGreaterThan(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const locale of ["en-US", "zh-CN"]) {
    test(`axe finds nothing: ${colorScheme}, ${locale}`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, locale });
      const page = await context.newPage();
      await openPage(page);
      const result = await new AxeBuilder({ page }).analyze();
      expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`)).toEqual([]);
      await context.close();
    });
  }
}
