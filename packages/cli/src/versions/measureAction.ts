import type {
  MeasuredMetric,
  Measurement,
  NewMeasurement,
  PrimaryMetric,
} from '@greenroom/plugin-ai-registry-common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, Job } from '../actions/Action';
import { durationMillis } from '../Command';
import { CommandError, EXIT_CODES, failure, usageError } from '../CommandError';
import { MODEL_WORD } from '../models/modelsCommand';
import { tableLines } from '../output/table';
import { numberText } from '../output/words';
import { isPassing } from '../portal/Portal';
import { resolveVersion, VERSION_HELP, VERSION_WORD } from './resolveVersion';

const POLL_MILLIS = 1_000;

export const measureAction: Action = {
  name: 'measure',
  summary:
    'has a version answer the rows of a dataset, and says how good the answers are',
  more: `What is measured is added to the version as an evaluation that promotions trust. It waits for the end; where it is stopped, the portal goes on by itself. ${VERSION_HELP}`,
  words: [MODEL_WORD, VERSION_WORD],
  options: {
    dataset: {
      type: 'string',
      value: 'NAME@VERSION',
      help: 'the rows: a version of a dataset, such as held-out@3',
    },
    target: {
      type: 'string',
      value: 'COLUMN',
      help: 'the column with the truth',
    },
    feature: {
      type: 'string',
      multiple: true,
      value: 'NAME=COLUMN',
      help: 'the column of a feature that is called otherwise; may be repeated',
    },
    slice: {
      type: 'string',
      multiple: true,
      value: 'COLUMN',
      help: 'a column each of whose values is looked at apart; may be repeated',
    },
    protected: {
      type: 'string',
      value: 'COLUMN',
      help: 'the column of the groups that a classifier must treat alike',
    },
    positive: {
      type: 'string',
      value: 'CLASS',
      help: 'the class that counts as being selected',
    },
    primary: {
      type: 'string',
      value: 'METRIC',
      choices: [
        'accuracy',
        'log_loss',
        'mean_absolute_error',
        'mean_squared_error',
      ],
      help: 'the metric that decides',
    },
    'compare-with': {
      type: 'string',
      value: 'ENVIRONMENT',
      help: 'has what runs there measured with the same, and compares',
    },
    timeout: {
      type: 'string',
      value: 'TIME',
      help: 'how long it waits, such as 90s or 30m; 30m when left out',
    },
  },
  async run(job) {
    const { portal, context, isJson, signal, words, called } = job;
    const [model, text] = job.args;
    const asked = questionOf(job);
    const timeoutMillis = durationMillis(called, words, {
      option: 'timeout',
      fallback: '30m',
    });
    const version = await resolveVersion(job, model, text);
    const ref = { model, version };
    const { id } = await portal.registry.createMeasurement(ref, asked, {
      signal,
    });
    const say = isJson ? context.complain : context.print;
    const endMillis = Date.now() + timeoutMillis;
    let note = '';
    for (;;) {
      let measurement: Measurement | undefined;
      try {
        measurement = await portal.registry.getMeasurement(
          { ...ref, measurement: id },
          { signal },
        );
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      if (measurement && isOver(measurement)) {
        end(job, measurement);
        return;
      }
      const next = measurement ? noteOf(measurement) : 'the portal is away';
      if (next !== note) say(next);
      note = next;
      const pauseMillis = context.pollMillis ?? POLL_MILLIS;
      if (Date.now() + pauseMillis > endMillis) {
        throw new CommandError(
          `version ${version} of '${model}' was not measured in time; the portal goes on with measurement ${id}`,
          EXIT_CODES.timedOut,
        );
      }
      await sleep(pauseMillis, undefined, { signal });
    }
  },
};

/** With the comparison, where there is one to wait for. */
function isOver({ state, comparison }: Measurement): boolean {
  if (state.phase === 'queued' || state.phase === 'running') return false;
  const isWaiting =
    state.phase === 'done' &&
    comparison?.measurement !== undefined &&
    comparison.paired === undefined &&
    (comparison.missing ?? '').endsWith('still being measured.');
  return !isWaiting;
}

function noteOf({ state, version, comparison }: Measurement): string {
  switch (state.phase) {
    case 'queued':
      return `version ${version} waits: others are tried first`;
    case 'running':
      return `version ${version} answers the rows: ${state.done} of ${state.of}`;
    default:
      return comparison?.missing ?? '';
  }
}

function end({ context, isJson }: Job, measurement: Measurement): void {
  const { state, version, model, comparison } = measurement;
  if (isJson) context.print(JSON.stringify(measurement));
  const name = `version ${version} of '${model}'`;
  if (state.phase === 'failed') {
    throw failure(`${name} could not be measured: ${state.reason}`);
  }
  if (state.phase === 'cancelled') {
    throw failure(`${state.cancelledBy} cancelled the measurement of ${name}`);
  }
  if (state.phase !== 'done' || isJson) return;
  const { result } = state;
  const lines = tableLines<MeasuredMetric>(
    [
      { title: 'METRIC', of: metric => metric.name },
      {
        title: 'VALUE',
        of: ({ value }) => numberText(value),
        isNumber: true,
      },
      { title: '95 %', of: ({ interval }) => rangeText(interval) },
    ],
    result.metrics,
    context.columns,
  );
  lines.forEach(line => context.print(line));
  context.print(
    `${result.rows} rows, answered by ${result.runtime}; ${result.unlabelled} without a truth, ${result.unanswered} without an answer`,
  );
  for (const slice of result.slices) {
    const value = slice.value === undefined ? '-' : numberText(slice.value);
    const interval = slice.few ? 'too few rows' : rangeText(slice.interval);
    context.print(`${slice.name}: ${value} (${interval}, ${slice.rows} rows)`);
  }
  result.remarks.forEach(remark => context.print(remark));
  if (!comparison) return;
  const { paired, missing, environment } = comparison;
  context.print(
    paired
      ? `${paired.metric} on the same ${
          paired.rows
        } rows: better than version ${
          comparison.version
        } of ${environment} by ${numberText(
          paired.improvement,
        )} (95 %: ${rangeText(paired.interval)})`
      : `not compared with ${environment}: ${missing}`,
  );
}

function rangeText(interval: [number, number] | undefined): string {
  return interval
    ? `${numberText(interval[0])} to ${numberText(interval[1])}`
    : '';
}

/** @throws CommandError for what cannot be understood */
function questionOf({ called, words }: Job): NewMeasurement {
  const dataset = words.text('dataset');
  const target = words.text('target');
  const found = /^([a-z0-9-]{1,63})@([1-9]\d{0,8})$/.exec(dataset ?? '');
  if (!found) {
    throw usageError(
      `${called}: --dataset is '${
        dataset ?? ''
      }': expected NAME@VERSION, such as held-out@3`,
    );
  }
  if (!target) {
    throw usageError(`${called}: expected --target, the column with the truth`);
  }
  const features = words.texts('feature').map(text => {
    const at = text.indexOf('=');
    if (at > 0 && at < text.length - 1) {
      return [text.slice(0, at), text.slice(at + 1)];
    }
    throw usageError(`${called}: --feature is '${text}': expected NAME=COLUMN`);
  });
  const slices = words.texts('slice');
  const texts = {
    protected: words.text('protected'),
    positive: words.text('positive'),
    primary: words.text('primary') as PrimaryMetric | undefined,
    compareWith: words.text('compare-with'),
  };
  return {
    dataset: { name: found[1], version: Number(found[2]) },
    target,
    ...(features.length > 0 && { features: Object.fromEntries(features) }),
    ...(slices.length > 0 && { slices }),
    ...texts,
  };
}
