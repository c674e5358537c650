import { act, ask, expect, openPage, test } from "./support.ts";

const LOST = "1/kafka-s02-acks-1-leader-crash?seed=1&t=1.2055";

test("the filter hides and shows kinds of tokens, and says so", async ({ page }) => {
  await openPage(page, LOST);
  const drawn = page.locator('[data-testid="token"], [data-testid="bundle"]');
  const before = await drawn.count();
  expect(before).toBeGreaterThan(0);
  await page.getByTestId("filter").click();
  for (const kind of ["records", "replication", "reading", "control"]) {
    await page.locator(`[data-kind="${kind}"] input`).uncheck();
  }
  await expect(drawn).toHaveCount(0);
  for (const kind of ["records", "replication", "reading", "control"]) {
    await page.locator(`[data-kind="${kind}"] input`).check();
  }
  await expect(drawn).toHaveCount(before);
});

test("at risk follows the fault that is assumed, and the link keeps it", async ({ page }) => {
  await openPage(page, "1/kafka-s03-happy-path?seed=1&t=1.03");
  const risky = page.locator('[data-testid="message-row"][data-fate="at-risk"]');
  let found = 0;
  for (let step = 0; step < 40 && found === 0; step += 1) {
    await page.getByTestId("assumes").selectOption("all-power-loss");
    await page.waitForTimeout(50);
    found = await risky.count();
    if (found === 0) await page.getByTestId("step").click();
  }
  expect(found).toBeGreaterThan(0);
  await expect(page.locator('[data-verdict="at-risk"]')).toHaveAttribute("data-count", String(found));
  const link = await ask(page, "link");
  expect(link).toContain("risk=all-power-loss");
  await page.getByTestId("assumes").selectOption("leader-crash");
  await expect(page.locator('[data-verdict="at-risk"]')).toHaveCount(0);
  await openPage(page, link);
  await expect(page.getByTestId("assumes")).toHaveValue("all-power-loss");
  await expect(page.locator('[data-verdict="at-risk"]')).toHaveAttribute("data-count", String(found));
  await expect(page.getByTestId("notice")).toHaveCount(0);
});

test("what is modelled and what is not opens from the page and from a link", async ({ page }) => {
  await openPage(page, LOST);
  await page.getByTestId("model-link").click();
  await expect(page.getByTestId("left-out").first()).toContainText("Share groups");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("model")).toBeHidden();
  await openPage(page, "model");
  await expect(page.getByTestId("model")).toContainText("parameters are obeyed");
  await expect(page.getByTestId("notice")).toHaveCount(0);
});

test("at its end a scenario can be played again, and an act there goes on instead", async ({ page }) => {
  await openPage(page, LOST);
  await page.getByTestId("to-end").click();
  await expect(page.getByTestId("play")).toHaveAccessibleName("Play again");
  await page.getByTestId("play").click();
  await expect.poll(() => ask(page, "clock")).toBeLessThan(5_000_000);
  await page.getByTestId("to-end").click();
  await act(page, "crash b2");
  await expect(page.getByTestId("play")).toHaveAccessibleName("Play");
});

test("a program's choices have names, and another one changes the run from its beginning", async ({ page }) => {
  await openPage(page, "1/kafka-s02-acks-1-leader-crash?seed=1&t=3");
  const digest = await ask(page, "digest");
  await page.locator('[data-node="p1"] .node-name').click();
  const failure = page.locator('[data-program="on-failure"] select');
  await expect(failure.locator("option")).toHaveText(["note it, go on", "never look", "send it again"]);
  await failure.selectOption("resend");
  await expect(page.locator('[data-program="resend-times"]')).toBeVisible();
  await page.locator('[data-program="burst"] input').fill("3");
  await page.locator('[data-program="burst"] input').press("Enter");
  await expect.poll(() => ask(page, "digest")).not.toBe(digest);
  await expect(page.getByTestId("branches").locator("option")).toHaveCount(3);
  await page.getByTestId("forget-branches").click();
  await expect(page.getByTestId("branches")).toHaveCount(0);
});
