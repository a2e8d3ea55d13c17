import { TestDatabases } from '@backstage/backend-test-utils';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { headerOf } from '../__testUtils__/roles';
import { startBackend } from '../__testUtils__/startBackend';

jest.setTimeout(600_000);

const SCRIPTS = path.join(__dirname, 'python');
const CHAPTERS = [
  'experiments',
  'runs',
  'search',
  'artifacts',
  'datasets',
  'models',
  'registry',
] as const;

/**
 * Where we answer otherwise on purpose: what the line begins with, what it is here, and why.
 */
const DIFFERENCES: { line: string; here: string; why: string }[] = [];

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** What `record.py` wrote down of MLflow's own server is what the plain client is to see here, too. */
describe('the plain client of MLflow', () => {
  let recorded: Map<string, string[]>;
  let seen: Map<string, string[]>;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    // `npm test` makes it, and leaves this test out where it cannot.
    const python = process.env.GREENROOM_TEST_MLFLOW;
    if (!python) throw new Error('run this test by npm test -- jest');
    const backend = await startBackend(databases);
    const folder = await mkdtemp(path.join(tmpdir(), 'mlflow-'));
    stop = async () => {
      await backend.stop();
      await rm(folder, { recursive: true, force: true });
    };
    const transcript = path.join(folder, 'transcript.txt');
    await promisify(execFile)(
      python,
      [path.join(SCRIPTS, 'transcript.py'), transcript, ...CHAPTERS],
      {
        cwd: folder,
        env: {
          ...process.env,
          MLFLOW_TRACKING_URI: `http://127.0.0.1:${backend.server.port()}/api/ai-training/mlflow`,
          MLFLOW_TRACKING_TOKEN: headerOf('owner', 'ai-training')!.replace(
            'Bearer ',
            '',
          ),
        },
        timeout: 500_000,
      },
    );
    recorded = await readChapters(path.join(SCRIPTS, 'transcript.txt'));
    for (const { line, here } of DIFFERENCES) replaceLine(recorded, line, here);
    seen = await readChapters(transcript);
  });

  afterAll(() => stop?.());

  it.each(CHAPTERS)('cannot tell it from MLflow: %s', chapter => {
    expect(seen.get(chapter)).toEqual(recorded.get(chapter));
  });
});

async function readChapters(file: string): Promise<Map<string, string[]>> {
  const chapters = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of (await readFile(file, 'utf8')).trimEnd().split('\n')) {
    if (line.startsWith('# ')) {
      lines = [];
      chapters.set(line.slice(2), lines);
    } else {
      lines.push(line);
    }
  }
  return chapters;
}

function replaceLine(
  chapters: Map<string, string[]>,
  begin: string,
  line: string,
): void {
  for (const lines of chapters.values()) {
    const place = lines.findIndex(known => known.startsWith(begin));
    if (place >= 0) {
      lines[place] = line;
      return;
    }
  }
  throw new Error(`MLflow never says '${begin}'`);
}
