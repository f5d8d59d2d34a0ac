import { messageOf } from '@ebb/core';
import { ANNOTATION, AUTOSCALING } from '../annotations.ts';
import { goDurationMs } from '../autoscaling/go-duration.ts';
import { scaleSettings } from '../autoscaling/settings.ts';
import { compileFilters } from '../filters/filters.ts';
import type { Broker, KnativeService, PingSource, Resource, Trigger } from '../resources/resources.ts';
import { patternOf } from '../schedule.ts';

/** What a field's type does not tell: annotations, filters, schedules. Each problem begins with the path of its field. */
export function problemsOfMeaning(resource: Resource): readonly string[] {
  switch (resource.kind) {
    case 'Service':
      return ofService(resource);
    case 'Broker':
      return ofBroker(resource);
    case 'Trigger':
      return ofTrigger(resource);
    case 'PingSource':
      return ofPingSource(resource);
    case 'Deployment':
      return [];
  }
}

function ofService({ metadata, spec: { template } }: KnativeService): string[] {
  const annotations = template.metadata?.annotations ?? {};
  const misplaced = Object.keys(metadata.annotations ?? {}).filter((key) => key.startsWith(AUTOSCALING));
  const deadline = annotations[ANNOTATION.progressDeadline];
  const revision = template.metadata?.name;
  return [
    ...misplaced.map((key) => `metadata.annotations["${key}"] must be in spec.template.metadata.annotations`),
    ...problemOf('spec.template.metadata', () => scaleSettings(annotations, template.spec.containerConcurrency ?? 0)),
    ...(deadline !== undefined && goDurationMs(deadline) === undefined
      ? [`spec.template.metadata.annotations["${ANNOTATION.progressDeadline}"] must be a duration such as 600s`]
      : []),
    ...(revision !== undefined && !revision.startsWith(`${metadata.name}-`)
      ? [`spec.template.metadata.name must begin with "${metadata.name}-"`]
      : []),
  ];
}

const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

function ofBroker({ metadata: { annotations = {} } }: Broker): string[] {
  const topic = annotations[ANNOTATION.externalTopic];
  if (topic === undefined || TOPIC.test(topic)) return [];
  return [
    `metadata.annotations["${ANNOTATION.externalTopic}"] must be a topic's name: letters, digits, ".", "_" and "-", 249 at most`,
  ];
}

function ofTrigger({ metadata: { annotations = {} }, spec }: Trigger): string[] {
  const order = annotations[ANNOTATION.deliveryOrder];
  return [
    ...problemOf('spec', () => compileFilters(spec), '.'),
    ...(order === undefined || order === 'ordered' || order === 'unordered'
      ? []
      : [`metadata.annotations["${ANNOTATION.deliveryOrder}"] must be ordered or unordered (it is "${order}")`]),
  ];
}

const EXTENSION = /^[a-z0-9]+$/;

function ofPingSource({ spec }: PingSource): string[] {
  const illegal = Object.keys(spec.ceOverrides?.extensions ?? {}).filter((name) => !EXTENSION.test(name));
  return [
    ...problemOf('spec', () => patternOf(spec.schedule, spec.timezone), '.'),
    ...illegal.map(
      (name) => `spec.ceOverrides.extensions["${name}"] is no attribute name (lower case letters and digits)`,
    ),
  ];
}

function problemOf(field: string, check: () => unknown, separator = ': '): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [`${field}${separator}${messageOf(error)}`];
  }
}
