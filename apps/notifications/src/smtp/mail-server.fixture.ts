import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { CERTIFICATE, KEY } from './certificate.fixture.ts';

/** What the server does with the next mail; a refusal has the code, and words that nobody should see. */
export type SmtpScript =
  'take' | 'silent' | 'drop-in-data' | 'drop-after-data' | { readonly at: 'rcpt' | 'data'; readonly code: number };

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly isEncrypted: boolean;
}

/** A real mail server, which does as it is told. */
export interface MailServer {
  readonly port: number;
  /** What to do with the next mails; after the last it goes on with that. */
  script: SmtpScript[];
  readonly taken: TakenMail[];
  /** How many times somebody came with a mail. */
  readonly tries: number;
  close(): Promise<void>;
}

export interface MailServerOptions {
  readonly tls?: 'implicit' | 'starttls' | 'none';
  readonly password?: string;
}

export async function startMailServer({ tls = 'none', password }: MailServerOptions = {}): Promise<MailServer> {
  const state = { script: ['take'] as SmtpScript[], taken: [] as TakenMail[], tries: 0 };
  const sockets = new Set<Socket>();
  const next = (): SmtpScript => state.script[0] ?? 'take';
  const done = (): void => {
    if (state.script.length > 1) state.script.shift();
  };
  const server = new SMTPServer({
    secure: tls === 'implicit',
    hideSTARTTLS: tls !== 'starttls',
    key: KEY,
    cert: CERTIFICATE,
    authOptional: password === undefined,
    allowInsecureAuth: true,
    logger: false,
    closeTimeout: 1,
    onAuth: (auth, _session, callback) =>
      auth.password === password ? callback(null, { user: auth.username ?? '' }) : callback(refusal(535)),
    onMailFrom: (_address, _session, callback) => {
      state.tries += 1;
      if (next() !== 'silent') callback();
    },
    onRcptTo: ({ address }, _session, callback) => {
      const script = next();
      const isRefused = typeof script !== 'string' && script.at === 'rcpt';
      if (isRefused) done();
      callback(isRefused ? refusal(script.code, address) : null);
    },
    onData: (stream, session, callback) => {
      const script = next();
      done();
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (script === 'drop-in-data') cut();
      });
      stream.on('end', () => {
        if (script === 'drop-in-data') return;
        const raw = Buffer.concat(chunks);
        if (typeof script === 'string') state.taken.push(mailOf(session, raw));
        if (script === 'drop-after-data') cut();
        else callback(typeof script === 'string' ? null : refusal(script.code, raw.toString()));
      });
    },
  });
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  // Clients that go away at the wrong moment are what is tested.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  listening.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(listening, 'listening');
  return Object.assign(state, {
    port: (listening.address() as AddressInfo).port,
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function refusal(responseCode: number, words = ''): Error {
  const text = words.replace(/[\r\n]+/g, ' ').slice(0, 300);
  return Object.assign(new Error(`${Math.floor(responseCode / 100)}.1.1 refused: ${text}`), { responseCode });
}

function mailOf({ envelope, secure }: SMTPServerSession, raw: Buffer): TakenMail {
  const { mailFrom, rcptTo } = envelope;
  return {
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map(({ address }) => address),
    raw: raw.toString(),
    isEncrypted: secure,
  };
}
