import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { runCommand } from '../runCommand';

/** Runs the command, and keeps what it says. */
export async function run(
  args: string[],
  options: {
    directory?: string;
    environment?: Record<string, string>;
  } = {},
) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runCommand({
    args,
    environment: options.environment ?? {},
    directory: options.directory,
    pollMillis: 20,
    input: Readable.from([]),
    print: text => printed.push(text),
    complain: text => complained.push(text),
  });
  return {
    code,
    printed: printed.join('\n'),
    complained: complained.join('\n'),
  };
}

export function git(directory: string, ...args: string[]): string {
  return execFileSync(
    'git',
    ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args],
    { cwd: directory, encoding: 'utf8', stdio: 'pipe' },
  ).trim();
}

export function manifest(
  place: { environment?: string; model?: string } = {},
  version: number | string = 1,
): string {
  const { environment = 'production', model = 'digits' } = place;
  return `apiVersion: greenroom.dev/v2
kind: ModelDeployment
metadata:
  name: ${model}
  environment: ${environment}
spec:
  version: ${version}
  digest: sha256:${'b'.repeat(64)}
  rollout:
    strategy: immediate
`;
}

/** Writes a file of a checkout, with its folders. */
export function write(directory: string, name: string, text: string): void {
  const place = path.join(directory, name);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
}
