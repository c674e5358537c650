import { gzipSync } from "node:zlib";
import { expect, openPage, test } from "./support.ts";

test("the page shows its stage below a sub-path and asks no other host", async ({
  page,
  watch,
}) => {
  const stage = await openPage(page);
  await expect(stage).toBeInViewport();
  expect(watch.requested.some((url) => url.endsWith(".wasm"))).toBe(true);
  // The faults of the watch (console, exceptions, foreign or failed requests) fail it at the end.
});

test("what the first picture loads stays within its limit", async ({ page }) => {
  const limit = Number(process.env.FIRST_PICTURE_GZIP_MAX ?? 945_000);
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    sizes.push(response.body().then((body) => gzipSync(body).length));
  });
  await openPage(page);
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThanOrEqual(limit);
});
