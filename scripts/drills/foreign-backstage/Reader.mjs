// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { step, UserError } from '../../lib/output.mjs';
import { lastLines } from '../../lib/run.mjs';
import { applyChange, mergeSettings } from './page.mjs';

/** Somebody who follows the page to the letter, in the folder of an app. */
export class Reader {
  /** Steps that were followed. */
  followed = 0;
  #app;
  #logs;
  #env;
  #running = [];

  /** @param {{ app: string, logs: string, env: NodeJS.ProcessEnv }} options */
  constructor({ app, logs, env }) {
    this.#app = app;
    this.#logs = logs;
    this.#env = { ...env };
    mkdirSync(logs, { recursive: true });
  }

  /** What was exported in a terminal is there in the next. */
  export(name, value) {
    this.#env[name] = value;
  }

  /**
   * @param {string} title
   * @param {import('./page.mjs').Step[]} steps
   */
  async follow(title, steps) {
    for (const one of steps) {
      this.followed += 1;
      if (one.kind === 'commands') {
        const name = `step-${this.followed}`;
        await step(title, () =>
          one.staysRunning
            ? this.#launch(name, one.text)
            : this.#runToItsEnd(name, one.text),
        );
      } else {
        this.#edit(one);
      }
    }
  }

  /** Merges settings into a file, as for a step. */
  configure(file, settings) {
    this.#edit({ kind: 'settings', file, settings });
  }

  /** Ends everything that was started, with whatever that has started. */
  async stop() {
    for (const child of this.#running.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      signalGroup(child, 'SIGTERM');
      const timer = globalThis.setTimeout(
        () => signalGroup(child, 'SIGKILL'),
        10_000,
      );
      await ended;
      clearTimeout(timer);
    }
  }

  #edit(change) {
    const file = path.join(this.#app, change.file);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      change.kind === 'change'
        ? applyChange(text, change)
        : stringify(mergeSettings(parse(text), change.settings)),
    );
  }

  async #runToItsEnd(name, text) {
    const { child, log, environment } = this.#spawn(
      name,
      `${text}\n${KEEP_ENVIRONMENT}`,
    );
    const [code] = await once(child, 'exit');
    if (code !== 0) throw endedEarly(text, code, log);
    this.#takeOver(environment);
  }

  /** Up to its last command, which goes on. */
  async #launch(name, text) {
    const [, before, last] = text.match(/^([\s\S]*?)((?:.*\\\n)*.*\n)$/) ?? [];
    const { child, log, environment } = this.#spawn(
      name,
      `${before}${KEEP_ENVIRONMENT}\n${last}`,
    );
    this.#running.push(child);
    while (!existsSync(environment)) {
      if (child.exitCode !== null) throw endedEarly(text, child.exitCode, log);
      await sleep(100);
    }
    this.#takeOver(environment);
  }

  #spawn(name, text) {
    const log = path.join(this.#logs, `${name}.log`);
    const environment = path.join(this.#logs, `${name}.env`);
    const output = openSync(log, 'w');
    const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', text], {
      cwd: this.#app,
      env: { ...this.#env, READER_ENVIRONMENT: environment },
      stdio: ['ignore', output, output],
      detached: true,
    });
    return { child, log, environment };
  }

  #takeOver(environment) {
    if (!existsSync(environment)) return;
    for (const line of readFileSync(environment, 'utf8').split('\0')) {
      const at = line.indexOf('=');
      if (at > 0) this.#env[line.slice(0, at)] = line.slice(at + 1);
    }
  }
}

function endedEarly(text, code, log) {
  return new UserError(
    `A step of the page ended with code ${code}:\n${text}\nThe end of ${log}:\n${lastLines(
      readFileSync(log, 'utf8'),
      15,
    )}`,
  );
}

const KEEP_ENVIRONMENT = 'env -0 > "$READER_ENVIRONMENT"';

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
