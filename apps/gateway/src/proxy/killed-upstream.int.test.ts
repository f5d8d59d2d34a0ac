import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, gatewayWith, holds, rawConnection, stopAll } from '../gateway.fixture.ts';

const SERVER = `
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/x?long') response.write('begun');
    else response.end('whole');
  });
  server.listen(Number(process.argv[1] ?? 0), '127.0.0.1', () => console.log(String(server.address().port)));
`;

const children: ChildProcess[] = [];
afterEach(async () => {
  await stopAll();
  await Promise.all(children.splice(0).map(kill));
});

/** A process of its own, so that it can be killed. */
async function upstreamProcess(port = 0): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['-e', SERVER, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(line) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('an upstream that is killed', () => {
  it('cuts the answers that it had begun, fails no others, and is there again when it is', async () => {
    const { child, port } = await upstreamProcess();
    const gateway = await gatewayWith([{ path: '/x', to: `http://127.0.0.1:${port}`, access: 'anyone' }]);
    for (let nth = 0; nth < 3; nth += 1) expect(await ask(gateway.port, '/x')).toMatchObject({ text: 'whole' });
    const { socket, received } = await rawConnection(gateway.port);
    socket.write('GET /x?long HTTP/1.1\r\nhost: a\r\n\r\n');
    await holds(() => expect(received()).toContain('begun'));
    await kill(child);
    await holds(() => expect(socket.destroyed).toBe(true));
    expect(received()).not.toContain('\r\n0\r\n');
    expect(await ask(gateway.port, '/x')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    await upstreamProcess(port);
    expect(await ask(gateway.port, '/x')).toMatchObject({ status: 200, text: 'whole' });
  });
});
