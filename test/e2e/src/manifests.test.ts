import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, runCli, type WorkspaceCopy } from '@ebb/testing/local';

/** A subscriber that never heard of Ebb: it keeps what it got, and tells. */
const SERVER = `
const { createServer } = require('node:http');
const received = [];
createServer((req, res) => {
  if (req.method === 'GET') return res.end(JSON.stringify(received));
  let body = '';
  req.on('data', (chunk) => (body += chunk));
  req.on('end', () => {
    received.push({ headers: req.headers, body, revision: process.env.K_REVISION });
    res.writeHead(204).end();
  });
}).listen(process.env.PORT);
`;

const MANIFESTS = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: letters }
spec: {}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: reader }
spec:
  template:
    metadata:
      annotations: { autoscaling.knative.dev/min-scale: "1" }
    spec:
      containers: [{ image: registry.example/reader:1 }]
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: only-mail }
spec:
  broker: letters
  filters: [{ prefix: { type: com.example.mail. } }, { not: { exact: { subject: junk } } }]
  subscriber:
    ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: reader }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: something-else }
data: {}
`;

let workspace: WorkspaceCopy;
let ebb: Ebb;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, {
    apps: [],
    config: { images: { 'registry.example/reader:1': { command: ['node', 'reader.cjs'] } } },
  });
  writeFileSync(join(workspace.root, 'reader.cjs'), SERVER);
  mkdirSync(join(workspace.root, 'manifests'));
  writeFileSync(join(workspace.root, 'manifests/letters.yaml'), MANIFESTS);
  ebb = await Ebb.start(workspace, ['-f', 'manifests']);
});

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly revision: string;
}

async function publish(id: string, type: string, subject: string): Promise<number> {
  const response = await ebb.http('', '/broker/default/letters', {
    method: 'POST',
    headers: {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/post',
      'ce-type': type,
      'ce-subject': subject,
      'content-type': 'text/plain',
    },
    body: `letter ${id}`,
  });
  return response.status;
}

describe('plain Knative manifests', () => {
  it('run as they are: the trigger filters, the subscriber gets the event in binary mode', async () => {
    expect(await publish('1', 'com.example.parcel.sent', 'you')).toBe(202);
    expect(await publish('2', 'com.example.mail.sent', 'junk')).toBe(202);
    expect(await publish('3', 'com.example.mail.sent', 'you')).toBe(202);
    const [letter, ...others] = await eventually(async () => {
      const received = (await ebb.http('reader', '/')).json<Received[]>();
      return received.length > 0 && received;
    });
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ body: 'letter 3', revision: 'reader-00001' });
    expect(letter?.headers).toMatchObject({
      'ce-id': '3',
      'ce-type': 'com.example.mail.sent',
      'content-type': 'text/plain',
    });
  });

  it('name what is passed over', () => {
    expect(ebb.output.join('\n')).toMatch(/ConfigMap something-else is passed over/);
  });
});

describe('a manifest that cannot work', () => {
  it.each([
    [
      'a typo',
      'kind: Broker\napiVersion: eventing.knative.dev/v1\nmetadata: { name: x }\nspec: { delivry: {} }',
      'delivry',
    ],
    [
      'an image without a command',
      MANIFESTS.replaceAll('registry.example/reader:1', 'nobody/knows:2'),
      'nobody/knows:2',
    ],
    ['no YAML', 'a: [', 'bad.yaml'],
  ])('with %s ends the start with one sentence', async (_what, text, named) => {
    const other = copyWorkspace(import.meta.dirname, { apps: [] });
    try {
      writeFileSync(join(other.root, 'bad.yaml'), text);
      const { code, stderr } = await runCli(other, ['up', '-f', 'bad.yaml']);
      expect(code).toBe(1);
      expect(stderr).toContain(named);
      expect(stderr).not.toContain('    at ');
    } finally {
      other.remove();
    }
  });
});
