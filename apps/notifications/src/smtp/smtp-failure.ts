import { EbbError, RetryableError, TerminalError } from '@ebb/core';

/** How far a conversation with a mail server had come. Before `message` nothing of the mail was said. */
export type SmtpStage = 'connection' | 'message';

interface SmtpError {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
}

/** A server that refuses for now, such as one that greylists, wants some time to pass. */
const TRY_AGAIN_AFTER = '1m';

/**
 * What a failed conversation means for the mail. Of what the server said only the codes are kept: its words may repeat the address, or the mail.
 * RetryableError and TerminalError say that the mail did not go out; after anything else nobody knows.
 */
export function smtpFailure(error: unknown, stage: SmtpStage): EbbError {
  const { code, originalCode, command, response } = error as SmtpError;
  const answer = typeof response === 'string' ? /^([45]\d\d)(?:[ -](\d\.\d{1,3}\.\d{1,3})\b)?/.exec(response) : null;
  if (answer) {
    const [, status = '', enhanced] = answer;
    const said = `the mail server answered ${status}${enhanced === undefined ? '' : ` ${enhanced}`}${toWhat(command)}`;
    // A refusal before the message is one of us, not of the mail: the next one would hear the same, and the mail is none the worse.
    if (stage === 'message' && status.startsWith('5')) return new TerminalError(said);
    return stage === 'message' ? new RetryableError(said, { after: TRY_AGAIN_AFTER }) : new RetryableError(said);
  }
  const why = [code, originalCode].filter(isCode).join(', ');
  const because = why === '' ? '' : ` (${why})`;
  if (stage === 'connection') return new RetryableError(`no way to the mail server${because}`);
  // The server's 250 may have been lost with the connection.
  if (!isOurs(code)) {
    return new EbbError('EBB_RUNTIME', `the mail server did not say whether it took the mail${because}`);
  }
  return new TerminalError(`the mail cannot be sent${because}`);
}

/** The mail itself does not do: its envelope is none, or it is larger than the server takes. */
const isOurs = (code: unknown): boolean => code === 'EENVELOPE' || code === 'EMESSAGE';

const isCode = (value: unknown): value is string => typeof value === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(value);

function toWhat(command: unknown): string {
  return typeof command === 'string' && /^[A-Z0-9 -]{1,30}$/.test(command) ? ` to ${command}` : '';
}
