import {
  chmod,
  mkdir,
  mkdtemp,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSecretReference, Secrets } from './Secrets';

describe('Secrets', () => {
  let directory: string;
  let nowMillis: number;
  let secrets: Secrets;
  const put = async (name: string, text: string, mode = 0o600) => {
    await writeFile(join(directory, name), text);
    await chmod(join(directory, name), mode);
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'secrets-'));
    nowMillis = 0;
    secrets = new Secrets({
      directories: [join(directory, 'of-the-environment'), directory],
      environment: {
        FILLED: ' value ',
        LONG: 'long-secret-1',
        EMPTY: '  ',
        GREENROOM_TOKEN: 'x',
      },
      nowMillis: () => nowMillis,
    });
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('come from the environment or from a file', async () => {
    await put('openai', 'in-a-file\n');
    expect(await secrets.get('env:FILLED')).toBe('value');
    expect(await secrets.get('file:openai')).toBe('in-a-file');
  });

  it.each<[string, string, RegExp]>([
    ['two lines', 'sk-first\nsk-second', /secret file:key has a line break/],
    ['another line end', 'sk-first\r\nsk-second', /has a line break within/],
    ['a tab', 'sk-first\tsk-second', /a character that cannot be sent/],
    [
      'other letters',
      'sk-first-ü-sk-second',
      /a character that cannot be sent/,
    ],
  ])(
    'are not sent in a header with %s, which is said without them',
    async (_what, text, message) => {
      await put('key', text);
      const error = await secrets
        .getLine('file:key')
        .catch((thrown: Error) => thrown);
      expect(String(error)).toMatch(message);
      expect(String(error)).not.toContain('sk-');
      expect(await secrets.get('file:key')).toBe(text);
    },
  );

  it('come from the folder of the environment before the one of all', async () => {
    await put('openai', 'of all');
    expect(await secrets.get('file:openai')).toBe('of all');
    await mkdir(join(directory, 'of-the-environment'));
    await put('of-the-environment/openai', 'its own');
    nowMillis = 1_001;
    expect(await secrets.get('file:openai')).toBe('its own');
  });

  it('are another one within a second after the file was replaced', async () => {
    await put('openai', 'first');
    expect(await secrets.get('file:openai')).toBe('first');
    await put('openai', 'second');
    await utimes(join(directory, 'openai'), 9, 9);
    nowMillis = 1_001;
    expect(await secrets.get('file:openai')).toBe('second');
    await rm(join(directory, 'openai'));
    nowMillis = 2_002;
    await expect(secrets.get('file:openai')).rejects.toThrow(/no secret file/);
  });

  it('are taken out of what services say', async () => {
    await put('key', 'first line\nsecond line\n');
    await secrets.get('env:LONG');
    await secrets.get('file:key');
    expect(
      secrets.redact('No such key: long-secret-1, second line, value'),
    ).toBe('No such key: (a secret), (a secret), value');
  });

  it('may be what Kubernetes mounts, whose modes say nothing', async () => {
    await put('..data', 'mounted', 0o644);
    await symlink('..data', join(directory, 'openai'));
    expect(await secrets.get('file:openai')).toBe('mounted');
  });

  it.each<[string, RegExp]>([
    ['env:MISSING', /variable MISSING of the data plane is not set/],
    ['env:EMPTY', /EMPTY .* not set/],
    ['env:GREENROOM_TOKEN', /GREENROOM_TOKEN is the data plane's own/],
    ['file:missing', /greenroom connections set missing/],
    ['file:open', /"open" can be read by others: chmod 600/],
    ['file:empty', /"empty" is empty/],
    ['file:long', /has 70000 bytes/],
    ['file:../etc/passwd', /named as env:NAME or file:NAME/],
    ['sk-secret', /named as env:NAME or file:NAME/],
  ])('%s is refused without being told', async (reference, message) => {
    await put('open', 'secret', 0o640);
    await put('empty', '\n');
    await put('long', 'x'.repeat(70_000));
    const error = await secrets.get(reference).catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain('sk-secret');
  });

  it.each([
    ['env:OPENAI_API_KEY', true],
    ['file:azure.prod-1', true],
    ['file:.hidden', false],
    ['env:WITH SPACE', false],
    ['https://x', false],
  ])('%s is a reference: %s', (text, expected) => {
    expect(isSecretReference(text)).toBe(expected);
  });
});
