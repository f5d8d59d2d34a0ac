import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const repository = join(import.meta.dirname, '../../..');

/** A small workspace in a folder of its own (with a space in its name) that sees this one's packages. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), 'ebb build '));

  constructor() {
    symlinkSync(join(repository, 'node_modules'), join(this.root, 'node_modules'));
    this.write('package.json', '{ "private": true }');
  }

  write(path: string, content: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** An app whose one function takes notes; `body` is what its handler does. */
  addNotes(body = '', settings = ''): void {
    this.write('apps/notes/package.json', '{ "name": "notes", "version": "0.4.0", "type": "module" }');
    this.write('apps/notes/migrations/1_notes.sql', 'create table notes (id text);');
    this.write(
      'apps/notes/src/main.ts',
      "import { serve } from '@ebb/function';\nimport { notes } from './service.ts';\nserve(notes);\n",
    );
    this.write('apps/notes/src/service.ts', serviceSource(body, settings));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const serviceSource = (body: string, settings: string): string => `
import { setting } from '@ebb/core';
import { defineEvent } from '@ebb/events';
import { defineFunction, defineRoute, defineService } from '@ebb/function';
import * as z from 'zod/mini';

export const SETTINGS = { KEY: setting.secret({ description: 'of the notes' }), ${settings} };
const NoteTaken = defineEvent('dev.ebb.notes.note.taken.v1', {
  topic: 'notes',
  key: ({ noteId }) => noteId,
  data: z.object({ noteId: z.string() }),
  example: { noteId: 'n-1' },
});
const take = defineFunction('take', {
  on: NoteTaken,
  async handle({ data }) {
    ${body}
  },
});
const listNotes = defineRoute('GET /notes', {
  summary: 'List notes',
  answers: { 200: { schema: z.array(z.string()) } },
  access: 'signed-in',
  handle: () => ({ status: 200, body: [] }),
});

export const notes = defineService('notes', {
  functions: [take],
  routes: [listNotes],
  settings: SETTINGS,
  database: { migrations: 'migrations' },
});
`;
