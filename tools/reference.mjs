// Writes docs/reference/cli.md from what the commands say of themselves. With --check it only compares.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(workspace, 'docs/reference/cli.md');

function help(...args) {
  // A fixed width: the page must not depend on who makes it.
  return execFileSync(process.execPath, [join(workspace, 'apps/cli/bin/ebb.mjs'), ...args, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '100', NO_COLOR: '1' },
  }).trim();
}

/** What stands under "Commands:"; elsewhere, such as under "Examples:", the same words mean no command. */
function commandsIn(text) {
  const listed = /^Commands:\n((?: .*\n?)*)/m.exec(text)?.[1] ?? '';
  return [...listed.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name).filter((name) => name !== 'help');
}

function sectionsOf(...names) {
  const text = help(...names);
  const section = `##${names.length > 1 ? '#' : ''} ebb ${names.join(' ')}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  return [section, ...commandsIn(text).flatMap((name) => sectionsOf(...names, name))];
}

const overview = help();
const sections = commandsIn(overview).flatMap((name) => sectionsOf(name));
const text = `# Command line

Made by \`node tools/reference.mjs\`; a test holds it equal to what the commands say.
Exit codes: 0 done, 1 failed, 2 used in a way that cannot work.

\`\`\`text
${overview}
\`\`\`

${sections.join('\n')}`;

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/reference/cli.md is not what the commands say. Run: node tools/reference.mjs');
  process.exit(1);
}
