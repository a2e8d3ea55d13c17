import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OwnGateRequest } from '@greenroom/plugin-ai-registry-node';
import { CallOut } from './CallOut';

const SECRET = 'what-only-both-know';

interface Call {
  headers: IncomingMessage['headers'];
  body: string;
}

describe('CallOut', () => {
  let server: Server;
  let url: string;
  let calls: Call[];
  /** What the service answers, call by call; the last one again and again. */
  let answers: {
    status?: number;
    body?: unknown;
    text?: string;
    hang?: true;
  }[];

  beforeEach(async () => {
    calls = [];
    server = createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      calls.push({ headers: req.headers, body });
      const answer = answers[Math.min(calls.length, answers.length) - 1];
      if (answer.hang) return;
      res.writeHead(answer.status ?? 200, { location: 'http://127.0.0.1:1/' });
      res.end(answer.text ?? JSON.stringify(answer.body ?? {}));
    });
    await new Promise<void>(done => {
      server.listen(0, '127.0.0.1', done);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/gate`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(done => {
      server.close(done);
    });
  });

  const ask = (
    options: { secret?: string; timeoutMillis?: number; to?: string } = {},
    signal = new AbortController().signal,
  ) =>
    new CallOut({
      id: 'scan',
      title: 'Scanned',
      url: options.to ?? url,
      secret: options.secret,
      timeoutMillis: options.timeoutMillis ?? 2_000,
      firstPauseMillis: 1,
    }).check({
      promotion: { id: 'p1', model: 'digits', version: 2 },
      candidate: { version: 2, digest: 'sha256:2' },
      signal,
    } as unknown as OwnGateRequest);

  it('asks about the promotion, signed, and takes the answer', async () => {
    const answer = { status: 'passed', summary: 'Clean.', evidence: '- all' };
    answers = [{ body: answer }];
    expect(await ask({ secret: SECRET })).toEqual(answer);
    const [{ headers, body }] = calls;
    expect(JSON.parse(body)).toEqual({
      gate: 'scan',
      promotion: { id: 'p1', model: 'digits', version: 2 },
      candidate: { version: 2, digest: 'sha256:2' },
    });
    const signature = createHmac('sha256', SECRET)
      .update(`${headers['x-greenroom-timestamp']}.${body}`)
      .digest('hex');
    expect(headers['x-greenroom-signature-256']).toBe(`sha256=${signature}`);
    expect(body).not.toContain(SECRET);
  });

  it('asks again what may pass by itself, a few times', async () => {
    const passed = { status: 'passed', summary: 'Clean.' };
    answers = [{ status: 502 }, { status: 429 }, { body: passed }];
    expect(await ask()).toEqual(passed);
    expect(calls).toHaveLength(3);
    answers = [{ status: 503 }];
    calls = [];
    expect(await ask()).toEqual({
      status: 'failed',
      summary:
        "The service behind the gate 'scan' could not tell: it answered with status 503. Mend that, then run the gates again.",
    });
    expect(calls).toHaveLength(3);
  });

  it.each([
    [{ status: 401 }, 'it answered with status 401'],
    [{ status: 307 }, 'it cannot be reached'],
    [{ text: 'fine' }, 'its answer is no JSON'],
    [{ body: { status: 'ok', summary: 'x' } }, 'not as expected: status'],
    [{ body: { status: 'passed' } }, 'not as expected: summary'],
    [{ text: 'x'.repeat(70_000) }, 'more than 65536 bytes'],
  ])('has not passed by %j', async (answer, message) => {
    answers = [answer];
    expect(await ask()).toEqual({
      status: 'failed',
      summary: expect.stringContaining(message),
    });
  });

  it('waits no longer than it may', async () => {
    answers = [{ hang: true }];
    expect(await ask({ timeoutMillis: 50 })).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining('did not answer within 0.05 s'),
    });
  });

  it('ends with what it is part of', async () => {
    answers = [{ hang: true }];
    const controller = new AbortController();
    const asked = ask({}, controller.signal);
    setTimeout(() => controller.abort(new Error('stopping')), 50);
    await expect(asked).rejects.toThrow('stopping');
  });

  it('names no secret when nobody is there', async () => {
    answers = [];
    const { summary } = await ask({
      secret: SECRET,
      to: 'http://127.0.0.1:1/gate',
    });
    expect(summary).toContain('it cannot be reached');
    expect(summary).not.toContain(SECRET);
  });
});
