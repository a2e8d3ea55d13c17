import { mockServices } from '@backstage/backend-test-utils';
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MonitoringAnalysisSource } from './MonitoringAnalysisSource';

/** As a plugin answers. */
const NOT_FOUND = {
  error: { name: 'NotFoundError', message: 'No' },
  request: { method: 'GET', url: '/comparisons/r.1' },
  response: { statusCode: 404 },
};

describe('MonitoringAnalysisSource', () => {
  let server: Server;
  let answer: { status: number; body?: unknown } | undefined;
  let asked: { url?: string; authorization?: string }[] = [];
  let source: MonitoringAnalysisSource;

  beforeEach(async () => {
    asked = [];
    server = createServer((req, res) => {
      asked.push({ url: req.url, authorization: req.headers.authorization });
      // Undefined: it never answers.
      if (!answer) return;
      const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
      res.writeHead(answer.status, { 'Content-Type': 'application/json' });
      res.end(text);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    source = new MonitoringAnalysisSource({
      monitoring: new AiMonitoringClient({
        discoveryApi: { getBaseUrl: async () => `http://127.0.0.1:${port}` },
      }),
      auth: mockServices.auth(),
    });
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  const read = () => source.read('r.1', AbortSignal.timeout(200));

  it('reads a report with a token of this plugin', async () => {
    answer = { status: 200, body: { id: 'r.1' } };
    expect(await read()).toEqual({ kind: 'report', report: { id: 'r.1' } });
    expect(asked).toEqual([
      {
        url: '/comparisons/r.1',
        authorization: expect.stringContaining('ai-monitoring'),
      },
    ]);
  });

  it.each<[string, typeof answer, object]>([
    [
      'has counted nothing yet',
      { status: 404, body: NOT_FOUND },
      { kind: 'nothing-counted' },
    ],
    [
      'is not installed',
      { status: 404 },
      { kind: 'away', reason: 'ai-monitoring is not installed' },
    ],
    [
      'fails',
      { status: 503 },
      { kind: 'away', reason: expect.stringContaining('cannot be asked') },
    ],
    [
      'does not answer',
      undefined,
      { kind: 'away', reason: 'ai-monitoring does not answer in time' },
    ],
  ])('says when whoever counts %s', async (_what, said, expected) => {
    answer = said;
    expect(await read()).toEqual(expected);
  });
});
