// Builds the JavaScript implementation into a component: node build.mjs WIT_OF_THE_CONNECTOR OUT.wasm
// (preview2-shim is in package.json because componentize-js imports it and does not say so.)
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentize } from '@bytecodealliance/componentize-js';
import { build } from 'esbuild';

const [connectorWit, out] = process.argv.slice(2);
const beside = (path) => fileURLToPath(new URL(path, import.meta.url));
const bundle = await build({
  entryPoints: [beside('src/connector.mjs')], bundle: true, external: ['wasi:*'], format: 'esm', write: false,
});

// One folder with all WIT.
const witPath = await mkdtemp(join(tmpdir(), 'wit-'));
try {
  await cp(beside('wit'), witPath, { recursive: true });
  await cp(join(connectorWit, 'deps'), join(witPath, 'deps'), { recursive: true });
  await cp(connectorWit, join(witPath, 'deps/workflow-salesforce'), { recursive: true });
  const { component } = await componentize(bundle.outputFiles[0].text, {
    witPath,
    worldName: 'connector',
    // A host offers neither standard streams nor a wall clock. (`http` must stay, or the bindings of wasi:http trap.)
    disableFeatures: ['stdio', 'clocks'],
  });
  await writeFile(out, component);
} finally {
  await rm(witPath, { recursive: true });
}
