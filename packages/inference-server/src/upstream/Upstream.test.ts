import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { Agent } from 'undici';
import { StandIn } from '../providers/testing/StandIn';
import { serverSentEvents } from './serverSentEvents';
import { Upstream } from './Upstream';

const TLS = join(
  dirname(require.resolve('../../package.json')),
  'fixtures/tls',
);
const certificate = readFileSync(join(TLS, 'certificate.pem'));
const key = readFileSync(join(TLS, 'key.pem'));

const createUpstream = (agent = new Agent()) =>
  new Upstream({
    dispatcher: agent,
    times: { firstByteMillis: 2_000, idleMillis: 2_000, totalMillis: 1_500 },
  });
const never = () => new AbortController().signal;
const get = (url: string) => ({
  method: 'GET' as const,
  url: new URL(url),
  headers: {},
});

describe('Upstream', () => {
  it.each<[string, object, RegExp]>([
    ['whose certificate nobody signed', {}, /signed by itself/],
    [
      'whose certificate is for another host',
      { ca: certificate },
      /for another host/,
    ],
  ])('trusts no service %s', async (_what, connect, message) => {
    const server = createServer(
      { cert: certificate, key },
      (_request, response) => response.end('never read'),
    );
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const agent = new Agent({ connect });
    const { port } = server.address() as AddressInfo;
    const call = createUpstream(agent).open(
      get(`https://127.0.0.1:${port}/`),
      never(),
    );
    await expect(call).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(message),
    });
    await agent.destroy();
    server.close();
  });

  it('ends an answer that never ends, however lively it is', async () => {
    const standIn = new StandIn((_call, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 100);
      response.on('close', () => clearInterval(timer));
    });
    await standIn.start();
    const { body } = await createUpstream().open(get(standIn.url), never());
    await expect(body.read(1_000)).rejects.toMatchObject({
      kind: 'timeout',
      message: 'no whole answer within 1.5 s',
    });
    await standIn.stop();
  });

  it('makes a service wait whose answer nobody reads, and reads it whole later', async () => {
    const size = 32 * 1024 * 1024;
    let written = 0;
    const standIn = new StandIn((_call, response) => {
      response.writeHead(200);
      const block = Buffer.alloc(64 * 1024);
      const write = () => {
        while (written < size) {
          written += block.length;
          if (!response.write(block)) {
            response.once('drain', write);
            return;
          }
        }
        response.end();
      };
      write();
    });
    await standIn.start();
    const { body } = await createUpstream().open(get(standIn.url), never());
    await new Promise(resolve => {
      setTimeout(resolve, 300);
    });
    expect(written).toBeLessThan(size / 2);
    expect(await body.read(size)).toHaveLength(size);
    await standIn.stop();
  });
});

describe('serverSentEvents', () => {
  const read = async (...chunks: Buffer[]) => {
    const events: string[] = [];
    const bytes = (async function* send() {
      yield* chunks;
    })();
    for await (const { data } of serverSentEvents(bytes)) events.push(data);
    return events;
  };
  const bytes = Buffer.from('data: Grüezi 👋\n\n');

  it('puts characters together that were cut', async () => {
    for (let cut = 1; cut < bytes.length; cut++) {
      const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(await read(...parts)).toEqual(['Grüezi 👋']);
    }
  });

  it('refuses what ends within a character, or is no text', async () => {
    const half = bytes.subarray(0, bytes.indexOf('👋') + 2);
    await expect(read(half)).rejects.toThrow('its answer is not valid UTF-8');
    await expect(read(Buffer.from([0x64, 0xff]))).rejects.toThrow(/UTF-8/);
  });

  it('takes a last event without an empty line, and any line ends', async () => {
    expect(await read(Buffer.from('data: a\r\n\r\ndata: b'))).toEqual([
      'a',
      'b',
    ]);
    expect(await read(Buffer.from(': a comment\n\n'))).toEqual([]);
  });
});
