// @ts-check
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bold, dim, fail, green, red, yellow } from '../lib/output.mjs';
import { findFreePort } from '../lib/ports.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import {
  coverage,
  drills,
  endToEnd,
  jest,
  lint,
  scriptTests,
  typeCheck,
} from './suites.mjs';

const SUITES = {
  types: typeCheck,
  lint,
  scripts: scriptTests,
  jest,
  e2e: endToEnd,
  drills,
};

/** Run where they are named: what they find, others have found already. */
const SUITES_ON_DEMAND = { coverage };

/**
 * Runs everything, or the suites named on the command line:
 *
 *     npm test                      all
 *     npm test -- types lint        some
 *     npm test -- jest -- RolloutStore   the Jest tests whose path matches
 *     npm test -- coverage          the Jest tests once more, for the lines that they reach
 */
async function main() {
  const [names, patterns] = splitArguments(process.argv.slice(2));
  const known = { ...SUITES, ...SUITES_ON_DEMAND };
  const unknown = names.filter(name => !known[name]);
  if (unknown.length > 0) {
    throw new Error(
      `There is no suite \`${unknown[0]}\`; there are ${Object.keys(known).join(
        ', ',
      )}.`,
    );
  }
  const chosen = names.length > 0 ? names : Object.keys(SUITES);
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'greenroom-test-'));
  // The database server may run as another user.
  chmodSync(scratch, 0o755);
  const context = {
    scratch,
    patterns,
    coverageDirectory: path.resolve('coverage'),
  };
  const totals = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failures = [];

  for (const name of chosen) {
    console.log(bold(`\n== ${name}`));
    const startedAt = Date.now();
    const result = await known[name]({
      ...context,
      // Only the suites that need it wait for the database.
      database: () => (context.server ??= startTestDatabase(scratch)),
    }).catch(error => {
      console.error(error.message);
      return {
        passed: 0,
        failed: 1,
        failures: [{ name: 'it could not run', says: error.message }],
      };
    });
    // What fails in a way that no report has is at least named.
    if (result.failed > 0 && !result.failures?.length) {
      failures.push(`${name}: it says itself, above, what failed`);
    }
    for (const failure of result.failures ?? []) {
      failures.push(`${name}: ${failure.name}`);
      if (failure.says) failures.push(dim(indent(failure.says)));
    }
    for (const key of Object.keys(totals)) totals[key] += result[key] ?? 0;
    const mark = result.failed > 0 ? red('✗') : green('✓');
    console.log(
      `${mark} ${name}: ${result.passed} passed, ${
        result.failed
      } failed${skipped(result)} ${dim(
        `in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`,
      )}`,
    );
    if (result.note) console.log(yellow(result.note));
  }

  await (await context.server)?.stop();
  rmSync(scratch, { recursive: true, force: true });
  if (failures.length > 0) {
    console.log(bold('\n== what failed'));
    for (const line of failures) console.log(line);
  }
  console.log(
    `\n${totals.passed} passed, ${totals.failed} failed${skipped(totals)}`,
  );
  process.exit(totals.failed > 0 ? 1 : 0);
}

function indent(text) {
  return text.replace(/^(?=.)/gm, '    ');
}

function skipped({ skipped: count }) {
  return count ? `, ${count} skipped` : '';
}

function splitArguments(args) {
  const at = args.indexOf('--');
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
}

/** A fresh server whose data may be lost: it makes no effort to keep it. */
async function startTestDatabase(scratch) {
  return startPostgres({
    directory: path.join(scratch, 'postgres'),
    port: await findFreePort(),
    password: 'test',
    durable: false,
  });
}

main().catch(fail);
