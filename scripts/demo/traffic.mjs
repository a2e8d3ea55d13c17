// @ts-check
/**
 * Demo traffic: replays held-out rows of the example models through the data plane.
 *
 *   node scripts/demo/traffic.mjs [--mode normal|drift|errors] [--models digits,diabetes]
 *        [--rate <requests per second and model>] [--seconds <stop after>] [--seed <number>]
 *
 * Environment: GREENROOM_DATA_PLANE_URL, GREENROOM_DATA_DIR, and GREENROOM_API_KEY for another key
 * than the one that the demo loader issued.
 */
import { parseArgs } from 'node:util';
import { fail, UserError } from '../lib/output.mjs';
import { demoModels } from './demoModels.mjs';
import { closeConnections } from './postJson.mjs';
import { Random } from './Random.mjs';
import {
  MODES,
  readRequestedMode,
  registerGenerator,
} from './trafficControl.mjs';
import { TrafficGenerator } from './TrafficGenerator.mjs';
import { readTrafficKey } from './trafficKey.mjs';

const REPORT_EVERY_MILLIS = 10_000;
const MODE_CHECK_MILLIS = 1000;
const MAX_REQUESTS_PER_SECOND = 200;

async function main() {
  const options = readOptions();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => stop.abort());
  }
  if (options.seconds > 0) {
    setTimeout(() => stop.abort(), options.seconds * 1000).unref();
  }
  const unregister = registerGenerator();
  process.once('exit', unregister);

  let mode = readRequestedMode() ?? options.mode;
  const generators = options.models.map(
    (model, index) =>
      new TrafficGenerator({
        url: options.url,
        key: options.key,
        model,
        requestsPerSecond: options.rate,
        random: new Random(options.seed + index),
        readMode: () => mode,
      }),
  );
  console.log(
    `Sending ${options.rate} requests a second to each of ${options.models.join(
      ' and ',
    )} at ${options.url}, mode ${mode}`,
  );
  const modeTimer = setInterval(() => {
    const next = readRequestedMode() ?? options.mode;
    if (next !== mode) console.log(`Mode ${mode} -> ${next}`);
    mode = next;
  }, MODE_CHECK_MILLIS);
  const report = () =>
    generators.forEach(({ statistics }, index) =>
      console.log(
        `${mode} ${options.models[index]}: ${statistics.takeReport()}`,
      ),
    );
  const reportTimer = setInterval(report, REPORT_EVERY_MILLIS);

  await Promise.all(generators.map(generator => generator.run(stop.signal)));
  clearInterval(modeTimer);
  clearInterval(reportTimer);
  closeConnections();
  report();
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'normal' },
      models: { type: 'string', default: 'digits,diabetes' },
      rate: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  });
  const models = values.models.split(',');
  const known = demoModels.map(({ name }) => name);
  for (const model of models)
    check('--models', model, known.includes(model), known.join(', '));
  const rate = Number(values.rate);
  check(
    '--rate',
    values.rate,
    rate > 0 && rate <= MAX_REQUESTS_PER_SECOND,
    `above 0, at most ${MAX_REQUESTS_PER_SECOND}`,
  );
  const seconds = Number(values.seconds);
  check('--seconds', values.seconds, seconds >= 0, '0 (until Ctrl-C) or more');
  const seed = Number(values.seed);
  check('--seed', values.seed, Number.isInteger(seed), 'a whole number');
  check('--mode', values.mode, MODES.includes(values.mode), MODES.join(', '));
  const key = process.env.GREENROOM_API_KEY ?? readTrafficKey()?.secret;
  if (!key) {
    throw new UserError(
      'There is no key for the demo traffic yet: run `npm start` once, which loads the demo, or set GREENROOM_API_KEY.',
    );
  }
  const url = process.env.GREENROOM_DATA_PLANE_URL ?? 'http://localhost:7080';
  return { mode: values.mode, models, rate, seconds, seed, key, url };
}

function check(option, given, good, expected) {
  if (good) return;
  throw new UserError(`${option} is \`${given}\`; it must be: ${expected}.`);
}

main().catch(fail);
