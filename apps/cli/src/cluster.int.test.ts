import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { installation, ORDER_PLACED, TRACE_ID, type Installation } from '@ebb/cluster/testing';

const EBB = fileURLToPath(new URL('../bin/ebb.mjs', import.meta.url));
/** A command that hangs must not outlive its test. */
const DEADLINE_MS = 100_000;
const ORDERS_2 = 'orders-00002';

let ebb: Installation;
let folder: string;

beforeEach(async () => {
  ebb = await installation();
  folder = mkdtempSync(join(tmpdir(), 'ebb-cli-'));
});
afterEach(async () => {
  await ebb.stop();
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Types a command about the cluster. */
function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = ebb.server.environment(),
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [EBB, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, NO_COLOR: '1', PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`, ...environment },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

const inCluster = (...args: readonly string[]): Promise<Ran> => run([...args, '--context', 'kind-ebb']);

describe('the commands of the laptop, about a cluster', () => {
  it('show its status', async () => {
    const { code, out } = await inCluster('status');
    expect(code).toBe(0);
    expect(out).toMatch(/^Ebb at http:\/\/127\.0\.0\.1:\d+ \(context kind-ebb, namespace ebb\)\n/);
    expect(out).toMatch(/orders +ready 1 +orders-00002 +- +http:\/\/orders\.ebb\.example\.com/);
    expect(out).toMatch(/relay +ready 1 +- +- +\(worker\)/);
    expect(out).toMatch(/inventory-reserve-stock +orders +dev\.ebb\.orders\.order\.placed\.v1 +3 +- +- +- +-/);
    expect(out).toContain('orders: 2 event(s) parked (2 terminal)');
  });

  it('publish, and say how to follow', async () => {
    const { code, out } = await inCluster('publish', ORDER_PLACED, '--example', '--id', 'e-1');
    expect(code).toBe(0);
    expect(out).toContain('to topic orders');
    expect(out).toMatch(/follow it with: npx ebb trace [0-9a-f]{32} --context kind-ebb/);
    expect(ebb.ingress.asked).toHaveLength(1);
  });

  it('draw a trace, tail events, list what is parked', async () => {
    ebb.spans = [{ spanID: '00f067aa0ba902b7', instance: `${ORDERS_2}@x:1` }];
    expect((await inCluster('trace', TRACE_ID)).out).toContain('process reserve-stock');
    expect((await inCluster('dead', 'list')).out).toBe('Nothing is parked.\n');
  });

  it('say in one sentence what is wrong, with exit code 2 for what was asked wrongly and 1 for what failed', async () => {
    const none = await run(['status', '--context', 'nope']);
    expect(none).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^error there is no context "nope" in .*\n$/),
    });
    expect(await run(['status', '--namespace', 'ebb'])).toMatchObject({
      code: 2,
      err: 'error --namespace goes with --context\n',
    });
    const expired = await run(['dead', 'list', '--context', 'kind-ebb'], ebb.server.environment({ token: 'expired' }));
    expect(expired).toMatchObject({ code: 1, err: expect.stringMatching(/^error .*\(401\).*\n$/) });
  });
});

describe('ebb rollback', () => {
  it('moves requests, and says how to move them back', async () => {
    const { code, out } = await inCluster('rollback', 'orders');
    expect(code).toBe(0);
    expect(out).toContain('done orders: orders-00002 100 % → orders-00001 100 %');
    expect(out).toContain('npx ebb rollback orders --to latest --context kind-ebb');
  });

  it.each([
    [['rollback', 'orders', '--percent', '0'], '--percent 0: must be a whole number from 1 to 100'],
    [['rollback', 'other'], 'there is no Knative Service "other"'],
    [['canary', 'orders', '--steps', '50,10,100'], 'each must be more than the one before'],
    [['canary', 'orders', '--steps', '10,50'], 'the last must be 100'],
    [['canary', 'orders', '--abort-on-errors', '2'], 'must be a share like 1% or 0.5%'],
    [['canary', 'orders', '--every', 'soon'], 'must be a span of a second or more'],
    [['deploy', '--timeout', 'long'], 'must be a span like 90s or 10m'],
    [['deploy', '--chart', '/nowhere'], '/nowhere is no Helm chart'],
  ])('and its kin refuse %j', async (args, message) => {
    const { code, err } = await inCluster(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('ebb canary', () => {
  it('gives all requests back when the new revision fails, with exit code 1', async () => {
    await inCluster('rollback', 'orders');
    ebb.spans = [{ spanID: '00f067aa0ba902b7', instance: `${ORDERS_2}@x:1`, failed: true }];
    const { code, out } = await inCluster('canary', 'orders', '--every', '1s');
    expect(code).toBe(1);
    expect(out).toContain('› orders-00002 10 %: 1 requests and events, 1 failed');
    expect(out).toContain('given up all requests to orders are with orders-00001 again: 1 of 1');
  });
});

describe('ebb deploy', () => {
  /** A helm that notes what it was told, and says what it is told to. */
  function helm(version: string, code = 0): void {
    const file = join(folder, 'helm');
    writeFileSync(
      file,
      `#!/bin/sh\necho "$@" >> ${folder}/helm.txt\n[ "$1" = version ] && echo "${version}" && exit 0\necho "Error: no such image" >&2\nexit ${code}\n`,
    );
    chmodSync(file, 0o755);
    writeFileSync(join(folder, 'Chart.yaml'), 'name: ebb\n');
  }
  const told = (): string[] => readFileSync(join(folder, 'helm.txt'), 'utf8').trim().split('\n');
  const deploy = (...more: readonly string[]): Promise<Ran> =>
    inCluster('deploy', '--no-render', '--chart', folder, ...more);

  it('has Helm install the chart, and waits until all is ready', async () => {
    helm('v4.1.4+g05fa379');
    ebb.server.remove('Secret', 'ebb-operator');
    const { code, out } = await deploy('-f', 'a.yaml', '--set', 'image.tag=1.2.0');
    expect(out).toContain('made the Secret ebb-operator in namespace ebb');
    expect(out).toContain('4 resources are ready');
    expect(code).toBe(0);
    expect(told()).toEqual([
      'version --short',
      `upgrade --install ebb ${folder} --kube-context kind-ebb --namespace ebb --create-namespace --values a.yaml --set image.tag=1.2.0 --wait --timeout 10m`,
    ]);
  });

  it('holds requests where they are, and says how to move them', async () => {
    helm('v3.19.0+gabc');
    const { code, out } = await deploy('--hold');
    expect(code).toBe(0);
    expect(out).toContain('orders keeps its requests where they are');
    expect(out).toContain('npx ebb canary orders --context kind-ebb');
  });

  it('prints what Helm would install, and changes nothing', async () => {
    helm('v4.1.4');
    expect((await deploy('--dry-run')).code).toBe(0);
    expect(told().at(-1)).toContain('--dry-run=server');
    expect(ebb.server.calls).toEqual([]);
  });

  it('says what is not ready in time, and why', async () => {
    helm('v4.1.4');
    const condition = { type: 'Ready', status: 'False', reason: 'TopicMissing', message: 'no topic orders' };
    Object.assign(ebb.server.find('Broker', 'orders')?.status as object, { conditions: [condition] });
    const { code, out, err } = await deploy('--timeout', '1s');
    expect(code).toBe(1);
    expect(out).toContain('3 of 4 ready; waiting for Broker orders: TopicMissing: no topic orders');
    expect(err).toContain('1 of 4 resources are not ready after');
  });

  it('says what Helm said when it fails', async () => {
    helm('v4.1.4', 1);
    const { code, err } = await deploy();
    expect(code).toBe(1);
    expect(err).toContain('helm did not install the chart:\nError: no such image');
  });

  it('needs a helm that is new enough', async () => {
    helm('v2.17.0');
    expect(await deploy()).toMatchObject({
      code: 2,
      err: expect.stringMatching(/the helm on the PATH is not one to deploy with \("v2\.17\.0"\)\. Install Helm/),
    });
    const bare = { ...ebb.server.environment(), PATH: '/nowhere' };
    const none = await run(['deploy', '--no-render', '--chart', folder, '--context', 'kind-ebb'], bare);
    expect(none).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^error there is no helm on the PATH\. Install Helm/),
    });
  });
});

describe('the command line', () => {
  it('loads the Kubernetes client only when a cluster is asked for', async () => {
    await run(['--version']);
    const builds = join(dirname(EBB), '../dist');
    const [newest = ''] = readdirSync(builds)
      .map((name) => join(builds, name))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    const loaded = loadedAtStart(join(newest, 'ebb.mjs'));
    expect(loaded).toContain('node:module');
    expect(loaded).not.toContain('@kubernetes/client-node');
    expect(loaded).not.toContain('ws');
  });
});

/** What a module of the bundle imports, and what that imports in turn; `import()` is not among it. */
function loadedAtStart(file: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = [
    ...readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}) ?(?:[^'"();]*? ?from )?["']([^"']+)["'];$/gm),
  ];
  return imports.flatMap(([, name = '']) =>
    name.startsWith('./') ? loadedAtStart(join(dirname(file), name), seen) : [name],
  );
}
