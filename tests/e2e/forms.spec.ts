import { ask, expect, openPage, test } from "./support.ts";

test("Verify says that the repeated run is the same", async ({ page }) => {
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&t=3");
  await page.getByTestId("verify").click();
  await expect(page.getByTestId("verified")).toContainText("same digest");
});

test("a figure shows stage, transport and one sentence, and leaves the address alone", async ({ page }) => {
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&t=1&ui=min");
  const address = page.url();
  await expect(page.getByTestId("sentence")).toBeVisible();
  await expect(page.getByTestId("settings")).toHaveCount(0);
  await expect(page.getByTestId("tab")).toHaveCount(0);
  await page.getByTestId("step").click();
  await page.waitForTimeout(800);
  expect(page.url()).toBe(address);
});

test("five figures on one page live side by side", async ({ page }) => {
  await openPage(page);
  const source = `${page.url().split("#")[0]}#1/kafka-s02-acks-1-leader-crash?seed=1&t=1&ui=min`;
  await page.evaluate((src) => {
    document.body.replaceChildren(
      ...Array.from({ length: 5 }, () => Object.assign(document.createElement("iframe"), { src, width: 700, height: 420 })),
    );
  }, source);
  for (let place = 0; place < 5; place += 1) {
    await expect(page.frameLocator("iframe").nth(place).getByTestId("node").first()).toBeVisible();
  }
});

test("language and theme change in place and are kept", async ({ page }) => {
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&t=2");
  const digest = await ask(page, "digest");
  await page.getByTestId("language").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.getByTestId("verify")).toHaveText("验证");
  await page.getByTestId("theme").click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(await ask(page, "digest")).toBe(digest);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("on a phone nothing is wider than the window, and the panels are tabs", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await context.newPage();
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&t=3");
  for (const tab of await page.getByTestId("tab").all()) {
    await tab.click();
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond).toBeLessThanOrEqual(0);
  }
  await page.locator('[data-testid="node"][data-node="b2"] .act.more').tap();
  await expect(page.getByTestId("menu")).toBeInViewport();
  await context.close();
});

test("the act of the text format is done, and an impossible one is refused with its reason", async ({ page }) => {
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&t=1");
  await page.evaluate(() => (window as never as { ackscope: { act(line: string): void } }).ackscope.act("crash b2"));
  await expect(page.locator('[data-testid="node"][data-node="b2"]')).toHaveAttribute("data-state", "down");
  const refusal = await page.evaluate(() => {
    try {
      (window as never as { ackscope: { act(line: string): void } }).ackscope.act("crash nobody");
      return "";
    } catch (error) {
      return String(error);
    }
  });
  expect(refusal).toContain("nobody");
});
