// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { logsDirectory } from './paths.mjs';
import { UserError } from './output.mjs';

/** A program that is one line may be in a log. */
const LONGEST_LINE = 1_000;

/**
 * Runs a command to its end with its output in a log file, and the newest line of it as progress.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ log: string, cwd?: string, env?: NodeJS.ProcessEnv, input?: string, onLine?: (line: string) => void, explain?: (output: string) => string | undefined }} options
 *   `log` names the file below the logs folder; `input` is what is typed in; `explain` may turn known trouble into advice.
 */
export async function run(command, args, options) {
  mkdirSync(logsDirectory, { recursive: true });
  const logFile = path.join(logsDirectory, `${options.log}.log`);
  const log = createWriteStream(logFile);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that asks nothing may have ended before it is answered.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const forward = chunk => {
    log.write(chunk);
    const line = chunk.toString().trim().split('\n').at(-1);
    if (line) options.onLine?.(line.slice(0, 100));
  };
  child.stdout.on('data', forward);
  child.stderr.on('data', forward);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await new Promise(resolve => log.end(resolve));
  if (code === 0) return;
  const output = readFileSync(logFile, 'utf8');
  const advice = options.explain?.(output) ?? explainCommonTrouble(output);
  throw new UserError(
    `\`${path.basename(command)} ${args.join(' ')}\` ended with code ${code}.${
      advice ? ` ${advice}` : ''
    }\nThe end of ${logFile}:\n${lastLines(output, 15)}`,
  );
}

export function lastLines(text, count) {
  return text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map(line => `    ${line.slice(0, LONGEST_LINE)}`)
    .join('\n');
}

function explainCommonTrouble(output) {
  if (/ENOSPC|No space left on device/i.test(output)) {
    return 'The disk is full: make room and start again.';
  }
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(output)) {
    return 'A package registry could not be reached: check the network or the proxy settings and start again.';
  }
  return undefined;
}
