import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where the folder of the repository is, seen from here. */
export const ROOT = path.resolve(__dirname, '../../../../..');

/** A program that `npm test` finds or makes, and names. */
export function programOf(variable: string): string {
  const program = process.env[variable];
  if (program) return program;
  throw new Error(
    `${variable} is not set: run the test with \`npm test -- jest -- <its name>\`, which makes the program`,
  );
}

/**
 * Runs the workflows of a checkout on this machine, as GitHub does for an event.
 *
 * @param options.repository - name of the repository on GitHub, whose Git is at the address `git`
 */
export function runWorkflows(options: {
  directory: string;
  event: 'push' | 'pull_request';
  /** What GitHub says of the event. */
  payload?: object;
  repository: string;
  git: string;
  variables?: Record<string, string>;
  environment?: Record<string, string>;
  /** For what Git and the runner keep. */
  scratch: string;
}): Promise<{ code: number; output: string }> {
  const { directory, event, payload, repository, git, scratch } = options;
  const config = path.join(scratch, 'gitconfig');
  const eventFile = path.join(scratch, 'event.json');
  writeFileSync(
    config,
    `[url "${git}"]\n\tinsteadOf = https://github.com/${repository}\n` +
      '[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n' +
      '[safe]\n\tdirectory = *\n',
  );
  writeFileSync(eventFile, JSON.stringify(payload ?? {}));
  const pairs = (flag: string, values: Record<string, string> = {}) =>
    Object.entries(values).flatMap(([name, value]) => [
      flag,
      `${name}=${value}`,
    ]);
  const args = [
    event,
    '--platform',
    'ubuntu-latest=-self-hosted',
    '--eventpath',
    eventFile,
    '--secret',
    'GITHUB_TOKEN=token-of-the-run',
    ...pairs('--var', options.variables),
    ...pairs('--env', {
      GIT_CONFIG_GLOBAL: config,
      ...options.environment,
    }),
  ];
  const { PATH, HOME } = process.env;
  return new Promise(resolve =>
    execFile(
      programOf('GREENROOM_TEST_ACT'),
      args,
      {
        cwd: directory,
        encoding: 'utf8',
        maxBuffer: 16 * 1024 * 1024,
        timeout: 150_000,
        // Nothing of this process but where programs are.
        env: {
          PATH: `${path.dirname(process.execPath)}:${PATH}`,
          HOME,
          XDG_CACHE_HOME: path.join(scratch, 'cache'),
          GIT_CONFIG_GLOBAL: config,
        },
      },
      (error, stdout, stderr) =>
        resolve({
          code: error ? Number(error.code) || 1 : 0,
          output: stdout + stderr,
        }),
    ),
  );
}
