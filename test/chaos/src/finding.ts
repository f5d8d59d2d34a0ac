/** What can be wrong. */
export const FINDING_KINDS = [
  /** Promised, and not there. */
  'lost',
  /** Took effect more than once. */
  'doubled',
  /** There, but not as it was sent. */
  'altered',
  /** There, and nobody sent it. */
  'invented',
  /** Came to no end. */
  'stuck',
  /** Units do not add up. */
  'stock',
  /** Amounts do not add up. */
  'money',
  /** Events of one key are not in their order. */
  'order',
  /** Put aside where no person sees it, or without a reason. */
  'parked',
  /** A client was answered what no client should be. */
  'answer',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** What it is about: an order, a product, an event. */
  readonly subject: string;
  readonly message: string;
}

export const finding = (kind: FindingKind, subject: string, message: string): Finding => ({ kind, subject, message });
