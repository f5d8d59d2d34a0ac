import { createServer, type Server, type Socket } from 'node:net';

/**
 * A server that takes connections as PostgreSQL does and refuses every statement but those that open and end a
 * transaction: enough for the driver's code to be compiled while a code cache is made, where no database is at hand.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function sampleDatabase(): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    let received: Buffer = Buffer.alloc(0);
    let started = false;
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        // The first message has no type, only a length and what the client wants.
        const from = started ? 1 : 0;
        if (received.length < from + 4) return;
        const end = from + received.readInt32BE(from);
        if (received.length < end) return;
        const type = started ? received.toString('latin1', 0, 1) : 'startup';
        answer(socket, type, received.subarray(from + 4, end));
        started = true;
        received = received.subarray(end);
      }
    });
  });
}

const AUTHENTICATED = message('R', Buffer.from([0, 0, 0, 0]));
const READY = message('Z', Buffer.from('I'));
const REFUSED = message('E', Buffer.from('SERROR\0C57P03\0Mno database here\0\0'));

function answer(socket: Socket, type: string, body: Buffer): void {
  if (type === 'startup') socket.write(Buffer.concat([AUTHENTICATED, READY]));
  else if (type === 'Q') socket.write(Buffer.concat([...statements(body), READY]));
  // Parse, bind and execute are answered at the sync that ends them.
  else if (type === 'S') socket.write(Buffer.concat([REFUSED, READY]));
  else if (type === 'X') socket.end();
}

/** One answer per statement of a simple query, until the first that is refused. */
function statements(body: Buffer): readonly Buffer[] {
  const answers: Buffer[] = [];
  for (const text of body.toString('utf8', 0, body.length - 1).split(';')) {
    const verb = /^\s*(BEGIN|SET|COMMIT|ROLLBACK)\b/i.exec(text)?.[1];
    answers.push(verb === undefined ? REFUSED : message('C', Buffer.from(`${verb.toUpperCase()}\0`)));
    if (verb === undefined) break;
  }
  return answers;
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
