import { TestAuthority } from '@greenroom/certificates/testing';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { startReceiver } from './__testUtils__/startReceiver';
import { HttpPoster } from './HttpPoster';
import { ReceiverRules, type Resolve } from './ReceiverRules';

function posterOf(options: {
  allowPrivateAddresses?: boolean;
  resolve?: Resolve;
  timeoutMillis?: number;
}) {
  const { timeoutMillis = 500, ...rest } = options;
  return new HttpPoster({
    rules: new ReceiverRules({
      allowPrivateAddresses: true,
      httpHosts: ['127.0.0.1', 'ci.example.com'],
      ...rest,
    }),
    timeoutMillis,
  });
}

const posting = (url: string) => ({
  url,
  headers: { 'Content-Type': 'application/json' },
  body: '{"name":"größe"}',
  signal: new AbortController().signal,
});

describe('HttpPoster', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());

  it('sends, and says what came back', async () => {
    const outcome = await posterOf({}).post(posting(receiver.url));
    expect(outcome).toMatchObject({ status: 204, answer: '' });
    expect(outcome.error).toBeUndefined();
    expect(receiver.received[0].text).toBe('{"name":"größe"}');
  });

  it.each([400, 404, 410, 429, 500, 503])('fails at %s', async status => {
    receiver.behave(status);
    const outcome = await posterOf({}).post(posting(receiver.url));
    expect(outcome).toMatchObject({
      status,
      error: `The receiver answered ${status}`,
    });
  });

  it('follows no redirect', async () => {
    const other = await startReceiver();
    receiver.behave({ status: 307, location: other.url });
    const outcome = await posterOf({}).post(posting(receiver.url));
    expect(outcome.status).toBe(307);
    expect(outcome.error).toContain('redirects are not followed');
    expect(other.received).toEqual([]);
    await other.stop();
  });

  it('gives up a receiver that hangs', async () => {
    receiver.behave('hang');
    const outcome = await posterOf({}).post(posting(receiver.url));
    expect(outcome.error).toBe('There was no answer within 0.5 s');
    expect(outcome.status).toBeUndefined();
  });

  it('gives up a name that is not resolved', async () => {
    const outcome = await posterOf({
      resolve: () => new Promise(() => {}),
    }).post(posting('https://ci.example.com/'));
    expect(outcome.error).toBe('There was no answer within 0.5 s');
  });

  it('throws when it is broken off', async () => {
    receiver.behave('hang');
    const stop = new AbortController();
    const sent = posterOf({ timeoutMillis: 10_000 }).post({
      ...posting(receiver.url),
      signal: stop.signal,
    });
    await receiver.wait(1);
    stop.abort(new Error('stopped'));
    await expect(sent).rejects.toThrow('stopped');
  });

  it('connects to the address that it looked at, whatever the name means a moment later', async () => {
    const { port } = new URL(receiver.url);
    const answers = ['8.8.8.8', '127.0.0.1'];
    const rebinding: Resolve = async () => [
      { address: answers.shift() ?? '127.0.0.1', family: 4 },
    ];
    const poster = posterOf({
      allowPrivateAddresses: false,
      resolve: rebinding,
      timeoutMillis: 300,
    });
    const url = `http://ci.example.com:${port}/hook`;
    const first = await poster.post(posting(url));
    expect(first.status).toBeUndefined();
    expect(first.error).not.toContain('private');
    const second = await poster.post(posting(url));
    expect(second.error).toContain('private address');
    expect(receiver.received).toEqual([]);
  });

  it('sends to the name that it was given', async () => {
    const { port } = new URL(receiver.url);
    const poster = posterOf({
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    const url = `http://ci.example.com:${port}/hook`;
    expect((await poster.post(posting(url))).status).toBe(204);
    expect(receiver.received[0].headers.host).toBe(`ci.example.com:${port}`);
  });

  it('tells of a receiver that is not there, or that breaks off', async () => {
    await receiver.stop();
    const gone = await posterOf({}).post(posting(receiver.url));
    expect(gone.error).toContain('ECONNREFUSED');
    const rude = createTcpServer(socket => socket.destroy());
    await new Promise<void>(resolve => {
      rude.listen(0, '127.0.0.1', resolve);
    });
    const { port } = rude.address() as AddressInfo;
    const broken = await posterOf({}).post(
      posting(`http://127.0.0.1:${port}/`),
    );
    expect(broken).toMatchObject({ error: expect.any(String) });
    await new Promise(resolve => {
      rude.close(resolve);
    });
    receiver = await startReceiver();
  });

  describe('over TLS', () => {
    const trusted = getCACertificates('default');
    let stop: () => Promise<unknown>;
    let received: number;
    afterEach(async () => {
      setDefaultCACertificates(trusted);
      await stop();
    });

    /** @returns its address under a name */
    async function startTls(
      { certificate, privateKey }: { certificate: string; privateKey: string },
      name = '127.0.0.1',
    ): Promise<string> {
      received = 0;
      const server = createHttpsServer(
        { cert: certificate, key: privateKey },
        (req, res) => {
          received += 1;
          req.resume();
          res.writeHead(204).end();
        },
      );
      await new Promise<void>(resolve => {
        server.listen(0, '127.0.0.1', resolve);
      });
      stop = () => new Promise(resolve => server.close(resolve));
      return `https://${name}:${(server.address() as AddressInfo).port}/hook`;
    }

    const poster = () =>
      posterOf({
        timeoutMillis: 5_000,
        resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      });

    it.each([
      ['which it does not show', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['which has signed itself', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ])(
      'sends nothing where nobody trusts the authority, %s, and says what to do',
      async (_, code) => {
        const authority = await TestAuthority.create('Unknown authority');
        const { certificate, privateKey } = await authority.issue('receiver');
        const shown =
          code === 'SELF_SIGNED_CERT_IN_CHAIN'
            ? `${certificate}\n${authority.certificate}`
            : certificate;
        const url = await startTls({ certificate: shown, privateKey });
        const outcome = await poster().post(posting(url));
        expect(outcome.status).toBeUndefined();
        expect(outcome.error).toContain(
          `signed by nobody whom the portal trusts (${code})`,
        );
        expect(outcome.error).toContain('NODE_EXTRA_CA_CERTS');
        expect(received).toBe(0);
      },
    );

    it('sends to one whose authority the portal was told of', async () => {
      const authority = await TestAuthority.create('Own authority');
      // Where NODE_EXTRA_CA_CERTS puts those that it names when the process starts.
      setDefaultCACertificates([...trusted, authority.certificate]);
      const url = await startTls(await authority.issue('receiver'));
      expect(await poster().post(posting(url))).toMatchObject({ status: 204 });
      expect(received).toBe(1);
    });

    it('goes by the name in the address, not by where it leads', async () => {
      const authority = await TestAuthority.create('Own authority');
      setDefaultCACertificates([...trusted, authority.certificate]);
      const receiverOf = (name: string, names: string[]) =>
        authority
          .issue(name, names)
          .then(issued => startTls(issued, 'ci.example.com'));
      const wrong = await receiverOf('other', ['other.example.com']);
      const outcome = await poster().post(posting(wrong));
      expect(outcome.error).toContain(
        'is for another host (ERR_TLS_CERT_ALTNAME_INVALID)',
      );
      expect(received).toBe(0);
      await stop();
      const right = await receiverOf('ci', ['ci.example.com']);
      expect(await poster().post(posting(right))).toMatchObject({
        status: 204,
      });
    });
  });

  describe('of a long answer', () => {
    let server: Server;
    let url: string;
    let endless = true;
    beforeEach(async () => {
      server = createServer((_req, res) => {
        res.writeHead(200);
        res.write('\0'.repeat(10));
        if (!endless) return;
        const more = () => {
          while (res.write('x'.repeat(10_000)));
          res.once('drain', more);
        };
        more();
      });
      await new Promise<void>(resolve => {
        server.listen(0, '127.0.0.1', resolve);
      });
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    });
    afterEach(async () => {
      server.closeAllConnections();
      await new Promise(resolve => {
        server.close(resolve);
      });
    });

    it('reads 2 KiB', async () => {
      const outcome = await posterOf({}).post(posting(url));
      expect(outcome.status).toBe(200);
      expect(outcome.answer).toHaveLength(2_048);
      expect(outcome.answer).not.toContain('\0');
    });

    it('goes by the status where the end does not come', async () => {
      endless = false;
      const outcome = await posterOf({}).post(posting(url));
      expect(outcome).toMatchObject({
        status: 200,
        answer: '\uFFFD'.repeat(10),
      });
      expect(outcome.error).toBeUndefined();
    });
  });
});
