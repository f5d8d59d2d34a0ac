import { humanDuration } from '@ebb/core';
import type { LocalRuntime, Progress } from '@ebb/local';
import pc from 'picocolors';
import { print, printable, printJson } from './output.ts';

export interface ProgressDisplay {
  readonly show: (progress: Progress) => void;
  readonly done: () => void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;

/** Says what is going on: a moving line on a terminal, plain lines elsewhere, JSON for programs. */
export function createProgress(json: boolean): ProgressDisplay {
  if (json) return { show: printJson, done: () => undefined };
  if (!process.stdout.isTTY) return { show: (progress) => print(lineOf(progress)), done: () => undefined };
  return createSpinner();
}

function createSpinner(): ProgressDisplay {
  let current: string | undefined;
  let frame = 0;
  const clear = () => process.stdout.write('\r\u001b[2K');
  const timer = setInterval(() => {
    if (current === undefined) return;
    frame = (frame + 1) % FRAMES.length;
    process.stdout.write(`\r\u001b[2K${pc.cyan(FRAMES[frame] ?? '')} ${current}`);
  }, FRAME_MS);
  timer.unref();
  return {
    show(progress) {
      clear();
      if (progress.kind === 'step' && progress.durationMs === undefined) current = progress.label;
      else {
        if (progress.kind === 'step' && progress.label === current) current = undefined;
        print(lineOf(progress));
      }
    },
    done() {
      current = undefined;
      clear();
    },
  };
}

function lineOf(progress: Progress): string {
  switch (progress.kind) {
    case 'step':
      return progress.durationMs === undefined
        ? `${progress.label} …`
        : `${pc.green('✓')} ${progress.label} ${pc.dim(humanDuration(progress.durationMs))}`;
    case 'note':
      return `${pc.cyan('›')} ${progress.message}`;
    case 'warning':
      return `${pc.yellow('!')} ${progress.message}`;
    case 'log':
      return `${pc.dim(`${progress.service} |`)} ${printable(progress.line)}`;
  }
}

/** What a person can do next, once everything runs. */
export function welcome({ running, readyMs, services, example }: LocalRuntime): string {
  const width = Math.max(...services.map(({ name }) => name.length), 'traces'.length);
  const row = (name: string, text: string) => `  ${pc.bold(name.padEnd(width))}  ${text}`;
  return [
    '',
    `${pc.green('Ready')} for events after ${humanDuration(readyMs)}.`,
    '',
    ...services.map(({ name, url, isPublic }) => row(name, isPublic ? `${url}  (for clients: start here)` : url)),
    row('status', running.url),
    row('traces', `${running.url}/api/traces (Jaeger's API), OTLP in at http://localhost:${running.otlpPort}`),
    '',
    'Try, in a second terminal:',
    ...(example ? [`  npx ebb publish ${example} --example`] : []),
    '  npx ebb status',
    '  npx ebb tail',
    '',
    pc.dim('Ctrl-C stops everything; the data stays in .ebb (npx ebb reset deletes it).'),
  ].join('\n');
}
