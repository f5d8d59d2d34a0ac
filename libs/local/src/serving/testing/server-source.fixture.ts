/** A plain Node server for the tests of serving; what it does is said by its environment and by the path. */
export const SERVER_SOURCE = String.raw`
const http = require('node:http');
const { existsSync } = require('node:fs');
const { PORT, K_SERVICE, K_REVISION, FAIL, FAIL_UNLESS, START_DELAY_MS, IGNORE_TERM, VERSION } = process.env;
if (FAIL || (FAIL_UNLESS && !existsSync(FAIL_UNLESS))) {
  console.error('no database here');
  process.exit(3);
}
let inFlight = 0;
let most = 0;
const server = http.createServer(async (req, res) => {
  inFlight += 1;
  most = Math.max(most, inFlight);
  res.on('close', () => (inFlight -= 1));
  const url = new URL(req.url, 'http://x');
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const wait = Number(url.searchParams.get('ms') ?? 0);
  if (url.pathname === '/crash') process.exit(7);
  if (url.pathname === '/reset') return req.socket.destroy();
  if (url.pathname === '/deaf') { server.close(); res.setHeader('connection', 'close'); setInterval(() => 0, 1000); }
  if (url.pathname === '/half') { res.writeHead(200, { 'content-type': 'text/plain' }); res.write('begun '); return; }
  if (url.pathname === '/env') return res.end(JSON.stringify(process.env));
  if (url.pathname === '/log') console.log(url.searchParams.get('line'));
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  const body = Buffer.concat(chunks).toString();
  const { method, headers } = req;
  res.setHeader('x-version', VERSION ?? '');
  res.end(JSON.stringify({ pid: process.pid, service: K_SERVICE, revision: K_REVISION, method, url: req.url, headers, body, most }));
});
server.on('upgrade', (req, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  socket.pipe(socket);
});
process.on('SIGTERM', () => {
  if (IGNORE_TERM) return;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
setTimeout(() => server.listen(Number(PORT)), Number(START_DELAY_MS ?? 0));
`;
