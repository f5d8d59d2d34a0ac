import { messageOf } from '@ebb/core';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 20_000;

/** One request. @throws Error that names the address and says why in words that people know */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    throw new Error(`${url} cannot be reached: ${reasonOf(error)}`, { cause: error });
  }
}

/** fetch says "fetch failed", and keeps what happened in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { readonly cause?: unknown; readonly message?: string };
  const { code } = (cause ?? {}) as { readonly code?: string };
  const said = cause === undefined ? message : messageOf(cause);
  return [code, said].filter((part) => part !== undefined && part !== '').join(': ') || 'no reason was given';
}
