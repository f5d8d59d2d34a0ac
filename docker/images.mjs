// `npm run images [-- services…]` builds the images of all services for this machine; with --push, for all platforms and into a registry.
// Settings come by the environment: REGISTRY, TAG, PLATFORMS, NODE_IMAGE, BASE_IMAGE, NPMRC, CA, BUILD_NETWORK (docker/docker-bake.hcl).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findServices } from './services.mjs';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const OPTIONS = ['--push', '--list'];
const options = process.argv.slice(2).filter((word) => word.startsWith('-'));
const names = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const unknownOption = options.find((option) => !OPTIONS.includes(option));
if (unknownOption) fail(`there is no option ${unknownOption}; there are ${OPTIONS.join(', ')}`);

const all = [...findServices(workspace).keys()];
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) fail(`no such service: ${unknown.join(', ')} (there are: ${all.join(', ')})`);
const services = names.length > 0 ? names : all;

const settings = { ...ofCommit(), ...process.env, SERVICES: services.join(',') };
settings.REGISTRY ??= 'dev.local/ebb';
settings.TAG ??= JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')).version;

if (options.includes('--list')) console.log(services.map(nameOf).join('\n'));
else if (options.includes('--push')) run(['buildx', 'bake', '--file', 'docker/docker-bake.hcl', '--push']);
else for (const service of services) build(service);

function nameOf(service) {
  return `${settings.REGISTRY}/${service}:${settings.TAG}`;
}

/** By the engine's own builder: nothing has to be set up for it. */
function build(service) {
  const args = { SERVICE: service, VERSION: settings.TAG };
  for (const name of ['REVISION', 'CREATED', 'SOURCE', 'SOURCE_DATE_EPOCH', 'NODE_IMAGE', 'BASE_IMAGE']) {
    if (settings[name]) args[name] = settings[name];
  }
  const secrets = [
    ['npmrc', settings.NPMRC],
    ['ca', settings.CA],
  ].filter(([, file]) => file);
  run([
    'build',
    ...['--file', 'docker/Dockerfile', '--tag', nameOf(service)],
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...secrets.flatMap(([id, file]) => ['--secret', `id=${id},src=${file}`]),
    ...(settings.BUILD_NETWORK ? ['--network', settings.BUILD_NETWORK] : []),
    '.',
  ]);
  const { stdout } = spawnSync('docker', ['image', 'inspect', '--format', '{{.Size}}', nameOf(service)]);
  console.log(`${nameOf(service)}  ${(Number(stdout) / 1_000_000).toFixed(1)} MB`);
}

/** What the labels say. The files have a time that no commit changes: what is the same needs no other layer. */
function ofCommit() {
  const git = (...args) => spawnSync('git', args, { cwd: workspace, encoding: 'utf8' });
  const { status, stdout } = git('log', '-1', '--format=%H %cI');
  if (status !== 0) return {};
  const [commit, CREATED] = stdout.trim().split(' ');
  const isChanged = git('status', '--porcelain', '--untracked-files=no').stdout.trim() !== '';
  return { REVISION: isChanged ? `${commit}-changed` : commit, CREATED };
}

function run(args) {
  const env = { DOCKER_BUILDKIT: '1', ...settings };
  const { status, error } = spawnSync('docker', args, { cwd: workspace, stdio: 'inherit', env });
  if (error) fail(`docker could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
