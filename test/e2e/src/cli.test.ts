import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyWorkspace, Ebb, runCli, type WorkspaceCopy } from '@ebb/testing/local';
import { parseAllDocuments } from 'yaml';
import { decided, placedData, PLACED } from '@ebb/shop';

interface Receipt {
  readonly id: string;
  readonly traceId: string;
  readonly topic: string;
  readonly subject?: string;
}

const COMMANDS = ['up', 'publish', 'status', 'tail', 'trace', 'dead', 'describe', 'render', 'build', 'reset'];

let workspace: WorkspaceCopy;
let ebb: Ebb;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname);
  ebb = await Ebb.start(workspace, ['--no-watch']);
}, 120_000);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

describe('every command', () => {
  it.each(COMMANDS)('%s has help with an example, and --json', async (command) => {
    const { code, stdout } = await ebb.cli([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples?:/);
    expect(stdout).toContain('--json');
  });

  it('refuses an unknown option and an unknown command with code 2', async () => {
    const option = await ebb.cli(['status', '--nonsense']);
    expect(option).toMatchObject({ code: 2, stdout: '' });
    expect(option.stderr).toContain('unknown option');
    const command = await ebb.cli(['stauts']);
    expect(command.code).toBe(2);
    expect(command.stderr).toContain('Did you mean status?');
    expect(command.stderr).toContain('See: ebb --help');
    expect((await ebb.cli(['dead', 'show'])).stderr).toContain('See: ebb dead show --help');
  });

  it.each([
    [['publish', 'no.such.type', '--example'], 'npx ebb describe lists those that are'],
    [['publish', PLACED, '--example', '--source', 'not a uri'], '/source must be a URI reference'],
    [['publish', PLACED], 'no data: give --example, --data <json>, --file <path>, or pipe JSON in'],
    [['publish', ''], "is invalid for argument 'type'. It is empty."],
    [['trace', ''], "is invalid for argument 'id'. It is empty."],
    [['dead', 'list', '--function', 'reserve-stok'], 'did you mean reserve-stock'],
  ])('%j is refused with words', async (args, words) => {
    const { code, stderr } = await ebb.cli(args, '');
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
  });

  it('says each mistake once', async () => {
    const { stderr } = await ebb.cli(['publish', PLACED, '--example', '--source', 'not a uri']);
    expect(stderr.match(/must be a URI reference/g)).toHaveLength(1);
  });

  it('looks at the address of a Kafka before it starts anything', async () => {
    const idle = copyWorkspace(import.meta.dirname, { apps: [] });
    try {
      const { code, stdout, stderr } = await runCli(idle, ['up', '--kafka', 'nonsense']);
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('no host:port'),
      });
    } finally {
      idle.remove();
    }
  });

  it.each(['publish x --example', 'status', 'tail', 'trace x'])(
    '"%s" says how to start Ebb where it does not run',
    async (line) => {
      const idle = copyWorkspace(import.meta.dirname, { apps: [] });
      try {
        const { code, stderr } = await runCli(idle, line.split(' '));
        expect(code).toBe(2);
        expect(stderr).toContain('Start it with: npm start');
      } finally {
        idle.remove();
      }
    },
  );
});

describe('ebb publish', () => {
  it('sends the example, and the receipt leads to its trace', async () => {
    const published = await ebb.cli(['publish', PLACED, '--example', '--json']);
    expect(published.code).toBe(0);
    const receipt = JSON.parse(published.stdout) as Receipt;
    expect(receipt.topic).toBe('orders');
    const trace = await ebb.cli(['trace', receipt.id]);
    expect(trace.code).toBe(0);
    expect(trace.stdout).toContain('receive orders');
  });

  it('takes data as an argument and from standard input', async () => {
    const [one, other] = [placedData(), placedData()];
    const { code, stdout } = await ebb.cli(['publish', PLACED, '--data', JSON.stringify(one), '--json']);
    expect(code).toBe(0);
    // The key that the event's definition takes from the data: what keeps the events of one order in order.
    expect((JSON.parse(stdout) as Receipt).subject).toBe(one.orderId);
    expect((await ebb.cli(['publish', PLACED], JSON.stringify(other))).code).toBe(0);
    expect((await decided(ebb, one.orderId)).status).toBe('confirmed');
    expect((await decided(ebb, other.orderId)).status).toBe('confirmed');
  });

  it('lists every violation with its path', async () => {
    const { code, stderr } = await ebb.cli(['publish', PLACED, '--data', '{"orderId":"x","lines":[]}']);
    expect(code).toBe(2);
    for (const path of ['/orderId', '/lines', '/total']) expect(stderr).toContain(path);
  });

  it.each([
    [['publish', 'dev.ebb.orders.order.plaecd.v1', '--example'], 'dev.ebb.orders.order.placed.v1'],
    [['publish', PLACED, '--data', '{'], '--data: not valid JSON'],
    [['publish', PLACED, '--file', '/nowhere.json'], 'cannot read /nowhere.json'],
    [['publish', PLACED, '--example', '--data', '{}'], 'give one of'],
  ])('refuses %j and says why', async (args, why) => {
    const { code, stderr } = await ebb.cli(args);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('    at ');
  });
});

describe('ebb status', () => {
  it('shows services, triggers and topics', async () => {
    const { stdout } = await ebb.cli(['status']);
    for (const part of ['orders', 'inventory', 'relay', 'inventory-reserve-stock', 'orders-follow-stock']) {
      expect(stdout).toContain(part);
    }
  });

  it('gives the same as JSON', async () => {
    const report = JSON.parse((await ebb.cli(['status', '--json'])).stdout) as {
      services: { name: string; state: string }[];
    };
    expect(report.services.map(({ name }) => name)).toEqual(expect.arrayContaining(['inventory', 'orders', 'relay']));
  });
});

describe('ebb trace', () => {
  it('knows nothing of an id that was never seen', async () => {
    const { code, stderr } = await ebb.cli(['trace', 'never-seen']);
    expect(code).toBe(2);
    expect(stderr).toContain('no trace of "never-seen"');
  });
});

describe('ebb describe', () => {
  it('shows what a service is made of', async () => {
    const { code, stdout } = await ebb.cli(['describe', 'inventory']);
    expect(code).toBe(0);
    expect(stdout).toContain('reserve-stock');
    expect(stdout).toContain(PLACED);
  });

  it('refuses a service that does not exist, and lists those that do', async () => {
    const { code, stderr } = await ebb.cli(['describe', 'nobody']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/there are: inventory, orders, .*relay/);
  });
});

describe('ebb render', () => {
  it('writes the resources that the definitions give', async () => {
    const { code, stdout } = await ebb.cli(['render', '--namespace', 'shop']);
    expect(code).toBe(0);
    const resources = parseAllDocuments(stdout).map(
      (document) => document.toJS() as { kind: string; metadata: { name: string; namespace: string } },
    );
    const names = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'Broker/orders',
        'Service/inventory',
        'Trigger/inventory-reserve-stock',
        'Deployment/relay',
      ]),
    );
    expect(new Set(resources.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['shop']));
  });
});

describe('the reference of the command line', () => {
  it('is what the commands say', () => {
    execFileSync(process.execPath, [join(workspace.origin, 'tools/reference.mjs'), '--check'], { stdio: 'pipe' });
  });
});
