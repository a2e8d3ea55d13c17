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
  'autolog',
] as const;

/** Where this one answers otherwise on purpose, and what it says there in place of MLflow. */
const DIFFERENCES: {
  why: string;
  lines: { [theirs: string]: string | ((line: string) => string) };
}[] = [
  {
    why: 'an experiment says who owns it',
    lines: {
      'made: [': line => withOwner(line),
      'tags: {"empty"': line => withOwner(line),
      'tag away:': line => withOwner(line),
    },
  },
  {
    why: 'the infinities are kept, where MLflow keeps the largest numbers that there are',
    lines: {
      'odd:': "odd: ['NaN', inf, -inf]",
      'after a batch:': line => withInfinity(line),
      'ended: {"ended": true': line => withInfinity(line),
    },
  },
  {
    why: 'keys may be words that SQL knows, and names may be in lists',
    lines: {
      "filter tags.Case ILIKE 'abc'": `filter tags.Case ILIKE 'abc': ${named([
        0, 1, 2, 3, 4, 5, 6, 7, 8,
      ])}`,
      'filter tags.Case = "AbC"': `filter tags.Case = "AbC": ${named([
        0, 1, 2, 3, 4, 5, 6, 7, 8,
      ])}`,
      'filter run_name IN': `filter run_name IN ('named-01', 'named-02'): ${named(
        [1, 2],
      )}`,
      'filter run_name NOT IN': `filter run_name NOT IN ('named-01', 'named-02'): ${named(
        [0, 3, 4, 5, 6, 7, 8],
      )}`,
    },
  },
  {
    why: 'a version is told once',
    lines: {
      'knows its versions:': line =>
        line.replace(
          /\{\\"name\\": \\"Autologged\\", \\"version\\": 1\}, /,
          '',
        ),
      'tags of it:': line =>
        line.replace(
          /\{\\"name\\": \\"Iris model\\", \\"version\\": 1\}, /,
          '',
        ),
    },
  },
  {
    why: 'the state of a logged model is found by its name',
    lines: {
      "filter attributes.status = 'READY'":
        "filter attributes.status = 'READY': 1",
    },
  },
  {
    why: 'what is refused says what to do instead',
    lines: {
      'a reserved alias:':
        "a reserved alias: INVALID_PARAMETER_VALUE: alias: 'latest' means the newest version and never another one: choose a name for what the version is good for, such as champion",
      'a path that leads away:': line =>
        line.replace(
          / If supplying .*/,
          " Invalid path '17/<run 9>/artifacts/../../x': '.' and '..' are no names",
        ),
    },
  },
  {
    why: 'an empty file has a size',
    lines: {
      'root: [': line => withSize(line),
      'below/it: [': line => withSize(line),
      'deleted: [[': line => withSize(line),
    },
  },
];

function withOwner(line: string): string {
  const tag = '"greenroom.owner": "user:default/ada"';
  return line.includes("'{}'")
    ? line.replace("'{}'", `'{${tag}}'`)
    : line.replace(/"mlflow\.note\.content"/, `${tag}, $&`);
}

function withInfinity(line: string): string {
  return line.replaceAll('-1.7976931348623157e+308', '-Infinity');
}

function withSize(line: string): string {
  return line.replace("empty.bin', False, None", "empty.bin', False, 0");
}

function named(numbers: number[]): string {
  return `[${numbers.map(number => `'named-0${number}'`).join(', ')}]`;
}

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
    for (const { lines } of DIFFERENCES) {
      for (const [theirs, here] of Object.entries(lines)) {
        replaceLine(recorded, theirs, here);
      }
    }
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

/** Each difference is of one line: the first that begins so. */
function replaceLine(
  chapters: Map<string, string[]>,
  begin: string,
  here: string | ((line: string) => string),
): void {
  for (const lines of chapters.values()) {
    const place = lines.findIndex(known => known.startsWith(begin));
    if (place >= 0) {
      lines[place] = typeof here === 'string' ? here : here(lines[place]);
      return;
    }
  }
  throw new Error(`MLflow never says '${begin}'`);
}
