import type { Page } from "@playwright/test";
import { ask, expect, openPage, test } from "./support.ts";

/** Presses Tab until the element that is meant has the focus. */
async function tabTo(page: Page, selector: string, limit = 400): Promise<void> {
  for (let presses = 0; presses < limit; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the tab key does not reach ${selector}`);
}

test("crash, scrub, fork, change a setting, share: with the keyboard alone", async ({ page, context }) => {
  // A few hundred presses of the tab key.
  test.setTimeout(180_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openPage(page);
  await page.waitForTimeout(1_500);
  await page.keyboard.press("Space");
  await expect(page.getByTestId("play")).toHaveAttribute("aria-pressed", "false");

  // Crash a follower by its button on the stage.
  await tabTo(page, '[data-node="b3"] .act.hot');
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-testid="node"][data-node="b3"]')).toHaveAttribute("data-state", "down");
  const crashed = await ask(page, "clock");

  // The menu of another node, by its button, arrows and Escape.
  await tabTo(page, '[data-node="b2"] .act.more');
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("menu")).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem").nth(1)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("menu")).toHaveCount(0);
  await expect(page.locator('[data-node="b2"] .act.more')).toBeFocused();

  // Scrub: on, so that there is a future, then back before the crash.
  await tabTo(page, '[data-testid="timeline"]');
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowRight");
  await expect.poll(() => ask(page, "clock")).toBeGreaterThan(crashed);
  for (let step = 0; step < 12; step += 1) await page.keyboard.press("ArrowLeft");
  await expect.poll(() => ask(page, "clock")).toBeLessThan(crashed);

  // Fork: an act in the past keeps the old future as a branch.
  await page.keyboard.press("Home");
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowRight");
  await tabTo(page, '[data-node="b2"] .act.hot');
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("branches").locator("option")).toHaveCount(2);

  // A setting, with the arrows of its radio group.
  await tabTo(page, '[data-param="acks"] [role="radio"]');
  await page.keyboard.press("ArrowRight");
  await expect(page.locator('[data-param="acks"] [role="radio"][aria-checked="true"]').first()).toBeFocused();

  // Share: the link on the clipboard leads to the same moment.
  const [clock, digest] = [await ask(page, "clock"), await ask(page, "digest")];
  await tabTo(page, '[data-testid="share"]');
  await page.keyboard.press("Enter");
  await tabTo(page, '[data-testid="copy"]');
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await openPage(page, link.split("#")[1]);
  expect(await ask(page, "clock")).toBe(clock);
  expect(await ask(page, "digest")).toBe(digest);
  await expect(page.getByTestId("notice")).toHaveCount(0);
});

test("a link with nonsense in it opens, and says what it did not understand", async ({ page }) => {
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&bogus=3");
  await expect(page.getByTestId("notice")).toContainText("bogus");
  await expect(page.getByTestId("node").first()).toBeVisible();
});

test("a wrong seed stays in its field with a message, and changes nothing", async ({ page }) => {
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&t=1");
  const digest = await ask(page, "digest");
  await page.getByTestId("seed").fill("seven");
  await page.getByTestId("seed").press("Enter");
  await expect(page.getByTestId("seed")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByTestId("seed")).toHaveValue("seven");
  expect(await ask(page, "digest")).toBe(digest);
});
