// node build.mjs FILE: CodeMirror as one module. It begins with the versions that it was made of, in one line, and its licence.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const lock = JSON.parse(readFileSync(new URL("package-lock.json", import.meta.url), "utf8"));
const licence = readFileSync(new URL("LICENSE", import.meta.url), "utf8");
const parts = {};
const { metafile } = await build({ entryPoints: ["entry.js"], bundle: true, write: false, metafile: true });
for (const input of Object.keys(metafile.inputs)) {
  const name = input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
  if (name) parts[name] = lock.packages[`node_modules/${name}`].version;
}
const versions = Object.keys(parts).sort().map((name) => `${name} ${parts[name]}`);

await build({
  entryPoints: ["entry.js"],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  banner: { js: `/*! Made by cargo xtask codemirror of ${versions.join(", ")}; MIT:\n\n${licence}*/` },
});
