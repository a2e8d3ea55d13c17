import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process, told from a later one that was given the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When it began, in words of the system. */
  identity?: string;
}

/** Whether that very process is there and has not ended. */
export async function isThere(
  told: ProcessIdentity | undefined,
): Promise<boolean> {
  if (told?.identity === undefined) return false;
  return (await identityOf(told.pid)) === told.identity;
}

/** When a process began; undefined where there is none. Says the same as `workers/attempt/Family.js`. */
export async function identityOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return identityByPs(pid);
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${await bootId()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

async function bootId(): Promise<string> {
  try {
    const file = '/proc/sys/kernel/random/boot_id';
    return (await readFile(file, 'utf8')).trim();
  } catch {
    return '';
  }
}

async function identityByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], {
      timeout: 5_000,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
