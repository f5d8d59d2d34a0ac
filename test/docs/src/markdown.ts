/** A fenced block of a document. */
export interface Block {
  /** Where it begins, 1-based: what a failed test names. */
  readonly line: number;
  readonly language: string;
  /** What stands behind the language. */
  readonly note: string;
  /** The path in the line above the block, as in "`apps/orders/src/main.ts`:". */
  readonly file?: string;
  readonly text: string;
}

const FENCE = /^```(\w*) ?(.*)$/;
const LABEL = /^`([^`\s]+)`:$/;

/** The fenced blocks of a Markdown document, in order. */
export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, language, note = ''] = FENCE.exec(lines[at] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end < 0) throw new Error(`the block that begins in line ${at + 1} has no end`);
    const file = labelAbove(lines, at);
    const text = lines.slice(at + 1, end).join('\n');
    blocks.push({ line: at + 1, language, note, ...(file !== undefined && { file }), text });
    at = end;
  }
  return blocks;
}

function labelAbove(lines: readonly string[], fence: number): string | undefined {
  const above = lines.slice(0, fence).findLast((line) => line.trim() !== '') ?? '';
  return LABEL.exec(above)?.[1];
}

/** A document without its fenced blocks, line by line. */
export function proseOf(markdown: string): readonly string[] {
  let isInside = false;
  return markdown.split('\n').map((line) => {
    if (!line.startsWith('```')) return isInside ? '' : line;
    isInside = !isInside;
    return '';
  });
}
