/// <reference types="vitest/config" />
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type ProxyOptions } from "vite";

/** The server that `npm run dev` speaks to. */
const server = process.env.CHALKNET_SERVER ?? "http://127.0.0.1:8000";

/** Writes `.gz` and `.br` beside every text asset, so that the server never compresses. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    async writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|css|svg|json|txt)$/.test(name)) continue;
        const path = join(options.dir ?? "", name);
        const raw = await readFile(path);
        if (raw.length < 1024) continue;
        await writeFile(`${path}.gz`, await promisify(gzip)(raw, { level: 9 }));
        await writeFile(
          `${path}.br`,
          await promisify(brotliCompress)(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
        );
      }
    },
  };
}

/** KaTeX names three formats of every font; every browser that runs this page reads the smallest. */
function woff2Only(): Plugin {
  return {
    name: "woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!/katex.*\.css$/.test(id)) return null;
      return code.replace(/,\s*url\([^)]+\.(?:woff|ttf)\)\s*format\("(?:woff|truetype)"\)/g, "");
    },
  };
}

/** The server checks where a request comes from; behind this proxy it comes from the server's own address. */
function proxied(ws: boolean): ProxyOptions {
  return {
    target: server,
    changeOrigin: true,
    ws,
    configure(proxy) {
      proxy.on("proxyReq", (request) => request.setHeader("origin", server));
      proxy.on("proxyReqWs", (request) => request.setHeader("origin", server));
    },
  };
}

export default defineConfig({
  plugins: [react(), woff2Only(), precompressed()],
  build: {
    outDir: "../backend/chalknet/server/web",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    rollupOptions: { input: "src/app/main.tsx" },
  },
  server: { host: "127.0.0.1", proxy: { "/api": proxied(false), "/ws": proxied(true) } },
  test: {
    environment: "jsdom",
    setupFiles: ["src/app/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    pool: "threads",
    maxWorkers: 1,
  },
});
