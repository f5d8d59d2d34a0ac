// The steps of docker/Dockerfile that are more than a line. Nothing is installed yet when `manifests` runs.
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findServices } from './services.mjs';

const own = fileURLToPath(import.meta.url);
const workspace = dirname(dirname(own));
const [step, ...rest] = process.argv.slice(2);
const steps = { manifests, bundle, finish };
if (!Object.hasOwn(steps, step ?? '')) throw new Error(`"${step}" is none of ${Object.keys(steps).join(', ')}`);
await steps[step](...rest);

/**
 * What `npm ci` reads, and which workspaces it is for. It follows from the manifests alone, so packages are installed again only when one
 * of them changes, and once for all services.
 */
function manifests(target) {
  for (const file of ['.npmrc', 'package.json', 'package-lock.json']) cpSync(join(workspace, file), join(target, file));
  for (const group of ['apps', 'libs', 'test']) {
    for (const folder of packagesOf(group)) {
      mkdirSync(join(target, folder), { recursive: true });
      cpSync(join(workspace, folder, 'package.json'), join(target, folder, 'package.json'));
    }
  }
  const wanted = [...findServices(workspace).values(), 'libs/build'].map((folder) => `--workspace=${folder}`);
  writeFileSync(join(target, 'workspaces'), wanted.join(' '));
}

function packagesOf(group) {
  const folders = readdirSync(join(workspace, group)).map((name) => join(group, name));
  return folders.filter((folder) => existsSync(join(workspace, folder, 'package.json'))).sort();
}

/** The service without its code cache, and what makes that. */
async function bundle(service, target) {
  const services = findServices(workspace);
  const app = services.get(service);
  if (!app)
    throw new Error(`no service "${service}": give --build-arg SERVICE=, one of ${[...services.keys()].join(', ')}`);
  const tool = await import('../tools/bundle.mjs');
  const outdir = join(workspace, 'tmp/run/docker');
  await tool.bundle(join(workspace, 'libs/build/src/index.ts'), outdir);
  const { bundleForImage } = await import(pathToFileURL(join(outdir, 'index.mjs')).href);
  await bundleForImage({ root: workspace, app, outdir: target });
  cpSync(outdir, join(target, 'builder'), { recursive: true });
  for (const file of ['build.mjs', 'services.mjs']) cpSync(join(dirname(own), file), join(target, 'builder', file));
}

/** Runs beside what `bundle` wrote, by the Node that will be in the image. */
async function finish(target) {
  const { finishForImage } = await import(pathToFileURL(join(dirname(own), 'index.mjs')).href);
  await finishForImage(target, Number(process.env.SOURCE_DATE_EPOCH ?? 0));
}
