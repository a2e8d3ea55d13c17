import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Issued, TestAuthority } from './testing/TestAuthority';
import { CertificateFiles } from './CertificateFiles';

let folder: string;
let authority: TestAuthority;
let first: Issued;
let logs: string[];
const opened: CertificateFiles[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  authority = await TestAuthority.create('Authority');
  first = await authority.issue('first');
});

beforeEach(async () => {
  logs = [];
  await put(first);
});

afterEach(() => opened.splice(0).forEach(files => files.close()));
afterAll(() => rm(folder, { recursive: true }));

const paths = () => ({
  identity: {
    certificate: join(folder, 'tls.crt'),
    privateKey: join(folder, 'tls.key'),
  },
});

async function put({ certificate, privateKey }: Issued) {
  await writeFile(paths().identity.certificate, certificate);
  await writeFile(paths().identity.privateKey, privateKey);
}

function open(options: { lookMillis?: number } = {}) {
  const files = new CertificateFiles({
    what: 'this server',
    paths: paths(),
    logger: {
      info: (message, fields) =>
        logs.push(`${message} ${JSON.stringify(fields)}`),
      warn: (message, fields) =>
        logs.push(`${message} ${JSON.stringify(fields)}`),
    },
    ...options,
  });
  opened.push(files);
  return files;
}

it('takes a renewed pair, and tells who uses it', async () => {
  const files = open();
  const used: string[] = [];
  files.use(({ identity }) => used.push(String(identity?.certificate)));
  await files.look();
  const second = await authority.issue('second');
  await put(second);
  await files.look();
  expect(used).toEqual([first.certificate, second.certificate]);
  expect(files.expiresAt!.getTime()).toBeGreaterThan(Date.now());
});

it('looks by itself', async () => {
  const files = open({ lookMillis: 5 });
  const second = await authority.issue('second');
  await put(second);
  const used = await new Promise<string>(resolve => {
    files.use(({ identity }) => {
      const certificate = String(identity?.certificate);
      if (certificate !== first.certificate) resolve(certificate);
    });
  });
  expect(used).toBe(second.certificate);
});

it('leaves half of a pair alone, says so once and without the key, and takes the whole', async () => {
  const files = open();
  const second = await authority.issue('second');
  await writeFile(paths().identity.certificate, second.certificate);
  await files.look();
  await files.look();
  expect(String(files.current.identity?.certificate)).toBe(first.certificate);
  expect(logs).toHaveLength(1);
  expect(logs[0]).toContain(
    'the private key is not the one of the certificate',
  );
  expect(logs[0]).not.toContain('PRIVATE KEY');
  await put(second);
  await files.look();
  expect(String(files.current.identity?.certificate)).toBe(second.certificate);
});

it('goes on with those before while the files are gone', async () => {
  const files = open();
  await rm(paths().identity.certificate);
  await files.look();
  expect(String(files.current.identity?.certificate)).toBe(first.certificate);
  expect(logs[0]).toContain('ENOENT');
});

it.each([
  ['no certificate', { certificate: 'hello' }, 'no certificate in PEM'],
  ['no key', { privateKey: 'hello' }, 'no private key in PEM'],
])('does not begin with %s', async (_, wrong, expected) => {
  await put({ ...first, ...wrong });
  expect(() => open()).toThrow(expected);
});

it('does not begin with the key of somebody else', async () => {
  const { privateKey } = await authority.issue('other');
  await put({ ...first, privateKey });
  expect(() => open()).toThrow(
    'the certificates of this server cannot be used: the private key is not the one of the certificate',
  );
});

it('does not begin without the file, which it names', async () => {
  await rm(paths().identity.privateKey);
  expect(() => open()).toThrow(paths().identity.privateKey);
});
