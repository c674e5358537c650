import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

/** Deep and unusual, so that any address that is not relative misses. */
const SUB_PATH = "/handbook/figures/ackscope/";

const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export interface Site {
  /** Address of the page, ending in a slash. */
  url: string;
  close(): Promise<void>;
}

/** Serves dist/ below a sub-path of a free port of this machine; nothing else is there. */
export async function serveSite(): Promise<Site> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname);
    const file = path.startsWith(SUB_PATH) ? fileInDist(path.slice(SUB_PATH.length)) : undefined;
    const bytes = file && (await readFile(file).catch(() => undefined));
    if (!file || !bytes) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? "text/plain; charset=utf-8";
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(bytes);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${SUB_PATH}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function fileInDist(path: string): string | undefined {
  const file = resolve(DIST, normalize(path || "index.html"));
  return file.startsWith(DIST.endsWith(sep) ? DIST : join(DIST, sep)) ? file : undefined;
}
