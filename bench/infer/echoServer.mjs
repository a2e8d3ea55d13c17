// @ts-check
import { createServer } from 'node:http';
import { cpuText } from './cpuRoute.mjs';

// The least that a Node HTTP server does with a body: read it, and send it back.
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(cpuText());
    return;
  }
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
    });
    response.end(body);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
