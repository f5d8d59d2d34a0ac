// A proxy that does nothing but pass on: no routes, no checks, no limits, no trace.
import { Agent, createServer, request as ask } from 'node:http';

const agent = new Agent({ keepAlive: true });
const upstream = { host: '127.0.0.1', port: Number(process.env.UPSTREAM_PORT), agent };

createServer((request, response) => {
  const { method, url, headers } = request;
  const out = ask({ ...upstream, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  out.on('error', () => response.destroy());
  request.pipe(out);
}).listen(Number(process.env.PORT), '127.0.0.1');
