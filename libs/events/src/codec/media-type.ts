/** How data of a media type becomes a value: JSON is parsed, text is a string, anything else stays bytes. */
export type DataKind = 'json' | 'text' | 'bytes';

export const JSON_CONTENT_TYPE = 'application/json';
export const STRUCTURED_CONTENT_TYPE = 'application/cloudevents+json';
export const BATCH_CONTENT_TYPE = 'application/cloudevents-batch+json';

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\x20*(?:;[\x20-\x7e]*)?$/;
const CHARSET = /;[\t ]*charset[\t ]*=[\t ]*"?([^\s;"]*)/i;

export function isMediaType(text: string): boolean {
  return MEDIA_TYPE.test(text);
}

/** The media type without its parameters, in lower case. */
export function essenceOf(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** Whether the text of a media type is UTF-8, as it is when nothing else is said. */
export function isUtf8Charset(contentType: string): boolean {
  const charset = CHARSET.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}

/** How data of this media type is read; without one it is bytes, because nothing says what they are. */
export function dataKindOf(contentType: string | undefined): DataKind {
  if (contentType === JSON_CONTENT_TYPE) return 'json';
  if (contentType === undefined) return 'bytes';
  const essence = essenceOf(contentType);
  if (essence.endsWith('/json') || essence.endsWith('+json')) return 'json';
  return essence.startsWith('text/') && isUtf8Charset(contentType) ? 'text' : 'bytes';
}

/** The content mode that a content type announces, by the prefixes of the HTTP and Kafka bindings. */
export function modeOf(contentType: string | undefined): 'binary' | 'structured' | 'batch' {
  if (contentType === undefined || contentType === JSON_CONTENT_TYPE) return 'binary';
  const essence = essenceOf(contentType);
  if (essence.startsWith('application/cloudevents-batch')) return 'batch';
  return essence.startsWith('application/cloudevents') ? 'structured' : 'binary';
}
