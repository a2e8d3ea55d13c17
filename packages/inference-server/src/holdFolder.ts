import { randomUUID } from 'node:crypto';
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errors';

const LOCK_FILE = 'lock.json';
/** One that stops takes as long as its requests do. */
const MOST_WAITING_MILLIS = 60_000;
const LOOK_MILLIS = 100;

interface Holder {
  pid: number;
  /** When the process began, as the system counts; numbers of processes come again. Undefined where the system does not say. */
  began?: string;
  /** Whether it will be gone soon. */
  isStopping: boolean;
}

/** A folder that is no other process's until it is released. */
export interface HeldFolder {
  /** Who wants it next may wait. */
  leave(): void;
  /** Does nothing where somebody else has it by now. */
  release(): void;
}

/** Another process has the folder. */
export class FolderTakenError extends Error {
  constructor(folder: string, pid: number) {
    super(
      `the folder ${folder} belongs to the data plane with the process id ${pid}: stop that one, or set GREENROOM_DATA_DIR to another folder`,
    );
    this.name = 'FolderTakenError';
  }
}

/**
 * Makes a folder this process's own: two data planes would take each other's files. What a process that was
 * killed has left is taken over; one that stops is waited for.
 *
 * @throws FolderTakenError; another error where the folder cannot be written
 */
export async function holdFolder(
  folder: string,
  { mostWaitingMillis = MOST_WAITING_MILLIS } = {},
): Promise<HeldFolder> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, LOCK_FILE);
  const own: Holder = {
    pid: process.pid,
    began: statOf(process.pid)?.began,
    isStopping: false,
  };
  const untilMillis = performance.now() + mostWaitingMillis;
  while (!take(lock, own)) {
    const holder = readHolder(lock);
    if (holder === undefined || !isThere(holder)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!holder.isStopping || performance.now() > untilMillis) {
      throw new FolderTakenError(folder, holder.pid);
    }
    await sleep(LOOK_MILLIS);
  }
  const isOwn = () => {
    const holder = readHolder(lock);
    return holder?.pid === own.pid && holder.began === own.began;
  };
  return {
    leave() {
      if (isOwn()) tryTo(() => replace(lock, { ...own, isStopping: true }));
    },
    release() {
      if (isOwn()) tryTo(() => rmSync(lock, { force: true }));
    },
  };
}

/** A full disk, or one that has gone, must not keep a process from stopping in order. */
function tryTo(change: () => void): void {
  try {
    change();
  } catch {
    // Who comes next finds that this process is gone.
  }
}

function replace(lock: string, holder: Holder): void {
  const written = `${lock}.${randomUUID()}`;
  try {
    writeFileSync(written, JSON.stringify(holder), { mode: 0o600 });
    renameSync(written, lock);
  } finally {
    rmSync(written, { force: true });
  }
}

/** A name that is there already is taken by nobody else: written first, it is never seen half. */
function take(lock: string, own: Holder): boolean {
  const written = `${lock}.${randomUUID()}`;
  writeFileSync(written, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(written, lock);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    // Without hard links it is written as it is.
    try {
      writeFileSync(lock, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
      return true;
    } catch (second) {
      if (errorCode(second) === 'EEXIST') return false;
      throw second;
    }
  } finally {
    rmSync(written, { force: true });
  }
}

function readHolder(lock: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(lock, 'utf8')) as Holder;
    return Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isThere({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return false;
  }
  const found = statOf(pid);
  // One that nobody has waited for is gone all the same.
  if (found?.state === 'Z') return false;
  return began === undefined || began === found?.began;
}

function statOf(pid: number): { state: string; began: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of a program may have spaces and brackets. The third field is the state, the 22nd when it began.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], began: fields[19] };
  } catch {
    return undefined;
  }
}
