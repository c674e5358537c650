import AxeBuilder from "@axe-core/playwright";
import { ask, expect, openPage, test } from "./support.ts";

test("what would have saved it is found while the page goes on, and can be tried", async ({ page }) => {
  await openPage(page);
  await expect(page.getByTestId("verdict")).toContainText("1 lost after ack", { timeout: 10_000 });
  await page.getByTestId("message-row").and(page.locator('[data-message="m6"]')).getByRole("button").click();
  await page.getByTestId("cures-find").first().click();
  // No frame stands still for long: the longest gap between two of them while the search goes on.
  const longest = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let [last, most] = [performance.now(), 0];
        const look = (now: number) => {
          most = Math.max(most, now - last);
          last = now;
          const state = document.querySelector('[data-testid="cures"]')?.getAttribute("data-state");
          if (state === "searching") requestAnimationFrame(look);
          else resolve(most);
        };
        requestAnimationFrame(look);
      }),
  );
  expect(longest).toBeLessThan(250);
  const cures = page.getByTestId("cures").first();
  await expect(cures).toHaveAttribute("data-state", "over");
  await expect(cures.getByTestId("cure-setting")).toHaveText("acks=all");
  await expect(cures.getByTestId("cures-status")).toContainText("20 of 20");
  const result = await new AxeBuilder({ page }).analyze();
  expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`)).toEqual([]);

  await cures.getByTestId("cure-try").click();
  await page.getByTestId("to-end").click();
  await expect(page.getByTestId("verdict")).toContainText("✕ 0 lost after ack");
  const fates = await ask(page, "fates");
  expect(Object.values(fates)).not.toContain("lost-after-ack");
});

test("the search can be stopped with the keyboard", async ({ page }) => {
  await openPage(page, "1/kafka-s41-auto-commit-synchronous");
  await page.getByTestId("to-end").click();
  await page.getByTestId("message-row").and(page.locator('[data-fate="delivered-n-times"]')).first().getByRole("button").click();
  await page.getByTestId("cures-find").first().press("Enter");
  await page.getByTestId("cures-stop").first().press("Enter");
  await expect(page.getByTestId("cures").first()).toHaveAttribute("data-state", "over");
  await expect(page.getByTestId("cures-status").first()).toContainText("Stopped");
});
