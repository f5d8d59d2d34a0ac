import { EbbError, messageOf } from '@ebb/core';
import { parseAllDocuments } from 'yaml';
import type { Resource } from '../resources/resources.ts';
import { checkMeaning } from './meaning.ts';
import { KNOWN_KINDS, MetadataSchema, type KnownKind } from './schemas.ts';

export interface IgnoredResource {
  readonly kind: string;
  readonly name?: string;
  readonly reason: string;
}

export interface Manifests {
  readonly resources: readonly Resource[];
  /** What is not run here, and why. */
  readonly ignored: readonly IgnoredResource[];
}

const MAX_BYTES = 4 * 1024 * 1024;
/** Aliases expand: a small file of them could fill the memory. */
const MAX_ALIASES = 100;

/**
 * Reads Kubernetes manifests: YAML or JSON, several documents, lists.
 * @throws EbbError EBB_MANIFEST naming the file, the document and the field
 */
export function parseManifests(text: string, file = 'manifest'): Manifests {
  if (Buffer.byteLength(text) > MAX_BYTES) throw problem(file, `is over ${MAX_BYTES} bytes`);
  const resources: Resource[] = [];
  const ignored: IgnoredResource[] = [];
  documentsOf(text, file).forEach((document, index) => {
    for (const item of itemsOf(document)) {
      const result = parseOne(item, `${file}, document ${index + 1}`);
      if ('reason' in result) ignored.push(result);
      else resources.push(result);
    }
  });
  return { resources, ignored };
}

function documentsOf(text: string, file: string): readonly unknown[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents
    .map((document, index) => {
      const [error] = document.errors;
      if (error) throw problem(`${file}, document ${index + 1}`, messageOf(error).split('\n')[0] ?? '');
      try {
        return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
      } catch (cause) {
        throw problem(`${file}, document ${index + 1}`, messageOf(cause));
      }
    })
    .filter((value) => value !== null && value !== undefined);
}

function itemsOf(document: unknown): readonly unknown[] {
  const list = document as { kind?: unknown; items?: unknown };
  return list.kind === 'List' && Array.isArray(list.items) ? (list.items as readonly unknown[]) : [document];
}

function parseOne(value: unknown, at: string): Resource | IgnoredResource {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw problem(at, 'must be an object');
  const { kind, apiVersion, metadata, spec } = value as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || kind === '') throw problem(at, 'has no kind');
  const name = (metadata as { name?: unknown } | undefined)?.name;
  const subject = `${at}, ${kind} ${typeof name === 'string' ? name : '(no name)'}`;
  const reason = unknownReason(kind, apiVersion);
  if (reason !== undefined) return { kind, ...(typeof name === 'string' && { name }), reason };
  const resource = {
    apiVersion,
    kind,
    metadata: check(MetadataSchema, metadata, subject, 'metadata'),
    spec: check(KNOWN_KINDS[kind as KnownKind].spec, spec ?? {}, subject, 'spec'),
  } as unknown as Resource;
  checkMeaning(resource, subject);
  return resource;
}

function unknownReason(kind: string, apiVersion: unknown): string | undefined {
  const known = Object.hasOwn(KNOWN_KINDS, kind) ? KNOWN_KINDS[kind as KnownKind] : undefined;
  if (!known) return `this kind is not run on a laptop (known are ${Object.keys(KNOWN_KINDS).join(', ')})`;
  return apiVersion === known.apiVersion ? undefined : `its apiVersion is not ${known.apiVersion}`;
}

type Schema = (typeof KNOWN_KINDS)[KnownKind]['spec'] | typeof MetadataSchema;

function check(schema: Schema, value: unknown, subject: string, field: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const path = [field, ...issue.path].map(String).join('.');
    if (issue.code === 'unrecognized_keys') return `${path} has unknown fields: ${issue.keys.join(', ')}`;
    if (issue.code === 'invalid_type') return `${path} must be of type ${issue.expected}`;
    return `${path} ${issue.message === 'Invalid input' ? 'is not valid' : issue.message}`;
  });
  throw problem(subject, lines.join('; '));
}

function problem(at: string, what: string): EbbError {
  return new EbbError('EBB_MANIFEST', `${at}: ${what}`);
}
