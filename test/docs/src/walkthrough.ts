import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { edited } from './edits.ts';
import type { Block } from './markdown.ts';
import { missingLine } from './output.ts';
import { openTerminal, runShell, type ShellResult, type Terminal } from './shell.ts';

const DEFAULT_PORT = /(?<=localhost):8080\b/g;
const OUTPUT_DEADLINE_MS = 20_000;

/** Commands that only look: they are run again until they show what they should. */
const LOOKS = /^(npx ebb (status|trace|describe|dead (list|show))\b|curl (?![\s\S]* (-X|-d)\b))/;

/** Follows a document as a reader does, in a copy of the workspace: writes its files, runs its commands, compares what they print. */
export class Walkthrough {
  readonly #workspace: WorkspaceCopy;
  #ebb: Ebb | undefined;
  /** What the terminal of `npm start` had shown when the last file was saved. */
  #linesAtSave = 0;
  #tail: Terminal | undefined;
  #last: { readonly script: string; readonly output: string } | undefined;

  /** @param apps which ones the reader finds; default: the shop's */
  constructor(apps?: readonly string[]) {
    this.#workspace = copyWorkspace(import.meta.dirname, { libs: ['schemas'], ...(apps && { apps }) });
    const { origin, root } = this.#workspace;
    cpSync(join(origin, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'));
  }

  async follow(block: Block): Promise<void> {
    if (block.language === 'bash') await this.#run(block.text);
    else if (block.language === 'text') await this.#expectOutput(block);
    else if (block.file !== undefined) this.#save(block.file, block);
    else throw new Error('this is neither a file, nor a command, nor its output');
  }

  /** Checks types as `npm run typecheck` does. */
  typecheck(app: string): Promise<ShellResult> {
    return runShell(
      `node '${this.#workspace.origin}/node_modules/typescript/bin/tsc' -p apps/${app}`,
      this.#workspace.root,
    );
  }

  async close(): Promise<void> {
    await this.#tail?.close();
    await this.#ebb?.stop();
    this.#workspace.remove();
  }

  async #run(script: string): Promise<void> {
    const tested = /^npx nx test (\S+)$/.exec(script)?.[1];
    if (script === 'npm start') await this.#start();
    else if (script.startsWith('npx ebb tail')) await this.#openTail(script);
    else if (tested !== undefined) await this.#execute(this.#testsOf(tested));
    // The copy shares the packages that are installed.
    else if (script !== 'npm install') await this.#execute(this.#withPort(script));
  }

  async #start(): Promise<void> {
    await this.#ebb?.stop();
    this.#ebb = await Ebb.start(this.#workspace);
  }

  async #execute(script: string): Promise<void> {
    const { code, output } = await runShell(script, this.#workspace.root);
    this.#last = { script, output };
    if (code !== 0) throw new Error(`it ended with ${String(code)}:\n${output}`);
  }

  /** A tail shows what passes from now on, so it must listen before the reader goes on: something passes until it does. */
  async #openTail(script: string): Promise<void> {
    const tail = openTerminal(script, this.#workspace.root);
    this.#tail = tail;
    await eventually(
      async () => {
        await restock(this.#running());
        return tail.output() !== '';
      },
      { timeoutMs: OUTPUT_DEADLINE_MS, intervalMs: 200 },
    );
  }

  /** Nx knows the repository only: the same runner, for the copy of the project. */
  #testsOf(project: string): string {
    const { origin } = this.#workspace;
    return `node --experimental-vm-modules '${origin}/node_modules/jest/bin/jest.js' --config '${origin}/jest.config.mjs' --rootDir apps/${project}`;
  }

  /** A block of output, of the command before it or of another terminal, which the note names. */
  async #expectOutput({ text, note }: Block): Promise<void> {
    const shown = this.#withPort(text);
    await eventually(
      async () => {
        const output = await this.#outputOf(note);
        const missing = missingLine(shown, output);
        if (missing !== undefined) throw new Error(`"${missing}" is not in:\n${output}`);
        return true;
      },
      { timeoutMs: OUTPUT_DEADLINE_MS, intervalMs: 300 },
    );
  }

  async #outputOf(terminal: string): Promise<string> {
    if (terminal === 'start') return messagesOf(this.#running().output.slice(this.#linesAtSave));
    if (terminal === 'tail') return this.#tail?.output() ?? '';
    const before = this.#last?.output ?? '';
    // The first time, the command has just been run.
    if (this.#last && LOOKS.test(this.#last.script)) await this.#execute(this.#last.script);
    return `${before}\n${this.#last?.output ?? ''}`;
  }

  #save(file: string, { language, text }: Block): void {
    const path = join(this.#workspace.root, file);
    this.#linesAtSave = this.#ebb?.output.length ?? 0;
    if (language === 'diff') {
      writeFileSync(path, edited(readFileSync(path, 'utf8'), `${text}\n`));
    } else if (existsSync(path)) {
      if (!readFileSync(path, 'utf8').includes(text)) throw new Error(`${file} exists, and this is not in it`);
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${text}\n`);
    }
  }

  #running(): Ebb {
    if (!this.#ebb) throw new Error('the document has not started Ebb yet');
    return this.#ebb;
  }

  #withPort(text: string): string {
    return text.replaceAll(DEFAULT_PORT, `:${this.#running().port}`);
  }
}

/** Harmless, and an event of a domain. */
async function restock(ebb: Ebb): Promise<void> {
  await ebb.http('inventory', '/stock/POSTER-A2/restock', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{ "quantity": 1 }',
  });
}

/** What `ebb up --json` says to people. */
function messagesOf(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const { message } = JSON.parse(line) as { message?: string };
      return message ?? '';
    })
    .join('\n');
}
