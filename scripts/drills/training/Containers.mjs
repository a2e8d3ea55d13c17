// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../lib/output.mjs';
import { findEngine } from '../images/engine.mjs';

const IMAGE = 'localhost/greenroom-drill-program:1';
/** As the pods of training jobs are told to run. */
const USER = '65532:65532';
const SYSTEM_FOLDERS = ['/usr', '/lib', '/lib64'];

/** Runs programs of pods as containers of this machine's engine. */
export class Containers {
  #engine;
  #options;
  /** @type {Set<string>} */
  #names = new Set();

  /** @returns {Containers | undefined} undefined where no engine answers */
  static find() {
    try {
      return new Containers(findEngine(process.env));
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  constructor(engine) {
    this.#engine = engine;
    const words = name =>
      (process.env[name] ?? '').split(/\s+/).filter(Boolean);
    this.#options = words('GREENROOM_CONTAINER_RUN_OPTIONS');
    const context = mkdtempSync(path.join(os.tmpdir(), 'drill-image-'));
    try {
      // Nothing is in it: programs of this machine are mounted, read-only.
      writeFileSync(path.join(context, 'empty'), '');
      writeFileSync(
        path.join(context, 'Dockerfile'),
        'FROM scratch\nCOPY empty /empty\n',
      );
      this.#ask([
        'build',
        ...words('GREENROOM_CONTAINER_BUILD_OPTIONS'),
        '-t',
        IMAGE,
        context,
      ]);
    } finally {
      rmSync(context, { recursive: true, force: true });
    }
  }

  get name() {
    return this.#engine.join(' ');
  }

  /**
   * @param {{ shared: string }} options - a folder that all programs may write
   * @returns {(command: string[], of: any) => string[]} as a node wraps the programs of its pods
   */
  wrapper({ shared }) {
    const node = realpathSync(process.execPath);
    return ([program, ...operands], of) => {
      this.#names.add(of.pod);
      const writable = [...of.folders, shared];
      // What begins before it runs as another user here.
      spawnSync('chmod', ['-R', 'a+rwX', ...writable]);
      const mounts = [
        ...SYSTEM_FOLDERS.map(folder => `${folder}:${folder}:ro`),
        `${node}:/node:ro`,
        ...new Set(writable.map(folder => `${folder}:${folder}`)),
      ];
      return [
        ...this.#engine,
        'run',
        '--rm',
        '--name',
        of.pod,
        '--network',
        'none',
        '--read-only',
        '--cap-drop',
        'ALL',
        '--security-opt',
        'no-new-privileges',
        '--user',
        USER,
        ...this.#options,
        ...mounts.flatMap(mount => ['--volume', mount]),
        ...Object.entries(of.variables).flatMap(([name, value]) => [
          '--env',
          `${name}=${value}`,
        ]),
        ...(of.workingDirectory ? ['--workdir', of.workingDirectory] : []),
        IMAGE,
        program === 'node' ? '/node' : program,
        ...operands,
      ];
    };
  }

  /** Names of those of pods that there still are. */
  left() {
    const there = this.#ask(['ps', '--all', '--format', '{{.Names}}']);
    return there.split('\n').filter(name => this.#names.has(name));
  }

  /** What a killed node leaves goes on: nobody waits for it. */
  removeAll() {
    for (const name of this.left()) this.#ask(['rm', '--force', name]);
  }

  #ask(operands) {
    const [program, ...options] = this.#engine;
    const { status, stdout, stderr } = spawnSync(
      program,
      [...options, ...operands],
      { encoding: 'utf8', timeout: 120_000 },
    );
    if (status === 0) return stdout;
    throw new Error(
      `${this.name} ${operands[0]} failed: ${String(stderr).slice(-500)}`,
    );
  }
}
