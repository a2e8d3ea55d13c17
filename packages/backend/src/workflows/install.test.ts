import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './__testUtils__/act';

const SCRIPT = path.join(ROOT, 'deploy/github/greenroom/install.sh');
const PROGRAM = 'console.log("the command", ...process.argv.slice(2));\n';
const SHA256 = createHash('sha256').update(PROGRAM).digest('hex');

describe('install.sh', () => {
  let folder: string;
  let registry: Server;
  let url: string;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'install-'));
    writeFileSync(path.join(folder, 'program.cjs'), PROGRAM);
    // A registry with one package, as npm asks for it.
    mkdirSync(path.join(folder, 'package/dist'), { recursive: true });
    writeFileSync(path.join(folder, 'package/dist/main.cjs'), PROGRAM);
    writeFileSync(
      path.join(folder, 'package/package.json'),
      JSON.stringify({
        name: '@greenroom/cli',
        version: '1.2.3',
        scripts: { install: 'touch /tmp/never', prepack: 'touch /tmp/never' },
      }),
    );
    const tarball = path.join(folder, 'cli.tgz');
    execFileSync('tar', ['-czf', tarball, '-C', folder, 'package']);
    const bytes = readFileSync(tarball);
    registry = createServer((req, res) => {
      if (req.url === '/cli.tgz') return res.end(bytes);
      if (!/^\/@greenroom(%2f|\/)cli$/i.test(req.url ?? '')) {
        return res.writeHead(404).end('{}');
      }
      const integrity = `sha512-${createHash('sha512')
        .update(bytes)
        .digest('base64')}`;
      return res.end(
        JSON.stringify({
          name: '@greenroom/cli',
          'dist-tags': { latest: '1.2.3' },
          versions: {
            '1.2.3': {
              name: '@greenroom/cli',
              version: '1.2.3',
              dist: { tarball: `${url}/cli.tgz`, integrity },
            },
          },
        }),
      );
    });
    registry.listen(0, '127.0.0.1');
    await once(registry, 'listening');
    url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    registry.closeAllConnections();
    await new Promise(resolve => registry.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const install = (inputs: Record<string, string>) => {
    const npmPath = path.dirname(
      execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }),
    );
    return new Promise<{ code: number; output: string }>(resolve =>
      execFile(
        'bash',
        [SCRIPT],
        {
          encoding: 'utf8',
          env: {
            PATH: `${path.dirname(process.execPath)}:${npmPath}:/usr/bin:/bin`,
            HOME: folder,
            RUNNER_TEMP: folder,
            GITHUB_PATH: path.join(folder, 'path'),
            npm_config_registry: url,
            npm_config_cache: path.join(folder, 'cache'),
            VERSION: '1.2.3',
            ...inputs,
          },
        },
        (error, stdout, stderr) =>
          resolve({
            code: error ? Number(error.code) || 1 : 0,
            output: stdout + stderr,
          }),
      ),
    );
  };
  const installed = () => {
    const bin = readFileSync(path.join(folder, 'path'), 'utf8').trim();
    return execFileSync(path.join(bin, 'greenroom'), ['a b', '$c'], {
      encoding: 'utf8',
    });
  };

  it('puts a file onto the PATH', async () => {
    const program = path.join(folder, 'program.cjs');
    const { code, output } = await install({ PROGRAM: program, SHA256 });
    expect([code, output]).toEqual([0, 'the command --version\n']);
    expect(installed()).toBe('the command a b $c\n');
  });

  it('puts the one file of the package onto the PATH, and runs nothing of it', async () => {
    const { code, output } = await install({ SHA256 });
    expect([code, output]).toEqual([0, 'the command --version\n']);
    expect(installed()).toBe('the command a b $c\n');
  });

  it.each([
    [{ SHA256: '0'.repeat(64) }, /is not the one with the SHA-256/],
    [{ VERSION: 'latest' }, /expected an exact one/],
    [{ VERSION: '^1.2.3' }, /expected an exact one/],
    [{ VERSION: '' }, /expected an exact one/],
    [{ VERSION: '9.9.9' }, /9\.9\.9/],
  ] as [Record<string, string>, RegExp][])(
    'refuses %j',
    async (inputs, message) => {
      const { code, output } = await install(inputs);
      expect(code).not.toBe(0);
      expect(output).toMatch(message);
    },
  );
});
