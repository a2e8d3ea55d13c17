import net from 'node:net';
import { UserError } from './output.mjs';

/** Refuses with advice when somebody already listens on a port that is needed. */
export async function requireFreePort(port, { purpose, setting }) {
  if (await isFree(port)) return;
  throw new UserError(
    `Port ${port} (${purpose}) is taken by another program. Stop that program, or choose another port: ${setting}=<port> npm start.`,
  );
}

/** A port that was free a moment ago: the wanted one when possible. */
export async function findFreePort(wanted = 0) {
  return (await tryListen(wanted)) ?? (await tryListen(0));
}

async function isFree(port) {
  return (await tryListen(port)) !== undefined;
}

function tryListen(port) {
  return new Promise(resolve => {
    const server = net.createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const { port: actual } = server.address();
      server.close(() => resolve(actual));
    });
  });
}
