import { InputError, NotFoundError } from '@backstage/errors';
import { unknownModel } from '../loggedModels/failures';

/** What the database function `log_to_run` fails with. */
interface LogFailure {
  code?: string;
  detail?: string;
}

interface ChangedParam {
  key: string;
  old: string;
  new: string;
}

export function unknownRun(runId: string): NotFoundError {
  return new NotFoundError(`Run with id=${runId} not found`);
}

export function deletedRun(runId: string): InputError {
  return new InputError(
    `The run ${runId} must be in the 'active' state. Current state is deleted.`,
  );
}

/** The error that callers understand, in place of the database's. */
export function explainLogFailure(
  error: unknown,
  { runId, isBatch }: { runId: string; isBatch: boolean },
): unknown {
  const { code, detail = '' } = error as LogFailure;
  switch (code) {
    case 'GR001':
      return unknownRun(runId);
    case 'GR002':
      return deletedRun(runId);
    case 'GR003':
      return changedParams(JSON.parse(detail), { runId, isBatch });
    case 'GR004':
      return unknownModel(detail);
    default:
      return error;
  }
}

/** In the words that users of MLflow know, and their tests look for. */
export function changedParams(
  changed: ChangedParam[],
  { runId, isBatch }: { runId: string; isBatch: boolean },
): InputError {
  if (!isBatch) {
    const [{ key, old, new: wanted }] = changed;
    return new InputError(
      `Changing param values is not allowed. Param with key='${key}' was already logged with value='${old}' for run ID='${runId}'. Attempted logging new value '${wanted}'.`,
    );
  }
  const quote = (text: string) => `'${text}'`;
  const listed = changed.map(
    it =>
      `{'key': ${quote(it.key)}, 'old_value': ${quote(
        it.old,
      )}, 'new_value': ${quote(it.new)}}`,
  );
  return new InputError(
    `Changing param values is not allowed. Params were already logged='[${listed.join(
      ', ',
    )}]' for run ID='${runId}'.`,
  );
}
