import { TestDatabases } from '@backstage/backend-test-utils';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { headerOf } from '../../__testUtils__/roles';
import { startBackend } from '../../__testUtils__/startBackend';

const SCRIPTS = path.join(__dirname, '../python');

export interface Difference {
  why: string;
  /** By how lines of MLflow begin: what is said here in their place. */
  lines: { [theirs: string]: string | ((line: string) => string) };
}

/** Lines by the names of chapters. */
export type Transcript = Map<string, string[]>;

/** Where this one answers otherwise on purpose, and what it says there in place of MLflow. */
export const DIFFERENCES: Difference[] = [
  {
    why: 'an experiment says who owns it',
    lines: {
      'made: [': line => withOwner(line),
      'tags: {"empty"': line => withOwner(line),
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
    why: 'what is refused says what to do instead',
    lines: {
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

/** The same of what scripts for MLflow 2 never ask. */
export const DIFFERENCES_OF_MLFLOW_3: Difference[] = [
  {
    why: 'an experiment says who owns it, also here',
    lines: { 'tag away:': line => withOwner(line) },
  },
  {
    why: 'a version is told once',
    lines: {
      'knows its versions:': line =>
        line.replace(
          /\{\\+"name\\+": \\+"Autologged\\+", \\+"version\\+": 1\}, /,
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
    why: 'a reserved alias is refused with what to do instead',
    lines: {
      'a reserved alias:':
        "a reserved alias: INVALID_PARAMETER_VALUE: alias: 'latest' means the newest version and never another one: choose a name for what the version is good for, such as champion",
    },
  },
  {
    why: 'a version says which logged model it was made of',
    lines: {
      'a version says of its model:': line =>
        line.replace('"model_id": null', '"model_id": "<model 7>"'),
    },
  },
];

/** The same of what scripts for MLflow 2 do. */
export const DIFFERENCES_OF_MLFLOW_2: Difference[] = [
  {
    why: 'a version has files',
    lines: {
      'no model there:':
        "no model there: INVALID_PARAMETER_VALUE: Invalid model version source: 'mlflow-artifacts:/<id>/<run 8>/artifacts/nothing'. There are no files: log the model there first",
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

/**
 * Has a client do what the chapters say at a backend that is started for it.
 *
 * @param options.python - with the client in it
 * @param options.recorded - file of what it saw at MLflow's own server
 * @returns what it is to see here, and what it sees
 */
export async function compareTranscripts(options: {
  databases: TestDatabases;
  python: string | undefined;
  recorded: string;
  chapters: readonly string[];
  differences: readonly Difference[];
}): Promise<{ expected: Transcript; seen: Transcript }> {
  const { databases, python, chapters, differences } = options;
  // `npm test` makes it, and leaves the test out where it cannot.
  if (!python) throw new Error('run this test by npm test -- jest');
  const expected = await readChapters(path.join(SCRIPTS, options.recorded));
  for (const { lines } of differences) {
    for (const [theirs, here] of Object.entries(lines)) {
      replaceLine(expected, theirs, here);
    }
  }
  const backend = await startBackend(databases);
  const folder = await mkdtemp(path.join(tmpdir(), 'mlflow-'));
  try {
    const transcript = path.join(folder, 'transcript.txt');
    await promisify(execFile)(
      python,
      [path.join(SCRIPTS, 'transcript.py'), transcript, ...chapters],
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
    return { expected, seen: await readChapters(transcript) };
  } finally {
    await backend.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readChapters(file: string): Promise<Transcript> {
  const chapters: Transcript = new Map();
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
  chapters: Transcript,
  begin: string,
  here: string | ((line: string) => string),
): void {
  for (const lines of chapters.values()) {
    const place = lines.findIndex(known => known.startsWith(begin));
    if (place >= 0) {
      const theirs = lines[place];
      lines[place] = typeof here === 'string' ? here : here(theirs);
      if (lines[place] !== theirs) return;
      throw new Error(`There is no difference in '${theirs}'`);
    }
  }
  throw new Error(`MLflow never says '${begin}'`);
}
