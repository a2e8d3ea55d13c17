// @ts-check
import net from 'node:net';
import { UserError } from './output.mjs';

/**
 * Refuses with advice when somebody already listens on a port that is needed.
 *
 * @param {{ port: number, purpose: string, setting: string }[]} ports - `setting` is the environment
 *   variable that chooses another port
 * @throws UserError that names all taken ports and one command that goes around them
 */
export async function requireFreePorts(ports) {
  const taken = [];
  for (const wanted of ports) {
    if ((await tryListen(wanted.port)) === undefined) taken.push(wanted);
  }
  if (taken.length === 0) return;
  const others = [];
  for (const { port, setting } of taken) {
    others.push(`${setting}=${await findFreePort(port + 100)}`);
  }
  const list = taken.map(({ port, purpose }) => `${port} (${purpose})`);
  throw new UserError(
    `Taken by another program: port ${list.join(
      ', port ',
    )}. Stop that program, or choose other ports:\n\n    ${others.join(
      ' ',
    )} npm start`,
  );
}

/** A port that was free a moment ago: the wanted one when possible. */
export async function findFreePort(wanted = 0) {
  const port = (await tryListen(wanted)) ?? (await tryListen(0));
  if (port === undefined) throw new UserError('No port is free on 127.0.0.1.');
  return port;
}

/** @returns {Promise<number | undefined>} */
function tryListen(port) {
  return new Promise(resolve => {
    const server = net.createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(address.port));
    });
  });
}
