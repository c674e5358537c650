import { expect, siteUrl, test } from "./support.ts";

test("script time per frame stays low with the pool that the stage uses", async ({ page }) => {
  test.setTimeout(90_000);
  await page.goto(`${siteUrl()}#bench`);
  const rows = page.getByTestId("bench-row");
  await expect(rows).toHaveCount(6, { timeout: 60_000 });
  for (const row of await rows.all()) {
    const [way, tokens, p95] = await Promise.all(
      ["data-way", "data-tokens", "data-p95-ms"].map((name) => row.getAttribute(name)),
    );
    console.log(`${way} ${tokens} tokens: 95 % of the frames under ${p95} ms`);
    if (way === "svg" && tokens === "250") expect(Number(p95)).toBeLessThan(4);
  }
});
