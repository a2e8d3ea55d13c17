import { UrlReaders } from '@backstage/backend-defaults/urlReader';
import type { UrlReaderService } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { FolderArtifactStore } from '@greenroom/artifact-store';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { list } from 'tar';
import { MOST_SOURCE_FILES } from './packFolder';
import { TemplateReader } from './TemplateReader';

const run = promisify(execFile);

const TEMPLATE = `
apiVersion: greenroom.dev/v1
kind: TrainingTemplate
metadata: { name: digits }
spec:
  owner: group:default/vision
  experiment: digits
  program: { command: [python, train.py] }
`;

/** What is asked of GitHub for a folder at a commit, answered out of a real repository. */
async function startGitHub(repository: string): Promise<Server> {
  const git = async (...args: string[]) =>
    run('git', ['-C', repository, ...args], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 ** 2,
    });
  const server = createServer(async (request, response) => {
    const { port } = server.address() as AddressInfo;
    const path = request.url!.split('?')[0];
    const [, branch] =
      path.match(/^\/api\/repos\/octo\/models\/commits\/(.+)\/status$/) ?? [];
    const [, commit] =
      path.match(/^\/api\/repos\/octo\/models\/tarball\/(.+)$/) ?? [];
    if (request.headers.authorization !== 'Bearer a-token') {
      response.writeHead(401).end();
    } else if (branch) {
      const { stdout } = await git('rev-parse', branch);
      response.end(
        JSON.stringify({
          sha: String(stdout).trim(),
          repository: {
            archive_url: `http://localhost:${port}/api/repos/octo/models/{archive_format}{/ref}`,
          },
        }),
      );
    } else if (commit) {
      const prefix = `--prefix=octo-models-${commit.slice(0, 7)}/`;
      const { stdout } = await git(
        'archive',
        '--format=tar.gz',
        prefix,
        commit,
      );
      response.end(stdout);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>(resolve => server.listen(0, resolve));
  return server;
}

describe("a template that the portal's own reader reads from GitHub", () => {
  let folder: string;
  let repository: string;
  let server: Server;
  let artifacts: FolderArtifactStore;
  let reader: TemplateReader;
  let urlReader: UrlReaderService;

  const write = async (path: string, content: string) => {
    const file = join(repository, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  };
  const git = async (...args: string[]) => {
    const { stdout } = await run('git', ['-C', repository, ...args]);
    return stdout.trim();
  };
  const commit = async () => {
    await git('add', '--all');
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    await git(...who, 'commit', '--quiet', '--message=Train');
    return git('rev-parse', 'HEAD');
  };
  const target = (place: string) => {
    const { port } = server.address() as AddressInfo;
    return {
      type: 'url' as const,
      target: `https://localhost:${port}/octo/models/blob/main/${place}greenroom/train.yaml`,
    };
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'template-reader-'));
    repository = join(folder, 'repository');
    await mkdir(repository);
    await git('init', '--quiet', '--initial-branch=main');
    server = await startGitHub(repository);
    const { port } = server.address() as AddressInfo;
    artifacts = await FolderArtifactStore.create({
      directory: join(folder, 'artifacts'),
      maxBytes: 1024 ** 2,
    });
    urlReader = UrlReaders.default({
      logger: mockServices.logger.mock(),
      config: new ConfigReader({
        integrations: {
          github: [
            {
              host: `localhost:${port}`,
              apiBaseUrl: `http://localhost:${port}/api`,
              token: 'a-token',
            },
          ],
        },
      }),
    });
    reader = new TemplateReader({ artifacts, urlReader });
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const packed = async (digest: string) => {
    const paths: string[] = [];
    await pipeline(
      await artifacts.open(digest as `sha256:${string}`),
      list({ onReadEntry: ({ path }) => paths.push(path) }),
    );
    return paths.sort();
  };

  it.each([
    ['in a folder', 'digits/'],
    ['at the top', ''],
  ])(
    'is the code beside it at a commit, and read again once that moved: %s',
    async (_, place) => {
      await write(`${place}greenroom/train.yaml`, TEMPLATE);
      await write(`${place}train.py`, 'print("hello")\n');
      await write(`${place}steps/fit.py`, '');
      await write(`${place}node_modules/large/index.js`, '');
      await symlink('/etc/passwd', join(repository, place, 'passwords'));
      const first = await commit();
      const read = (await reader.read(target(place)))!;
      expect(read).toMatchObject({ spec: { name: 'digits' }, revision: first });
      expect(await packed(read.sourceDigest)).toEqual([
        './greenroom/train.yaml',
        './steps/fit.py',
        './train.py',
      ]);

      expect(
        await reader.read(target(place), { known: first }),
      ).toBeUndefined();
      await write(`${place}train.py`, 'print("hello again")\n');
      const second = await commit();
      expect(await reader.read(target(place), { known: first })).toMatchObject({
        revision: second,
        sourceDigest: expect.not.stringContaining(read.sourceDigest),
      });
    },
  );

  it('is not a link to what the machine has', async () => {
    await mkdir(join(repository, 'greenroom'));
    await symlink('/etc/passwd', join(repository, 'greenroom/train.yaml'));
    await commit();
    await expect(reader.read(target(''))).rejects.toThrow(
      /There is no template at https:.*: expected a file greenroom\/train\.yaml/,
    );
  });

  it('is refused where it is larger than code is', async () => {
    await write('greenroom/train.yaml', TEMPLATE);
    await mkdir(join(repository, 'data'));
    await Promise.all(
      Array.from({ length: MOST_SOURCE_FILES }, (_, at) =>
        writeFile(join(repository, `data/${at}`), ''),
      ),
    );
    await commit();
    await expect(reader.read(target(''))).rejects.toThrow(
      `The folder of the template has more than ${MOST_SOURCE_FILES} files`,
    );
  });

  /** Instead of GitHub's. */
  const answer = (handler: RequestListener | undefined) => {
    server.removeAllListeners('request');
    if (handler) server.on('request', handler);
  };

  it.each([
    ['hangs', undefined, 'has not answered in time'],
    ['is overloaded', 503, 'answers 503'],
    ['has heard too much', 429, 'answers 429'],
  ])(
    'says so where the Git host %s, without its words',
    async (_, status, what) => {
      answer(
        status === undefined
          ? undefined
          : (_req, res) => res.writeHead(status).end('secret-of-the-host'),
      );
      const hasty = new TemplateReader({
        artifacts,
        urlReader,
        readMillis: status ? 30_000 : 200,
      });
      const error = await hasty.read(target('')).catch(thrown => thrown);
      expect(error).toMatchObject({
        name: 'ServiceUnavailableError',
        message: expect.stringMatching(
          new RegExp(
            `^location\\.target: the Git host localhost:\\d+ ${what}: try again later`,
          ),
        ),
      });
      expect(error.message).not.toMatch(/secret|a-token/);
    },
  );

  it('says so where the Git host cannot be reached', async () => {
    const there = target('');
    await new Promise(resolve => server.close(resolve));
    await expect(reader.read(there)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringMatching(
        /^location\.target: the Git host localhost:\d+ cannot be reached from the portal \(ECONNREFUSED\): /,
      ),
    });
  });

  it('says so where the Git host takes no token of it', async () => {
    answer((_req, res) => res.writeHead(401).end());
    await expect(reader.read(target(''))).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(
        /^location\.target: localhost:\d+ answers 401: .*'integrations'/,
      ),
    });
  });

  it('says which host it is not read from', async () => {
    await expect(
      reader.read({
        type: 'url',
        target:
          'https://git.example.com/octo/models/blob/main/greenroom/train.yaml',
      }),
    ).rejects.toThrow(
      "the portal does not read folders from git.example.com: expected a Git host of the setting 'integrations'",
    );
  });
});
