import { mockServices } from '@backstage/backend-test-utils';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SeenAttempt } from '../SeenAttempt';
import { GpuExporters } from './GpuExporters';

const seen = (phase: 'running' | 'starting', ...pods: string[]): SeenAttempt =>
  ({
    observed: { job: 'a', number: 1, state: { phase } },
    object: undefined,
    pods: pods.map((name, index) => ({
      metadata: {
        name,
        annotations: {
          'batch.kubernetes.io/job-completion-index': String(index),
        },
      },
    })),
  } as unknown as SeenAttempt);
const line = (
  gpu: number,
  pod: string,
  value: number,
  namespace = 'training',
) =>
  `DCGM_FI_DEV_GPU_UTIL{gpu="${gpu}",Hostname="n",namespace="${namespace}",pod="${pod}"} ${value}\n`;

describe('GpuExporters', () => {
  let server: Server;
  let asked: number;
  let answer: (res: ServerResponse) => void;
  const logger = mockServices.logger.mock();

  beforeEach(async () => {
    asked = 0;
    server = createServer((req, res) => {
      asked += 1;
      if (req.url === '/metrics') answer(res);
      else res.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    logger.warn.mockClear();
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const exporters = (path = '/metrics') =>
    new GpuExporters({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
      namespace: 'training',
      logger,
    });

  it('tells the GPUs of an attempt, in the order of its programs, and asks now and then', async () => {
    answer = res =>
      res.end(
        line(10, 'first', 3) +
          line(2, 'first', 2) +
          line(0, 'second', 1) +
          // Of a pod with that name of somebody else.
          line(1, 'first', 99, 'others'),
      );
    const gpus = exporters();
    const attempt = seen('running', 'first', 'second');
    await gpus.read([seen('starting', 'first')]);
    expect(asked).toBe(0);
    await gpus.read([attempt]);
    await gpus.read([attempt]);
    expect(asked).toBe(1);
    expect(gpus.of(attempt)).toEqual([
      { utilizationPercent: 2 },
      { utilizationPercent: 3 },
      { utilizationPercent: 1 },
    ]);
    expect(gpus.of(seen('running', 'third'))).toBeUndefined();
  });

  it('tells no more than 64 of an attempt', async () => {
    answer = res =>
      res.end(Array.from({ length: 90 }, (_, i) => line(i, 'a', 1)).join(''));
    const gpus = exporters();
    await gpus.read([seen('running', 'a')]);
    expect(gpus.of(seen('running', 'a'))).toHaveLength(64);
  });

  it.each<[string, (res: ServerResponse) => void, RegExp]>([
    ['an error', res => res.writeHead(500).end(), /answers 500/],
    ['a broken answer', res => res.destroy(), /1 of 1 do not answer/],
    [
      'too much',
      res => res.end('x'.repeat(9 * 1024 ** 2)),
      /answers more than 8388608 bytes/,
    ],
  ])('knows nothing after %s, and says so once', async (_, how, expected) => {
    answer = how;
    const gpus = exporters();
    const attempt = seen('running', 'a');
    await gpus.read([attempt]);
    await gpus.read([attempt]);
    expect(gpus.of(attempt)).toBeUndefined();
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(logger.warn.mock.calls[0][0]).toMatch(expected);
  });
});
