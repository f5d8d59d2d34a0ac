import pc from 'picocolors';

/** Writes a line for people. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Writes one JSON document per line, for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Columns as wide as their widest cell; escape codes for colour take no room. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => visible(row[column] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - visible(cell))))
      .join('  ')
      .trimEnd();
  return [pc.dim(line(head)), ...rows.map(line)].join('\n');
}

function visible(text: string): number {
  // eslint-disable-next-line no-control-regex -- the escape character is what starts a colour code
  return text.replaceAll(/\u001b\[\d+m/g, '').length;
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g; // eslint-disable-line no-control-regex -- these are what is taken out

/** Text that came from outside, without what would move the cursor or repaint the terminal. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, '\u00b7');
}
