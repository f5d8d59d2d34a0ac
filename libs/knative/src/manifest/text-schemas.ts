import { durationMs } from '@ebb/core';
import * as z from 'zod/mini';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const named = (pattern: RegExp, max: number, what: string) =>
  z.string().check(
    z.minLength(1),
    z.refine((name) => name.length <= max && pattern.test(name), `must be ${what}, ${max} characters at most`),
  );

export const dnsLabel = named(LABEL, 63, 'a DNS label: lower case letters, digits and hyphens');
export const serviceName = named(
  SERVICE_NAME,
  63,
  'a DNS label that begins with a letter: lower case letters, digits and hyphens',
);
export const dnsSubdomain = named(SUBDOMAIN, 253, 'a DNS name: lower case letters, digits, hyphens and dots');

export const texts = z.record(z.string(), z.string());

function isPositiveDuration(text: string): boolean {
  try {
    return text.startsWith('P') && durationMs(text) > 0;
  } catch {
    return false;
  }
}

export const isoDuration = z
  .string()
  .check(z.refine(isPositiveDuration, 'must be an ISO 8601 duration over zero, such as PT0.5S'));
