import type { CloudEvent } from '../cloud-event.ts';
import {
  checkCount,
  checkName,
  checkText,
  invalid,
  missing,
  REQUIRED_ATTRIBUTES,
  type EventDraft,
  type RequiredAttribute,
} from './attributes.ts';
import type { CodecLimits } from './limits.ts';

/** How a protocol carries attributes as headers. */
export interface HeaderBinding {
  readonly prefix: 'ce-' | 'ce_';
  decode(name: string, raw: string): string;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The event, without data, whose attributes are headers. Other headers are ignored.
 * @throws CloudEventError naming the attribute
 */
export function readHeaders(headers: Headers, binding: HeaderBinding, limits: CodecLimits): EventDraft {
  const event: EventDraft = {
    specversion: required(headers, 'specversion', binding, limits),
    id: required(headers, 'id', binding, limits),
    source: required(headers, 'source', binding, limits),
    type: required(headers, 'type', binding, limits),
  };
  let count = 0;
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(binding.prefix)) continue;
    const name = header.slice(binding.prefix.length);
    count += 1;
    if (isRequired(name)) continue;
    checkName(name);
    if (name === 'datacontenttype') {
      throw invalid(name, `must be given by the content-type header, not by ${header}`);
    }
    const value = read(headers[header], name, binding, limits);
    if (value !== undefined) event[name] = value;
  }
  checkCount(count, limits);
  const contentType = single(headers['content-type'], 'datacontenttype');
  if (contentType !== undefined && contentType !== '') {
    checkText('datacontenttype', contentType, limits);
    event.datacontenttype = contentType;
  }
  return event;
}

/** On the way of every event, where comparing is cheaper than a set. */
function isRequired(name: string): boolean {
  return name === 'id' || name === 'source' || name === 'type' || name === 'specversion';
}

function required(headers: Headers, name: RequiredAttribute, binding: HeaderBinding, limits: CodecLimits): string {
  const value = read(headers[binding.prefix + name], name, binding, limits);
  if (value !== undefined) return value;
  throw isEvent(headers, binding) ? missing(name) : noEvent(binding);
}

function read(raw: Headers[string], name: string, binding: HeaderBinding, limits: CodecLimits): string | undefined {
  const text = single(raw, name);
  if (text === undefined) return undefined;
  const value = binding.decode(name, text);
  checkText(name, value, limits);
  return value;
}

function single(raw: Headers[string], name: string): string | undefined {
  if (raw === undefined || typeof raw === 'string') return raw;
  throw invalid(name, 'is given more than once');
}

function isEvent(headers: Headers, { prefix }: HeaderBinding): boolean {
  return REQUIRED_ATTRIBUTES.some((name) => headers[prefix + name] !== undefined);
}

function noEvent({ prefix }: HeaderBinding): Error {
  const wanted = REQUIRED_ATTRIBUTES.map((name) => prefix + name).join(', ');
  return invalid(
    'specversion',
    `is missing: this is no CloudEvent, neither in binary mode (headers ${wanted}) nor in structured mode (content type application/cloudevents+json)`,
  );
}

/** The content type to send: data that is no bytes is JSON where the event leaves it unsaid, and a receiver must be told. */
export function contentTypeOf(event: CloudEvent): string | undefined {
  if (event.datacontenttype !== undefined) return event.datacontenttype;
  const { data } = event;
  return data === undefined || data instanceof Uint8Array ? undefined : 'application/json';
}
