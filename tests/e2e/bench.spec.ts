import { expect, siteUrl, test } from "./support.ts";

test("the benchmark page prints a figure for each way and each number of tokens", async ({ page }) => {
  test.setTimeout(90_000);
  await page.goto(`${siteUrl()}#bench`);
  const rows = page.getByTestId("bench-row");
  await expect(rows).toHaveCount(6, { timeout: 60_000 });
  const found = new Set<string>();
  for (const row of await rows.all()) {
    const [way, tokens, p95] = await Promise.all(
      ["data-way", "data-tokens", "data-p95-ms"].map((name) => row.getAttribute(name)),
    );
    found.add(`${way} ${tokens}`);
    expect(Number.isFinite(Number.parseFloat(p95 ?? ""))).toBe(true);
  }
  expect([...found].sort()).toEqual(
    ["svg", "canvas"].flatMap((way) => [50, 250, 1000].map((tokens) => `${way} ${tokens}`)).sort(),
  );
});
