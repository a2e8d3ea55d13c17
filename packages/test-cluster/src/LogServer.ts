import { TestAuthority } from '@greenroom/certificates/testing';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { WrittenLog } from './WrittenLog';

/** What the processes of a pod have written: of the one that runs, and of the one before. */
export interface PodOutput {
  now: WrittenLog;
  /** Undefined where its process was never started again. */
  before: WrittenLog | undefined;
}

/** Gives the API server the logs of a node's pods, as a kubelet does. */
export class LogServer {
  readonly #server: Server;

  /** @param find - a container's output; undefined where the node has no such pod */
  static async start(
    find: (of: {
      namespace: string;
      pod: string;
      container: string | undefined;
    }) => PodOutput | undefined,
  ): Promise<LogServer> {
    const authority = await TestAuthority.create('kubelet');
    const { certificate, privateKey } = await authority.issue('kubelet');
    const server = createServer(
      { cert: certificate, key: privateKey },
      (req, res) => {
        const { pathname, searchParams } = new URL(`https://node${req.url}`);
        const [, place, namespace, pod, container] = pathname.split('/');
        const output =
          place === 'containerLogs'
            ? find({ namespace, pod, container })
            : undefined;
        if (!output) {
          res.writeHead(404).end(`pod "${pod}" not found`);
          return;
        }
        const log =
          searchParams.get('previous') === 'true' ? output.before : output.now;
        if (log === undefined) {
          res
            .writeHead(400)
            .end(`previous terminated container in pod "${pod}" not found`);
          return;
        }
        const since = searchParams.get('sinceTime');
        const query = {
          hasTimes: searchParams.get('timestamps') === 'true',
          // A kubelet is told whole seconds.
          sinceMillis: since === null ? 0 : Date.parse(since),
        };
        if (searchParams.get('follow') !== 'true') {
          const text = log.read(query);
          res.end(tailOf(text, Number(searchParams.get('tailLines') ?? 'NaN')));
          return;
        }
        res.flushHeaders();
        const leave = log.follow(query, {
          onText: text => res.write(text),
          onEnd: () => res.end(),
        });
        res.once('close', leave);
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LogServer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Whoever reads a log loses the connection. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

function tailOf(text: string, lines: number): string {
  if (Number.isNaN(lines)) return text;
  const all = text.split(/(?<=\n)/);
  return all.slice(Math.max(0, all.length - lines)).join('');
}
