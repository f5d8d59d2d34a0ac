// Node's HTTP server and one INSERT per request, without any promise: no inbox, no transaction, no tracing.
import { createServer } from 'node:http';
import pg from 'pg';

// As many connections as a function's own pool has.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const statement = { name: 'effect', text: 'insert into bare.effects (event_id, order_id) values ($1, $2)' };

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { orderId } = JSON.parse(Buffer.concat(chunks).toString()) as { orderId: string };
    pool.query({ ...statement, values: [request.headers['ce-id'], orderId] }).then(
      () => response.writeHead(204).end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
