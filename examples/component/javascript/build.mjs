// Builds the component: node build.mjs WIT_OF_THE_CONNECTOR OWN_WIT OUT.wasm
// (preview2-shim is in package.json because componentize-js imports it and does not say so.)
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentize } from '@bytecodealliance/componentize-js';
import { build } from 'esbuild';

const [connectorWit, ownWit, out] = process.argv.slice(2);
const entry = fileURLToPath(new URL('src/quotes.mjs', import.meta.url));
const bundle = await build({ entryPoints: [entry], bundle: true, external: ['wasi:*'], format: 'esm', write: false });

// One folder with all WIT. In a repository of your own: `witPath: 'wit'`, with the connector's WIT in `wit/deps/`.
const witPath = await mkdtemp(join(tmpdir(), 'wit-'));
try {
  await cp(ownWit, witPath, { recursive: true });
  await cp(join(connectorWit, 'deps'), join(witPath, 'deps'), { recursive: true });
  await cp(connectorWit, join(witPath, 'deps/workflow-salesforce'), { recursive: true });
  const { component } = await componentize(bundle.outputFiles[0].text, {
    witPath,
    worldName: 'quotes',
    // A host offers neither standard streams nor a wall clock. (`http` must stay, or the bindings of wasi:http trap.)
    disableFeatures: ['stdio', 'clocks', 'random'],
  });
  await writeFile(out, component);
} finally {
  await rm(witPath, { recursive: true });
}
