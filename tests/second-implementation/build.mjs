// Builds the JavaScript implementation into a component: node build.mjs WIT_FOLDER OUT.wasm
// (preview2-shim is in package.json because componentize-js imports it and does not say so.)
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { componentize } from '@bytecodealliance/componentize-js';
import { build } from 'esbuild';

const [witPath, out] = process.argv.slice(2);
const entry = fileURLToPath(new URL('src/connector.mjs', import.meta.url));
const bundle = await build({ entryPoints: [entry], bundle: true, external: ['wasi:*'], format: 'esm', write: false });
const { component } = await componentize(bundle.outputFiles[0].text, {
  witPath,
  worldName: 'connector',
  // A host offers neither standard streams nor a wall clock. (`http` must stay, or the bindings of wasi:http trap.)
  disableFeatures: ['stdio', 'clocks'],
});
await writeFile(out, component);
