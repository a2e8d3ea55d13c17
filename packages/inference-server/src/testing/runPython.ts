import { execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const FIXTURES = join(
  dirname(require.resolve('../../package.json')),
  'fixtures',
);
const TIMEOUT_MILLIS = 100_000;

function python(): string {
  // `npm test` makes it, and leaves these tests out where it cannot.
  const found = process.env.GREENROOM_TEST_PYTHON;
  if (!found) throw new Error('run this test by npm test -- jest');
  return found;
}

/** @returns what a script of the fixtures prints, as JSON */
export async function runPython(
  script: string,
  operands: string[],
): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    python(),
    [join(FIXTURES, script), ...operands],
    { timeout: TIMEOUT_MILLIS },
  );
  return JSON.parse(stdout);
}

/** @returns what a text of Python prints */
export async function runPythonText(
  text: string,
  environment: Record<string, string>,
): Promise<string> {
  const { stdout } = await promisify(execFile)(python(), ['-c', text], {
    timeout: TIMEOUT_MILLIS,
    env: { ...process.env, ...environment },
  });
  return stdout;
}

/** What a script of the fixtures prints, line by line while it runs. */
export async function* linesOfPython(
  script: string,
  operands: string[],
): AsyncGenerator<unknown> {
  const child = spawn(python(), [join(FIXTURES, script), ...operands], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: TIMEOUT_MILLIS,
  });
  try {
    for await (const line of createInterface(child.stdout)) {
      yield JSON.parse(line);
    }
  } finally {
    child.kill();
  }
}
