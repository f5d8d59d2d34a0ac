// What proxies stand before: a small JSON document for every request.
import { createServer } from 'node:http';

const BODY = JSON.stringify({ id: '0198b2f0-6f1c-7c3e-9d5a-0000000000a1', name: 'Ada', roles: ['admin'], version: 3 });
const HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY), etag: '"3"' };

createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, HEADERS).end(BODY));
}).listen(Number(process.env.PORT), '127.0.0.1');
