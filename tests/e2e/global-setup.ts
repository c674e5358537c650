import { serveSite } from "./site.ts";

/** Starts the server; the workers inherit its address. Playwright calls what is returned at the end. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const site = await serveSite();
  process.env.SITE_URL = site.url;
  return site.close;
}
