import type { Conversion } from '@greenroom/plugin-ai-training-common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, Job } from '../actions/Action';
import { durationMillis } from '../Command';
import { CommandError, EXIT_CODES, failure } from '../CommandError';
import { MODEL_WORD } from '../models/modelsCommand';
import { isPassing } from '../portal/Portal';
import { resolveVersion, VERSION_HELP, VERSION_WORD } from './resolveVersion';

const POLL_MILLIS = 2_000;

export const convertAction: Action = {
  name: 'convert',
  summary:
    'has a version that MLflow has logged become a new version of the model in ONNX, which can be served',
  more: `Its flavor is sklearn, xgboost or lightgbm. A training job of the model's owner does it, and registers nothing unless both predict the same on the version's input example. It waits for the end; where it is stopped, the job goes on. Where one goes on already, it waits for that. ${VERSION_HELP}`,
  words: [MODEL_WORD, VERSION_WORD],
  options: {
    'allow-other-versions': {
      type: 'boolean',
      help: 'lets another version of its library read it than the one that it was logged with, which may make another model of it',
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
    const timeoutMillis = durationMillis(called, words, {
      option: 'timeout',
      fallback: '30m',
    });
    const version = await resolveVersion(job, model, text);
    const ref = { model, version };
    let conversion = await portal.training.convertVersion(
      {
        ...ref,
        ...(words.flag('allow-other-versions') && { allowOtherVersions: true }),
      },
      { signal },
    );
    const say = isJson ? context.complain : context.print;
    const endMillis = Date.now() + timeoutMillis;
    const pauseMillis = context.pollMillis ?? POLL_MILLIS;
    say(
      `version ${version} of '${model}' is converted by job ${conversion.job}: greenroom train log ${conversion.job} --follow`,
    );
    while (conversion.state.phase === 'converting') {
      if (Date.now() + pauseMillis > endMillis) {
        throw new CommandError(
          `version ${version} of '${model}' was not converted in time; job ${conversion.job} goes on`,
          EXIT_CODES.timedOut,
        );
      }
      await sleep(pauseMillis, undefined, { signal });
      try {
        conversion =
          (await portal.training.findConversion(ref, { signal })) ?? conversion;
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
    }
    end(job, conversion);
  },
};

function end({ context, isJson }: Job, conversion: Conversion): void {
  const { model, version, state } = conversion;
  if (isJson) context.print(JSON.stringify(conversion));
  const name = `version ${version} of '${model}'`;
  if (state.phase === 'failed') throw failure(state.reason);
  if (state.phase === 'cancelled') {
    throw new CommandError(
      `${state.by} cancelled the conversion of ${name}`,
      EXIT_CODES.cancelled,
    );
  }
  if (state.phase !== 'converted' || isJson) return;
  context.print(
    state.made === undefined
      ? `${name} was converted, and the version that was made is deleted`
      : `${name} is version ${state.made} in ONNX`,
  );
}
