import type { StoredSpan } from '../span.ts';

export declare function decodeOtlp(contentType: string, body: Buffer): readonly StoredSpan[];
