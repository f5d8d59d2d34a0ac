import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { eventually } from '@ebb/test-database';
import type { Engine, Said } from './engine.fixture.ts';

/** What a cluster that trusts nobody runs a container with. */
const RESTRICTED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'host'];
const START_TIMEOUT_MS = 60_000;

const flags = (env: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

/** Runs an image to its end. */
export function runOnce(
  engine: Engine,
  image: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  return engine.tried(['run', '--rm', ...RESTRICTED, ...flags(env), image, ...args]);
}

/** A service's container that answers its readiness probe. */
export class Container {
  readonly port: number;
  readonly #engine: Engine;
  readonly #id: string;

  private constructor(engine: Engine, id: string, port: number) {
    this.#engine = engine;
    this.#id = id;
    this.port = port;
  }

  static async start(engine: Engine, image: string, env: Readonly<Record<string, string>>): Promise<Container> {
    const port = await freePort();
    const all = { ...env, HOST: '127.0.0.1', PORT: String(port) };
    const id = (await engine.docker(['run', '--detach', ...RESTRICTED, ...flags(all), image])).trim();
    const container = new Container(engine, id, port);
    try {
      await eventually(async () => (await fetch(`http://127.0.0.1:${port}/healthz/ready`)).status === 200, {
        timeoutMs: START_TIMEOUT_MS,
      });
      return container;
    } catch (error) {
      const said = await container.#remove();
      throw new Error(`${image} does not become ready:\n${said}`, { cause: error });
    }
  }

  /** Ends it as a cluster does, and returns its exit code. */
  async stop(): Promise<number> {
    await this.#engine.docker(['stop', '--time', '60', this.#id]);
    const code = Number(await this.#engine.docker(['inspect', '--format', '{{.State.ExitCode}}', this.#id]));
    await this.#remove();
    return code;
  }

  /** Returns what it said. */
  async #remove(): Promise<string> {
    const { output, errors } = await this.#engine.tried(['logs', this.#id]);
    await this.#engine.tried(['rm', '--force', this.#id]);
    return output + errors;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
