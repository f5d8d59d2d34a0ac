import { messageOf } from '@ebb/core';
import { parseManifests } from '@ebb/knative';
import type * as z from 'zod/mini';
import { titleOf, type Manifest } from '../manifest.ts';
import { Metadata, OWN } from './own.ts';
import { KNOWN_BETTER, PUBLISHED } from './published.ts';
import { unreadFields } from './unread-fields.ts';

/** What a cluster would refuse about a manifest, or silently drop. */
export function problemsOf(manifest: Manifest): readonly string[] {
  const kind = `${manifest.apiVersion} ${manifest.kind}`;
  const [published, own] = [PUBLISHED[kind], OWN[kind]];
  const problems = [
    ...(published ? publishedProblems(manifest, kind, (value) => published.prototype.validate.call(value)) : []),
    ...(own ? ownProblems(own, manifest.spec, 'spec') : []),
    ...(published || own ? [] : [`is of a kind that no schema is known for: ${kind}`]),
    ...ownProblems(Metadata, manifest.metadata, 'metadata'),
    ...localProblems(manifest),
  ];
  return problems.map((problem) => `${titleOf(manifest)}: ${problem}`);
}

function publishedProblems(manifest: Manifest, kind: string, validate: (value: object) => void): readonly string[] {
  const known = KNOWN_BETTER.filter((exception) => exception.kind === kind);
  try {
    return unreadFields(manifest, validate)
      .filter((path) => !known.some(({ field }) => field.test(path)))
      .map((path) => `${path} is no field of it`);
  } catch (error) {
    return [messageOf(error)];
  }
}

function ownProblems(schema: z.ZodMiniType, value: unknown, at: string): readonly string[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? ` ${issue.keys.join(', ')}` : '';
    return `${[at, ...issue.path].join('/')}: ${issue.code}${keys}`;
  });
}

/** What the laptop checks of the kinds that it runs: reserved ports and names, schedules, autoscaling, what adds up to 100. */
function localProblems(manifest: Manifest): readonly string[] {
  try {
    parseManifests(JSON.stringify(manifest));
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
