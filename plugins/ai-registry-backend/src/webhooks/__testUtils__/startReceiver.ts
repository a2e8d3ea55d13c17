import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  text: string;
  body: { entity: string; action: string; timestamp: string; data: object };
}

/** What the receiver does with a delivery: answers a status, or never anything. */
export type Manner = number | 'hang' | { status: number; location: string };

/** A real receiver of web hooks. */
export async function startReceiver() {
  const received: Received[] = [];
  let manner: Manner = 204;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', chunk => chunks.push(chunk));
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      received.push({ headers: req.headers, text, body: JSON.parse(text) });
      if (manner === 'hang') return;
      if (typeof manner === 'number') res.writeHead(manner).end();
      else res.writeHead(manner.status, { location: manner.location }).end();
    });
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    /** How it behaves from now on. */
    behave(next: Manner) {
      manner = next;
    },
    /** Waits until so many have come. */
    async wait(count: number): Promise<Received[]> {
      const until = Date.now() + 10_000;
      while (received.length < count && Date.now() < until) {
        await new Promise(resolve => {
          setTimeout(resolve, 10);
        });
      }
      return received;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => {
        server.close(resolve);
      });
    },
  };
}

/** The signature by the words of MLflow's documentation, for a delivery that has come. */
export function signatureOf({ headers, text }: Received, secret: string) {
  const signed = [
    headers['x-mlflow-delivery-id'],
    headers['x-mlflow-timestamp'],
    text,
  ].join('.');
  const mac = createHmac('sha256', Buffer.from(secret, 'utf8'));
  return `v1,${mac.update(Buffer.from(signed, 'utf8')).digest('base64')}`;
}
