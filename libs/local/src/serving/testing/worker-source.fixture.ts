/** A worker with an HTTP server of its own, as plain Node; what it does is said by its environment and by the path. */
export const WORKER_SOURCE = String.raw`
const http = require('node:http');
const net = require('node:net');
const { existsSync, writeFileSync } = require('node:fs');
const { PORT, LISTEN_PORT, TAKEN_ONCE, NEVER_READY } = process.env;
http.createServer((req, res) => { res.statusCode = NEVER_READY ? 503 : 200; res.end('probe'); }).listen(Number(PORT));
const server = http.createServer((req, res) => {
  if (req.url === '/crash') process.exit(7);
  if (req.url === '/events') {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    res.write('data: first\n\n');
    req.on('data', () => res.end('data: last\n\n'));
    return;
  }
  res.end(JSON.stringify({ pid: process.pid, headers: req.headers, url: req.url }));
});
server.on('upgrade', (req, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ' + req.headers.upgrade + '\r\n\r\n');
  socket.pipe(socket);
});
process.on('SIGTERM', () => process.exit(0));
const listen = () => server.listen(Number(LISTEN_PORT), '127.0.0.1');
if (TAKEN_ONCE && !existsSync(TAKEN_ONCE)) {
  writeFileSync(TAKEN_ONCE, LISTEN_PORT);
  net.createServer().listen(Number(LISTEN_PORT), '127.0.0.1', listen);
} else listen();
`;
