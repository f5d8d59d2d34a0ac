import { EbbError } from '@ebb/core';
import type { ConfigMap, Resource } from '../resources/resources.ts';
import { documentsOf } from './documents.ts';
import { describeIssue } from './issues.ts';
import { problemsOfMeaning } from './meaning.ts';
import { CONFIG_MAPS, ConfigMapSchema, KNOWN_KINDS, metadataSchemaOf, type KnownKind } from './schemas.ts';

export interface IgnoredResource {
  readonly kind: string;
  readonly name?: string;
  readonly reason: string;
}

export interface Manifests {
  readonly resources: readonly Resource[];
  /** The cluster's configuration, as far as it counts here: `config-autoscaler` and the like. */
  readonly configMaps: readonly ConfigMap[];
  /** What is not run here, and why. */
  readonly ignored: readonly IgnoredResource[];
}

type Item =
  | { readonly resource: Resource }
  | { readonly configMap: ConfigMap }
  | { readonly ignored: IgnoredResource }
  | { readonly problems: readonly string[] };

/**
 * Reads Kubernetes manifests: YAML or JSON, several documents, lists.
 * @throws EbbError EBB_MANIFEST with every problem on a line of its own, naming the file, the document, kind, name and field
 */
export function parseManifests(text: string, file = 'manifest'): Manifests {
  const items = documentsOf(text).flatMap((document): readonly Item[] => {
    const at = `${file}, document ${document.number}`;
    if ('problem' in document) return [{ problems: [`${at}: ${document.problem}`] }];
    return itemsOf(document.value).map((value) => parseOne(value, at));
  });
  const problems = items.flatMap((item) => ('problems' in item ? item.problems : []));
  problems.push(...repetitionsOf(items, file));
  if (problems.length > 0) throw new EbbError('EBB_MANIFEST', problems.join('\n'));
  return {
    resources: items.flatMap((item) => ('resource' in item ? [item.resource] : [])),
    configMaps: items.flatMap((item) => ('configMap' in item ? [item.configMap] : [])),
    ignored: items.flatMap((item) => ('ignored' in item ? [item.ignored] : [])),
  };
}

/** The second of two resources with one name would silently take the place of the first. */
function repetitionsOf(items: readonly Item[], file: string): readonly string[] {
  const seen = new Set<string>();
  return items.flatMap((item) => {
    if (!('resource' in item)) return [];
    const { kind, metadata } = item.resource;
    const key = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
    if (seen.has(key)) return [`${file}: ${key} is there twice: remove or rename one`];
    seen.add(key);
    return [];
  });
}

function itemsOf(document: unknown): readonly unknown[] {
  const list = document as { kind?: unknown; items?: unknown };
  if (list.kind === 'List' && Array.isArray(list.items)) return (list.items as readonly unknown[]).flatMap(itemsOf);
  return [document];
}

function parseOne(value: unknown, at: string): Item {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problems: [`${at}: must be an object with apiVersion, kind and metadata`] };
  }
  const { kind, apiVersion, metadata } = value as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || kind === '') return { problems: [`${at}: kind is missing`] };
  const name = (metadata as { name?: unknown } | null | undefined)?.name;
  const known = { kind, ...(typeof name === 'string' && { name }) };
  const subject = `${at}, ${kind} ${typeof name === 'string' ? name : '(without a name)'}`;
  if (kind === 'ConfigMap' && apiVersion === 'v1') return parseConfigMap(value, known, subject);
  const reason = unknownReason(kind, apiVersion);
  return reason === undefined ? parseResource(value, kind as KnownKind, subject) : { ignored: { ...known, reason } };
}

function parseResource(value: { metadata?: unknown; spec?: unknown }, kind: KnownKind, subject: string): Item {
  const { apiVersion, spec: specSchema } = KNOWN_KINDS[kind];
  const metadata = check(metadataSchemaOf(kind), value.metadata, 'metadata');
  const spec = check(specSchema, value.spec ?? {}, 'spec');
  const problems = [...metadata.problems, ...spec.problems];
  const resource = { apiVersion, kind, metadata: metadata.value, spec: spec.value } as unknown as Resource;
  if (problems.length === 0) problems.push(...problemsOfMeaning(resource));
  return problems.length === 0 ? { resource } : { problems: problems.map((problem) => `${subject}: ${problem}`) };
}

function parseConfigMap(value: unknown, known: { kind: string; name?: string }, subject: string): Item {
  if (!CONFIG_MAPS.some((name) => name === known.name)) {
    return { ignored: { ...known, reason: `of ConfigMaps only ${CONFIG_MAPS.join(', ')} count here` } };
  }
  const { value: configMap, problems } = check(ConfigMapSchema, value, 'ConfigMap');
  return problems.length === 0
    ? { configMap: configMap as ConfigMap }
    : { problems: problems.map((problem) => `${subject}: ${problem}`) };
}

function unknownReason(kind: string, apiVersion: unknown): string | undefined {
  const known = Object.hasOwn(KNOWN_KINDS, kind) ? KNOWN_KINDS[kind as KnownKind] : undefined;
  if (!known) return `this kind is not run here (known are ${Object.keys(KNOWN_KINDS).join(', ')})`;
  return apiVersion === known.apiVersion
    ? undefined
    : `its apiVersion is ${String(apiVersion)}; here ${known.apiVersion} is run`;
}

type Schema = (typeof KNOWN_KINDS)[KnownKind]['spec'] | ReturnType<typeof metadataSchemaOf> | typeof ConfigMapSchema;

function check(
  schema: Schema,
  value: unknown,
  field: string,
): { readonly value: unknown; readonly problems: string[] } {
  const result = schema.safeParse(value, { reportInput: true });
  return result.success
    ? { value: result.data, problems: [] }
    : { value: undefined, problems: result.error.issues.map((issue) => describeIssue(field, issue)) };
}
