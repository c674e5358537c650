import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, openPage, test } from "./support.ts";

const LOST = "1/kafka-s02-acks-1-leader-crash?seed=1&t=20";

async function expectClean(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map((found) => `${state}: ${found.id}: ${found.nodes.map((node) => node.target).join(" ")}`),
  ).toEqual([]);
}

// All four of them are looked at as the page opens (opening.spec.ts); each theme and each language in depth.
const LOOKS = [
  ["light", "en-US"],
  ["dark", "zh-CN"],
] as const;

for (const [colorScheme, locale] of LOOKS) {
  test(`axe finds nothing in any panel, menu or sheet: ${colorScheme}, ${locale}`, async ({ browser }) => {
    // A dozen looks of a few seconds each, more where the machine has other work.
    test.setTimeout(300_000);
    const context = await browser.newContext({ colorScheme, locale, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await openPage(page, LOST);
    await page.getByTestId("message-row").nth(5).click();
    await expect(page.getByTestId("why-settings")).toBeVisible();
    await expectClean(page, "a lost message");
    for (const tab of await page.getByTestId("tab").all()) {
      await tab.click();
      await page.locator('[data-testid="node"][data-node="b1"] .node-name').click();
      await tab.click();
      await page.waitForTimeout(200);
      await expectClean(page, (await tab.getAttribute("data-tab")) ?? "");
    }
    await page.locator('[data-node="b2"] .act.hot').first().click();
    await page.locator('[data-node="b2"] .act.more').click();
    await expectClean(page, "a node that is down, and its menu");
    await page.keyboard.press("Escape");
    for (const opener of ["scenario", "share", "embed", "filter"]) {
      await page.getByTestId(opener).click();
      await expectClean(page, opener);
      await page.keyboard.press("Escape");
    }
    await page.locator(".param-key").first().click();
    await page.getByTestId("settings-all").click();
    await expectClean(page, "settings");
    await page.getByTestId("keys").click();
    await expectClean(page, "keys");
    await page.keyboard.press("Escape");
    await page.getByTestId("model-link").click();
    await expect(page.getByTestId("left-out").first()).toBeVisible();
    for (const list of await page.locator("dialog.model summary").all()) await list.click();
    await expectClean(page, "what is modelled");
    await context.close();
  });
}

test("axe finds nothing on a phone and in a figure", async ({ browser }) => {
  test.setTimeout(180_000);
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await context.newPage();
  await openPage(page, LOST);
  for (const tab of await page.getByTestId("tab").all()) {
    await tab.click();
    await page.waitForTimeout(200);
    await expectClean(page, (await tab.getAttribute("data-tab")) ?? "");
  }
  await openPage(page, `${LOST}&ui=min`);
  await expectClean(page, "a figure");
  await context.close();
});
