// @ts-check
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { aliasHistory } from '../lib/history.mjs';
import { FILE, MODEL } from './Promotions.mjs';

const PATIENCE_MILLIS = 60_000;
const MARKER = /\s*<!-- greenroom:[^>]*-->\s*$/;

/** Holds GitHub, the registry and what should run against each other. */
export class Consistency {
  #stack;

  /** @param {import('../lib/DrillStack.mjs').DrillStack} stack */
  constructor(stack) {
    this.#stack = stack;
  }

  /** The version that the manifest on main names, on GitHub itself. */
  versionOnMain() {
    return this.#versionAt('main');
  }

  /** Whether main, the alias and what should run are the same before long. */
  async agreement() {
    const ada = this.#stack.as('ada');
    const deadline = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      const main = this.versionOnMain();
      const { version: alias } = await ada.insist(
        `/ai-registry/models/${MODEL}/aliases/production`,
      );
      /** @type {any[]} */
      const [wanted] = await this.#stack.query(
        `select version from "ai-registry".environment_deployments where model = $1 and environment = 'production'`,
        [MODEL],
      );
      const holds = main === alias && alias === wanted?.version;
      if (holds || Date.now() > deadline) {
        return {
          holds,
          detail: holds
            ? `version ${main}`
            : `main ${main}, alias ${alias}, should run ${wanted?.version}`,
        };
      }
      await sleep(500);
    }
  }

  /** Whether nothing was done twice on GitHub: opened, said or merged. */
  repeats() {
    const pulls = [...this.#stack.github.state.pulls.values()];
    const merges = this.#git(
      'log',
      '--format=%(trailers:key=Promotion)',
      'main',
    )
      .split('\n')
      .filter(Boolean);
    const twice = [
      ...doubles(pulls.map(({ branch }) => `pull request of ${branch}`)),
      ...doubles(merges.map(merged => `merge of ${merged}`)),
      ...pulls.flatMap(({ number, comments }) =>
        doubles(
          comments.map(
            ({ body }) =>
              `comment in pull request ${number}: ${body.replace(MARKER, '')}`,
          ),
        ),
      ),
    ];
    return {
      holds: twice.length === 0,
      detail: twice.length === 0 ? '' : twice.join('; '),
    };
  }

  /** Whether the alias went the way that the manifest on main went, also where somebody moved main by force. */
  async histories() {
    const aliases = await aliasHistory(this.#stack, MODEL);
    const { items } = await this.#stack
      .as('ada')
      .insist(`/ai-registry/models/${MODEL}/versions?limit=100`);
    const registered = new Set(items.map(({ version }) => version));
    const named = this.#git('reflog', 'show', '--format=%H', 'main')
      .split('\n')
      .filter(Boolean)
      .reverse()
      .map(commit => this.#versionAt(commit))
      // What is not registered is not applied.
      .filter(version => registered.has(version))
      .filter((version, index, all) => version !== all[index - 1]);
    return {
      holds: JSON.stringify(aliases) === JSON.stringify(named),
      detail:
        JSON.stringify(aliases) === JSON.stringify(named)
          ? `${aliases.length} moves`
          : `alias ${aliases.join(' ')}, main ${named.join(' ')}`,
    };
  }

  /** @returns {number | undefined} */
  #versionAt(revision) {
    const files = this.#git('ls-tree', '--name-only', revision, FILE);
    return files === ''
      ? undefined
      : parse(this.#git('show', `${revision}:${FILE}`)).spec.version;
  }

  #git(...args) {
    const { directory } = this.#stack.github.git;
    return execFileSync('git', [`--git-dir=${directory}`, ...args], {
      encoding: 'utf8',
    }).trim();
  }
}

function doubles(names) {
  return [
    ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
  ];
}
