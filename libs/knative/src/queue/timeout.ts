/**
 * What the queue proxy writes when a request runs into a time limit. Once headers are out, it is appended and the stream ends
 * cleanly; their status cannot be taken back.
 */
export const TIMEOUT_TEXT = 'request timeout';
